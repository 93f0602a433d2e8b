//! What pages say that go no further: one fixed sentence each, which whoever drives a browser may wait for.

use super::{Language, Text};

/// One sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// The authorization request cannot be accepted.
    BadRequest,
    /// There is no such client.
    UnknownClient,
    /// The redirect URI is missing or not the client's.
    RedirectUri,
    /// The request object cannot be accepted.
    RequestObject,
    /// The reference to a request leads nowhere.
    RequestUri,
    /// The login is over, unknown or another browser's.
    Gone,
    /// The browser sent no cookies.
    NoCookies,
    /// Another browser began.
    ForeignBrowser,
    /// The server is busy or its database away.
    Unavailable,
}

impl Sentence {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::BadRequest,
        Self::UnknownClient,
        Self::RedirectUri,
        Self::RequestObject,
        Self::RequestUri,
        Self::Gone,
        Self::NoCookies,
        Self::ForeignBrowser,
        Self::Unavailable,
    ];

    /// In the page's language.
    #[must_use]
    pub fn in_language(self, language: Language) -> &'static str {
        let text: &Text = language.text();
        match self {
            Self::BadRequest => text.bad_request,
            Self::UnknownClient => text.unknown_client,
            Self::RedirectUri => text.bad_redirect_uri,
            Self::RequestObject => text.bad_request_object,
            Self::RequestUri => text.bad_request_uri,
            Self::Gone => text.gone,
            Self::NoCookies => text.no_cookies,
            Self::ForeignBrowser => text.foreign_browser,
            Self::Unavailable => text.unavailable,
        }
    }
}
