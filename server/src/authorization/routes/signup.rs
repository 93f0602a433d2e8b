//! The detour to a sign-up server, which is not built: no path leads there, and none was ever completed.

use axum::extract::State;

use super::super::bodies::SignupRequest;
use super::super::guard::{self, DetailsHeaders};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;

/// `POST authorization/prepare-signup-redirect`.
///
/// # Errors
/// See [`guard::of_page`]; else always `invalid_path_fragment`.
pub async fn prepare(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    headers: DetailsHeaders,
    Body(request): Body<SignupRequest>,
) -> Result<Reply, ApiError> {
    guard::of_page(&state, mount, &browser, &headers, request.transaction_id.as_deref()).await?;
    Err(Code::InvalidPathFragment.into())
}

/// `POST authorization/complete-signup-redirect`.
///
/// # Errors
/// See [`guard::of_page`]; else always `verification_incomplete`.
pub async fn complete(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    headers: DetailsHeaders,
    Body(request): Body<SignupRequest>,
) -> Result<Reply, ApiError> {
    guard::of_page(&state, mount, &browser, &headers, request.transaction_id.as_deref()).await?;
    Err(Code::VerificationIncomplete.into())
}
