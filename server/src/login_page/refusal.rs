//! How a page says that it goes no further: one fixed sentence, never anything of what was sent.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::authorization::approval::Finished;
use crate::authorization::authorize;
use crate::authorization::checks::Fault;
use crate::authorization::response::Delivery;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::pages::{FormPostPage, Frame, Language, MessagePage, Sentence, show};
use crate::state::AppState;

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The authorization request cannot be accepted, and nobody may be told by redirect. With its OAuth error.
    Request(Sentence, &'static str),
    /// The transaction is over, unknown or another browser's.
    Gone,
    /// The CSRF token is missing or not the cookie's.
    Cookies,
    /// The wallet's link was opened in a browser that did not begin the login.
    ForeignBrowser,
    /// Too many requests.
    Busy,
    /// Store or gateway are away.
    Unavailable,
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Forbidden | ApiError::Unauthorized => Self::Cookies,
            ApiError::TooMany(_) => Self::Busy,
            ApiError::Unavailable => Self::Unavailable,
            ApiError::Refused(codes) if codes.iter().any(|(code, _)| *code == Code::InvalidClientId) => {
                Self::Request(Sentence::UnknownClient, "invalid_client")
            }
            ApiError::Refused(_) | ApiError::Ended { .. } | ApiError::NotFound => Self::Gone,
            ApiError::Malformed => Self::MALFORMED,
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let sentence = match (fault.code, fault.error) {
            (Code::InvalidRedirectUri, _) => Sentence::RedirectUri,
            (_, "invalid_client") => Sentence::UnknownClient,
            (_, "invalid_request_object") => Sentence::RequestObject,
            (_, "invalid_request_uri") => Sentence::RequestUri,
            _ => Sentence::BadRequest,
        };
        Self::Request(sentence, fault.error)
    }
}

impl Refusal {
    /// What cannot be read at all.
    pub(super) const MALFORMED: Self = Self::Request(Sentence::BadRequest, "invalid_request");

    fn status(self) -> StatusCode {
        match self {
            Self::Request(..) | Self::Gone => StatusCode::BAD_REQUEST,
            Self::Cookies | Self::ForeignBrowser => StatusCode::FORBIDDEN,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The page.
    pub(super) fn page(self, language: Language) -> Response {
        let (sentence, code) = match self {
            Self::Request(sentence, code) => (sentence, Some(code)),
            Self::Gone => (Sentence::Gone, None),
            Self::Cookies => (Sentence::NoCookies, None),
            Self::ForeignBrowser => (Sentence::ForeignBrowser, None),
            Self::Busy | Self::Unavailable => (Sentence::Unavailable, None),
        };
        let sentence = sentence.in_language(language);
        show(&MessagePage { frame: Frame { language }, sentence, code }, |html| html.status(self.status()))
    }
}

/// The language of a page about which only the browser is known.
pub(super) fn browser_language(state: &AppState, headers: &HeaderMap, ui_locales: &[String]) -> Language {
    Language::of_browser(&state.config.languages, ui_locales, headers)
}

/// Back to the relying party with the code of a login that is finished.
pub(super) async fn send_back(
    state: &AppState,
    mount: Mount,
    headers: &HeaderMap,
    finished: &Finished,
) -> Result<Response, Refusal> {
    let delivery = authorize::back_with_code(state, mount, finished).await?;
    let mut response = deliver(state, headers, delivery)?;
    response.headers_mut().extend(finished.set_cookies(state));
    Ok(response)
}

/// Takes an answer to the relying party: by redirect, or by a form that the page's script sends, or without script the
/// citizen.
pub(super) fn deliver(state: &AppState, headers: &HeaderMap, delivery: Delivery) -> Result<Response, Refusal> {
    match delivery {
        Delivery::Redirect(location) => send_to(&location),
        Delivery::Form { action, fields } => {
            let language = browser_language(state, headers, &[]);
            let page = FormPostPage { frame: Frame { language }, action, fields };
            Ok(show(&page, |html| html.forms_lead_to(&page.action)))
        }
    }
}

/// `303`, so that a browser which sent a form comes with GET (RFC 9700 §4.12).
fn send_to(location: &str) -> Result<Response, Refusal> {
    let location = HeaderValue::from_str(location).map_err(|_| Refusal::MALFORMED)?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
