//! What must go together in a registration, whoever wrote it.

use super::super::model::{AuthMethod, GrantType, KeySource};
use super::super::profile::Policy;
use super::super::registration::{Registration, ResponseType};
use super::NotMetadata;
use crate::keys::Encryption;

type Check = fn(&Registration, &'static Policy) -> Result<(), NotMetadata>;

const CHECKS: [Check; 6] = [code_and_its_grant, redirects, secrets_and_keys, signing, receivers, session_logout];

/// Holds a registration against itself and its policy.
///
/// # Errors
/// [`NotMetadata`] for the first contradiction.
pub(in super::super) fn check(registration: &Registration, policy: &'static Policy) -> Result<(), NotMetadata> {
    CHECKS.iter().try_for_each(|check| check(registration, policy))
}

fn logs_in(registration: &Registration) -> bool {
    registration.grant_types.contains(&GrantType::AuthorizationCode)
}

/// RFC 7591 §2.1: `code` and `authorization_code` go together; a refresh token comes from a code.
fn code_and_its_grant(registration: &Registration, _: &'static Policy) -> Result<(), NotMetadata> {
    let asks = registration.response_types.contains(&ResponseType::Code);
    if asks && !logs_in(registration) {
        return Err(NotMetadata::of("grant_types", "response_types code needs authorization_code"));
    }
    if registration.grant_types.contains(&GrantType::RefreshToken) && !logs_in(registration) {
        return Err(NotMetadata::of("grant_types", "refresh_token needs authorization_code"));
    }
    if registration.auth_methods.contains(&AuthMethod::None)
        && registration.grant_types.contains(&GrantType::ClientCredentials)
    {
        return Err(NotMetadata::of(
            "token_endpoint_auth_method",
            "client_credentials needs a client that proves who it is",
        ));
    }
    Ok(())
}

fn redirects(registration: &Registration, _: &'static Policy) -> Result<(), NotMetadata> {
    if logs_in(registration) && registration.redirect_uris.is_empty() {
        return Err(NotMetadata::redirect_uri("at least one"));
    }
    Ok(())
}

fn secrets_and_keys(registration: &Registration, policy: &'static Policy) -> Result<(), NotMetadata> {
    const METHOD: &str = "token_endpoint_auth_method";
    let [method] = registration.auth_methods.as_slice() else {
        return Err(NotMetadata::of(METHOD, "exactly one"));
    };
    if !policy.auth_methods.contains(method) {
        return Err(NotMetadata::of(METHOD, "not one that the client's profile allows"));
    }
    let signs = match &registration.keys {
        KeySource::Keys(keys) => keys.iter().any(protocol::jwk::Jwk::may_verify),
        KeySource::Uri(_) => true,
    };
    if *method == AuthMethod::PrivateKeyJwt && !signs {
        return Err(NotMetadata::of("jwks", "private_key_jwt needs jwks or jwks_uri with a key that signs"));
    }
    Ok(())
}

/// An algorithm registered for a method that does not use it was meant for something else.
fn signing(registration: &Registration, policy: &'static Policy) -> Result<(), NotMetadata> {
    const MEMBER: &str = "token_endpoint_auth_signing_alg";
    let method = registration.auth_methods.first();
    let key = registration.token_endpoint_auth_signing_alg;
    let mac = registration.token_endpoint_auth_mac_alg;
    if key.is_some() && method != Some(&AuthMethod::PrivateKeyJwt)
        || mac.is_some() && method != Some(&AuthMethod::ClientSecretJwt)
        || key.is_some_and(|alg| !policy.client_algorithms.contains(&alg))
    {
        return Err(NotMetadata::of(MEMBER, "not one that token_endpoint_auth_method signs with"));
    }
    if registration.request_object_unsigned
        && (registration.require_signed_request_object || !policy.unsigned_request_objects)
    {
        return Err(NotMetadata::of("request_object_signing_alg", "requests of this client must be signed"));
    }
    Ok(())
}

/// Whoever wants something encrypted has a key for it. What is published is looked at when it is needed.
fn receivers(registration: &Registration, _: &'static Policy) -> Result<(), NotMetadata> {
    let KeySource::Keys(keys) = &registration.keys else { return Ok(()) };
    let receives = |wanted: &Encryption| {
        let mut all = registration.enc_jwk.iter().chain(keys);
        all.any(|key| key.may_encrypt(wanted.alg.name()) && wanted.alg.fits(key.key()))
    };
    for (member, wanted) in [
        ("id_token_encrypted_response_alg", &registration.id_token_encryption),
        ("userinfo_encrypted_response_alg", &registration.userinfo_encryption),
    ] {
        if !wanted.iter().all(receives) {
            return Err(NotMetadata::of(member, "jwks has no key that can receive this"));
        }
    }
    Ok(())
}

fn session_logout(registration: &Registration, _: &'static Policy) -> Result<(), NotMetadata> {
    if registration.backchannel_logout_session_required && registration.backchannel_logout_uri.is_none() {
        return Err(NotMetadata::of("backchannel_logout_uri", "needed by backchannel_logout_session_required"));
    }
    Ok(())
}
