//! A first factor in the browser, where the client's policy lets a wallet on another device answer only after one: who has
//! not typed it gets no code to relay, and who has is the only one whose wallet may answer.

use protocol::linked::Challenge;

use super::auth_factors;
use super::login::{client_of, must_be_open, must_be_the_subject, must_be_whom_the_hint_names, not_authenticated};
use super::model::{FirstFactor, Transaction};
use super::request::Request;
use super::store::{self, TransactionError};
use crate::acr::Factor;
use crate::audit::{Event, EventKind};
use crate::clients::{Client, CrossDevice};
use crate::error::{ApiError, Code};
use crate::factors::{self, OtpFor};
use crate::registry::PersonId;
use crate::state::AppState;

/// Whether this login wants one before a code is shown.
#[must_use]
pub fn is_wanted(client: &Client, request: &Request) -> bool {
    client.login_policy().cross_device == CrossDevice::AfterFirstFactor && auth_factors::offers(request, Factor::Wla)
}

/// Nobody but the person who proved a first factor may go on, where somebody did.
///
/// # Errors
/// `auth_failed`.
pub fn must_be_of(first: Option<&FirstFactor>, person: PersonId) -> Result<(), ApiError> {
    if first.is_none_or(|first| first.person == person) { Ok(()) } else { Err(Code::AuthFailed.into()) }
}

/// Checks OTP or PIN as a first factor; it counts like any other guess.
///
/// # Errors
/// `invalid_transaction` unless it is started and no first factor was proved; `auth_factor_mismatch` where none is wanted;
/// those of [`factors::verify`].
pub async fn prove(
    state: &AppState,
    transaction: Transaction,
    individual_id: &str,
    challenges: &[Challenge],
) -> Result<Transaction, ApiError> {
    must_be_open(&transaction)?;
    let client = client_of(state, &transaction).await?;
    if !is_wanted(&client, &transaction.request) {
        return Err(Code::AuthFactorMismatch.into());
    }
    let purpose = OtpFor::Transaction(transaction.id);
    let verified = match factors::verify(state, transaction.mount, purpose, individual_id, challenges).await {
        Ok(verified) => verified,
        Err(error) => {
            not_authenticated(state, &transaction, &error).await;
            return Err(error);
        }
    };
    must_be_the_subject(state, &transaction.request, &client, verified.person).await?;
    must_be_whom_the_hint_names(state, &transaction.request, verified.person).await?;
    let amr = verified.amr.iter().map(|method| (*method).to_owned()).collect();
    let first = FirstFactor { person: verified.person, amr };
    let in_write = state.clone();
    let moved = state.store.write(move |tx| {
        Box::pin(async move {
            let state = in_write;
            let (mount, person) = (transaction.mount, first.person.0);
            let mut moved = transaction.prove_first(first, state.clock.now())?;
            store::save(&state, tx, &moved).await?;
            moved.version += 1;
            let event = Event::new(EventKind::LoginFirstFactor, mount).client(&moved.client_id).login(moved.id);
            state.audit.record(tx, event.person(person)).await?;
            Ok::<_, TransactionError>(moved)
        })
    });
    Ok(moved.await?)
}
