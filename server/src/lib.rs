//! The server that wallets and relying parties log in to. Start with `routes.rs`; the plan is `docs/architecture.md`.

pub mod authorization;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dialect;
pub mod error;
pub mod health;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod metrics;
pub mod routes;
pub mod secrets;
pub mod serve;
pub mod state;
pub mod store;
#[cfg(test)]
pub(crate) mod testkit;
pub mod wait;
