//! The login transaction: what a relying party asks for, who answers, what they agree to.
//!
//! `model` is its state machine, `checks` what a request must pass, `request` what was found good, `store` the rows;
//! `linked/` moves the same transaction when a wallet answers instead of the browser.

pub mod approval;
mod asked;
pub mod auth_factors;
pub mod authorize;
mod begin;
pub mod bodies;
pub mod checks;
mod configs;
pub mod consent;
pub mod first_factor;
pub mod guard;
pub mod login;
mod model;
mod number;
pub mod par;
pub mod remembered;
mod request;
mod request_object;
mod request_uri;
mod resolve;
pub mod response;
pub mod routes;
pub mod scopes;
mod silent;
mod stage;
pub mod store;
pub mod withdrawal;

pub use asked::{Asked, ClaimsAsked};
pub use configs::configs;
pub use model::{
    Authenticated, Channel, Decision, Denial, DeniedBy, FirstFactor, Link, Stage, StageError, Transaction,
};
pub use request::{Claim, Claims, Display, Prompt, Request};
pub use resolve::Door;
pub use store::TransactionError;

use crate::audit::{Event, EventKind};
use crate::dialect::Mount;
use crate::flow::Step;
use crate::state::AppState;
use crate::store::StoreError;

/// Rows of one kind deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;

/// Deletes a batch of transactions, nonces and consents that are over; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let (now, audit) = (state.clock.now(), state.audit.clone());
    let swept: Result<_, StoreError> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let ended = store::sweep_transactions(tx, now, BATCH).await?;
                let mut expired = Vec::new();
                for one in &ended {
                    let mount = Mount::named(&one.mount).ok_or(StoreError::Corrupt { what: "mount" })?;
                    if matches!(one.stage.as_str(), "finished" | "denied") {
                        continue;
                    }
                    let event = Event::new(EventKind::LoginExpired, mount).client(&one.client_id).login(one.id);
                    audit.record(tx, event.reason(&one.stage)).await?;
                    expired.push(mount);
                }
                let others = store::sweep(tx, now, BATCH).await?;
                Ok((u64::try_from(ended.len()).unwrap_or(u64::MAX) + others, expired))
            })
        })
        .await;
    let (gone, expired) = swept?;
    let pushed = par::expire(state).await?;
    expired.into_iter().for_each(|mount| state.flow.count(mount, Step::Expired));
    Ok(gone + pushed)
}

#[cfg(test)]
mod consent_tests;
#[cfg(test)]
mod end_tests;
#[cfg(test)]
mod first_factor_tests;
#[cfg(test)]
mod interleaving_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod page_tests_kit;
#[cfg(test)]
mod request_object_tests;
#[cfg(test)]
mod route_tests;
#[cfg(test)]
mod store_tests;
#[cfg(test)]
mod withdrawal_tests;
