//! The uniffi crate.
