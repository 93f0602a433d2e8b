//! How logout ends: on the way to the relying party, on a page, or with one fixed sentence.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::request::Back;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::pages::{Frame, Language, LoggedOutPage, MessagePage, show};
use crate::registry::Fault;
use crate::sessions::cookie;
use crate::state::AppState;
use crate::store::StoreError;

/// Why nothing is ended. The sentences are those of [`crate::pages::Text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The request cannot be trusted.
    Request,
    /// The body is no form.
    NoForm,
    /// The CSRF token is missing or not the cookie's.
    Cookies,
    /// The database is away.
    Unavailable,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        tracing::error!(error = %fault, "nobody could be logged out");
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
            ApiError::Forbidden => Self::Cookies,
            _ => Self::Unavailable,
        }
    }
}

impl Refusal {
    /// The page.
    pub(super) fn page(self, language: Language) -> Response {
        let t = language.text();
        let (status, sentence, code) = match self {
            Self::Request => (StatusCode::BAD_REQUEST, t.bad_logout, Some("invalid_request")),
            Self::NoForm => (StatusCode::UNSUPPORTED_MEDIA_TYPE, t.bad_logout, Some("invalid_request")),
            Self::Cookies => (StatusCode::FORBIDDEN, t.no_cookies, None),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, t.unavailable, None),
        };
        show(&MessagePage { frame: Frame { language }, sentence, code }, |html| html.status(status))
    }
}

/// The browser's language, unless the request asks for one of ours.
pub(super) fn language(state: &AppState, headers: &HeaderMap, ui_locales: &[String]) -> Language {
    Language::of_browser(&state.config.languages, ui_locales, headers)
}

/// What became of the browser's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Nobody is logged in any more.
    LoggedOut,
    /// The person chose to stay.
    Stayed,
}

/// Back to the relying party, or a page that says how it ended.
pub(super) fn finish(state: &AppState, mount: Mount, language: Language, end: End, back: Option<&Back>) -> Response {
    let mut response = match back.and_then(|back| HeaderValue::from_str(&back.location()).ok()) {
        Some(location) => {
            let mut response = StatusCode::SEE_OTHER.into_response();
            response.headers_mut().insert(header::LOCATION, location);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        None => {
            let t = language.text();
            let sentence = if end == End::LoggedOut { t.logged_out } else { t.still_in };
            show(&LoggedOutPage { frame: Frame { language }, sentence }, |html| html)
        }
    };
    if let (End::LoggedOut, Some(cookie)) = (end, cookie::clear(state, mount)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
