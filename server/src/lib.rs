//! The server that wallets and relying parties log in to. Start with `routes.rs`; the plan is `docs/architecture.md`.

pub mod clock;
pub mod config;
pub mod dialect;
pub mod error;
pub mod http;
pub mod ids;
pub mod routes;
pub mod secrets;
pub mod state;
pub mod store;
#[cfg(test)]
pub(crate) mod testkit;
