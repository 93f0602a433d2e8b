//! The population registry (OSIA population registry 1.5.0, under `/pr`): persons and their identities, one of which is the
//! reference. A person here is a person of the registry; the reference identity is what claims are made of, so that a
//! change of either shows in the other (`mirror`).

mod call;
mod claim;
#[cfg(test)]
mod duplicates_tests;
mod erasure;
pub mod find;
pub mod galleries;
pub mod identities;
mod mirror;
pub mod model;
mod on_identity;
pub mod parameters;
pub mod persons;
mod portable;
pub mod record;
pub mod reference;
pub mod rehash;
mod sealed;
mod sent;
mod store;
#[cfg(test)]
mod test_kit;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use find::{Found, Search, search};
pub use mirror::catch_up;
pub use portable::{Kept, keep, kept};
pub use sealed::{HASHED, SEALED};

use crate::osia::Refusal;
use crate::registry::{self, PersonId};
use crate::state::AppState;
use model::RecordStatus;
use record::Identity;

/// The person of a `personId` (any identifier of the person), brought up to date with the registry.
///
/// # Errors
/// [`Refusal::NotFound`] where nobody has it; [`Refusal::Unavailable`].
pub(crate) async fn known(state: &AppState, person_id: &str) -> Result<PersonId, Refusal> {
    let (person, _) = registry::find_any(state, person_id).await?.ok_or(Refusal::NotFound)?;
    mirror::person(state, person).await?;
    Ok(person)
}

/// What is told of a person whose record is in use: the reference identity, with its documents.
///
/// # Errors
/// [`Refusal::Unavailable`].
pub(crate) async fn reference_of(state: &AppState, person: PersonId) -> Result<Option<Identity>, Refusal> {
    let inner = state.clone();
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(row) = store::person(tx, person).await? else { return Ok(None) };
                let may_log_in = registry::is_active_within(tx, person).await?;
                if persons::shown(&row, may_log_in) != RecordStatus::Active {
                    return Ok(None);
                }
                let Some(reference) = row.reference else { return Ok(None) };
                let record = store::record(tx, person, reference).await?;
                Ok(record.map(|record| sealed::open_identity(&inner, &record)).transpose()?)
            })
        })
        .await
}

/// How a value is written where it is looked for; nothing for lists, objects and `null`.
#[must_use]
pub(crate) fn written(value: &Value) -> Option<String> {
    sealed::written(value)
}
