//! What an attacker tries, by the case ids of the project's list: authorization endpoint (A), token endpoint (T), what tokens open
//! (C), login (E), linked authorization and binding (L). Each is asserted on every mount, with that mount's codes.

mod attestation;
mod authorize;
mod binding;
mod consent;
mod crowd;
mod first_factor;
mod linked;
mod login;
mod number;
mod relay;
mod requests;
mod resources;
mod risk;
mod same_device;
mod token;
mod traces;
mod unproven;

/// The issuers with the calls of login pages that are not ours.
const MOUNTS: [&str; 3] = ["", "/v1/esignet", "/op"];

/// What a mount calls a transaction that is unknown or over.
fn invalid_transaction(mount: &str) -> &'static str {
    if mount.is_empty() { "invalid_transaction_id" } else { "invalid_transaction" }
}
