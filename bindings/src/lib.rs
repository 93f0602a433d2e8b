//! The library that Kotlin and Swift load. Everything in it is wallet-core's: its types, objects
//! and traits carry uniffi's derives themselves, so that no type is written twice.

wallet_core::uniffi_reexport_scaffolding!();
