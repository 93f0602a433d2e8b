//! The work that makes identities of finalized enrollments, on any node.
//!
//! Whoever works on an enrollment has it for a while; where he dies, the next one goes on after that. Every step can be done
//! again, and the one that counts is a single transaction on the condition that nobody else has done it: so a person is
//! made once.

use std::time::Duration;

use tokio::time::Instant;

use super::abis::{self, AbisError};
use super::draft::{self, Draft};
use super::model::{AnyTask, Cause, Content, Ended, State, Suspect, Task, Waiting, suspects};
use super::source::{self, Buffers, ReadError};
use super::store::{self, Leased, NEVER, Row, Step};
use super::{answers, claims, saved, sealed};
use crate::audit::EventKind;
use crate::clock::Millis;
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
    let later = match step(state, row).await {
        Ok(Done::Stepped) => None,
        Ok(Done::Asked) => {
            let patience = state.config.identity.abis.as_ref().map_or(0, |abis| abis.callback_seconds);
            Some((i64::from(patience) * 1000, 0))
        }
        Err(error) => {
            tracing::warn!(%error, "an enrollment waits: it could not be made an identity now");
            Some(((5000i64 << (attempts - 1).clamp(0, 12)).min(LONGEST_WAIT), attempts))
        }
    };
    if let Some((later, attempts)) = later {
        let due = (state.clock.now() + later, attempts);
        let put_off =
            state.store.write(move |tx| Box::pin(async move { store::put_off(tx, enrollment, until, due).await }));
        put_off.await?;
    }
    Ok(begun + 1)
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// It is done.
    Stepped,
    /// The ABIS answers later.
    Asked,
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
        let content =
            Content { enrollment_id: loaded.id.as_str().to_owned(), transaction: transaction_id, ..Content::default() };
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

/// One step with an enrollment, or with a claim.
async fn step(state: &AppState, row: Row) -> Result<Done, WorkError> {
    let at = row.made_at;
    match sealed::task(state, row)? {
        AnyTask::Waiting(task) if task.content.claim.is_some() => {
            Ok(if claims::step(state, task).await? { Done::Stepped } else { Done::Asked })
        }
        AnyTask::Waiting(task) => waiting(state, task, at).await,
        AnyTask::Ended(task) => tidy(state, task).await.map(|()| Done::Stepped),
        // Somebody parked it meanwhile.
        AnyTask::Parked(_) => Ok(Done::Stepped),
    }
}

/// Somebody's biometrics stay with the ABIS only where a person was made of them, and as long as the person is known.
async fn tidy(state: &AppState, task: Task<Ended>) -> Result<(), WorkError> {
    let abis = state.config.identity.abis.as_ref();
    if let (Some(abis), Ended::Same(_) | Ended::Refused | Ended::Erased(_)) = (abis, task.stage) {
        let client = abis::Client::new(&state.fetch, &state.ids, abis, &task.content.transaction);
        client.remove(task.person, &encounter(state, &task)).await?;
    }
    if task.content.claim.is_some_and(|claim| claim.gone) {
        return Ok(claims::bury(state, task.enrollment).await?);
    }
    let (enrollment, taken_out) = (task.enrollment, abis.is_some());
    let (to, identity) = (task.stage.state(), task.stage.person());
    let sealed = sealed::content(state, enrollment, &task.content).map_err(Fault::from)?;
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let step = Step { from: to, to, cause: None, identity, due_at: NEVER, sealed: &sealed };
                let stepped = store::step(tx, enrollment, &step).await?;
                store::claims::forget(tx, enrollment).await?;
                if let (Ended::Erased(person), true, true) = (task.stage, stepped, taken_out) {
                    saved::note(&inner, tx, EventKind::BiometricsRemoved, &task, Some(person)).await?;
                }
                Ok::<_, WorkError>(())
            })
        })
        .await
}

