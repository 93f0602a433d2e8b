//! The keys that enrollment clients encrypt for: as a key set for JWE, as certificates for CMS.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::keys::{EncryptionKey, KeyError};
use crate::osia::Refusal;
use crate::state::AppState;

/// A key set (RFC 7517 §5).
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeySet {
    /// Keys with `use` = `enc`, `kid` and `x5c`.
    keys: Vec<Map<String, Value>>,
}

/// Clients may keep the answer for an hour: keys that are replaced still open.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");

async fn keys(state: &AppState) -> Result<Vec<EncryptionKey>, Refusal> {
    let unavailable = |error: KeyError| {
        tracing::error!(%error, "the keys to encrypt for could not be had");
        Refusal::Unavailable
    };
    state.keys.encryption_keys().await.map_err(unavailable)
}

/// `GET /enrollment/jwks.json`.
///
/// # Errors
/// 503 where the database does not answer.
pub async fn key_set(State(state): State<AppState>) -> Result<Response, Refusal> {
    let keys = keys(&state).await?.into_iter().filter_map(|key| match key.jwk {
        Value::Object(members) => Some(members),
        _ => None,
    });
    Ok(([(header::CACHE_CONTROL, KEPT)], Json(KeySet { keys: keys.collect() })).into_response())
}

/// `GET /enrollment/certificates.pem`: for RSA first, which every CMS library can encrypt for.
///
/// # Errors
/// 503 where the database does not answer.
pub async fn certificates(State(state): State<AppState>) -> Result<Response, Refusal> {
    let mut keys = keys(&state).await?;
    keys.reverse();
    let text: String = keys.into_iter().map(|key| key.certificate).collect();
    let kind = HeaderValue::from_static("application/x-pem-file");
    Ok(([(header::CACHE_CONTROL, KEPT), (header::CONTENT_TYPE, kind)], text).into_response())
}
