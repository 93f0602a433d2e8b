//! Metadata (GS-OIDC-07; OpenID Connect Discovery §3, RFC 8414). It promises what works at its mount, and no more.

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use super::assurance;
use super::authorization_metadata;
use crate::access::dpop::DPOP_ALGORITHMS;
use crate::acr::Acr;
use crate::clients::{GrantType, Profile};
use crate::config::{Config, Opening};
use crate::dialect::Mount;
use crate::keys::{ContentEncryption, ENCRYPTION_ENC, KeyManagement};
use crate::state::AppState;

/// How long metadata and keys may be kept: far below the time that a next key is published before it signs.
pub(super) const CACHED: &str = "public, max-age=600";

/// One text per issuer: it depends on nothing but the configuration.
#[derive(Default)]
struct Documents([OnceLock<Bytes>; 4]);

/// What the documents always say, for the API document; OpenID Connect Discovery §3 tells the rest.
#[derive(schemars::JsonSchema)]
pub struct Metadata {
    /// The issuer: the public URL and the mount's path.
    pub issuer: String,
    /// The login page.
    pub authorization_endpoint: String,
    /// Codes become tokens here.
    pub token_endpoint: String,
    /// Claims by access token.
    pub userinfo_endpoint: String,
    /// The public keys.
    pub jwks_uri: String,
    /// Scopes.
    pub scopes_supported: Vec<String>,
    /// `code`.
    pub response_types_supported: Vec<String>,
    /// Grants.
    pub grant_types_supported: Vec<String>,
    /// Authentication context classes, by their names at this mount.
    pub acr_values_supported: Vec<String>,
    /// `pairwise`; `public` where clients may register for it.
    pub subject_types_supported: Vec<String>,
    /// What ID tokens are signed with: the first, unless a client registered another.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// `private_key_jwt`; others where some profile of the mount has them.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Claims about persons.
    pub claims_supported: Vec<String>,
}

/// The metadata of the mount.
pub async fn get(State(state): State<AppState>, mount: Mount) -> Response {
    serve(&state, mount)
}

/// The metadata of the eSignet mount at the host's own well-known path (RFC 8414 §3.1).
pub async fn get_esignet(State(state): State<AppState>) -> Response {
    serve(&state, Mount::ESignet)
}

/// The metadata of the standard mount at the host's own well-known path (RFC 8414 §3.1).
pub async fn get_op(State(state): State<AppState>) -> Response {
    serve(&state, Mount::Op)
}

fn serve(state: &AppState, mount: Mount) -> Response {
    let slot = Mount::ALL_ISSUERS.iter().position(|issuer| *issuer == mount && state.config.mounts.serves(mount));
    let documents = state.kept.get::<Documents>();
    let Some(document_of) = slot.and_then(|slot| documents.0.get(slot)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let text = document_of.get_or_init(|| document(&state.config, mount).to_string().into()).clone();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, CACHED),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, text).into_response()
}

