//! What a step leads to, saved on the condition that the task still is in the state that the step began in: of two nodes one
//! goes on.

use super::model::{Decided, Ended, Parked, State, Task};
use super::sealed;
use super::store::{self, NEVER, Step};
use super::work::WorkError;
use crate::audit::{Event, EventKind};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::{Fault, PersonId};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Saves that somebody must decide.
pub(super) async fn parked(state: &AppState, tx: &mut Tx, parked: &Task<Parked>) -> Result<bool, Fault> {
    let sealed = sealed::content(state, parked.enrollment, &parked.content)?;
    let cause = Some(sealed::cause_name(parked.stage.0));
    let step = Step { from: State::Waiting, to: State::Parked, cause, identity: None, due_at: NEVER, sealed: &sealed };
    store::calls::close(tx, parked.enrollment).await?;
    Ok(store::step(tx, parked.enrollment, &step).await?)
}

/// Saves the end of an enrollment's way, on the condition that it still is in the state before.
pub(super) async fn ended(
    state: &AppState,
    tx: &mut Tx,
    task: &Task<Ended>,
    from: State,
    due_at: Millis,
) -> Result<bool, Fault> {
    let sealed = sealed::content(state, task.enrollment, &task.content)?;
    let (to, identity) = (task.stage.state(), task.stage.person());
    let step = Step { from, to, cause: None, identity, due_at, sealed: &sealed };
    store::calls::close(tx, task.enrollment).await?;
    Ok(store::step(tx, task.enrollment, &step).await?)
}

/// Saves what a decision leads to; `false` where somebody else has decided.
pub(super) async fn decided(state: &AppState, tx: &mut Tx, decided: &Decided) -> Result<bool, Fault> {
    let now = state.clock.now();
    match decided {
        // What the ABIS has of it is taken back at once, or as soon as it answers.
        Decided::Ends(task) => ended(state, tx, task, State::Parked, now).await,
        Decided::Waits(task) => {
            let sealed = sealed::content(state, task.enrollment, &task.content)?;
            let (from, to) = (State::Parked, State::Waiting);
            let step = Step { from, to, cause: None, identity: None, due_at: now, sealed: &sealed };
            Ok(store::step(tx, task.enrollment, &step).await?)
        }
    }
}

/// Ends a task that waited.
pub(super) async fn end(state: &AppState, task: Task<Ended>) -> Result<(), WorkError> {
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.clock.now();
                ended(&inner, tx, &task, State::Waiting, now).await?;
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
