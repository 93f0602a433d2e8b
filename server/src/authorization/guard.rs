//! Who may go on with a transaction: the browser that started it, on its mount, showing what it was told.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use subtle::ConstantTimeEq;

use super::model::Transaction;
use super::store::{self, TransactionError};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::csrf::Browser;
use crate::state::AppState;

/// The headers `oauth-details-key` (the transaction) and `oauth-details-hash` (SHA-256, base64url, of the text of the
/// answer of `oauth-details`): what a page shows must be what the server said (facts §1.0).
pub struct DetailsHeaders {
    /// `oauth-details-key`.
    pub key: Option<String>,
    /// `oauth-details-hash`.
    pub hash: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for DetailsHeaders {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(Into::into);
        Ok(Self { key: text("oauth-details-key"), hash: text("oauth-details-hash") })
    }
}

/// The transaction of a browser's call.
///
/// # Errors
/// `invalid_transaction_id` for a blank id; `invalid_transaction` for an unknown one, one that is over, another mount's
/// or another browser's (E6, L3).
pub async fn of_browser(
    state: &AppState,
    mount: Mount,
    browser: &Browser,
    transaction_id: Option<&str>,
) -> Result<Transaction, ApiError> {
    let opened = store::open_id(state, transaction_id)?;
    let inner = state.clone();
    let found = state.store.read(move |tx| Box::pin(async move { store::load(&inner, tx, &opened).await })).await?;
    if found.mount == mount && found.is_of(browser) { Ok(found) } else { Err(TransactionError::Gone.into()) }
}

/// As [`of_browser`], with the two headers (E8).
///
/// # Errors
/// As there; `invalid_transaction` where `oauth-details-key` names another transaction or none, `invalid_request` where
/// the hash is missing or wrong.
pub async fn of_page(
    state: &AppState,
    mount: Mount,
    browser: &Browser,
    headers: &DetailsHeaders,
    transaction_id: Option<&str>,
) -> Result<Transaction, ApiError> {
    let found = of_browser(state, mount, browser, transaction_id).await?;
    if headers.key.as_deref().map(str::trim) != transaction_id.map(str::trim) {
        return Err(Code::InvalidTransaction.into());
    }
    let sent = headers.hash.as_deref().unwrap_or_default();
    let same: bool = sent.as_bytes().ct_eq(found.details_hash.as_bytes()).into();
    if same && !sent.is_empty() { Ok(found) } else { Err(Code::InvalidRequest.into()) }
}
