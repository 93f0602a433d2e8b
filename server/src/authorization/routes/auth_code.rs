//! `auth-code`: consent, and the code.

use axum::extract::State;
use axum::http::HeaderMap;

use super::super::approval;
use super::super::bodies::{AuthCode, AuthCodeRequest};
use super::super::guard::{self, DetailsHeaders};
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;

/// `POST authorization/auth-code`.
///
/// # Errors
/// See [`guard::of_page`] and [`approval::finish`]; 403 without CSRF token.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    headers: DetailsHeaders,
    Body(request): Body<AuthCodeRequest>,
) -> Result<(HeaderMap, Reply), ApiError> {
    let id = request.transaction_id;
    let transaction = guard::of_page(&state, mount, &browser, &headers, id.as_deref()).await?;
    let claims = request.accepted_claims.unwrap_or_default();
    let scopes = request.permitted_authorize_scopes.unwrap_or_default();
    let finished = approval::finish(&state, transaction, &claims, &scopes).await?;
    let reply = Reply::of(&AuthCode {
        nonce: finished.nonce.clone(),
        state: finished.state.clone(),
        code: finished.code.clone(),
        redirect_uri: finished.redirect_uri.clone(),
    })?;
    Ok((finished.set_cookies(&state), reply))
}