/// What an enrollment or a claim is called at the ABIS.
pub(super) fn encounter<S>(state: &AppState, task: &Task<S>) -> String {
    match task.content.claim {
        Some(claim) => state.ids.name(Kind::Identity, claim.record),
        None => state.ids.name(Kind::IdentityCase, task.enrollment),
    }
}

async fn waiting(state: &AppState, task: Task<Waiting>, at: Millis) -> Result<Done, WorkError> {
    let read = match source::read(state, task.enrollment).await {
        Ok(Some(read)) => read,
        Ok(None) => return saved::end(state, task.gone()).await.map(|()| Done::Stepped),
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
        match answers::compare(state, abis, &task, &draft.biometrics).await? {
            Some(found) => candidates = found,
            None => return Ok(Done::Asked),
        }
    }
    let again = task.clone();
    match conclude(state, task, draft, candidates).await {
        // Tried again it would be refused again.
        Err(WorkError::Person(error @ AddError::Invalid { .. })) => {
            park_unfit(state, again, Cause::Unfit, error.to_string()).await
        }
        other => other.map(|()| Done::Stepped),
    }
}

/// Candidates of an ABIS who are persons, or about to be made ones of an enrollment that came first: of two enrollments of one
/// person at once, the later one is the duplicate. One who was merged into another is that one.
pub(super) async fn known_of(
    tx: &mut Tx,
    candidates: Vec<(PersonId, f64)>,
    (enrollment, but): (i64, PersonId),
) -> Result<Vec<(PersonId, f64)>, StoreError> {
    let mut known = Vec::new();
    for (person, score) in candidates {
        let person = match store::ended_in(tx, person).await? {
            Some((state, _)) if state == State::Erased.name() => continue,
            Some((_, whose)) => whose,
            None => person,
        };
        if person == but {
            continue;
        }
        if registry::is_known(tx, person).await? || store::is_planned_before(tx, person, enrollment).await? {
            known.push((person, score));
        }
    }
    Ok(known)
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
                let found = suspects(alike, known_of(tx, candidates, (task.enrollment, task.person)).await?);
                if found.iter().all(|one| task.content.is_other_than(one.person)) {
                    make(&inner, tx, task, draft).await
                } else {
                    Ok(park(&inner, tx, task, found).await?)
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
    if !saved::ended(state, tx, &made, State::Waiting, NEVER).await? {
        // Another node was first: what it did stands.
        return Ok(());
    }
    registry::admit(state, tx, &person).await?;
    saved::note(state, tx, EventKind::IdentityMade, &made, Some(made.person)).await?;
    Ok(())
}

/// Somebody may be the same person: somebody must decide, and hears of it.
pub(super) async fn park(
    state: &AppState,
    tx: &mut Tx,
    mut task: Task<Waiting>,
    found: Vec<Suspect>,
) -> Result<(), Fault> {
    let uin = uin(state, tx, &task.content).await?;
    task.content.uin = Some(uin.clone());
    let mut duplicates = Vec::new();
    for suspect in &found {
        duplicates.extend(registry::main_identifier(state, tx, suspect.person).await?);
    }
    let parked = task.park(Cause::Duplicate, found, None);
    if saved::parked(state, tx, &parked).await? {
        events::publish(state, tx, &events::Event::DuplicatePerson { uin, duplicates }).await?;
        saved::note(state, tx, EventKind::DuplicateFound, &parked, None).await?;
    }
    Ok(())
}

/// Parks an enrollment of which nobody can be made as it is.
async fn park_unfit(state: &AppState, task: Task<Waiting>, cause: Cause, fault: String) -> Result<Done, WorkError> {
    let inner = state.clone();
    let parked = task.park(cause, Vec::new(), Some(fault));
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if saved::parked(&inner, tx, &parked).await? {
                    saved::note(&inner, tx, EventKind::DuplicateFound, &parked, None).await?;
                }
                Ok(Done::Stepped)
            })
        })
        .await
}
