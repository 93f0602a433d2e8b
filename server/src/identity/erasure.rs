//! Persons who are erased or merged: what became of their enrollments, and what an ABIS has of them.

use super::model::{AnyTask, State};
use super::store::{self, NEVER};
use super::{saved, sealed};
use crate::registry::{Fault, PersonId};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait;

/// A person is erased. Of the enrollments that were the person's nothing is known any more but that; what the ABIS has of them is
/// taken out as soon as it answers (GS-PRI, OSIA ABIS 1.6.0 `deleteEncounter`). For identities of the population registry,
/// `claims::withdrawn` does the same.
///
/// # Errors
/// [`Fault`].
pub async fn erased(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), Fault> {
    let due_at = if state.config.identity.abis.is_some() { state.clock.now() } else { NEVER };
    for row in store::of_person(tx, person).await? {
        let AnyTask::Ended(task) = sealed::task(state, row)? else { continue };
        if task.content.claim.is_none() && task.stage.state() != State::Erased {
            let from = task.stage.state();
            saved::ended(state, tx, &task.erased(person), from, due_at).await?;
        }
    }
    tx.wake(wait::enrollments());
    Ok(())
}

/// Two persons are one from now on. What the ABIS has of the first stays there under its name, and stands for the second.
///
/// # Errors
/// [`StoreError`].
pub async fn merged(tx: &mut Tx, from: PersonId, into: PersonId) -> Result<(), StoreError> {
    store::give(tx, from, into).await
}
