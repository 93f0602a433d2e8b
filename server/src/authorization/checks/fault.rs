//! What a check finds, in the words of both doors: the JSON API's code, and the OAuth error for the redirect.

use super::super::response::ReturnTo;
use crate::error::{ApiError, Code};

/// One fault of an authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What the JSON API calls it.
    pub code: Code,
    /// What the relying party is told (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
    pub error: &'static str,
    /// For the relying party's developer; holds nothing of what was sent.
    pub description: &'static str,
}

impl Fault {
    /// A fault that the relying party is told as `invalid_request`.
    pub(in super::super) const fn of(code: Code, description: &'static str) -> Self {
        Self { code, error: "invalid_request", description }
    }

    /// A fault with an error of its own.
    pub(in super::super) const fn named(code: Code, error: &'static str, description: &'static str) -> Self {
        Self { code, error, description }
    }
}

/// Why a request is refused: every fault found, at least one, in the order of the list of checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The faults.
    pub faults: Vec<Fault>,
    /// Where to tell; `None` where the redirect URI is not proven, and only a page may tell.
    pub return_to: Option<ReturnTo>,
}

impl Refused {
    /// The first fault, which a redirect tells.
    #[must_use]
    pub fn first(&self) -> Fault {
        const UNNAMED: Fault = Fault::of(Code::InvalidRequest, "the request is not valid");
        self.faults.first().copied().unwrap_or(UNNAMED)
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        let mut codes: Vec<(Code, Option<&'static str>)> = Vec::new();
        for fault in &refused.faults {
            if !codes.iter().any(|(code, _)| *code == fault.code) {
                codes.push((fault.code, None));
            }
        }
        Self::Refused(codes)
    }
}
