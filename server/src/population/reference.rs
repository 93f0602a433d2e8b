//! The reference identity of a person: what claims are made of (OSIA population registry 1.5.0, tag Reference).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use futures::FutureExt;
use serde_json::{Map, Value};

use super::call::Call;
use super::on_identity::{Done, Held, on_identity};
use super::record::Identity;
use super::{claim, identities, known, mirror, sealed, store};
use crate::identity::biometrics;
use crate::identity::claims::{self, Standing};
use crate::osia::Refusal;
use crate::registry::{self, Change, Face, PersonId, Photo};
use crate::state::AppState;
use crate::store::Tx;

/// What an audit event says of an identity that was parked when it was to be the reference.
const PARKED: &str = "reference_parked";

/// `PUT /v1/persons/{personId}/identities/{identityId}/reference`: 204. What the identity says is what relying parties are
/// told from now on; what only the reference before it said is known no more. Its portrait is the claim `picture`.
///
/// # Errors
/// [`Refusal::Forbidden`] where the identity is not valid, or cannot be read by the server, and as long as somebody must decide
/// whether its person is in the registry already; [`Refusal::Bad`] where the person would be malformed.
pub async fn define(
    State(state): State<AppState>,
    Path((person_id, identity_id)): Path<(String, String)>,
    call: Call,
) -> Result<StatusCode, Refusal> {
    let portrait = portrait(&state, &person_id, &identity_id).await?;
    let ids = (person_id.as_str(), identity_id.as_str());
    match on_identity(&state, ids, call, move |held| defined(held, portrait).boxed()).await? {
        Some(PARKED) => Err(Refusal::Forbidden(
            "somebody else in the registry may be the same person: somebody must decide (/identity/duplicates) first",
        )),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// The portrait of an identity, made small enough before the write that needs it.
struct Portrait {
    /// The sealed biometrics that it was taken of.
    of: Option<Vec<u8>>,
    photo: Option<Photo>,
}

async fn portrait(state: &AppState, person_id: &str, identity_id: &str) -> Result<Portrait, Refusal> {
    let person = known(state, person_id).await?;
    let name = sealed::name_hash(&state.secrets, identity_id);
    let row = state.store.read(move |tx| Box::pin(async move { store::named(tx, person, &name).await })).await;
    let row: Option<store::RecordRow> = row?;
    let row = row.ok_or(Refusal::NotFound)?;
    let photo = match face(&sealed::open_identity(state, &row)?) {
        Some(face) => biometrics::photo(face).await,
        None => None,
    };
    Ok(Portrait { of: row.biometrics, photo })
}

fn face(identity: &Identity) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    biometrics::face(identity.biometrics.as_deref().unwrap_or_default())
}

async fn defined(held: Held<'_>, portrait: Portrait) -> Result<Done, Refusal> {
    if held.is_reference() {
        return Ok(None);
    }
    let Held { state, tx, call, person, row, record } = held;
    if !record.status()?.may_be_reference() {
        return Err(Refusal::Forbidden("only an identity whose status is VALID can be the reference"));
    }
    if record.biometrics != portrait.of {
        // Changed in between: whoever asks again gets the new face.
        return Err(Refusal::Unavailable);
    }
    let content = sealed::open_content(state, record.id, &record.content)?;
    let Some(said) = content.biographic() else {
        return Err(Refusal::Forbidden("its biographic data are absent or encrypted: nothing could be told"));
    };
    match claims::standing(state, tx, &claim::of_row(state, call, person, &record)?).await? {
        Standing::Free => {}
        Standing::Parked => return Ok(Some(PARKED)),
        Standing::Waits => {
            return Err(Refusal::Forbidden(
                "it is being looked whether the person is in the registry already: try later",
            ));
        }
        Standing::Ended => {
            return Err(Refusal::Forbidden(
                "it was decided that the person is another one: merge the two, or delete it",
            ));
        }
    }
    let (before, had_face) = match row.reference {
        Some(reference) => said_by(state, tx, person, reference).await?,
        None => (Map::new(), false),
    };
    let face = match portrait.photo {
        Some(photo) => Face::Is(photo),
        None if had_face => Face::Gone,
        None => Face::Kept,
    };
    let change = Change { face, ..mirror::change_for(&before, said) };
    registry::change_within(state, tx, person, call.changes(change, "reference_defined")).await?;
    store::set_reference(tx, person, Some(record.id)).await?;
    Ok(Some("reference_defined"))
}

/// What a reference says, and whether it has a portrait.
async fn said_by(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    reference: i64,
) -> Result<(Map<String, Value>, bool), Refusal> {
    let Some(record) = store::record(tx, person, reference).await? else { return Ok((Map::new(), false)) };
    said(state, &record)
}

fn said(state: &AppState, record: &store::RecordRow) -> Result<(Map<String, Value>, bool), Refusal> {
    let identity = sealed::open_identity(state, record)?;
    Ok((identity.biographic().cloned().unwrap_or_default(), face(&identity).is_some()))
}

/// The person has no reference any more, and what it said is known no more.
pub(super) async fn take_back(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    record: &store::RecordRow,
    call: &Call,
) -> Result<(), Refusal> {
    let (said, had_face) = said(state, record)?;
    let face = if had_face { Face::Gone } else { Face::Kept };
    let change = Change { face, ..mirror::change_for(&said, &Map::new()) };
    registry::change_within(state, tx, person, call.changes(change, "reference_taken_back")).await?;
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
