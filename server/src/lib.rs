//! The server that wallets and relying parties log in to. Start with `routes.rs`; the plan is `docs/architecture.md`.

pub mod access;
pub mod account;
pub mod acr;
pub mod audit;
pub mod authorization;
pub mod binding;
pub mod claims;
pub mod cli;
pub mod clients;
pub mod clock;
pub mod config;
pub mod consents;
pub mod dialect;
pub mod error;
pub mod factors;
pub mod grants;
pub mod health;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod kept;
pub mod keys;
pub mod linked;
pub mod login_page;
pub mod metrics;
pub mod oidc;
pub mod pages;
pub mod registry;
pub mod routes;
pub mod secrets;
pub mod serve;
pub mod state;
pub mod store;
#[cfg(test)]
pub(crate) mod testkit;
pub mod wait;
