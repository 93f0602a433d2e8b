//! Enrollments on their way to identities, on their way to another instance: those that wait and those that are parked go on
//! there, and what became of the others is told there.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::model::{AnyTask, Content, State};
use super::store::carried as rows;
use super::store::{NEVER, Row};
use super::{sealed, store};
use crate::clock::Millis;
use crate::enrollment::{EnrollmentId, Service};
use crate::osia::Refusal;
use crate::registry::Fault;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// An enrollment on its way, or an identity of the population registry that is looked at, whole.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key of the enrollment; of a claim, its own.
    pub enrollment: i64,
    /// Whose enrollment it is.
    pub service: String,
    /// Primary key that the person made of it has or would have.
    pub person: i64,
    /// How far it is.
    pub state: State,
    /// Why it is parked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Primary key of the person whose it was found to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<i64>,
    /// When it is looked at again, in milliseconds since 1970; absent where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Millis>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was taken on.
    pub made_at: Millis,
    /// What is known of it.
    pub content: Content,
    /// What a claim says, as long as somebody is sought by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<CarriedSaid>,
}

/// What an identity of the population registry says of its person.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedSaid {
    /// By claim name, or OSIA name behind `osia.`.
    pub attributes: Map<String, Value>,
    /// As an ABIS takes them.
    pub biometrics: Vec<Value>,
}

/// Tasks of enrollments with primary keys above `after`, in their order, at most `most`.
///
/// # Errors
/// [`Fault`].
pub async fn carry(state: &AppState, after: i64, most: u32) -> Result<Vec<Carried>, Fault> {
    let read = state.store.read(move |tx| {
        Box::pin(async move {
            let mut tasks = Vec::new();
            for row in rows::after(tx, after, most.into()).await? {
                let said = store::claims::find(tx, row.enrollment).await?;
                tasks.push((row, said));
            }
            Ok::<_, StoreError>(tasks)
        })
    });
    let rows = read.await?;
    rows.into_iter()
        .map(|(row, said)| {
            let said = said.map(|said| sealed::open_claim(state, row.enrollment, &said)).transpose()?;
            let said = said.map(|(attributes, biometrics)| CarriedSaid { attributes, biometrics });
            // Of a claim, the task's own person is another.
            let person = row.person;
            let (cause, identity, due_at) = (row.cause.clone(), row.identity, row.due_at);
            let (attempts, made_at) = (row.attempts, row.made_at);
            let task = sealed::task(state, row)?;
            let stage = task.state();
            let (enrollment, service, content) = match task {
                AnyTask::Waiting(task) => (task.enrollment, task.service, task.content),
                AnyTask::Parked(task) => (task.enrollment, task.service, task.content),
                AnyTask::Ended(task) => (task.enrollment, task.service, task.content),
            };
            let due_at = (due_at != NEVER).then_some(due_at);
            Ok(Carried {
                enrollment,
                service,
                person,
                state: stage,
                cause,
                identity,
                due_at,
                attempts,
                made_at,
                content,
                said,
            })
        })
        .collect()
}

/// Writes a task as another instance had it.
///
/// # Errors
/// [`Refusal::Bad`] where it is malformed, or the enrollment has one.
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Refusal> {
    let service = Service::from(carried.service.clone());
    let name = EnrollmentId::from(Zeroizing::new(carried.content.enrollment_id.clone()));
    let row = Row {
        enrollment: carried.enrollment,
        service: carried.service.clone(),
        person: carried.person,
        state: carried.state.name().to_owned(),
        cause: carried.cause.clone(),
        identity: carried.identity,
        due_at: carried.due_at.unwrap_or(store::NEVER),
        attempts: carried.attempts,
        made_at: carried.made_at,
        sealed: sealed::content(state, carried.enrollment, &carried.content)?,
    };
    let reference = match carried.content.claim {
        Some(claim) => sealed::claim_reference(state, claim.record),
        None => sealed::reference(state, &service, &name),
    };
    if !rows::insert(tx, &row, reference.newest()).await? {
        return Err(Refusal::bad("an enrollment is on its way twice"));
    }
    if let Some(CarriedSaid { attributes, biometrics }) = &carried.said {
        let said = sealed::claim(state, carried.enrollment, attributes, biometrics)?;
        store::claims::insert(tx, carried.enrollment, &said).await?;
    }
    // One that cannot be read would stop whoever works on it.
    sealed::task(state, row).map(|_| ()).map_err(|_| Refusal::bad("an enrollment's way is malformed"))
}
