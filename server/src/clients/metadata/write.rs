//! From a registration to the members by which it was, or could have been, registered (RFC 7591 §3.2.1).

use serde_json::{Map, Value, json};

use super::super::model::{AuthMethod, Client, KeySource, NO_LANGUAGE};
use super::super::registration::{ApplicationType, Registration};
use crate::keys::Encryption;

/// Everything registered about a client that metadata has a name for, defaults included. No secret is among it.
pub(in super::super) fn write(client: &Client) -> Map<String, Value> {
    let mut members = Map::new();
    let registration = &client.registration;
    let mut put = |member: &str, value: Value| {
        let says_nothing = match &value {
            Value::Null => true,
            Value::Array(list) => list.is_empty(),
            _ => false,
        };
        if !says_nothing {
            members.insert(member.to_owned(), value);
        }
    };
    put("profile", json!(client.profile().name()));
    put("redirect_uris", json!(registration.redirect_uris));
    put("response_types", json!(["code"]));
    put("grant_types", json!(registration.grant_types.iter().map(|grant| grant.name()).collect::<Vec<_>>()));
    let native = registration.application_type == ApplicationType::Native;
    put("application_type", json!(if native { "native" } else { "web" }));
    put("subject_type", json!(registration.subject_type.name()));
    put("sector_identifier_uri", json!(registration.sector_identifier_uri));
    put("token_endpoint_auth_method", json!(registration.auth_methods.first().copied().map(AuthMethod::name)));
    let key = registration.token_endpoint_auth_signing_alg.map(protocol::jws::Algorithm::name);
    let mac = registration.token_endpoint_auth_mac_alg.map(super::super::profile::MacAlgorithm::name);
    put("token_endpoint_auth_signing_alg", json!(key.or(mac)));
    match &registration.keys {
        KeySource::Keys(keys) if keys.is_empty() => {}
        KeySource::Keys(keys) => put("jwks", json!({ "keys": keys })),
        KeySource::Uri(uri) => put("jwks_uri", json!(uri)),
    }
    put("id_token_signed_response_alg", json!(client.signed_with()));
    put("userinfo_signed_response_alg", json!(registration.userinfo_signed_response_alg));
    put("authorization_signed_response_alg", json!(registration.authorization_signed_response_alg));
    put("introspection_signed_response_alg", json!(registration.introspection_signed_response_alg));
    let unsigned = registration.request_object_unsigned.then_some("none");
    let signed = registration.request_object_signing_alg.map(protocol::jws::Algorithm::name);
    put("request_object_signing_alg", json!(signed.or(unsigned)));
    for (member, encryption) in encryptions(registration) {
        if let Some(Encryption { alg, enc }) = encryption {
            put(&format!("{member}_alg"), json!(alg));
            put(&format!("{member}_enc"), json!(enc));
        }
    }
    put("default_max_age", json!(registration.default_max_age));
    put("require_auth_time", json!(registration.require_auth_time));
    let acrs: Vec<String> =
        registration.default_acr_values.iter().map(|acr| acr.name(client.mount.dialect())).collect();
    put("default_acr_values", json!(acrs));
    put("initiate_login_uri", json!(registration.initiate_login_uri));
    put("post_logout_redirect_uris", json!(registration.post_logout_redirect_uris));
    put("backchannel_logout_uri", json!(registration.backchannel_logout_uri));
    put("backchannel_logout_session_required", json!(registration.backchannel_logout_session_required));
    put("request_uris", json!(registration.request_uris));
    put("dpop_bound_access_tokens", json!(client.sender_constrained().is_required()));
    put("require_pushed_authorization_requests", json!(client.pushed().is_required()));
    put("require_signed_request_object", json!(registration.require_signed_request_object));
    put("logo_uri", json!(registration.logo_uri));
    put("client_uri", json!(registration.client_uri));
    put("policy_uri", json!(registration.policy_uri));
    put("tos_uri", json!(registration.tos_uri));
    put("contacts", json!(registration.contacts));
    put("software_id", json!(registration.software_id));
    put("software_version", json!(registration.software_version));
    for (language, name) in &registration.name {
        match language.as_str() {
            NO_LANGUAGE => put("client_name", json!(name)),
            language => put(&format!("client_name#{language}"), json!(name)),
        }
    }
    members
}

fn encryptions(registration: &Registration) -> [(&'static str, Option<Encryption>); 3] {
    [
        ("id_token_encrypted_response", registration.id_token_encryption),
        ("userinfo_encrypted_response", registration.userinfo_encryption),
        ("request_object_encryption", registration.request_object_encryption),
    ]
}
