//! The only way this server fetches a URL that somebody else chose (`jwks_uri`, webhooks): public addresses only, no
//! redirects, little time, few bytes. RFC 9700 §4.11 and case A15.

mod reach;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Response, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;
use url::Url;

pub use reach::Unreachable;
use reach::is_public;

const PATIENCE: Duration = Duration::from_secs(5);

/// Why nothing was fetched. Holds no content of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Not `https`, with credentials in it, or a host that is not public.
    #[error("the address may not be fetched: https to a public host is needed")]
    Forbidden,
    /// No answer in five seconds, or none at all.
    #[error("the address did not answer")]
    NoAnswer,
    /// A status other than 2xx.
    #[error("the address answered with an error")]
    Refused,
    /// More bytes than allowed.
    #[error("the answer is too large")]
    TooLarge,
}

/// Why nothing can be fetched at all, found when the server starts.
#[derive(Debug, thiserror::Error)]
pub enum FetchSetupError {
    /// The file of [`Config::fetch_ca`](crate::config::Config::fetch_ca) is missing, no PEM, or holds no certificate.
    #[error("fetch_ca: the file must be PEM and hold the certificate of an authority")]
    Authority,
    /// The TLS library.
    #[error("the TLS library for requests to others cannot be set up")]
    Tls,
}

/// Fetches with the guard.
#[derive(Clone)]
pub struct Fetch {
    client: Client,
    allowed: Arc<[String]>,
}

impl Fetch {
    /// `allowed`: hosts, or `host:port`, that may be reached although they are not public or not `https`. `authority`: a
    /// PEM file with authorities of a closed network, believed beside the public ones.
    ///
    /// # Errors
    /// [`FetchSetupError`]
    pub fn new(allowed: &[String], authority: Option<&Path>) -> Result<Self, FetchSetupError> {
        // A second installation finds the first and is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let allowed: Arc<[String]> = allowed.into();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .no_proxy()
            .tls_backend_preconfigured(tls(authority)?)
            .dns_resolver(Arc::new(PublicOnly { allowed: allowed.clone() }))
            .build()
            .map_err(|_| FetchSetupError::Tls)?;
        Ok(Self { client, allowed })
    }

    /// Gets at most `most` bytes.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn get(&self, url: &Url, most: usize) -> Result<Vec<u8>, FetchError> {
        self.check(url)?;
        let response = self.client.get(url.clone()).send().await.map_err(|_| FetchError::NoAnswer)?;
        read(response, most).await
    }

    /// Posts JSON, with a bearer token where one is given; what comes back is not read.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn post_json<T: Serialize + Sync>(
        &self,
        url: &Url,
        token: Option<&str>,
        body: &T,
    ) -> Result<(), FetchError> {
        self.check(url)?;
        let mut request = self.client.post(url.clone()).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|_| FetchError::NoAnswer)?;
        if response.status().is_success() { Ok(()) } else { Err(FetchError::Refused) }
    }

    /// Sends JSON, or nothing, and reads at most `most` bytes of what comes back, whatever the status. `patience`: how long
    /// it may take in all.
    ///
    /// # Errors
    /// See [`FetchError`]; never [`FetchError::Refused`].
    pub async fn exchange<T: Serialize + Sync>(
        &self,
        method: reqwest::Method,
        url: &Url,
        token: Option<&str>,
        body: Option<&T>,
        (most, patience): (usize, Duration),
    ) -> Result<(u16, Vec<u8>), FetchError> {
        self.check(url)?;
        let mut request = self.client.request(method, url.clone()).timeout(patience);
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|_| FetchError::NoAnswer)?;
        let status = response.status().as_u16();
        Ok((status, bytes(response, most).await?))
    }

    /// Posts a form; what comes back is not read.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn post_form(&self, url: &Url, fields: &[(&str, &str)]) -> Result<(), FetchError> {
        self.check(url)?;
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = "application/x-www-form-urlencoded";
        let request = self.client.post(url.clone()).header(reqwest::header::CONTENT_TYPE, form).body(body);
        let response = request.send().await.map_err(|_| FetchError::NoAnswer)?;
        if response.status().is_success() { Ok(()) } else { Err(FetchError::Refused) }
    }

    /// Posts text of a media type; what comes back is not read.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn post(&self, url: &Url, media: &'static str, body: String) -> Result<(), FetchError> {
        self.post_with(url, &[], media, body).await
    }

    /// As [`Fetch::post`], with further headers.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn post_with(
        &self,
        url: &Url,
        headers: &[(&'static str, &str)],
        media: &'static str,
        body: String,
    ) -> Result<(), FetchError> {
        self.check(url)?;
        let mut request = self.client.post(url.clone()).header(reqwest::header::CONTENT_TYPE, media).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.map_err(|_| FetchError::NoAnswer)?;
        if response.status().is_success() { Ok(()) } else { Err(FetchError::Refused) }
    }

    /// Whether a URL may be fetched, as far as can be told before its name is resolved.
    #[must_use]
    pub fn may_reach(&self, url: &Url) -> bool {
        self.check(url).is_ok()
    }

    /// Why a URL is never fetched; `None` where it may be, as far as can be told before its name is resolved.
    #[must_use]
    pub fn unreachable(&self, url: &Url) -> Option<Unreachable> {
        Unreachable::of(url, &self.allowed)
    }

    /// What can be told from the URL alone; names are checked again when they are resolved, `localhost` among them.
    fn check(&self, url: &Url) -> Result<(), FetchError> {
        match self.unreachable(url) {
            None | Some(Unreachable::Localhost) => Ok(()),
            Some(Unreachable::Scheme | Unreachable::Form | Unreachable::Address) => Err(FetchError::Forbidden),
        }
    }
}

