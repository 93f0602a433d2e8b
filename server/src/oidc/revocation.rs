//! `POST` revocation endpoint (RFC 7009): a client says that it needs a token no more.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::{self, Form, Proven};
use crate::dialect::Mount;
use crate::error::OAuthError;
use crate::grants::{self, Revoked, Shown};
use crate::state::AppState;

/// The answer: its status says all (§2.2).
#[derive(Serialize, JsonSchema)]
pub struct Revocation {}

/// Revokes an access token, or with a refresh token all that came of its login. A token that is unknown, dead or another
/// client's is left as it is, and the answer is the same (§2.2).
///
/// # Errors
/// [`OAuthError`] in the mount's words; `temporarily_unavailable` where nothing is known to be revoked (C6).
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, OAuthError> {
    let Proven { client, proof } = access::client(&state, mount, &headers, &form).await?;
    let token = match form.require(mount.dialect(), "token", "token is missing") {
        Ok(token) => token,
        Err(refusal) if proof.spend(&state).await? => return Err(refusal),
        Err(_) => return Err(access::used_before(mount)),
    };
    let shown = Shown { assertion: proof.into_assertion(), key: None };
    match grants::revoke(&state, mount, &client.id, token, shown).await? {
        Revoked::Now | Revoked::Nothing => {
            let headers = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
            Ok((headers, Json(Revocation {})).into_response())
        }
        Revoked::ShownBefore => Err(access::used_before(mount)),
    }
}
