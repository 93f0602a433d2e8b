//! What the search for duplicates is told of an identity (`identity::claims`).

use super::mirror;
use super::record::Identity;
use crate::identity::biometrics;
use crate::identity::claims::{self, Claimed};
use crate::osia::Refusal;
use crate::registry::PersonId;
use crate::state::AppState;
use crate::store::Tx;

use super::call::Call;
use super::store::RecordRow;
use super::{sealed, store};

/// An identity, as far as a person is known by it. What is encrypted tells nothing.
pub(super) fn of(call: &Call, person: PersonId, (record, identity_id): (i64, &str), identity: &Identity) -> Claimed {
    Claimed {
        person,
        record,
        identity_id: identity_id.to_owned(),
        attributes: identity.biographic().map(mirror::attributes).unwrap_or_default(),
        biometrics: biometrics::for_abis(identity.biometrics.as_deref().unwrap_or_default()),
        by: call.actor.name().to_owned(),
        transaction: call.transaction.0.clone(),
    }
}

/// The same of an identity as it lies.
pub(super) fn of_row(state: &AppState, call: &Call, person: PersonId, row: &RecordRow) -> Result<Claimed, Refusal> {
    let identity_id = sealed::open_name(state, row.id, &row.name)?;
    Ok(of(call, person, (row.id, &identity_id), &sealed::open_identity(state, row)?))
}

/// An identity is another person's now: whoever else may be that person is looked for anew.
pub(super) async fn given(
    state: &AppState,
    tx: &mut Tx,
    call: &Call,
    to: PersonId,
    row: &RecordRow,
) -> Result<(), Refusal> {
    claims::withdrawn(state, tx, row.id).await?;
    Ok(claims::claimed(state, tx, &of_row(state, call, to, row)?).await?)
}

/// A person goes, with all identities.
pub(super) async fn all_withdrawn(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), Refusal> {
    for row in store::records(tx, person).await? {
        claims::withdrawn(state, tx, row.id).await?;
    }
    Ok(())
}
