//! What a wallet does against a live server, in Rust: one test for each line of `bindings/behaviours.txt`, named after it.
//! Kotlin and Swift have the same ones. All share one login stand; each has a person of its own.

mod binding;
mod login;
mod phone;
mod stand;
mod trouble;
