//! The public keys of a mount (GS-OIDC-06): the same bytes until the keys change.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::discovery::CACHED;
use crate::dialect::Mount;
use crate::state::AppState;

/// Every key that signs, will sign next, or signed what may still be in use. Query strings change nothing (C9).
pub async fn get(State(state): State<AppState>, mount: Mount) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, CACHED),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, state.keys.jwks(mount)).into_response()
}