fn document(config: &Config, mount: Mount) -> Value {
    let dialect = mount.dialect();
    let issuer = config.issuer(mount);
    let at = |path: &str| format!("{issuer}{path}");
    let names = |algs: &[Algorithm]| algs.iter().map(|alg| alg.name()).collect::<Vec<_>>();
    let levels: Vec<String> = dialect.levels.iter().map(|(level, _)| (*level).to_owned()).collect();
    let acrs = if levels.is_empty() { Acr::ALL.map(|acr| acr.name(dialect)).to_vec() } else { levels };
    let mut claims = vec!["sub"];
    claims.extend(dialect.claims);
    let signing = names(&config.signs_with(mount));
    let known = |grant: &GrantType| Profile::of_mount(mount).iter().any(|of| of.policy().grants.contains(grant));
    let all = [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials];
    let grants: Vec<&str> = all.iter().filter(|grant| known(grant)).map(|grant| grant.name()).collect();
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": at(dialect.authorization_path),
        "token_endpoint": at(dialect.token_paths[0]),
        "userinfo_endpoint": at(dialect.userinfo_path),
        "jwks_uri": at(dialect.jwks_paths[0]),
        "scopes_supported": dialect.scopes,
        "response_types_supported": ["code"],
        "grant_types_supported": grants,
        "acr_values_supported": acrs,
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": signing,
        "userinfo_signing_alg_values_supported": signing,
        "userinfo_encryption_alg_values_supported": ["RSA-OAEP-256"],
        "userinfo_encryption_enc_values_supported": [ENCRYPTION_ENC],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": names(dialect.assertion_signing),
        "display_values_supported": dialect.displays,
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": dialect.claims_parameter,
        "ui_locales_supported": config.languages,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true
    });
    if dialect.client_metadata {
        // What some profile of the mount allows; a client is held to its own.
        let (methods, algs) = authentication(mount);
        document["subject_types_supported"] = json!(["pairwise", "public"]);
        document["token_endpoint_auth_methods_supported"] = json!(methods);
        document["token_endpoint_auth_signing_alg_values_supported"] = json!(algs);
    }
    authorization_metadata::write(&mut document, mount, &signing, at);
    assurance::describe(&mut document, dialect, &config.assurance);
    if let Some(path) = dialect.end_session_path {
        document["end_session_endpoint"] = at(path).into();
        document["backchannel_logout_supported"] = true.into();
        document["backchannel_logout_session_supported"] = dialect.session_ids.into();
    }
    let open = !dialect.client_metadata || config.registration.opening != Opening::Off;
    if let Some(path) = dialect.registration_path.filter(|_| open) {
        document["registration_endpoint"] = at(path).into();
    }
    // Clients authenticate there as at the token endpoint.
    let methods = document["token_endpoint_auth_methods_supported"].clone();
    let algs = document["token_endpoint_auth_signing_alg_values_supported"].clone();
    for (name, path) in
        [("introspection_endpoint", dialect.introspection_path), ("revocation_endpoint", dialect.revocation_path)]
    {
        if let Some(path) = path {
            document[name] = at(path).into();
            document[format!("{name}_auth_methods_supported")] = methods.clone();
            document[format!("{name}_auth_signing_alg_values_supported")] = algs.clone();
        }
    }
    if dialect.introspection_path.is_some() {
        document["introspection_signing_alg_values_supported"] = json!(signing);
    }
    if dialect.client_encryption {
        let algs = KeyManagement::ALL.map(KeyManagement::name);
        let encs = ContentEncryption::ALL.map(ContentEncryption::name);
        for kind in ["id_token", "userinfo"] {
            document[format!("{kind}_encryption_alg_values_supported")] = json!(algs);
            document[format!("{kind}_encryption_enc_values_supported")] = json!(encs);
        }
    }
    if dialect.dpop {
        document["dpop_signing_alg_values_supported"] = json!(names(&DPOP_ALGORITHMS));
    }
    if let Some(path) = dialect.profile_path {
        document["profile_endpoint"] = at(path).into();
        // What a client is registered for holds for both endpoints.
        for what in ["signing_alg", "encryption_alg", "encryption_enc"] {
            document[format!("profile_{what}_values_supported")] =
                document[format!("userinfo_{what}_values_supported")].clone();
        }
    }
    document
}

/// How clients of a mount may prove who they are, and what they may sign that with; each once.
fn authentication(mount: Mount) -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut methods, mut algs) = (Vec::new(), Vec::new());
    for policy in Profile::of_mount(mount).iter().map(|profile| profile.policy()) {
        methods.extend(policy.auth_methods.iter().map(|method| method.name()));
        algs.extend(policy.client_algorithms.iter().map(|alg| alg.name()));
        algs.extend(policy.mac_algorithms.iter().map(|alg| alg.name()));
    }
    for names in [&mut methods, &mut algs] {
        let mut seen = Vec::new();
        names.retain(|name| {
            let first = !seen.contains(name);
            seen.push(*name);
            first
        });
    }
    (methods, algs)
}
