//! Identities of the population registry: nobody is told what one says before it was looked whether its person is in the
//! registry already under another number (GS-UNQ-01), by the same search as for enrollments.
//!
//! An identity is kept as it was sent, whatever the search finds. What the search decides is whether claims may be made of it.

use serde_json::{Map, Value};

use super::model::{AnyTask, ClaimOf, Content, Ended, State, Task, Waiting, suspects};
use super::store::{self, NEVER, Row};
use super::work::{self, WorkError};
use super::{answers, saved, sealed};
use crate::clock::Millis;
use crate::registry::{self, Fault, PersonId, unique};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait;

/// An identity, as far as a person is known by it. Its `Debug` shows nothing.
pub struct Claimed {
    /// Whose it is.
    pub person: PersonId,
    /// Its primary key.
    pub record: i64,
    /// Its client's name for it.
    pub identity_id: String,
    /// What it says, by claim name, or OSIA name behind `osia.`.
    pub attributes: Map<String, Value>,
    /// Its biometrics, as an ABIS takes them.
    pub biometrics: Vec<Value>,
    /// Who says so, as histories name it.
    pub by: String,
    /// In which call.
    pub transaction: String,
}

impl std::fmt::Debug for Claimed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claimed")
    }
}

/// Whether claims may be made of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They may.
    Free,
    /// It is not known yet: the ABIS was asked.
    Waits,
    /// Somebody must decide.
    Parked,
    /// Somebody decided that they may not: it is another person, or nobody.
    Ended,
}

/// An identity was made, or says something else than before: whoever has the same attributes or biometrics is looked for. With
/// an ABIS and biometrics that is done later, by any node.
///
/// # Errors
/// [`Fault`].
pub async fn claimed(state: &AppState, tx: &mut Tx, claimed: &Claimed) -> Result<(), Fault> {
    let compares = state.config.identity.abis.is_some() && !claimed.biometrics.is_empty();
    match newest(state, tx, claimed.record).await? {
        // The ABIS gets the same encounter anew.
        Some((task, before)) if compares && before.claim().is_some_and(|claim| claim.person == claimed.person) => {
            store::claims::remove(tx, task).await?;
        }
        Some(_) => withdrawn(state, tx, claimed.record).await?,
        None => {}
    }
    if compares {
        begin(state, tx, claimed, state.clock.now()).await?;
        tx.wake(wait::enrollments());
        return Ok(());
    }
    look(state, tx, claimed, &Content::default()).await.map(|_| ())
}

/// An identity is there no more, or is another person's from now on.
///
/// # Errors
/// [`Fault`].
pub async fn withdrawn(state: &AppState, tx: &mut Tx, record: i64) -> Result<(), Fault> {
    let Some((task, before)) = newest(state, tx, record).await? else { return Ok(()) };
    if state.config.identity.abis.is_none() {
        return Ok(store::claims::remove(tx, task).await?);
    }
    // What the ABIS has of it is taken back as soon as it answers.
    store::claims::forget(tx, task).await?;
    let from = before.state();
    saved::ended(state, tx, &before.withdrawn(), from, state.clock.now()).await?;
    tx.wake(wait::enrollments());
    Ok(())
}

/// Whether claims may be made of an identity. Where somebody was added since it was made who may be the same person, it is
/// parked now.
///
/// # Errors
/// [`Fault`].
pub async fn standing(state: &AppState, tx: &mut Tx, claimed: &Claimed) -> Result<Standing, Fault> {
    let known = newest(state, tx, claimed.record).await?;
    let stands = match known {
        Some((_, AnyTask::Waiting(_))) => Standing::Waits,
        Some((_, AnyTask::Parked(_))) => Standing::Parked,
        Some((_, AnyTask::Ended(Task { stage: Ended::Same(_) | Ended::Refused | Ended::Erased(_), .. }))) => {
            Standing::Ended
        }
        Some((_, AnyTask::Ended(task))) if look(state, tx, claimed, &task.content).await? => Standing::Parked,
        None if look(state, tx, claimed, &Content::default()).await? => Standing::Parked,
        _ => Standing::Free,
    };
    Ok(stands)
}

