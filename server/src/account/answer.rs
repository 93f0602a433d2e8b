//! What the citizen's page answers besides itself: the way on, or a fixed sentence.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;
use crate::pages::{Frame, Language, MessagePage, show};
use crate::registry::Fault;
use crate::state::AppState;
use crate::store::StoreError;

/// Where the page is.
pub(super) const PAGE: &str = "/account";

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The sign-in is over, or another browser's.
    Gone,
    /// The form is not this session's.
    Cookies,
    /// The database is away.
    Unavailable,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        tracing::error!(error = %fault, "the citizen's page could not be served");
        Self::Unavailable
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Fault::from(error).into()
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Unavailable | ApiError::TooMany(_) => Self::Unavailable,
            _ => Self::Gone,
        }
    }
}

impl Refusal {
    pub(super) fn page(self, state: &AppState, headers: &HeaderMap) -> Response {
        let language = language(state, headers);
        let t = language.text();
        let (status, sentence) = match self {
            Self::Gone => (StatusCode::BAD_REQUEST, t.gone),
            Self::Cookies => (StatusCode::FORBIDDEN, t.no_cookies),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, t.unavailable),
        };
        show(&MessagePage { frame: Frame { language }, sentence, code: None }, |html| html.status(status))
    }
}

/// The browser's language.
pub(super) fn language(state: &AppState, headers: &HeaderMap) -> Language {
    Language::of_browser(&state.config.languages, &[], headers)
}

/// `303` with cookies, so that a browser which sent a form comes with GET.
pub(super) fn send_to(location: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Result<Response, Refusal> {
    let location = HeaderValue::from_str(location).map_err(|_| Refusal::Gone)?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
