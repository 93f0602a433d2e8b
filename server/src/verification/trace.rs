//! What is written down of every call, before it is answered.

use crate::access::Caller;
use crate::audit::{Event, EventKind};
use crate::clients::Client;
use crate::clock::Millis;
use crate::osia::{Refusal, Transaction};
use crate::registry::{PersonId, subjects};
use crate::state::AppState;

/// Why a client may not do what it asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Denied {
    /// By the system.
    Policy,
    /// By the person.
    Consent,
}

impl Denied {
    fn reason(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Consent => "consent",
        }
    }

    /// Writes it down, and gives the refusal.
    pub(super) async fn refuse(
        self,
        state: &AppState,
        client: &Client,
        person: Option<PersonId>,
        transaction: &Transaction,
    ) -> Refusal {
        let told = match self {
            Self::Policy => "the client is not registered for these attributes",
            Self::Consent => "the person has not agreed to this; ask for consent",
        };
        let kind = EventKind::AttributesRefused;
        match note(state, client, kind, person, transaction, self.reason()).await {
            Ok(()) => Refusal::Forbidden(told),
            Err(refusal) => refusal,
        }
    }
}

/// Reason of a verification in which something was wrong.
pub(super) const NO_MATCH: &str = "no_match";

const HOUR: Millis = 3600 * 1000;

/// Whether a client may still be told that something is wrong of a person, or has guessed often enough for a while.
///
/// # Errors
/// [`Refusal::TooMany`], [`Refusal::Unavailable`].
pub(super) async fn may_guess(state: &AppState, client: &Client, person: PersonId) -> Result<(), Refusal> {
    let most = state.config.verification.misses_per_hour;
    if most == 0 {
        return Ok(());
    }
    let (audit, mount, client_id) = (state.audit.clone(), client.mount, client.id.clone());
    let from = state.clock.now() - HOUR;
    let misses = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let what = (EventKind::AttributesVerified, NO_MATCH);
                audit.count(tx, (mount, &client_id), person.0, what, from).await
            })
        })
        .await?;
    if misses >= i64::from(most) { Err(Refusal::TooMany(3600)) } else { Ok(()) }
}

/// Writes a call down; with it, where a person is told of, the pseudonym by which the caller may come back.
///
/// # Errors
/// [`Refusal::Unavailable`]; then nothing may be answered.
pub(super) async fn note(
    state: &AppState,
    client: &Client,
    kind: EventKind,
    person: Option<PersonId>,
    transaction: &Transaction,
    reason: &'static str,
) -> Result<(), Refusal> {
    let caller = Caller { mount: client.mount, client_id: client.id.clone() };
    let (inner, sector, transaction) = (state.clone(), client.sector().to_owned(), transaction.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let event = Event::new(kind, caller.mount).client(&caller.client_id).reason(reason);
                let event = event.traced(&transaction.0);
                if let Some(person) = person {
                    if kind != EventKind::AttributesRefused {
                        subjects::told(&inner, tx, person, &sector).await?;
                    }
                    return inner.audit.record(tx, event.person(person.0)).await;
                }
                inner.audit.record(tx, event).await
            })
        })
        .await
        .map_err(Refusal::from)
}
