//! The reference identity of a person: what claims are made of (OSIA population registry 1.5.0, tag Reference).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::call::Call;
use super::persons::taken;
use super::{identities, known, mirror, sealed, store};
use crate::audit::EventKind;
use crate::osia::Refusal;
use crate::registry::{self, PersonId};
use crate::state::AppState;
use crate::store::Tx;

/// `PUT /v1/persons/{personId}/identities/{identityId}/reference`: 204. What the identity says is what relying parties are
/// told from now on; what only the reference before it said is known no more.
///
/// # Errors
/// [`Refusal::Forbidden`] where the identity is not valid, or cannot be read by the server; [`Refusal::Bad`] where the
/// person would be malformed.
pub async fn define(
    State(state): State<AppState>,
    Path((person_id, identity_id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, Refusal> {
    let person = known(&state, &person_id).await?;
    let name = sealed::name_hash(&state, &identity_id);
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let row = taken(tx, person).await?;
                let record = store::named(tx, person, &name).await?.ok_or(Refusal::NotFound)?;
                if row.reference == Some(record.id) {
                    return Ok(());
                }
                if !record.status()?.may_be_reference() {
                    return Err(Refusal::Forbidden("only an identity whose status is VALID can be the reference"));
                }
                let content = sealed::open_content(&inner, record.id, &record.content)?;
                let Some(said) = content.biographic() else {
                    return Err(Refusal::Forbidden(
                        "its biographic data are absent or encrypted: nothing could be told",
                    ));
                };
                let before = match row.reference {
                    Some(reference) => said_by(&inner, tx, person, reference).await?,
                    None => Map::new(),
                };
                let change = call.changes(mirror::change_for(&before, said), "reference_defined");
                registry::change_within(&inner, tx, person, change).await?;
                store::set_reference(tx, person, Some(record.id)).await?;
                call.record(&inner, tx, EventKind::PopulationChanged, Some(person), "reference_defined").await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn said_by(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    reference: i64,
) -> Result<Map<String, Value>, Refusal> {
    let Some(record) = store::record(tx, person, reference).await? else { return Ok(Map::new()) };
    let content = sealed::open_content(state, record.id, &record.content)?;
    Ok(content.biographic().cloned().unwrap_or_default())
}

/// The person has no reference any more, and what it said is known no more.
pub(super) async fn take_back(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    record: &store::RecordRow,
    call: &Call,
) -> Result<(), Refusal> {
    let content = sealed::open_content(state, record.id, &record.content)?;
    let said = content.biographic().cloned().unwrap_or_default();
    let change = call.changes(mirror::change_for(&said, &Map::new()), "reference_taken_back");
    registry::change_within(state, tx, person, change).await?;
    store::set_reference(tx, person, None).await?;
    Ok(())
}

/// `GET /v1/persons/{personId}/reference`.
///
/// # Errors
/// [`Refusal::NotFound`] where the person has none.
pub async fn read(
    State(state): State<AppState>,
    Path(person_id): Path<String>,
    call: Call,
) -> Result<Json<Value>, Refusal> {
    let person = known(&state, &person_id).await?;
    let row = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let row = store::person(tx, person).await?.ok_or(Refusal::NotFound)?;
                let reference = row.reference.ok_or(Refusal::NotFound)?;
                store::record(tx, person, reference).await?.ok_or(Refusal::NotFound)
            })
        })
        .await?;
    let identity = identities::told(&state, &row)?;
    call.record_read(&state, Some(person), "reference").await?;
    Ok(Json(identity))
}
