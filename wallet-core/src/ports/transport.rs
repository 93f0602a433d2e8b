//! HTTP by the platform's own stack, which brings proxy, pinning, VPN and certificate store.

use async_trait::async_trait;
use std::fmt;

/// The methods a wallet uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum HttpMethod {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

/// One header field.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct HttpHeader {
    /// Its name; compared without regard to case.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A request. Its `Debug` form shows neither path, header values nor body.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct HttpRequest {
    /// The method.
    pub method: HttpMethod,
    /// The absolute URL. `https`, or `http` to a loopback address where the app allowed it.
    pub url: String,
    /// Header fields beside those the HTTP stack adds itself.
    pub headers: Vec<HttpHeader>,
    /// The body; empty for `GET`.
    pub body: Vec<u8>,
    /// Limit for the whole exchange, in milliseconds.
    pub timeout_ms: u32,
    /// Limit for the answer's body, in bytes: stop reading beyond it with `TooLarge`.
    pub max_response_bytes: u32,
}

/// An answer, whatever its status. Its `Debug` form shows the status only.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct HttpResponse {
    /// The status, also 3xx: redirects are not followed.
    pub status: u16,
    /// Header fields.
    pub headers: Vec<HttpHeader>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpHeader({})", self.name)
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest").field("method", &self.method).field("bytes", &self.body.len()).finish()
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse").field("status", &self.status).field("bytes", &self.body.len()).finish()
    }
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum TransportError {
    /// No network, no route, name not found, connection refused or lost.
    #[error("the server cannot be reached")]
    Offline,
    /// The limit of time passed.
    #[error("the server did not answer in time")]
    Timeout,
    /// The server's certificate or the TLS handshake was refused.
    #[error("the connection is not trusted")]
    Tls,
    /// The answer is larger than the limit.
    #[error("the answer is too large")]
    TooLarge,
    /// The app stopped the exchange.
    #[error("the exchange was cancelled")]
    Cancelled,
    /// Anything else. The detail helps a developer; it is not logged by the wallet.
    #[error("the exchange failed")]
    Failed {
        /// The platform's own words.
        detail: String,
    },
}

#[cfg(feature = "uniffi")]
impl From<uniffi::UnexpectedUniFFICallbackError> for TransportError {
    // The reason holds the app's stack trace in Kotlin: it must go nowhere.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { detail: "unexpected exception in the transport".into() }
    }
}

/// Sends one request.
///
/// An implementation follows no redirects, keeps no cookies and no cache, and verifies
/// certificates by the platform's rules.
#[cfg_attr(feature = "uniffi", uniffi::export(rust, foreign))]
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends the request and reads the whole answer. Every HTTP status is an answer, not an error.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}
