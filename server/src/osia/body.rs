//! Bodies of requests, read by the handler once it is known who calls, under a limit of its own.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures::{Stream, StreamExt};

use super::{Refusal, twice};

/// The media type without its parameters, in small letters; empty where there is none.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Refuses what says of itself that it is longer than `most` bytes, before any of it is read.
///
/// # Errors
/// [`Refusal::TooLarge`].
pub fn told_length(headers: &HeaderMap, most: u64) -> Result<(), Refusal> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > most) { Err(Refusal::TooLarge) } else { Ok(()) }
}

/// The body piece by piece.
pub fn pieces(body: Body) -> impl Stream<Item = Result<Bytes, Refusal>> + Send + Unpin {
    body.into_data_stream()
        .map(|piece| piece.map_err(|_| Refusal::bad("the body broke off, or did not come in time: send it again")))
}

/// The whole body, of at most `most` bytes.
///
/// # Errors
/// [`Refusal::TooLarge`], and [`Refusal::Bad`] where it breaks off.
pub async fn whole(headers: &HeaderMap, body: Body, most: usize) -> Result<Vec<u8>, Refusal> {
    told_length(headers, most as u64)?;
    let mut bytes = Vec::new();
    let mut pieces = pieces(body);
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        if bytes.len() + piece.len() > most {
            return Err(Refusal::TooLarge);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// A body in one of the JSON media types of `kinds`; `None` where there is none: the interface file requires no body.
///
/// # Errors
/// [`Refusal::MediaType`] for another type, [`Refusal::TooLarge`], [`Refusal::Bad`] where it breaks off or a name stands twice
/// in one object.
pub async fn json(headers: &HeaderMap, body: Body, kinds: &[&str], most: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let kind = media_type(headers);
    if !kind.is_empty() && !kinds.contains(&kind.as_str()) {
        return Err(Refusal::MediaType);
    }
    let bytes = whole(headers, body, most).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if kind.is_empty() {
        return Err(Refusal::MediaType);
    }
    twice::refuse(&bytes)?;
    Ok(Some(bytes))
}
