//! `claim-details`: what is known about the claims asked for, before the citizen consents.

use axum::extract::State;
use axum::http::HeaderMap;
use protocol::linked::ConsentAction;

use super::super::bodies::{ClaimDetails, ClaimStatus};
use super::super::guard::{self, DetailsHeaders};
use super::super::model::{Stage, StageError};
use super::super::store::{Counter, TransactionError, count};
use crate::claims::untagged;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::http::csrf;
use crate::http::envelope::Reply;
use crate::registry;
use crate::state::AppState;

/// Calls of one transaction, as in eSignet (facts §1.0).
const LIMIT: u32 = 1;

/// `GET authorization/claim-details`.
///
/// # Errors
/// See [`guard::of_page`]; `invalid_transaction` unless the browser authenticated, `no_attempts_left` for a second call;
/// 403 for a browser without its cookie.
pub async fn get(
    State(state): State<AppState>,
    mount: Mount,
    headers: DetailsHeaders,
    all: HeaderMap,
) -> Result<Reply, ApiError> {
    // A call that reads needs no header against forgery, but it needs the browser's own cookie.
    let browser = csrf::of_cookie(&state, &all)?;
    let transaction = guard::of_page(&state, mount, &browser, &headers, headers.key.as_deref()).await?;
    let Stage::Authenticated(who) = &transaction.stage else {
        return Err(TransactionError::from(StageError::Stage(transaction.stage.name())).into());
    };
    let id = transaction.id;
    state.store.write(move |tx| Box::pin(count(tx, id, Counter::ClaimDetails, LIMIT))).await?;
    let known = registry::known(&state, who.person).await?;
    let status = |claim: String| ClaimStatus {
        available: known.iter().any(|name| name == untagged(&claim)),
        verified: false,
        claim,
    };
    let request = &transaction.request;
    Reply::of(&ClaimDetails {
        transaction_id: headers.key.clone().unwrap_or_default(),
        consent_action: if who.remembered.is_some() { ConsentAction::NoCapture } else { ConsentAction::Capture },
        profile_update_required: false,
        claim_status: request.essential_claims().into_iter().chain(request.voluntary_claims()).map(status).collect(),
    })
}
