//! `GET /userinfo` and `GET /profile`: the common claims endpoint, with refusals in the mount's words. An access token
//! that has ended is 403 here, as the interface file says, where RFC 6750 has 401.

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;

use super::refusal::Refusal;
use crate::access::bearer;
use crate::dialect::Mount;
use crate::grants;
use crate::oidc::userinfo::{self, Place};
use crate::state::AppState;

/// The claims as JSON, for the API document: these two always, others as consented.
#[derive(JsonSchema)]
#[schemars(rename = "BankIdClaims")]
pub struct Claims {
    /// The person, as this relying party knows him; the same as in the ID token.
    pub sub: String,
    /// The login that the claims are told for, by its name in the audit trail, and the scopes.
    pub txn: String,
}

/// The basic claims (product CONNECT).
pub async fn userinfo(State(state): State<AppState>, mount: Mount, headers: HeaderMap) -> Response {
    answer(&state, mount, &headers, Place::Userinfo).await
}

/// The extended claims (product IDENTIFY, and those of AML).
pub async fn profile(State(state): State<AppState>, mount: Mount, headers: HeaderMap) -> Response {
    answer(&state, mount, &headers, Place::Profile).await
}

async fn answer(state: &AppState, mount: Mount, headers: &HeaderMap, place: Place) -> Response {
    let refused = match userinfo::tell(state, mount, (&Method::GET, headers), place).await {
        Ok(told) => return told,
        Err(refusal) => Refusal::of(refusal.into_response().status()),
    };
    refusal_of(state, headers, refused).await.into_response()
}

/// Tells a token that has ended from one that never was.
pub(super) async fn refusal_of(state: &AppState, headers: &HeaderMap, refused: Refusal) -> Refusal {
    let (Refusal::Unauthorized, Some(token)) = (refused, bearer(headers)) else { return refused };
    match grants::has_ended(state, token).await {
        Ok(true) => Refusal::Forbidden,
        Ok(false) => Refusal::Unauthorized,
        Err(error) => {
            tracing::error!(%error, "an access token could not be looked up");
            Refusal::Unavailable
        }
    }
}
