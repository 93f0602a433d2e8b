//! What is written down of every call, before it is answered.

use super::guesses;
use crate::access::Caller;
use crate::audit::{Event, EventKind};
use crate::clients::Client;
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

/// Writes a verification down, and counts it where something was wrong.
///
/// # Errors
/// [`Refusal::TooMany`] where the client was told often enough for a while that something is wrong of this person;
/// [`Refusal::Unavailable`]. Then nothing may be answered.
pub(super) async fn verified(
    state: &AppState,
    client: &Client,
    person: PersonId,
    transaction: &Transaction,
    right: bool,
) -> Result<(), Refusal> {
    let caller = Caller { mount: client.mount, client_id: client.id.clone() };
    let (inner, sector, transaction) = (state.clone(), client.sector().to_owned(), transaction.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let by = (caller.mount.name(), caller.client_id.as_str());
                if !guesses::may_tell(&inner, tx, by, person, right).await? {
                    return Err(Refusal::TooMany(guesses::COME_BACK));
                }
                subjects::told(&inner, tx, person, &sector).await?;
                let event = Event::new(EventKind::AttributesVerified, caller.mount).client(&caller.client_id);
                let event = event.reason(if right { "match" } else { "no_match" }).traced(&transaction.0);
                Ok(inner.audit.record(tx, event.person(person.0)).await?)
            })
        })
        .await
}
