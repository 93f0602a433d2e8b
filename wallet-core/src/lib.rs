//! The wallet of Tessera: a citizen's phone holds keys, is bound to servers, and logs in by QR.
//!
//! Nothing here touches the platform: keys, HTTP, the wrap of the data key and the log come in
//! through the traits of [`ports`], so that the operating system decides about hardware, prompts,
//! certificates and proxies, and every test can play it.
#![cfg_attr(not(feature = "uniffi"), deny(unsafe_code))]

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();

pub mod ports;
mod store;
