//! `GET /v1/enrollments/{enrollmentId}/buffer/{bufferId}`: readBuffer (OSIA-BUF-02).

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use zeroize::Zeroizing;

use super::About;
use super::digest::DIGEST;
use crate::audit::EventKind;
use crate::enrollment::call::Call;
use crate::enrollment::fault::Fault;
use crate::enrollment::name::EnrollmentId;
use crate::enrollment::sealed;
use crate::enrollment::service::Service;
use crate::enrollment::store::buffers::{self, BufferRow};
use crate::ids::Kind;
use crate::osia::Refusal;
use crate::secrets::SecretError;
use crate::state::AppState;
use crate::store::StoreError;

/// How often a chunk is asked for where the database is busy.
const TRIES: u32 = 5;

/// The bytes of a buffer, with the media type that they were sent with and `Digest`.
///
/// # Errors
/// [`Refusal::NotFound`] also for a buffer of another enrollment, and for one that is not whole.
pub async fn get(
    State(state): State<AppState>,
    call: Call,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Refusal> {
    let Path((id, buffer_id)) = path.map_err(|_| Refusal::bad("the path cannot be read"))?;
    let id = EnrollmentId::read(id)?;
    let row = find(&state, &call.service, &id, &buffer_id).await?.ok_or(Refusal::NotFound)?;
    let about: About = about(&state, &row)?;
    let inner = state.clone();
    let buffer = row.id;
    state
        .store
        .write(move |tx| {
            Box::pin(async move { call.record(&inner, tx, EventKind::BufferRead, Some((&id, Some(buffer)))).await })
        })
        .await?;
    let mut response = Body::from_stream(chunks(state, row)).into_response();
    let headers = response.headers_mut();
    let text = |text: &str| HeaderValue::from_str(text).map_err(|_| StoreError::Corrupt { what: "buffer" });
    headers.insert(header::CONTENT_TYPE, text(&about.media_type)?);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(about.size));
    headers.insert(DIGEST, text(&about.digests.header())?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // What citizens' documents hold is never run by a browser.
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    Ok(response)
}

fn about(state: &AppState, row: &BufferRow) -> Result<About, Fault> {
    let sealed = row.about.as_deref().ok_or(StoreError::Corrupt { what: "buffer" })?;
    Ok(sealed::open_about(state, row.id, sealed)?)
}

/// A whole buffer of an enrollment, by its id.
pub(super) async fn find(
    state: &AppState,
    service: &Service,
    id: &EnrollmentId,
    buffer_id: &str,
) -> Result<Option<BufferRow>, StoreError> {
    let Some(buffer) = state.ids.named(Kind::EnrollmentBuffer, buffer_id) else { return Ok(None) };
    let lookup = id.lookup(state, service);
    state.store.read(move |tx| Box::pin(async move { buffers::find(tx, buffer, &lookup).await })).await
}

/// One chunk in the clear; `None` after the last.
pub(super) async fn chunk(state: &AppState, row: &BufferRow, place: i64) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    if place >= row.chunks {
        return Ok(None);
    }
    let buffer = row.id;
    let read = state.store.read(move |tx| Box::pin(async move { buffers::chunk(tx, buffer, place).await }));
    let sealed: Option<Vec<u8>> = read.await?;
    // Deleted while it is read.
    let sealed = sealed.ok_or(SecretError::Sealed)?;
    Ok(Some(sealed::open_chunk(state, buffer, place, &sealed)?))
}

/// A chunk, asked for again where the database is busy: an answer that has begun is not torn for a moment's rush.
async fn patiently(state: &AppState, row: &BufferRow, place: i64) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    for _ in 1..TRIES {
        match chunk(state, row, place).await {
            Err(Fault::Store(StoreError::Busy | StoreError::Silent)) => {}
            read => return read,
        }
    }
    chunk(state, row, place).await
}

/// The chunks one after the other. Where one cannot be read the answer breaks off before its told length.
fn chunks(state: AppState, row: BufferRow) -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> + Send {
    stream::unfold((state, row, 0_i64), |(state, row, place)| async move {
        match patiently(&state, &row, place).await {
            Ok(None) => None,
            Ok(Some(clear)) => Some((Ok(Bytes::copy_from_slice(&clear)), (state, row, place + 1))),
            Err(error) => {
                tracing::error!(%error, "a buffer could not be read");
                Some((Err(std::io::Error::other("a buffer could not be read")), (state, row, i64::MAX)))
            }
        }
    })
}
