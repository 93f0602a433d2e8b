//! Data access (OSIA data access 1.3.0, under `/data`): what other registries may ask of persons: who somebody is, single
//! attributes, whether attributes match or expressions hold, and documents. Answers come from the reference identity of
//! persons whose record is in use; exactly what was asked for is told (GS-SEC-05e), and every call is an audit event.

pub mod attributes;
pub mod compare;
pub mod document;
pub mod parameters;
pub mod query;
#[cfg(test)]
mod tests;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::{Value, json};

use crate::access::Caller;
use crate::audit::{Actor, Event, EventKind};
use crate::osia::{Parameters, Refusal};
use crate::population::record::Identity;
use crate::population::{known, reference_of};
use crate::registry::PersonId;
use crate::state::AppState;

/// Attributes of one call at most.
const MOST_ATTRIBUTES: usize = 100;
/// `code` where an attribute is not known of a person (the value of OSIA's example).
const UNKNOWN: i32 = 1023;
/// `code` where an attribute is a list or an object, which this interface has no form for.
const NOT_SIMPLE: i32 = 1024;

/// A call of a client whose token has the scope of the route.
#[derive(Clone, Debug)]
pub struct Call {
    caller: Caller,
    parameters: Parameters,
}

impl FromRequestParts<AppState> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let caller = Extension::<Caller>::from_request_parts(parts, state).await;
        let Extension(caller) = caller.map_err(|_| Refusal::Unauthorized)?;
        Ok(Self { caller, parameters: Parameters::from_request_parts(parts, state).await? })
    }
}

impl Call {
    /// Writes down what was asked, and about whom.
    async fn record(&self, state: &AppState, person: Option<PersonId>, what: &'static str) -> Result<(), Refusal> {
        let (caller, inner) = (self.caller.clone(), state.clone());
        state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let actor = Actor::client(caller.mount, &caller.client_id);
                    let event = Event::new(EventKind::PersonDataRead, caller.mount).client(&caller.client_id);
                    let event = event.by(&actor).reason(what);
                    let event = if let Some(person) = person { event.person(person.0) } else { event };
                    inner.audit.record(tx, event).await?;
                    Ok::<_, Refusal>(())
                })
            })
            .await
    }
}

/// The person of a UIN, with the reference identity.
async fn person(state: &AppState, uin: &str) -> Result<(PersonId, Identity), Refusal> {
    let person = known(state, uin).await?;
    let identity = reference_of(state, person).await?.ok_or(Refusal::NotFound)?;
    Ok((person, identity))
}

/// An attribute's value, or why there is none.
fn told(value: Option<Value>) -> Value {
    match value {
        None | Some(Value::Null) => json!({ "code": UNKNOWN, "message": "Unknown attribute name" }),
        Some(Value::Array(_) | Value::Object(_)) => {
            json!({ "code": NOT_SIMPLE, "message": "The attribute is a list or an object" })
        }
        Some(simple) => simple,
    }
}
