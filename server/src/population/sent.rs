//! Identities as they are sent: JSON with portraits, fingerprints and documents in it, under a limit of its own.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use crate::osia::{Refusal, Strict, body};
use crate::state::AppState;

/// Media types of an identity.
pub(super) const JSON: &[&str] = &["application/json"];
/// Media types of a patch (RFC 7396).
pub(super) const PATCH: &[&str] = &["application/json", "application/merge-patch+json"];

/// An identity in the body, read as [`Strict`] reads, of `population.largest_identity` bytes at most.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        read(request, state, JSON).await.map(Self)
    }
}

/// The JSON in a body of one of these media types.
///
/// # Errors
/// [`Refusal::MediaType`], [`Refusal::TooLarge`]; [`Refusal::Bad`] where it breaks off or is not the JSON expected.
pub(super) async fn read<T: DeserializeOwned>(
    request: Request,
    state: &AppState,
    kinds: &[&str],
) -> Result<T, Refusal> {
    let (parts, sent) = request.into_parts();
    if !kinds.contains(&body::media_type(&parts.headers).as_str()) {
        return Err(Refusal::MediaType);
    }
    let bytes = body::whole(&parts.headers, sent, state.config.population.largest_identity).await?;
    let Strict(read) = Strict::object(&bytes)?;
    Ok(read)
}
