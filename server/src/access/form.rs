//! Form parameters as OAuth wants them: each at most once, one without a value as if it were not there (RFC 6749 §3.2).

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};

use crate::dialect::{Dialect, Mount};
use crate::error::{OAuthError, TokenFault};

/// Parameters of a form at most; the longest form in OAuth has about twenty.
const MOST: usize = 64;

/// The parameters of an `application/x-www-form-urlencoded` body.
pub struct Form(HashMap<String, String>);

impl Form {
    /// A parameter's value; never empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// [`TokenFault::Missing`] in the mount's words.
    pub fn require(&self, dialect: &Dialect, name: &str, missing: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| dialect.oauth(TokenFault::Missing, missing))
    }

    /// Whether a request says that its body is a form.
    #[must_use]
    pub fn is_sent(headers: &HeaderMap) -> bool {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let mut parameters = HashMap::new();
        for (count, (name, value)) in url::form_urlencoded::parse(bytes).enumerate() {
            if count >= MOST {
                return None;
            }
            if !value.is_empty() && parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self(parameters))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = OAuthError;

    /// 415 for another content type, 413 for a body beyond the limit, 400 for what is not such a form.
    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        let mount = request.extensions().get::<Mount>().copied().unwrap_or(Mount::GovStack);
        let malformed = |status: Option<StatusCode>, description| {
            let fault = mount.dialect().oauth(TokenFault::Malformed, description);
            OAuthError { status: status.unwrap_or(fault.status), ..fault }
        };
        if !Self::is_sent(request.headers()) {
            let told = "the body must be application/x-www-form-urlencoded";
            return Err(mount.dialect().oauth(TokenFault::MediaType, told));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
            malformed(large.then_some(StatusCode::PAYLOAD_TOO_LARGE), "the body is too large or broke off")
        })?;
        Self::read(&bytes).ok_or_else(|| malformed(None, "too many parameters, or one given twice"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_at_most_once_and_none_without_a_value() {
        let form = Form::read(b"a=1&b=&c=x%20y+z").unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), (Some("1"), None, Some("x y z")));
        assert!(Form::read(b"a=1&a=1").is_none());
        assert!(Form::read("a=1&".repeat(100).as_bytes()).is_none());
        let many: String = (0..10_000).map(|n| format!("p{n}=1&")).collect();
        assert!(Form::read(many.as_bytes()).is_none());
    }
}
