//! The envelope of the JSON calls: `{requestTime, request}` and `{responseTime, response, errors}`, the same for
//! GovStack, eSignet 1.x and the wallet's own calls.

use serde::{Deserialize, Serialize};

use crate::lenient::null_as_default;
use crate::timestamp::Timestamp;

/// How far `requestTime` may be from the server's clock either way, in milliseconds (eSignet: 2 minutes).
pub const DEFAULT_LEEWAY_MS: i64 = 120_000;

/// A request as sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Request<T> {
    /// When it was sent, `yyyy-MM-ddTHH:mm:ss.SSSZ`. Text, so that a malformed one gets `invalid_request` and not a
    /// parser's message.
    #[serde(default, deserialize_with = "null_as_default")]
    pub request_time: String,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<T>,
}

/// Why an envelope is refused; each is `invalid_request` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// `requestTime` is missing, blank or not of the form demanded.
    #[error("malformed request time")]
    MalformedTime,
    /// `requestTime` is further from the server's clock than allowed.
    #[error("request time outside the window")]
    TimeOutsideWindow,
    /// `request` is missing or `null`.
    #[error("no request body")]
    NoBody,
}

impl<T> Request<T> {
    /// A request sent at `now`.
    pub fn new(now: Timestamp, body: T) -> Self {
        Self { request_time: now.to_string(), request: Some(body) }
    }

    /// The body, if the envelope holds at `now_ms` with `leeway_ms` either way.
    ///
    /// # Errors
    /// An [`EnvelopeError`].
    pub fn open(self, now_ms: i64, leeway_ms: i64) -> Result<T, EnvelopeError> {
        let sent: Timestamp = self.request_time.parse().map_err(|_| EnvelopeError::MalformedTime)?;
        if sent.epoch_ms().abs_diff(now_ms) > leeway_ms.unsigned_abs() {
            return Err(EnvelopeError::TimeOutsideWindow);
        }
        self.request.ok_or(EnvelopeError::NoBody)
    }
}

/// One error of a response. Callers switch on the code only; the message is often the code again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ErrorItem {
    /// One of [`crate::error_code`], or a code of the identity system behind the server.
    #[serde(default, deserialize_with = "null_as_default")]
    pub error_code: String,
    /// Text for developers.
    #[serde(default, deserialize_with = "null_as_default")]
    pub error_message: String,
}

impl ErrorItem {
    /// An error whose message is its code, as eSignet writes it.
    #[must_use]
    pub fn of(code: &str) -> Self {
        Self { error_code: code.to_owned(), error_message: code.to_owned() }
    }
}

/// A response as sent. `response` is written as `null` when there is none; a dialect that must leave it out does so.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Response<T> {
    /// When the server answered. Wallets correct their clock by it. GovStack's file misspells it `responseTIme`.
    #[serde(alias = "responseTIme", default, deserialize_with = "null_as_default")]
    pub response_time: String,
    /// The body, absent or `null` on error.
    pub response: Option<T>,
    /// Empty on success.
    #[serde(default, deserialize_with = "null_as_default")]
    pub errors: Vec<ErrorItem>,
}

impl<T> Response<T> {
    /// A success at `now`.
    pub fn success(now: Timestamp, body: T) -> Self {
        Self { response_time: now.to_string(), response: Some(body), errors: Vec::new() }
    }

    /// A failure at `now`.
    pub fn failure(now: Timestamp, errors: Vec<ErrorItem>) -> Self {
        Self { response_time: now.to_string(), response: None, errors }
    }

    /// The server's clock, where the answer tells it in the form agreed.
    #[must_use]
    pub fn server_time(&self) -> Option<Timestamp> {
        self.response_time.parse().ok()
    }

    /// The body of a success, or the errors. An answer with neither gives an empty list.
    ///
    /// # Errors
    /// The errors of the answer; errors count even where a body stands beside them.
    pub fn into_result(self) -> Result<T, Vec<ErrorItem>> {
        match self.response {
            Some(body) if self.errors.is_empty() => Ok(body),
            _ => Err(self.errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_607_200_000;

    fn request(json: &str) -> Request<u8> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn opens_inside_the_window_only() {
        let now = Timestamp::from_epoch_ms(NOW).unwrap();
        for (at, expected) in [
            (NOW, Ok(7)),
            (NOW + 120_000, Ok(7)),
            (NOW - 120_000, Ok(7)),
            (NOW + 120_001, Err(EnvelopeError::TimeOutsideWindow)),
            (NOW - 120_001, Err(EnvelopeError::TimeOutsideWindow)),
        ] {
            assert_eq!(Request::new(now, 7).open(at, DEFAULT_LEEWAY_MS), expected);
        }
    }

    #[test]
    fn tells_what_is_missing() {
        let open = |json| request(json).open(NOW, DEFAULT_LEEWAY_MS);
        assert_eq!(open(r#"{"request":7}"#), Err(EnvelopeError::MalformedTime));
        assert_eq!(open(r#"{"requestTime":null,"request":7}"#), Err(EnvelopeError::MalformedTime));
        assert_eq!(open(r#"{"requestTime":"2026-01-05T10:00:00Z","request":7}"#), Err(EnvelopeError::MalformedTime));
        assert_eq!(open(r#"{"requestTime":"2026-01-05T10:00:00.000Z","x":1}"#), Err(EnvelopeError::NoBody));
        assert_eq!(open(r#"{"requestTime":"2026-01-05T10:00:00.000Z","request":null}"#), Err(EnvelopeError::NoBody));
    }

    #[test]
    fn reads_both_forms_of_failure() {
        for json in [
            r#"{"responseTime":"2026-01-05T10:00:00.042Z","response":null,"errors":[{"errorCode":"invalid_link_code"}]}"#,
            r#"{"responseTIme":"2026-01-05T10:00:00.042Z","errors":[{"errorCode":"invalid_link_code","errorMessage":"x"}]}"#,
        ] {
            let response: Response<u8> = serde_json::from_str(json).unwrap();
            assert_eq!(response.server_time().unwrap().epoch_ms(), NOW + 42);
            assert_eq!(response.into_result().unwrap_err()[0].error_code, "invalid_link_code");
        }
        let empty: Response<u8> = serde_json::from_str(r#"{"errors":null}"#).unwrap();
        assert_eq!(empty.into_result(), Err(vec![]));
    }
}
