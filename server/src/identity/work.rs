//! The work that makes identities of finalized enrollments, on any node.
//!
//! Whoever works on an enrollment has it for a while; where he dies, the next one goes on after that. Every step can be done
//! again, and the one that counts is a single transaction on the condition that nobody else has done it: so a person is
//! made once.

use std::time::Duration;

use tokio::time::Instant;

use super::abis::{self, AbisError};
use super::draft::{self, Draft};
use super::model::{AnyTask, Cause, Content, Decided, Ended, State, Suspect, Task, Waiting, suspects};
use super::sealed;
use super::source::{self, Buffers, ReadError};
use super::store::{self, Leased, NEVER, Row, Step};
use crate::audit::{Event, EventKind};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::enrollment::{self, Finalized};
use crate::events;
use crate::ids::Kind;
use crate::registry::{self, AddError, Because, Fault, PersonId, unique};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait::{self, Woken};

/// Between two looks at what is to be done, where nobody wakes the one who looks.
const PAUSE: Duration = Duration::from_secs(10);
/// Enrollments taken on at once.
const BATCH: u32 = 50;
/// How long whoever takes an enrollment has it, beside what an ABIS may take.
const LEASE: Millis = 15_000;
/// The longest wait before a failed step is tried again.
const LONGEST_WAIT: Millis = 3_600_000;

/// What is said of an enrollment without biographic data and biometrics.
const NOTHING: &str = "there is nothing in it that a person could be made of";

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The database, or a sealed value.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The enrollment.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The ABIS.
    #[error(transparent)]
    Abis(#[from] AbisError),
    /// The person.
    #[error(transparent)]
    Person(#[from] AddError),
}

impl From<StoreError> for WorkError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Works until the server stops.
pub async fn run(state: AppState) {
    let mut place = state.waits.watch_for_work(wait::enrollments());
    loop {
        match work(&state).await {
            // There may be more.
            Ok(done) if done > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "enrollments could not be made identities"),
        }
        if place.woken(Instant::now() + PAUSE).await == Woken::Closed {
            return;
        }
    }
}

/// Takes on what was finalized, and goes one step with the enrollment that has waited longest; gives how much was done.
///
/// # Errors
/// [`WorkError`] of the store. What is wrong with one enrollment does not keep the others.
pub async fn work(state: &AppState) -> Result<u64, WorkError> {
    let begun = begin(state).await?;
    // Until everyone has blocks of the present rules, somebody might be missed.
    let indexed = unique::reindex(state).await?;
    if indexed > 0 {
        return Ok(begun + indexed);
    }
    let now = state.clock.now();
    let abis = state.config.identity.abis.as_ref().map_or(0, |abis| abis.seconds.saturating_mul(3000));
    let until = now + LEASE + Millis::try_from(abis).unwrap_or(LONGEST_WAIT);
    let leased = state.store.write(move |tx| Box::pin(async move { store::lease(tx, now, until).await })).await?;
    let Some(Leased { row, until }) = leased else { return Ok(begun) };
    let (enrollment, attempts) = (row.enrollment, row.attempts);
    if let Err(error) = step(state, row).await {
        tracing::warn!(%error, "an enrollment waits: it could not be made an identity now");
        let later = (5000i64 << (attempts - 1).clamp(0, 12)).min(LONGEST_WAIT);
        let due_at = state.clock.now() + later;
        let put_off =
            state.store.write(move |tx| Box::pin(async move { store::put_off(tx, enrollment, until, due_at).await }));
        put_off.await?;
    }
    Ok(begun + 1)
}

/// Writes down every enrollment that was finalized and nobody has taken on.
pub(super) async fn begin(state: &AppState) -> Result<u64, WorkError> {
    let mut begun = 0;
    for Finalized { row, transaction_id, at } in
        enrollment::finalized(state, 0, BATCH).await.map_err(ReadError::from)?
    {
        // What it is called is in the clear, however it is encrypted.
        let loaded = match enrollment::load(state, row).await {
            Ok(Some(loaded)) => loaded,
            Ok(None) => continue,
            Err(error) => {
                tracing::error!(%error, "a finalized enrollment could not be taken on");
                continue;
            }
        };
        let content = Content {
            enrollment_id: loaded.id.as_str().to_owned(),
            transaction: transaction_id,
            uin: None,
            suspects: Vec::new(),
            fault: None,
            decided_by: None,
            why: None,
            different: false,
        };
        let task = Row {
            enrollment: row,
            service: loaded.service.name().to_owned(),
            person: registry::next_person(state).0,
            state: State::Waiting.name().to_owned(),
            cause: None,
            identity: None,
            due_at: state.clock.now(),
            attempts: 0,
            made_at: at,
            sealed: sealed::content(state, row, &content).map_err(Fault::from)?,
        };
        let reference = sealed::reference(state, &loaded.service, &loaded.id);
        let taken = state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let taken = enrollment::take_finalized(tx, row).await?;
                    Ok::<_, StoreError>(taken && store::insert(tx, &task, &reference).await?)
                })
            })
            .await?;
        begun += u64::from(taken);
    }
    Ok(begun)
}

