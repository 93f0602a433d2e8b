//! HTTP with reqwest and rustls.

use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Method, Url};
use wallet_core::ports::{HttpHeader, HttpMethod, HttpRequest, HttpResponse, Transport, TransportError};

/// Which certificate authorities servers are held against.
#[derive(Debug, Clone, Default)]
pub enum Roots {
    /// The operating system's.
    #[default]
    System,
    /// Those of this PEM text and no others.
    Only(Vec<u8>),
}

/// How the transport is set up.
#[derive(Debug, Clone, Default)]
pub struct TransportOptions {
    /// Certificate authorities.
    pub roots: Roots,
    /// Whether plain `http` to the own machine is sent at all: for tests and demos.
    pub loopback_http: bool,
}

/// The transport cannot be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportSetupError {
    /// The PEM text holds no certificate or a damaged one.
    #[error("no usable certificate authority in the file")]
    Roots,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls,
}

/// Sends the wallet's requests. Needs a tokio runtime around it.
///
/// Redirects are not followed, cookies not kept. `https` goes through the proxy of the environment, if any; `http` is
/// sent to loopback addresses only, where allowed, and never through a proxy.
pub struct HttpTransport {
    options: TransportOptions,
    /// Made at the first use: a machine without certificate authorities can still speak to itself.
    secure: OnceLock<Client>,
    loopback: Client,
}

impl HttpTransport {
    /// Sets the transport up.
    ///
    /// # Errors
    /// A [`TransportSetupError`].
    pub fn new(options: TransportOptions) -> Result<Self, TransportSetupError> {
        // Reqwest takes the provider of the process; a second installation is refused and does not matter.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if let Roots::Only(pem) = &options.roots
            && certificates(pem)?.is_empty()
        {
            return Err(TransportSetupError::Roots);
        }
        let loopback = bare().tls_certs_only([]).no_proxy().build().map_err(|_| TransportSetupError::Tls)?;
        Ok(Self { options, secure: OnceLock::new(), loopback })
    }

    fn client_for(&self, url: &Url) -> Result<&Client, TransportError> {
        match url.scheme() {
            "https" => self.secure(),
            "http" if self.options.loopback_http && is_loopback(url) => Ok(&self.loopback),
            _ => Err(TransportError::Failed { detail: "the address is not https".into() }),
        }
    }

    fn secure(&self) -> Result<&Client, TransportError> {
        if let Some(client) = self.secure.get() {
            return Ok(client);
        }
        let builder = match &self.options.roots {
            Roots::System => bare(),
            Roots::Only(pem) => bare().tls_certs_only(certificates(pem).map_err(|_| TransportError::Tls)?),
        };
        let client = builder.https_only(true).build().map_err(|_| TransportError::Tls)?;
        Ok(self.secure.get_or_init(|| client))
    }
}

fn bare() -> ClientBuilder {
    Client::builder().redirect(Policy::none()).referer(false).user_agent("tessera-wallet")
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, TransportSetupError> {
    Certificate::from_pem_bundle(pem).map_err(|_| TransportSetupError::Roots)
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let url: Url = request.url.parse().map_err(|_| TransportError::Failed { detail: "not a URL".into() })?;
        let method = match request.method {
            HttpMethod::Get => Method::GET,
            HttpMethod::Post => Method::POST,
        };
        let mut sending =
            self.client_for(&url)?.request(method, url).timeout(Duration::from_millis(u64::from(request.timeout_ms)));
        for HttpHeader { name, value } in request.headers {
            sending = sending.header(name, value);
        }
        if !request.body.is_empty() {
            sending = sending.body(request.body);
        }
        let response = sending.send().await.map_err(outer)?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                let value = value.to_str().ok()?.to_owned();
                Some(HttpHeader { name: name.as_str().to_owned(), value })
            })
            .collect();
        let body = limited(response, request.max_response_bytes as usize).await?;
        Ok(HttpResponse { status, headers, body })
    }
}

/// Reads a body up to the limit, piece by piece: what a server announces is not what it sends.
async fn limited(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(outer)? {
        if body.len() + piece.len() > limit {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// What went wrong, without the address: it stays out of messages.
fn outer(error: reqwest::Error) -> TransportError {
    if error.is_timeout() {
        return TransportError::Timeout;
    }
    let error = error.without_url();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(at) = cause {
        if at.is::<rustls::Error>() {
            return TransportError::Tls;
        }
        // An I/O error tells its content's source as its own and so hides the content.
        cause = match at.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(content) => Some(content),
            None => at.source(),
        };
    }
    if error.is_builder() {
        return TransportError::Failed { detail: "the request cannot be built".into() };
    }
    TransportError::Offline
}

#[cfg(test)]
mod tests;
