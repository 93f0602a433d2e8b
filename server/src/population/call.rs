//! What every call of the population registry has: who calls, and the caller's own name for what it does.

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::access::Caller;
use crate::audit::{Actor, Event, EventKind};
use crate::osia::{Parameters, Refusal, Transaction};
use crate::registry::{Because, Change, PersonId};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A call of a client whose token has the scope of the route.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) caller: Caller,
    pub(super) actor: Actor,
    pub(super) transaction: Transaction,
    pub(super) parameters: Parameters,
}

impl FromRequestParts<AppState> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let unauthorized = |_| Refusal::Unauthorized;
        let Extension(caller) = Extension::<Caller>::from_request_parts(parts, state).await.map_err(unauthorized)?;
        let actor = Actor::client(caller.mount, &caller.client_id);
        let parameters = Parameters::from_request_parts(parts, state).await?;
        let transaction = parameters.transaction()?;
        Ok(Self { caller, actor, transaction, parameters })
    }
}

impl Call {
    /// Who answers for a change of a person, and in which call (GS-AUD-01a).
    pub(super) fn because(&self, why: &'static str) -> Because {
        Because::of(&self.actor, why).within(&self.transaction.0)
    }

    /// A change of a person's attributes, made by this call.
    pub(super) fn changes(&self, change: Change, why: &'static str) -> Change {
        Change { because: self.because(why), ..change }
    }

    /// Writes down what was done to a person, or what of one was read, in the caller's transaction.
    pub(super) async fn record(
        &self,
        state: &AppState,
        tx: &mut Tx,
        kind: EventKind,
        person: Option<PersonId>,
        what: &'static str,
    ) -> Result<(), StoreError> {
        let mut event = Event::new(kind, self.caller.mount).client(&self.caller.client_id).by(&self.actor).reason(what);
        event = event.traced(&self.transaction.0);
        if let Some(person) = person {
            event = event.person(person.0);
        }
        state.audit.record(tx, event).await
    }

    /// The same, of a read.
    pub(super) async fn record_read(
        &self,
        state: &AppState,
        person: Option<PersonId>,
        what: &'static str,
    ) -> Result<(), Refusal> {
        let (call, inner) = (self.clone(), state.clone());
        state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    call.record(&inner, tx, EventKind::PopulationRead, person, what).await?;
                    Ok::<_, Refusal>(())
                })
            })
            .await
    }
}