/// One step with an enrollment.
async fn step(state: &AppState, row: Row) -> Result<(), WorkError> {
    let at = row.made_at;
    match sealed::task(state, row)? {
        AnyTask::Waiting(task) => waiting(state, task, at).await,
        AnyTask::Ended(task) => tidy(state, task).await,
        // Somebody parked it meanwhile.
        AnyTask::Parked(_) => Ok(()),
    }
}

/// Somebody's biometrics stay with the ABIS only where a person was made of them.
async fn tidy(state: &AppState, task: Task<Ended>) -> Result<(), WorkError> {
    if let (Some(abis), false) = (&state.config.identity.abis, task.stage == Ended::Made) {
        let client = abis::Client::new(&state.fetch, &state.ids, abis, &task.content.transaction);
        client.remove(task.person, &encounter(state, task.enrollment)).await?;
    }
    let enrollment = task.enrollment;
    let (to, identity) = (task.stage.state(), identity_of(&task));
    let sealed = sealed::content(state, enrollment, &task.content).map_err(Fault::from)?;
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let step = Step { from: to, to, cause: None, identity, due_at: NEVER, sealed: &sealed };
                store::step(tx, enrollment, &step).await?;
                Ok::<_, WorkError>(())
            })
        })
        .await
}

/// What an enrollment is called at the ABIS.
fn encounter(state: &AppState, enrollment: i64) -> String {
    state.ids.name(Kind::IdentityCase, enrollment)
}

/// Whose an ended enrollment is.
pub(super) fn identity_of(task: &Task<Ended>) -> Option<PersonId> {
    match task.stage {
        Ended::Made => Some(task.person),
        Ended::Same(person) => Some(person),
        Ended::Refused => None,
    }
}

async fn waiting(state: &AppState, task: Task<Waiting>, at: Millis) -> Result<(), WorkError> {
    let read = match source::read(state, task.enrollment).await {
        Ok(Some(read)) => read,
        Ok(None) => return end(state, task.gone()).await,
        Err(ReadError::Unreadable(fault)) => return park_unfit(state, task, Cause::Unreadable, fault).await,
        Err(error) => return Err(error.into()),
    };
    let abis = state.config.identity.abis.as_ref();
    let buffers = Buffers::of(state, &read);
    let drafted = draft::draft(state, &read.enrollment, &buffers, at, abis.is_some()).await;
    let draft = match drafted {
        Ok(draft) => draft,
        Err(ReadError::Unreadable(fault)) => return park_unfit(state, task, Cause::Unreadable, fault).await,
        Err(error) => return Err(error.into()),
    };
    if draft.is_empty {
        return park_unfit(state, task, Cause::Unfit, NOTHING.into()).await;
    }
    let mut candidates = Vec::new();
    if let (Some(abis), false) = (abis, draft.biometrics.is_empty()) {
        let client = abis::Client::new(&state.fetch, &state.ids, abis, &task.content.transaction);
        client.put(task.person, &encounter(state, task.enrollment), &draft.biometrics).await?;
        candidates = client.identify(task.person, &draft.biometrics).await?;
    }
    let again = task.clone();
    match conclude(state, task, draft, candidates).await {
        // Tried again it would be refused again.
        Err(WorkError::Person(error @ AddError::Invalid { .. })) => {
            park_unfit(state, again, Cause::Unfit, error.to_string()).await
        }
        other => other,
    }
}

/// The step that counts: a person is made, or the enrollment is parked, in one transaction in which nobody else adds anybody.
async fn conclude(
    state: &AppState,
    task: Task<Waiting>,
    draft: Draft,
    candidates: Vec<(PersonId, f64)>,
) -> Result<(), WorkError> {
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let alike = unique::alike(&inner, tx, &draft.attributes, None).await?;
                let mut biometric = Vec::new();
                for (person, score) in candidates {
                    // Of two enrollments of one person at once, the later one is the duplicate.
                    let known = registry::is_known(tx, person).await?;
                    if known || store::is_planned_before(tx, person, task.enrollment).await? {
                        biometric.push((person, score));
                    }
                }
                let found = suspects(alike, biometric);
                if found.is_empty() || task.content.different {
                    make(&inner, tx, task, draft).await
                } else {
                    park(&inner, tx, task, found).await
                }
            })
        })
        .await
}

