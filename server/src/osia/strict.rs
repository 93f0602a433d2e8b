//! JSON bodies, read strictly.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;

use super::Refusal;
use crate::state::AppState;

/// A JSON body. A member that a type does not know is refused where the type says so (`deny_unknown_fields`).
///
/// Refused with 415 for another media type than `application/json`, with 400 for anything that is not the JSON expected; the
/// message says what is wrong and where, and quotes nothing of what was sent.
pub struct Strict<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Strict<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::MediaType);
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Refusal::TooLarge)?;
        Self::read(&bytes)
    }
}

impl<T: DeserializeOwned> Strict<T> {
    /// Reads the bytes of a body.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where they are not the JSON expected.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(bytes).map(Self).map_err(|error| {
            // serde's own words may quote a value, which may be personal.
            let place = format!("line {}, column {}", error.line(), error.column());
            Refusal::Bad(match error.classify() {
                serde_json::error::Category::Data => {
                    format!("{place}: a member is missing, unknown or of the wrong type")
                }
                _ => format!("{place}: not JSON"),
            })
        })
    }
}
