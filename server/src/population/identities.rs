//! Identities of a person (OSIA population registry 1.5.0, tag Identity).

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use futures::FutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::call::Call;
use super::model::IdentityStatus;
use super::on_identity::{Done, Held, on_identity};
use super::persons::{both, taken};
use super::record::{Given, Identity};
use super::sent::{self, Sent};
use super::{claim, known, mirror, reference, sealed, store};
use crate::audit::EventKind;
use crate::clock::Millis;
use crate::http::envelope::format_time;
use crate::identity::claims;
use crate::osia::{Refusal, Strict, birth, merged};
use crate::state::AppState;

/// Characters of an identityId at most.
const LONGEST: usize = 128;
const ALREADY: &str = "the person has an identity of this id already";

/// The id of a new identity.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Created {
    /// It.
    identity_id: String,
}

/// An identity as callers get it.
pub(super) fn told(state: &AppState, row: &store::RecordRow) -> Result<Value, Refusal> {
    let identity = sealed::open_identity(state, row)?;
    let mut told = Map::new();
    told.insert("identityId".into(), sealed::open_name(state, row.id, &row.name)?.into());
    let date = |at: Millis| Value::from(format_time(at));
    told.extend([("createdDate".to_owned(), date(row.created_at)), ("updatedDate".to_owned(), date(row.updated_at))]);
    told.extend(identity.members());
    Ok(told.into())
}

/// `GET /v1/persons/{personId}/identities`: all of them, the oldest first.
///
/// # Errors
/// [`Refusal::NotFound`] where there is no such person.
pub async fn list(
    State(state): State<AppState>,
    Path(person_id): Path<String>,
    call: Call,
) -> Result<Json<Value>, Refusal> {
    let person = known(&state, &person_id).await?;
    let rows = state.store.read(move |tx| Box::pin(store::records(tx, person))).await;
    let rows: Vec<store::RecordRow> = rows?;
    let all = rows.iter().map(|row| told(&state, row)).collect::<Result<Value, _>>()?;
    call.record_read(&state, Some(person), "identities").await?;
    Ok(Json(all))
}

/// `POST /v1/persons/{personId}/identities`: 200 with the id that the server gave it.
///
/// # Errors
/// [`Refusal::Bad`] where there is no such person.
pub async fn create(
    State(state): State<AppState>,
    Path(person_id): Path<String>,
    call: Call,
    Sent(given): Sent<Given>,
) -> Result<Json<Created>, Refusal> {
    let identity = given.checked(None)?;
    let id = state.next_id();
    let identity_id = mirror::generated_name(&state, id);
    insert(&state, &person_id, call, (id, identity_id.clone()), identity).await?;
    Ok(Json(Created { identity_id }))
}

/// `POST /v1/persons/{personId}/identities/{identityId}`: 201.
///
/// # Errors
/// [`Refusal::Conflict`] where the person has one of this id, [`Refusal::Bad`] where there is no such person.
pub async fn create_named(
    State(state): State<AppState>,
    Path((person_id, identity_id)): Path<(String, String)>,
    call: Call,
    Sent(given): Sent<Given>,
) -> Result<StatusCode, Refusal> {
    let identity = given.checked(Some(&identity_id))?;
    if !(1..=LONGEST).contains(&identity_id.chars().count()) || identity_id.chars().any(char::is_control) {
        return Err(Refusal::bad("identityId must have 1 to 128 characters, none of them a control character"));
    }
    let id = state.next_id();
    insert(&state, &person_id, call, (id, identity_id), identity).await?;
    Ok(StatusCode::CREATED)
}

async fn insert(
    state: &AppState,
    person_id: &str,
    call: Call,
    (id, identity_id): (i64, String),
    identity: Identity,
) -> Result<(), Refusal> {
    birth::refuse(identity.content.biographic_data.as_ref(), state.clock.now())?;
    let person = known(state, person_id).await.map_err(without_not_found)?;
    let record = mirror::new_record(state, id, person, &identity_id, &identity)?;
    let claimed = claim::of(&call, person, (id, &identity_id), &identity);
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                taken(tx, person).await.map_err(without_not_found)?;
                if !store::insert(tx, &record).await? {
                    return Err(Refusal::Conflict(ALREADY));
                }
                claims::claimed(&inner, tx, &claimed).await?;
                call.record(&inner, tx, EventKind::PopulationChanged, Some(person), "identity_created").await?;
                Ok(())
            })
        })
        .await
}

/// OSIA's file has no 404 where an identity is created: a person whom nobody knows is the request's fault.
fn without_not_found(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::NotFound => Refusal::bad("there is no person with this personId"),
        other => other,
    }
}

/// `GET /v1/persons/{personId}/identities/{identityId}`.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn read(
    State(state): State<AppState>,
    Path((person_id, identity_id)): Path<(String, String)>,
    call: Call,
) -> Result<Json<Value>, Refusal> {
    let person = known(&state, &person_id).await?;
    let name = sealed::name_hash(&state.secrets, &identity_id);
    let row = state.store.read(move |tx| Box::pin(async move { store::named(tx, person, &name).await })).await;
    let row: Option<store::RecordRow> = row?;
    let identity = told(&state, &row.ok_or(Refusal::NotFound)?)?;
    call.record_read(&state, Some(person), "identity").await?;
    Ok(Json(identity))
}

/// `PUT /v1/persons/{personId}/identities/{identityId}`: 204. The whole identity is replaced, status included.
///
/// # Errors
/// [`Refusal::Forbidden`] where it is not claimed any more.
pub async fn update(
    State(state): State<AppState>,
    Path((person_id, identity_id)): Path<(String, String)>,
    call: Call,
    Sent(given): Sent<Given>,
) -> Result<StatusCode, Refusal> {
    let identity = given.checked(Some(&identity_id))?;
    change(&state, (&person_id, &identity_id), call, "identity_updated", move |_| Ok(identity)).await
}

