//! What every call to identities has: who calls, and maybe the caller's own name for the call.

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::access::Caller;
use crate::audit::{Actor, Event, EventKind};
use crate::osia::{Parameters, Refusal};
use crate::registry::{self, Because, PersonId};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Characters of an identifier at most, in what is asked.
const LONGEST: usize = 128;

/// A call of a client whose token has the scope of the route.
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// The query.
    pub parameters: Parameters,
    transaction: Option<String>,
}

impl FromRequestParts<AppState> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let Extension(caller) =
            Extension::<Caller>::from_request_parts(parts, state).await.map_err(|_| Refusal::Unauthorized)?;
        let parameters = Parameters::from_request_parts(parts, state).await?;
        let transaction = match parameters.one("transactionId")? {
            Some(_) => Some(parameters.transaction()?.0),
            None => None,
        };
        Ok(Self { caller, parameters, transaction })
    }
}

impl Call {
    /// Who calls, as a person's history names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::client(self.caller.mount, &self.caller.client_id)
    }

    /// Who calls, and why, for a person's history.
    #[must_use]
    pub fn because(&self, why: &str) -> Because {
        let because = Because::of(&self.actor(), why);
        match &self.transaction {
            Some(transaction) => because.within(transaction),
            None => because,
        }
    }

    /// Writes down what is asked for, before it is told.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is to be told.
    pub async fn note(
        &self,
        state: &AppState,
        kind: EventKind,
        person: Option<PersonId>,
        object: Option<i64>,
    ) -> Result<(), StoreError> {
        let (inner, trace) = (state.clone(), self.trace());
        state.store.write(move |tx| Box::pin(async move { trace.record(&inner, tx, kind, person, object).await })).await
    }

    /// What of the call is written down, for the write that does what it asks for.
    #[must_use]
    pub fn trace(&self) -> Trace {
        Trace { caller: self.caller.clone(), transaction: self.transaction.clone() }
    }
}

/// Who calls, and the caller's own name for the call.
pub struct Trace {
    caller: Caller,
    transaction: Option<String>,
}

impl Trace {
    /// Writes down what is done, in the write that does it: nothing is changed without a trace.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(
        &self,
        state: &AppState,
        tx: &mut Tx,
        kind: EventKind,
        person: Option<PersonId>,
        object: Option<i64>,
    ) -> Result<(), StoreError> {
        let mut event = Event::new(kind, self.caller.mount).client(&self.caller.client_id);
        if let Some(person) = person {
            event = event.person(person.0);
        }
        if let Some(object) = object {
            event = event.object(object);
        }
        if let Some(transaction) = &self.transaction {
            event = event.traced(transaction);
        }
        state.audit.record(tx, event).await
    }
}

/// Why something is done, as it is kept.
///
/// # Errors
/// [`Refusal::Bad`] where nothing or too much is said.
pub fn reason(text: &str) -> Result<&str, Refusal> {
    registry::reason(text).ok_or_else(|| Refusal::bad("reason must have 1 to 1000 characters that can be shown"))
}

/// The person of an identifier, active or not.
///
/// # Errors
/// [`Refusal::NotFound`] where nobody has it; [`Refusal::Unavailable`].
pub async fn person(state: &AppState, individual_id: &str) -> Result<PersonId, Refusal> {
    if individual_id.chars().count() > LONGEST {
        return Err(Refusal::NotFound);
    }
    let found = registry::find_any(state, individual_id).await?;
    found.map(|(person, _)| person).ok_or(Refusal::NotFound)
}