/// Certificates from the usual public roots, and from the authorities of the file.
fn tls(authority: Option<&Path>) -> Result<rustls::ClientConfig, FetchSetupError> {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = authority {
        let public = roots.len();
        for certificate in CertificateDer::pem_file_iter(file).map_err(|_| FetchSetupError::Authority)? {
            let certificate = certificate.map_err(|_| FetchSetupError::Authority)?;
            roots.add(certificate).map_err(|_| FetchSetupError::Authority)?;
        }
        if roots.len() == public {
            return Err(FetchSetupError::Authority);
        }
    }
    Ok(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

async fn read(response: Response, most: usize) -> Result<Vec<u8>, FetchError> {
    if !response.status().is_success() {
        return Err(FetchError::Refused);
    }
    bytes(response, most).await
}

async fn bytes(mut response: Response, most: usize) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| FetchError::NoAnswer)? {
        if bytes.len() + chunk.len() > most {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Resolves names, and forgets every address that is not public, so that the check and the connection see the same.
struct PublicOnly {
    allowed: Arc<[String]>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        // Ports are not known here; an entry with a port was compared with the URL before.
        let free = self.allowed.iter().any(|entry| entry.split(':').next() == Some(name.as_str()));
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| free || is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(Box::new(FetchError::Forbidden) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures::StreamExt;

    use super::*;

    fn guard(allowed: &[&str]) -> Fetch {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        Fetch::new(&allowed, None).unwrap()
    }

    #[test]
    fn a_file_without_an_authority_is_refused_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authority.pem");
        assert!(matches!(Fetch::new(&[], Some(&file)), Err(FetchSetupError::Authority)), "missing");
        std::fs::write(&file, "no certificate\n").unwrap();
        assert!(matches!(Fetch::new(&[], Some(&file)), Err(FetchSetupError::Authority)), "empty");
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        assert!(matches!(Fetch::new(&[], Some(&file)), Err(FetchSetupError::Authority)), "no certificate");
    }

    /// Case A15.
    #[tokio::test]
    async fn a15_nothing_but_https_to_public_hosts() {
        for url in [
            "http://169.254.169.254/latest",
            "https://169.254.169.254/",
            "http://127.0.0.1:22/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://10.1.2.3/",
            "https://100.64.0.1/",
            "file:///etc/passwd",
            "http://example.com/",
            "https://user:pass@example.com/",
            "https://2130706433/",
        ] {
            let refused = guard(&[]).get(&Url::parse(url).unwrap(), 10).await;
            assert_eq!(refused, Err(FetchError::Forbidden), "{url}");
        }
        // A name that leads inside is refused when it is resolved: no connection is made.
        assert!(guard(&[]).get(&Url::parse("https://localhost/").unwrap(), 10).await.is_err());
    }

    /// A byte, and never another.
    fn drips() -> impl futures::Stream<Item = Result<&'static str, std::convert::Infallible>> {
        futures::stream::once(async { Ok("x") }).chain(futures::stream::pending())
    }

    #[tokio::test]
    async fn an_allowed_host_is_fetched_within_its_size_and_redirects_are_not_followed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = axum::Router::new()
            .route("/small", axum::routing::get(|| async { "small" }))
            .route("/large", axum::routing::get(|| async { "x".repeat(100_000) }))
            .route("/away", axum::routing::get(|| async { axum::response::Redirect::to("/small") }))
            .route("/drips", axum::routing::get(|| async { Body::from_stream(drips()) }));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let guard = guard(&[&address.to_string()]);
        let url = |path: &str| Url::parse(&format!("http://{address}{path}")).unwrap();
        assert_eq!(guard.get(&url("/small"), 64).await, Ok(b"small".to_vec()));
        assert_eq!(guard.get(&url("/large"), 65_536).await, Err(FetchError::TooLarge));
        assert_eq!(guard.get(&url("/away"), 64).await, Err(FetchError::Refused));
        // A15: whoever sends a byte now and then is not waited for.
        assert_eq!(guard.get(&url("/drips"), 64).await, Err(FetchError::NoAnswer));
    }
}
