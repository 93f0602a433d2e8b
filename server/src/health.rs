//! Whether the process lives, and whether it can serve.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use crate::state::AppState;

/// The answer of both.
#[derive(Serialize, JsonSchema)]
pub struct Health {
    status: &'static str,
}

/// `GET /health`: the process answers.
pub async fn health() -> Json<Health> {
    Json(Health { status: "up" })
}

/// `GET /ready`: the database answers too; else 503, so that a balancer sends requests elsewhere.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Health>) {
    match state.store.ping().await {
        Ok(()) => (StatusCode::OK, Json(Health { status: "ready" })),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "no database" }))
        }
    }
}