/// The UIN that is kept for the person, or a new one.
async fn uin(state: &AppState, tx: &mut Tx, content: &Content) -> Result<String, Fault> {
    match &content.uin {
        Some(uin) => Ok(uin.clone()),
        None => registry::issue_uin(state, tx).await,
    }
}

async fn make(state: &AppState, tx: &mut Tx, task: Task<Waiting>, draft: Draft) -> Result<(), WorkError> {
    let uin = uin(state, tx, &task.content).await?;
    let why = task.content.why.clone().unwrap_or_else(|| "enrollment".into());
    let by = task.content.decided_by.clone().unwrap_or_else(|| task.service.clone());
    let because = Because { by, why, transaction: Some(task.content.transaction.clone()) };
    let person = registry::ready(state, task.person, &draft.person(&uin), because)?;
    let made = task.make(uin);
    if !save(state, tx, &made, State::Waiting, NEVER).await? {
        // Another node was first: what it did stands.
        return Ok(());
    }
    registry::admit(state, tx, &person).await?;
    note(state, tx, EventKind::IdentityMade, &made, Some(made.person)).await?;
    Ok(())
}

async fn park(state: &AppState, tx: &mut Tx, mut task: Task<Waiting>, found: Vec<Suspect>) -> Result<(), WorkError> {
    let uin = uin(state, tx, &task.content).await?;
    task.content.uin = Some(uin.clone());
    let mut duplicates = Vec::new();
    for suspect in &found {
        duplicates.extend(registry::main_identifier(state, tx, suspect.person).await?);
    }
    let parked = task.park(Cause::Duplicate, found, None);
    if save_parked(state, tx, &parked).await? {
        events::publish(state, tx, &events::Event::DuplicatePerson { uin, duplicates }).await?;
        note(state, tx, EventKind::DuplicateFound, &parked, None).await?;
    }
    Ok(())
}

/// Parks an enrollment of which nobody can be made as it is.
async fn park_unfit(state: &AppState, task: Task<Waiting>, cause: Cause, fault: String) -> Result<(), WorkError> {
    let inner = state.clone();
    let parked = task.park(cause, Vec::new(), Some(fault));
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if save_parked(&inner, tx, &parked).await? {
                    note(&inner, tx, EventKind::DuplicateFound, &parked, None).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn save_parked(state: &AppState, tx: &mut Tx, parked: &Task<super::model::Parked>) -> Result<bool, Fault> {
    let sealed = sealed::content(state, parked.enrollment, &parked.content)?;
    let cause = Some(sealed::cause_name(parked.stage.0));
    let step = Step { from: State::Waiting, to: State::Parked, cause, identity: None, due_at: NEVER, sealed: &sealed };
    Ok(store::step(tx, parked.enrollment, &step).await?)
}

/// Saves the end of an enrollment's way, on the condition that it still is in the state before.
pub(super) async fn save(
    state: &AppState,
    tx: &mut Tx,
    task: &Task<Ended>,
    from: State,
    due_at: Millis,
) -> Result<bool, Fault> {
    let sealed = sealed::content(state, task.enrollment, &task.content)?;
    let (to, identity) = (task.stage.state(), identity_of(task));
    let step = Step { from, to, cause: None, identity, due_at, sealed: &sealed };
    Ok(store::step(tx, task.enrollment, &step).await?)
}

/// Saves what a decision leads to; `false` where somebody else has decided.
pub(super) async fn save_decided(state: &AppState, tx: &mut Tx, decided: &Decided) -> Result<bool, Fault> {
    let now = state.clock.now();
    match decided {
        // What the ABIS has of it is taken back at once, or as soon as it answers.
        Decided::Ends(task) => save(state, tx, task, State::Parked, now).await,
        Decided::Waits(task) => {
            let sealed = sealed::content(state, task.enrollment, &task.content)?;
            let (from, to) = (State::Parked, State::Waiting);
            let step = Step { from, to, cause: None, identity: None, due_at: now, sealed: &sealed };
            Ok(store::step(tx, task.enrollment, &step).await?)
        }
    }
}

async fn end(state: &AppState, task: Task<Ended>) -> Result<(), WorkError> {
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.clock.now();
                save(&inner, tx, &task, State::Waiting, now).await?;
                Ok(())
            })
        })
        .await
}

/// Notes what became of an enrollment, for those who follow it by its ids (GS-ENR-08).
pub(super) async fn note<S>(
    state: &AppState,
    tx: &mut Tx,
    kind: EventKind,
    task: &Task<S>,
    person: Option<PersonId>,
) -> Result<(), StoreError> {
    let event = Event::new(kind, Mount::Wallet)
        .object(task.enrollment)
        .traced(&task.content.transaction)
        .enrollment(&task.content.enrollment_id);
    let event = person.map_or(event, |person| event.person(person.0));
    state.audit.record(tx, event).await
}
