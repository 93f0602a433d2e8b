//! What is written down of every call, before it is answered.

use super::guesses;
use super::permission::Claims;
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
    /// There is nobody of this identifier. Who tries one after the other leaves a trace.
    Unknown,
}

impl Denied {
    fn reason(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Consent => "consent",
            Self::Unknown => "unknown",
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
        let refusal = match self {
            Self::Policy => Refusal::Forbidden("the client is not registered for these attributes"),
            Self::Consent => Refusal::Forbidden("the person has not agreed to this; ask for consent"),
            Self::Unknown => Refusal::NotFound,
        };
        match note(state, client, person, transaction, self.reason()).await {
            Ok(()) => refusal,
            Err(unavailable) => unavailable,
        }
    }
}

/// Writes a refusal down.
async fn note(
    state: &AppState,
    client: &Client,
    person: Option<PersonId>,
    transaction: &Transaction,
    reason: &'static str,
) -> Result<(), Refusal> {
    let caller = Caller { mount: client.mount, client_id: client.id.clone() };
    let (inner, transaction) = (state.clone(), transaction.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let event = Event::new(EventKind::AttributesRefused, caller.mount).client(&caller.client_id);
                let event = event.reason(reason).traced(&transaction.0);
                let event = person.map_or(event, |person| event.person(person.0));
                inner.audit.record(tx, event).await
            })
        })
        .await
        .map_err(Refusal::from)
}

/// Writes down that attributes are told, and with it the pseudonym by which the caller may come back; `false` where the person
/// does not agree to all of them any more, which is looked for in the same write: a consent that was withdrawn meanwhile
/// holds for this answer already (GS-VER-03b).
///
/// # Errors
/// [`Refusal::Unavailable`]; then nothing may be answered.
pub(super) async fn told(
    state: &AppState,
    client: &Client,
    person: PersonId,
    transaction: &Transaction,
    claims: &[String],
) -> Result<bool, Refusal> {
    let caller = Caller { mount: client.mount, client_id: client.id.clone() };
    let (inner, sector, transaction) = (state.clone(), client.sector().to_owned(), transaction.clone());
    let claims = claims.to_vec();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let by = (caller.mount, caller.client_id.as_str());
                let agreed = Claims::of_consent_within(&inner, tx, by, person).await?;
                if !claims.iter().all(|claim| agreed.may_tell(claim)) {
                    return Ok(false);
                }
                subjects::told(&inner, tx, person, &sector).await?;
                let event =
                    Event::new(EventKind::AttributesRead, caller.mount).client(&caller.client_id).reason("told");
                inner.audit.record(tx, event.traced(&transaction.0).person(person.0)).await?;
                Ok(true)
            })
        })
        .await
}

/// Writes a verification of these claims down, and counts it where something was wrong; `false` as of [`told`]: an ABIS may take
/// its time to compare a face.
///
/// # Errors
/// [`Refusal::TooMany`] where the client was told often enough for a while that something is wrong of this person;
/// [`Refusal::Unavailable`]. Then nothing may be answered.
pub(super) async fn verified(
    state: &AppState,
    client: &Client,
    person: PersonId,
    transaction: &Transaction,
    (claims, right): (Vec<String>, bool),
) -> Result<bool, Refusal> {
    let caller = Caller { mount: client.mount, client_id: client.id.clone() };
    let (inner, sector, transaction) = (state.clone(), client.sector().to_owned(), transaction.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let agreed =
                    Claims::of_consent_within(&inner, tx, (caller.mount, caller.client_id.as_str()), person).await?;
                if !claims.iter().all(|claim| agreed.may_compare(claim)) {
                    return Ok(false);
                }
                let by = (caller.mount.name(), caller.client_id.as_str());
                if !guesses::may_tell(&inner, tx, by, person, right).await? {
                    return Err(Refusal::TooMany(guesses::COME_BACK, guesses::OFTEN));
                }
                subjects::told(&inner, tx, person, &sector).await?;
                let event = Event::new(EventKind::AttributesVerified, caller.mount).client(&caller.client_id);
                let event = event.reason(if right { "match" } else { "no_match" }).traced(&transaction.0);
                inner.audit.record(tx, event.person(person.0)).await?;
                Ok(true)
            })
        })
        .await
}
