//! Persons: create, read, update, delete, merge (OSIA population registry 1.5.0, tag Person).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::call::Call;
use super::model::{Person, PhysicalStatus, RecordStatus};
use super::{claim, erasure, known, mirror, sealed, store};
use crate::audit::EventKind;
use crate::events::{self, Event};
use crate::identity::erasure as enrolled;
use crate::osia::{Refusal, Strict};
use crate::registry::{self, AttributeChange, Change, Face, Identifier, IdentifierKind, NewPerson, PersonId, Status};
use crate::state::AppState;
use crate::store::Tx;

const ALREADY: &str = "there is a person with this personId already";

/// `POST /v1/persons/{personId}`: 201. The personId becomes the person's UIN.
///
/// # Errors
/// [`Refusal::Conflict`] where somebody has it.
pub async fn create(
    State(state): State<AppState>,
    Path(person_id): Path<String>,
    call: Call,
    Strict(sent): Strict<Person>,
) -> Result<StatusCode, Refusal> {
    read_only(&sent, &person_id)?;
    let new = NewPerson {
        identifiers: vec![Identifier { kind: IdentifierKind::Uin, value: person_id.clone() }],
        ..NewPerson::default()
    };
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let person =
                    registry::add_within(&inner, tx, &new, call.because("person_created")).await.map_err(|error| {
                        match Refusal::from(error) {
                            Refusal::Conflict(_) => Refusal::Conflict(ALREADY),
                            other => other,
                        }
                    })?;
                registry::take_touched(tx, person).await?;
                let name = sealed::person_name(&inner, person, &person_id)?;
                store::insert_person(tx, person, &name, sent.status, sent.physical_status).await?;
                if !sent.may_log_in() {
                    registry::set_status_within(&inner, tx, person, Status::Disabled, call.because("person_created"))
                        .await?;
                }
                call.record(&inner, tx, EventKind::PopulationChanged, Some(person), "person_created").await?;
                Ok::<_, Refusal>(())
            })
        })
        .await?;
    Ok(StatusCode::CREATED)
}

/// `GET /v1/persons/{personId}`.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn read(
    State(state): State<AppState>,
    Path(person_id): Path<String>,
    call: Call,
) -> Result<Json<Person>, Refusal> {
    let person = known(&state, &person_id).await?;
    let inner = state.clone();
    let read = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let row = store::person(tx, person).await?.ok_or(Refusal::NotFound)?;
                let active = registry::is_active_within(tx, person).await?;
                Ok::<_, Refusal>(Person {
                    person_id: Some(sealed::open_person_name(&inner, person, &row.name)?),
                    status: shown(&row, active),
                    physical_status: row.physical_status,
                })
            })
        })
        .await?;
    call.record_read(&state, Some(person), "person").await?;
    Ok(Json(read))
}

/// One whom an operator disabled is inactive; one who died may still be active, as a record.
pub(super) fn shown(row: &store::PersonRow, may_log_in: bool) -> RecordStatus {
    let disabled = !may_log_in && row.physical_status == PhysicalStatus::Alive;
    if disabled { RecordStatus::Inactive } else { row.record_status }
}

