//! Relying parties and machine clients: what is registered about them, and its management.
//!
//! A client belongs to one mount: the same id may stand for different clients on two mounts, and neither is ever found
//! on the other's.

pub mod account;
mod additional_config;
pub mod adopt;
mod cache;
mod carried;
pub mod cli;
mod dynamic;
mod encryption;
mod enrollment_policy;
mod jwks_uri;
mod key_file;
mod login_policy;
mod machine_scopes;
mod management;
mod metadata;
mod model;
mod profile;
mod public_keys;
mod redirect_uri;
mod registration;
pub mod requests;
pub mod routes;
mod secret;
mod signing;
mod store;
mod unused;
mod validation;

use std::sync::Arc;

pub use additional_config::{AdditionalConfig, NotHonoured, Purpose, PurposeKind, UserinfoType};
pub use carried::{Carried, carry, is_empty, settle};
pub use dynamic::{
    RegistrationError, SelfRegistered, register, replace as replace_own, show as show_own, withdraw as withdraw_own,
};
pub use encryption::encrypt_for;
pub use enrollment_policy::{EnrollmentPolicy, NotAnEnrollmentPolicy, SignatureFormat};
pub use jwks_uri::{encryption_key, signature_keys};
pub use login_policy::{CrossDevice, Limits, LoginPolicy, NotAPolicy, NumberMatching, Rotation, UnprovenKeys};
pub use machine_scopes::{INTROSPECT, MACHINE_SCOPES, is_machine_scope, set_scope};
pub use management::{
    ManagementError, change, create, create_machine, create_with, list, remove, reseal_secrets, set_keys, stale_secrets,
};
pub use metadata::{MetadataFault, NotMetadata};
pub use model::{AuthMethod, Client, GrantType, KeySource, NO_LANGUAGE, Status};
pub use profile::{Audience, Demand, MacAlgorithm, Policy, Profile, Refresh, ResponseMode};
pub use redirect_uri::redirect_uri_matches;
pub use registration::{ApplicationType, Registration, ResponseType, SubjectType};
pub use secret::{ClientSecret, RegistrationAccess, is_secret};
pub use signing::signed_otherwise;
pub use unused::{expire, logged_in_to};

use crate::dialect::Mount;
use crate::state::AppState;
use crate::store::StoreError;

/// The active client of this id on this mount. One that is inactive is as good as unknown; a change made on another node
/// is seen within five seconds.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn find(state: &AppState, mount: Mount, id: &str) -> Result<Option<Arc<Client>>, StoreError> {
    if account::is(mount, id) {
        return Ok(Some(account::client(&state.config)));
    }
    let cache = state.kept.get::<cache::Cache>();
    let asked_at = match cache.find(mount, id, state.clock.now()) {
        Ok(client) => return Ok(Some(client)),
        Err(asked_at) => asked_at,
    };
    let Some(client) = find_any(state, mount, id).await? else { return Ok(None) };
    if client.status != Status::Active {
        return Ok(None);
    }
    let client = Arc::new(client);
    cache.keep(&client, asked_at, state.clock.now());
    Ok(Some(client))
}

/// The client of this id on this mount, active or not; always from the database.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn find_any(state: &AppState, mount: Mount, id: &str) -> Result<Option<Client>, StoreError> {
    let id = id.to_owned();
    state.store.read(move |tx| Box::pin(async move { store::find(tx, mount, &id).await })).await
}

#[cfg(test)]
mod routes_tests;
#[cfg(test)]
mod tests;
