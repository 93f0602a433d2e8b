//! Buffers on their way to another instance, chunk by chunk.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::About;
use super::digest::Digests;
use crate::clock::Millis;
use crate::enrollment::fault::Fault;
use crate::enrollment::name::EnrollmentId;
use crate::enrollment::sealed;
use crate::enrollment::service::Service;
use crate::enrollment::store::buffers;
use crate::enrollment::store::carried::{self as rows, BufferRow, NewBuffer};
use crate::osia::Refusal;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A buffer that is there as a whole, without its bytes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key: `bufferId` is made of it.
    pub id: i64,
    /// Whose enrollment it is for.
    pub service: String,
    /// That enrollment; it may not be there yet.
    pub enrollment_id: String,
    /// When its sending began, in milliseconds since 1970.
    pub created_at: Millis,
    /// When it was there.
    pub stored_at: Millis,
    /// Whether its enrollment was there when somebody looked.
    pub claimed: bool,
    /// As it was sent.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Its hashes, as the header `Digest` has them (RFC 3230).
    pub digest: String,
    /// How many chunks follow.
    pub chunks: i64,
}

/// The next buffer.
pub struct Next {
    /// Its primary key.
    pub id: i64,
    /// It; `None` where nobody knows whose it is: one that was sent before that was written down, and whose enrollment never
    /// came. It ends by itself.
    pub buffer: Option<Carried>,
}

/// The next buffer above a primary key.
///
/// # Errors
/// [`Fault`].
pub async fn carry(state: &AppState, after: i64) -> Result<Option<Next>, Fault> {
    let read = state.store.read(move |tx| Box::pin(async move { rows::next_buffer(tx, after).await }));
    let Some(row) = read.await? else { return Ok(None) };
    let id = row.id;
    let Some((service, enrollment)) = owner(state, &row)? else { return Ok(Some(Next { id, buffer: None })) };
    let About { media_type, size, digests } = sealed::open_about(state, id, &row.about)?;
    let buffer = Carried {
        id,
        service: service.name().to_owned(),
        enrollment_id: enrollment.as_str().to_owned(),
        created_at: row.created_at,
        stored_at: row.stored_at,
        claimed: row.claimed != 0,
        media_type,
        size,
        digest: digests.header(),
        chunks: row.chunks,
    };
    Ok(Some(Next { id, buffer: Some(buffer) }))
}

fn owner(state: &AppState, row: &BufferRow) -> Result<Option<(Service, EnrollmentId)>, Fault> {
    if let Some(sealed) = &row.owner {
        return Ok(Some(sealed::open_owner(state, row.id, sealed)?));
    }
    match (row.enrollment, &row.service, &row.name) {
        (Some(enrollment), Some(service), Some(name)) => {
            let name = sealed::open_name(state, enrollment, name)?;
            Ok(Some((Service::from(service.clone()), name)))
        }
        _ => Ok(None),
    }
}

/// One chunk of a buffer in the clear.
///
/// # Errors
/// [`Fault`], also where it is not there.
pub async fn carry_chunk(state: &AppState, buffer: i64, place: i64) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let read = state.store.read(move |tx| Box::pin(async move { buffers::chunk(tx, buffer, place).await }));
    let sealed: Option<Vec<u8>> = read.await?;
    let sealed = sealed.ok_or(StoreError::Corrupt { what: "buffer" })?;
    Ok(sealed::open_chunk(state, buffer, place, &sealed)?)
}

/// Writes a buffer as another instance had it; its chunks come after it.
///
/// # Errors
/// [`Refusal::Bad`] where it is malformed.
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Refusal> {
    let digests = Digests::read(&carried.digest).ok_or_else(|| Refusal::bad("digest is malformed"))?;
    let (media_type, size) = (carried.media_type.clone(), carried.size);
    let (service, name) = (Service::from(carried.service.clone()), EnrollmentId::read(carried.enrollment_id.clone())?);
    let lookup = name.lookup(state, &service);
    let buffer = NewBuffer {
        id: carried.id,
        lookup: lookup.newest(),
        created_at: carried.created_at,
        stored_at: carried.stored_at,
        claimed: carried.claimed,
        chunks: carried.chunks,
        about: &sealed::about(state, carried.id, &About { media_type, size, digests })?,
        owner: &sealed::owner(state, carried.id, &service, &name)?,
    };
    Ok(rows::insert_buffer(tx, &buffer).await?)
}

/// Writes a chunk of a buffer.
///
/// # Errors
/// [`Refusal`].
pub async fn settle_chunk(state: &AppState, tx: &mut Tx, buffer: i64, place: i64, clear: &[u8]) -> Result<(), Refusal> {
    let sealed = sealed::chunk(state, buffer, place, clear)?;
    Ok(buffers::add(tx, buffer, place, &sealed).await?)
}