/// Parks an identity where somebody else has its attributes, of whom nobody decided yet by what is known of it; gives whether
/// it did.
async fn look(state: &AppState, tx: &mut Tx, claimed: &Claimed, known: &Content) -> Result<bool, Fault> {
    if claimed.attributes.is_empty() {
        return Ok(false);
    }
    // First the person, then the turn among those who look, as whoever changes a person does.
    registry::take(tx, claimed.person).await?;
    let alike = unique::alike(state, tx, &claimed.attributes, Some(claimed.person)).await?;
    if alike.iter().all(|one| known.is_other_than(one.person)) {
        return Ok(false);
    }
    if let Some((task, _)) = newest(state, tx, claimed.record).await? {
        store::claims::remove(tx, task).await?;
    }
    let task = begin(state, tx, claimed, NEVER).await?;
    work::park(state, tx, task, suspects(alike, Vec::new())).await?;
    Ok(true)
}

/// The task of an identity, unless it is there no more.
async fn newest(state: &AppState, tx: &mut Tx, record: i64) -> Result<Option<(i64, AnyTask)>, Fault> {
    let Some(row) = store::named(tx, &sealed::claim_reference(state, record)).await? else { return Ok(None) };
    let (id, task) = (row.enrollment, sealed::task(state, row)?);
    Ok(task.claim().is_some_and(|claim| !claim.gone).then_some((id, task)))
}

async fn begin(state: &AppState, tx: &mut Tx, claimed: &Claimed, due_at: Millis) -> Result<Task<Waiting>, Fault> {
    let (id, now) = (state.next_id(), state.clock.now());
    let Claimed { person, record, identity_id, by, transaction, .. } = claimed;
    let content = Content {
        enrollment_id: identity_id.clone(),
        transaction: transaction.clone(),
        claim: Some(ClaimOf { record: *record, person: *person, gone: false }),
        uin: registry::main_identifier(state, tx, *person).await?,
        ..Content::default()
    };
    let row = Row {
        enrollment: id,
        service: by.clone(),
        person: state.next_id(),
        state: State::Waiting.name().to_owned(),
        cause: None,
        identity: None,
        due_at,
        attempts: 0,
        made_at: now,
        sealed: sealed::content(state, id, &content)?,
    };
    store::insert(tx, &row, &sealed::claim_reference(state, *record)).await?;
    let beside = sealed::claim(state, id, &claimed.attributes, &claimed.biometrics)?;
    store::claims::insert(tx, id, &beside).await?;
    Ok(Task { enrollment: id, service: by.clone(), person: *person, content, stage: Waiting })
}

/// What a claim says, as long as somebody is sought or must decide.
pub(super) async fn said(state: &AppState, task: i64) -> Result<Option<(Map<String, Value>, Vec<Value>)>, Fault> {
    let row = state.store.read(move |tx| Box::pin(store::claims::find(tx, task))).await;
    let row: Option<store::claims::ClaimRow> = row?;
    Ok(row.map(|row| sealed::open_claim(state, task, &row)).transpose()?)
}

/// A step with a claim that waits; `false` where the ABIS answers later.
pub(super) async fn step(state: &AppState, task: Task<Waiting>) -> Result<bool, WorkError> {
    let Some((attributes, biometrics)) = said(state, task.enrollment).await? else {
        saved::end(state, task.gone()).await?;
        return Ok(true);
    };
    let mut candidates = Vec::new();
    if let (Some(abis), false) = (&state.config.identity.abis, biometrics.is_empty()) {
        match answers::compare(state, abis, &task, &biometrics).await? {
            Some(found) => candidates = found,
            None => return Ok(false),
        }
    }
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                registry::take(tx, task.person).await?;
                let alike = unique::alike(&inner, tx, &attributes, Some(task.person)).await?;
                let found = suspects(alike, work::known_of(tx, candidates, (task.enrollment, task.person)).await?);
                if found.iter().all(|one| task.content.is_other_than(one.person)) {
                    let enrollment = task.enrollment;
                    if saved::ended(&inner, tx, &task.cleared(), State::Waiting, NEVER).await? {
                        store::claims::forget(tx, enrollment).await?;
                    }
                    Ok(())
                } else {
                    work::park(&inner, tx, task, found).await
                }
            })
        })
        .await
        .map_err(|error: Fault| WorkError::from(error))?;
    Ok(true)
}

/// Takes away what is left of an identity that is there no more.
pub(super) async fn bury(state: &AppState, task: i64) -> Result<(), StoreError> {
    state.store.write(move |tx| Box::pin(async move { store::claims::remove(tx, task).await })).await
}