/// `PUT /v1/persons/{personId}`: 204.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn update(
    State(state): State<AppState>,
    Path(person_id): Path<String>,
    call: Call,
    Strict(sent): Strict<Person>,
) -> Result<StatusCode, Refusal> {
    read_only(&sent, &person_id)?;
    let person = known(&state, &person_id).await?;
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let row = taken(tx, person).await?;
                store::set_statuses(tx, person, sent.status, sent.physical_status).await?;
                let changes = changes(&row, &sent);
                if !changes.is_empty() {
                    registry::status_changed(&inner, tx, person, changes, call.because("person_updated")).await?;
                }
                let status = if sent.may_log_in() { Status::Active } else { Status::Disabled };
                registry::set_status_within(&inner, tx, person, status, call.because("person_updated")).await?;
                if row.physical_status == PhysicalStatus::Alive && sent.physical_status == PhysicalStatus::Dead {
                    let uin = sealed::open_person_name(&inner, person, &row.name)?;
                    events::publish(&inner, tx, &Event::Death { uin }).await?;
                }
                call.record(&inner, tx, EventKind::PopulationChanged, Some(person), "person_updated").await?;
                Ok::<_, Refusal>(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which of the two statuses are others than before.
fn changes(before: &store::PersonRow, sent: &Person) -> Vec<AttributeChange> {
    let both = [
        ("status", before.record_status.name(), sent.status.name()),
        ("physicalStatus", before.physical_status.name(), sent.physical_status.name()),
    ];
    let changed = both.into_iter().filter(|(_, before, after)| before != after);
    changed
        .map(|(name, before, after)| AttributeChange {
            attribute: name.to_owned(),
            before: Some(before.into()),
            after: Some(after.into()),
        })
        .collect()
}

/// `DELETE /v1/persons/{personId}`: 204. All identities go, and what the registry knows of the person; nobody logs in as
/// this person any more.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn delete(
    State(state): State<AppState>,
    Path(person_id): Path<String>,
    call: Call,
) -> Result<StatusCode, Refusal> {
    let person = known(&state, &person_id).await?;
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                taken(tx, person).await?;
                claim::all_withdrawn(&inner, tx, person).await?;
                enrolled::erased(&inner, tx, person).await?;
                erasure::erase(&inner, tx, person).await?;
                call.record(&inner, tx, EventKind::PopulationChanged, Some(person), "person_deleted").await?;
                Ok::<_, Refusal>(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/persons/{personIdTarget}/merge/{personIdSource}`: 204. The source's identities become the target's, and the
/// source is deleted. The target keeps its reference; without one it gets the source's.
///
/// # Errors
/// [`Refusal::Conflict`] where both have an identity of the same id; then nothing changes.
pub async fn merge(
    State(state): State<AppState>,
    Path((target_id, source_id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, Refusal> {
    let (target, source) = (known(&state, &target_id).await?, known(&state, &source_id).await?);
    if target == source {
        return Err(Refusal::Conflict("a person cannot be merged with itself"));
    }
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (into, from) = both(tx, target, source).await?;
                if share_a_name(&inner, tx, source, target).await? {
                    return Err(Refusal::Conflict("both persons have an identity of the same id"));
                }
                let given = store::records(tx, source).await?;
                store::give_all(tx, source, target).await?;
                if let (None, Some(reference)) = (into.reference, from.reference) {
                    let record = store::record(tx, target, reference).await?.ok_or(Refusal::NotFound)?;
                    let content = sealed::open_content(&inner, record.id, &record.content)?;
                    let said = content.biographic().cloned().unwrap_or_default();
                    let known = registry::whole(&inner, tx, source).await?;
                    let face = known.and_then(|whole| whole.person.photo).map_or(Face::Kept, Face::Is);
                    let change = Change { face, ..mirror::change_for(&serde_json::Map::new(), &said) };
                    registry::change_within(&inner, tx, target, call.changes(change, "person_merged_into")).await?;
                    store::set_reference(tx, target, Some(reference)).await?;
                }
                enrolled::merged(tx, source, target).await?;
                erasure::erase(&inner, tx, source).await?;
                // The source is nobody any more whom they could be mistaken for.
                for record in &given {
                    claim::given(&inner, tx, &call, target, record).await?;
                }
                call.record(&inner, tx, EventKind::PopulationChanged, Some(source), "person_merged").await?;
                call.record(&inner, tx, EventKind::PopulationChanged, Some(target), "person_merged_into").await?;
                Ok::<_, Refusal>(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read_only(sent: &Person, person_id: &str) -> Result<(), Refusal> {
    match sent.person_id.as_deref() {
        Some(other) if other != person_id => {
            Err(Refusal::bad("personId is read only: leave it out, or give the one of the path"))
        }
        _ => Ok(()),
    }
}

/// The person, kept for this transaction.
pub(super) async fn taken(tx: &mut Tx, person: PersonId) -> Result<store::PersonRow, Refusal> {
    store::take_person(tx, person).await?.ok_or(Refusal::NotFound)
}

/// Whether two persons have identities of the same name.
async fn share_a_name(state: &AppState, tx: &mut Tx, one: PersonId, other: PersonId) -> Result<bool, Refusal> {
    for record in store::records(tx, one).await? {
        let name = sealed::open_name(state, record.id, &record.name)?;
        if store::named(tx, other, &sealed::name_hash(&state.secrets, &name)).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Two persons, kept in the order of their ids, so that no two calls wait for each other.
pub(super) async fn both(
    tx: &mut Tx,
    one: PersonId,
    other: PersonId,
) -> Result<(store::PersonRow, store::PersonRow), Refusal> {
    if one < other {
        let first = taken(tx, one).await?;
        Ok((first, taken(tx, other).await?))
    } else {
        let first = taken(tx, other).await?;
        Ok((taken(tx, one).await?, first))
    }
}