/// `PATCH /v1/persons/{personId}/identities/{identityId}`: 204. A merge patch (RFC 7396); what comes of it is held against
/// the schema.
///
/// # Errors
/// As [`update`].
pub async fn patch(
    State(state): State<AppState>,
    Path((person_id, identity_id)): Path<(String, String)>,
    call: Call,
    request: Request,
) -> Result<StatusCode, Refusal> {
    let patch: Map<String, Value> = sent::read(request, &state, sent::PATCH).await?;
    let named = identity_id.clone();
    let patched = move |before: Identity| {
        let whole = merged(Value::Object(before.members()), Value::Object(patch));
        let Strict(given) = Strict::<Given>::value(whole, "the patched identity")?;
        given.checked(Some(&named))
    };
    change(&state, (&person_id, &identity_id), call, "identity_patched", patched).await
}

/// Replaces what a claimed identity says by what `next` makes of it.
async fn change(
    state: &AppState,
    ids: (&str, &str),
    call: Call,
    what: &'static str,
    next: impl FnOnce(Identity) -> Result<Identity, Refusal> + Send + 'static,
) -> Result<StatusCode, Refusal> {
    on_identity(state, ids, call, move |held| changed(held, what, next).boxed()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn changed(
    held: Held<'_>,
    what: &'static str,
    next: impl FnOnce(Identity) -> Result<Identity, Refusal> + Send,
) -> Result<Done, Refusal> {
    let Held { state, tx, call, person, record, .. } = held;
    let before = sealed::open_identity(state, &record)?;
    if !before.status.is_open() {
        return Err(Refusal::Forbidden("only an identity whose status is CLAIMED can be changed"));
    }
    let after = next(before)?;
    birth::refuse(after.content.biographic_data.as_ref(), state.clock.now())?;
    let sealed = sealed::identity(state, record.id, &after)?;
    store::update(tx, record.id, after.status, &sealed, state.clock.now()).await?;
    let name = sealed::open_name(state, record.id, &record.name)?;
    claims::claimed(state, tx, &claim::of(call, person, (record.id, &name), &after)).await?;
    Ok(Some(what))
}

/// `DELETE /v1/persons/{personId}/identities/{identityId}`: 204. Where it is the reference, the person has none any more,
/// and what it said is known no more.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn delete(
    State(state): State<AppState>,
    Path((person_id, identity_id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, Refusal> {
    on_identity(&state, (&person_id, &identity_id), call, |held| deleted(held).boxed()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn deleted(held: Held<'_>) -> Result<Done, Refusal> {
    let is_reference = held.is_reference();
    let Held { state, tx, call, person, record, .. } = held;
    if is_reference {
        reference::take_back(state, tx, person, &record, call).await?;
    }
    store::delete(tx, record.id).await?;
    claims::withdrawn(state, tx, record.id).await?;
    Ok(Some("identity_deleted"))
}

/// `POST /v1/persons/{personIdTarget}/move/{personIdSource}/identities/{identityId}`: 204. Where it was the source's
/// reference, the source has none any more; it is not the target's.
///
/// # Errors
/// [`Refusal::NotFound`] where the source has no such identity; [`Refusal::Conflict`] where the target has one of this id,
/// as it has where it is the source. Then nothing changes.
pub async fn relocate(
    State(state): State<AppState>,
    Path((target_id, source_id, identity_id)): Path<(String, String, String)>,
    call: Call,
) -> Result<StatusCode, Refusal> {
    let (target, source) = (known(&state, &target_id).await?, known(&state, &source_id).await?);
    let name = sealed::name_hash(&state.secrets, &identity_id);
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (_, from) = both(tx, target, source).await?;
                let record = store::named(tx, source, &name).await?.ok_or(Refusal::NotFound)?;
                if target == source {
                    return Err(Refusal::Conflict("the person has this identity already"));
                }
                if store::named(tx, target, &name).await?.is_some() {
                    return Err(Refusal::Conflict(ALREADY));
                }
                if from.reference == Some(record.id) {
                    reference::take_back(&inner, tx, source, &record, &call).await?;
                }
                store::give(tx, record.id, target, inner.clock.now()).await?;
                claim::given(&inner, tx, &call, target, &record).await?;
                for (person, what) in [(source, "identity_moved"), (target, "identity_received")] {
                    call.record(&inner, tx, EventKind::PopulationChanged, Some(person), what).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /v1/persons/{personId}/identities/{identityId}/status`: 204.
///
/// # Errors
/// [`Refusal::Forbidden`] where there is no way from the one status to the other, or the reference would not be valid.
pub async fn set_status(
    State(state): State<AppState>,
    Path((person_id, identity_id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, Refusal> {
    let status = IdentityStatus::named(call.parameters.needed("status")?)
        .ok_or_else(|| Refusal::bad("status must be CLAIMED, VALID, INVALID or REVOKED"))?;
    on_identity(&state, (&person_id, &identity_id), call, move |held| status_set(held, status).boxed()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn status_set(held: Held<'_>, status: IdentityStatus) -> Result<Done, Refusal> {
    let before = held.record.status()?;
    let after =
        before.changed_to(status).ok_or(Refusal::Forbidden("an identity cannot go from its status to this one"))?;
    if held.is_reference() && !after.may_be_reference() {
        return Err(Refusal::Forbidden("it is the reference: define another one first"));
    }
    store::set_status(held.tx, held.record.id, before, after, held.state.clock.now()).await?;
    Ok(Some("identity_status"))
}
