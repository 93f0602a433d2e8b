//! `POST /v1/enrollments/{enrollmentId}/buffer`: createBuffer (OSIA-BUF-01).

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use futures::StreamExt;
use schemars::JsonSchema;
use serde::Serialize;

use super::digest::{Claimed, DIGEST, Digests, Hashing};
use super::{About, CHUNK};
use crate::audit::EventKind;
use crate::enrollment::call::{Call, Named};
use crate::enrollment::model::Status;
use crate::enrollment::sealed;
use crate::enrollment::stage::FINALIZED;
use crate::enrollment::store::{self, buffers, buffers::Completed};
use crate::ids::Kind;
use crate::osia::{Refusal, body};
use crate::state::AppState;
use crate::store::StoreError;

/// Characters of a media type at most.
const LONGEST_TYPE: usize = 256;

/// When an upload that broke off is cleared away: its last piece may still be on its way to the database, which may be busy. What
/// is left then goes with what has expired.
const CLEARED_AFTER: [Duration; 3] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(10)];

/// The id of a new buffer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BufferId {
    /// Where it is read: `…/buffer/{bufferId}`.
    buffer_id: String,
}

/// Stores a body of any `application/*` or `image/*` type beside an enrollment, whole or not at all.
///
/// # Errors
/// [`Refusal`]: `MediaType` for other types, `Bad` where the body is not what `Digest` says or breaks off, `TooLarge`,
/// `Forbidden` where the enrollment is finalized.
pub async fn post(
    State(state): State<AppState>,
    call: Call,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<BufferId>), Refusal> {
    let media_type = media_type(&headers)?;
    let claimed = claimed(&headers)?;
    let most = state.config.enrollment.largest_buffer;
    body::told_length(&headers, most)?;
    let lookup = id.lookup(&state, &call.service);
    let buffer = state.next_id();
    let owner = sealed::owner(&state, buffer, &call.service, &id)?;
    let begin = (lookup.clone(), owner, state.clock.now());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (lookup, owner, now) = begin;
                if store::head(tx, &lookup).await?.is_some_and(|head| head.status == Status::Finalized) {
                    return Err(Refusal::Forbidden(FINALIZED));
                }
                Ok(buffers::begin(tx, buffer, &lookup, &owner, now).await?)
            })
        })
        .await?;
    let unfinished = Unfinished { state: state.clone(), buffer, finished: false };
    let (chunks, size, digests) = receive(&state, buffer, body, most).await?;
    claimed.check(&digests)?;
    let about = sealed::about(&state, buffer, &About { media_type, size, digests })?;
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                match buffers::complete(tx, buffer, &lookup, chunks, &about, inner.clock.now()).await? {
                    Completed::Stored => {}
                    Completed::Finalized => return Err(Refusal::Forbidden(FINALIZED)),
                    Completed::Gone => return Err(Refusal::Unavailable),
                }
                Ok(call.record(&inner, tx, EventKind::BufferStored, Some((&id, Some(buffer)))).await?)
            })
        })
        .await?;
    unfinished.finish();
    let buffer_id = state.ids.name(Kind::EnrollmentBuffer, buffer);
    Ok((StatusCode::CREATED, Json(BufferId { buffer_id })))
}

/// The type to give back: as it was sent, parameters included.
fn media_type(headers: &HeaderMap) -> Result<String, Refusal> {
    let kind = body::media_type(headers);
    let good = ["application/", "image/"].iter().any(|family| {
        kind.strip_prefix(family).is_some_and(|name| {
            // RFC 6838 §4.2.
            let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
            first && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
        })
    });
    let whole = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if good && whole.len() <= LONGEST_TYPE { Ok(whole.to_owned()) } else { Err(Refusal::MediaType) }
}

fn claimed(headers: &HeaderMap) -> Result<Claimed, Refusal> {
    let values: Result<Vec<&str>, _> = headers.get_all(DIGEST).iter().map(|value| value.to_str()).collect();
    Claimed::read(values.map_err(|_| Refusal::bad("Digest: must be ASCII (RFC 3230)"))?.into_iter())
}

/// Writes the body down chunk by chunk; gives how many there were, their bytes, and their hashes.
async fn receive(state: &AppState, buffer: i64, body: Body, most: u64) -> Result<(i64, u64, Digests), Refusal> {
    let (mut chunks, mut size, mut hashing) = (0_i64, 0_u64, Hashing::default());
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut pieces = body::pieces(body);
    while let Some(piece) = pieces.next().await {
        let mut piece = piece?;
        size += piece.len() as u64;
        if size > most {
            return Err(Refusal::TooLarge);
        }
        hashing.update(&piece);
        while !piece.is_empty() {
            let room = CHUNK - chunk.len();
            let taken = piece.split_to(room.min(piece.len()));
            chunk.extend_from_slice(&taken);
            if chunk.len() == CHUNK {
                write(state, buffer, chunks, &chunk).await?;
                chunks += 1;
                chunk.clear();
            }
        }
    }
    if !chunk.is_empty() {
        write(state, buffer, chunks, &chunk).await?;
        chunks += 1;
    }
    Ok((chunks, size, hashing.finish()))
}

async fn write(state: &AppState, buffer: i64, place: i64, clear: &[u8]) -> Result<(), Refusal> {
    let sealed = sealed::chunk(state, buffer, place, clear)?;
    let write = state.store.write(move |tx| Box::pin(async move { buffers::add(tx, buffer, place, &sealed).await }));
    Ok(write.await?)
}

/// A buffer that is being sent: whatever ends that early, the client's going away included, leaves nothing behind.
struct Unfinished {
    state: AppState,
    buffer: i64,
    finished: bool,
}

impl Unfinished {
    fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let (state, buffer) = (self.state.clone(), self.buffer);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.finished {
            return;
        }
        runtime.spawn(async move {
            for pause in CLEARED_AFTER {
                tokio::time::sleep(pause).await;
                let cleared: Result<(), StoreError> =
                    state.store.write(move |tx| Box::pin(async move { buffers::abandon(tx, buffer).await })).await;
                match cleared {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(%error, "an unfinished buffer could not be cleared away yet"),
                }
            }
        });
    }
}
