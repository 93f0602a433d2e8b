//! The frame of every call that changes one identity of a person: the person is known and kept, the identity is found, and
//! what was done is written down, in one write.

use futures::future::BoxFuture;

use super::call::Call;
use super::persons::taken;
use super::store::{self, PersonRow, RecordRow};
use super::{known, sealed};
use crate::audit::EventKind;
use crate::osia::Refusal;
use crate::registry::PersonId;
use crate::state::AppState;
use crate::store::Tx;

/// One identity, kept for a write.
pub(super) struct Held<'w> {
    pub(super) state: &'w AppState,
    pub(super) tx: &'w mut Tx,
    pub(super) call: &'w Call,
    pub(super) person: PersonId,
    pub(super) row: PersonRow,
    pub(super) record: RecordRow,
}

impl Held<'_> {
    /// Whether claims are made of it.
    pub(super) fn is_reference(&self) -> bool {
        self.row.reference == Some(self.record.id)
    }
}

/// What was done, as audit events have it; `None` where there was nothing to do.
pub(super) type Done = Option<&'static str>;

/// Does `work` with an identity.
///
/// # Errors
/// [`Refusal::NotFound`] where there is no such person or identity, and what `work` ends with; then nothing is changed.
pub(super) async fn on_identity<F>(
    state: &AppState,
    (person_id, identity_id): (&str, &str),
    call: Call,
    work: F,
) -> Result<Done, Refusal>
where
    F: for<'w> FnOnce(Held<'w>) -> BoxFuture<'w, Result<Done, Refusal>> + Send + 'static,
{
    let person = known(state, person_id).await?;
    let name = sealed::name_hash(&state.secrets, identity_id);
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let row = taken(tx, person).await?;
                let record = store::named(tx, person, &name).await?.ok_or(Refusal::NotFound)?;
                let done = work(Held { state: &inner, tx: &mut *tx, call: &call, person, row, record }).await?;
                if let Some(what) = done {
                    call.record(&inner, tx, EventKind::PopulationChanged, Some(person), what).await?;
                }
                Ok(done)
            })
        })
        .await
}
