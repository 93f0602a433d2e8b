//! How much one address may ask for, how long a request may take, and how large it may be.

use std::collections::HashSet;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::runtime::Handle;

use super::client_address::client_address;
use crate::config::{Config, Limits};

/// Requests per address; IPv6 counts by its /64, which is what one subscriber has.
pub struct PerAddress {
    limiter: Option<DefaultKeyedRateLimiter<IpAddr>>,
    proxies: Vec<IpAddr>,
    body: usize,
    body_patience: Duration,
    patience: Duration,
    streamed: HashSet<(String, String)>,
    transfer: Duration,
}

impl PerAddress {
    /// From the configuration, and the verbs and patterns of the routes whose handlers read the body themselves.
    #[must_use]
    pub fn new(config: &Config, streamed: Vec<(&'static str, String)>) -> Arc<Self> {
        let Limits { requests_per_second, burst, request_seconds, body, .. } = config.limits;
        let quota = NonZeroU32::new(requests_per_second).map(|rate| {
            let burst = NonZeroU32::new(burst).unwrap_or(rate);
            Quota::per_second(rate).allow_burst(burst)
        });
        let poll = u64::from(config.lifetimes.poll);
        Arc::new(Self {
            limiter: quota.map(RateLimiter::keyed),
            proxies: config.trusted_proxies.clone(),
            body,
            body_patience: Duration::from_secs(request_seconds),
            patience: Duration::from_secs(request_seconds + poll),
            streamed: streamed.into_iter().map(|(verb, path)| (verb.to_ascii_uppercase(), path)).collect(),
            transfer: Duration::from_secs(config.enrollment.transfer_seconds),
        })
    }

    /// Forgets addresses that were quiet long enough to start afresh.
    pub fn forget_quiet(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    /// Answers a request within the limits: 429 with `Retry-After` above the rate; 413 and 408 for a body that is too large
    /// or does not come (F7, F8); 503 where an answer takes longer than any should.
    ///
    /// # Errors
    /// What `answer` ends with.
    pub async fn enforce<E, F>(&self, request: Request, answer: impl FnOnce(Request) -> F) -> Result<Response, E>
    where
        F: Future<Output = Result<Response, E>>,
    {
        if let Some(limiter) = &self.limiter
            && let Some(address) = client_address(request.extensions(), request.headers(), &self.proxies)
            && let Err(early) = limiter.check_key(&subscriber(address))
        {
            let seconds = early.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
            return Ok(busy(StatusCode::TOO_MANY_REQUESTS, seconds));
        }
        if self.streams(&request) {
            let request = match paced(request, self.body_patience) {
                Ok(request) => request,
                Err(status) => return Ok((status, [(header::CONNECTION, "close")]).into_response()),
            };
            return match tokio::time::timeout(self.transfer, answer(request)).await {
                Ok(answered) => answered,
                Err(_) => Ok(busy(StatusCode::SERVICE_UNAVAILABLE, 2)),
            };
        }
        let request = match tokio::time::timeout(self.body_patience, whole(request, self.body)).await {
            Ok(Ok(request)) => request,
            Ok(Err(status)) => return Ok((status, [(header::CONNECTION, "close")]).into_response()),
            Err(_) => return Ok(StatusCode::REQUEST_TIMEOUT.into_response()),
        };
        match tokio::time::timeout(self.patience, answer(request)).await {
            Ok(answered) => answered,
            Err(_) => Ok(busy(StatusCode::SERVICE_UNAVAILABLE, 2)),
        }
    }
}

impl PerAddress {
    fn streams(&self, request: &Request) -> bool {
        let Some(route) = request.extensions().get::<MatchedPath>() else { return false };
        self.streamed.contains(&(request.method().as_str().to_owned(), route.as_str().to_owned()))
    }
}

/// Bytes read and thrown away of a body whose request is answered already, at most.
const THROWN_AWAY: usize = 1 << 20;

/// A body that is read as it comes. What nobody read when the request is answered is read and thrown away, within bounds: a
/// client that is still sending would otherwise find the connection closed, and never hear why it was refused.
struct Rest {
    chunks: Option<BodyDataStream>,
    patience: Duration,
}

impl Drop for Rest {
    fn drop(&mut self) {
        let (Some(mut chunks), Ok(runtime)) = (self.chunks.take(), Handle::try_current()) else { return };
        let patience = self.patience;
        runtime.spawn(async move {
            let mut left = THROWN_AWAY;
            while let Ok(Some(Ok(chunk))) = tokio::time::timeout(patience, chunks.next()).await {
                left = left.saturating_sub(chunk.len());
                if left == 0 {
                    break;
                }
            }
        });
    }
}

/// The request with its body as it comes: each piece within `patience`, and the end of it where one does not come.
fn paced(request: Request, patience: Duration) -> Result<Request, StatusCode> {
    let (parts, body) = request.into_parts();
    known_coding(&parts.headers)?;
    let rest = Rest { chunks: Some(body.into_data_stream()), patience };
    let chunks = futures::stream::unfold(rest, move |mut rest| async move {
        let next = tokio::time::timeout(patience, rest.chunks.as_mut()?.next()).await;
        if let Ok(Some(chunk)) = next {
            return Some((chunk.map_err(std::io::Error::other), rest));
        }
        rest.chunks = None;
        next.is_err().then(|| (Err(std::io::ErrorKind::TimedOut.into()), rest))
    });
    Ok(Request::from_parts(parts, Body::from_stream(chunks)))
}

/// RFC 9112 §6.1: where another server in front may know a coding that this one does not, the two would not agree on where
/// the request ends.
fn known_coding(headers: &HeaderMap) -> Result<(), StatusCode> {
    let mut coded = headers.get_all(header::TRANSFER_ENCODING).iter();
    let known = coded.next().is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
    if known && coded.next().is_none() { Ok(()) } else { Err(StatusCode::NOT_IMPLEMENTED) }
}

fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
        IpAddr::V4(_) => address,
    }
}

/// The request with its whole body in hand, so that no handler waits for a client; or the status to refuse it with.
async fn whole(request: Request, most: usize) -> Result<Request, StatusCode> {
    let (parts, body) = request.into_parts();
    known_coding(&parts.headers)?;
    let told = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > most as u64) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    if body.is_end_stream() {
        return Ok(Request::from_parts(parts, Body::empty()));
    }
    let mut bytes = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if bytes.len() + chunk.len() > most {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn busy(status: StatusCode, seconds: u64) -> Response {
    (status, [(header::RETRY_AFTER, HeaderValue::from(seconds))], "").into_response()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::Router;
    use axum::body::Bytes;
    use axum::middleware::{Next, from_fn};
    use axum::routing::post;
    use tower::ServiceExt;

    use super::*;

    async fn length(body: Bytes) -> String {
        body.len().to_string()
    }

    /// F8, OSIA-BUF-01: the limit on bodies is for those that are read whole before anybody asks who calls.
    #[tokio::test]
    async fn a_route_that_streams_is_given_its_body_as_it_comes() {
        let config = Config { limits: Limits { body: 10, ..Limits::default() }, ..Config::default() };
        let per_address = PerAddress::new(&config, vec![("post", "/streams/{id}".into())]);
        let enforce = move |request: Request, next: Next| {
            let per_address = per_address.clone();
            async move {
                let answer = async |request| Ok::<_, Infallible>(next.run(request).await);
                per_address.enforce(request, answer).await.unwrap()
            }
        };
        let routes = Router::new()
            .route("/streams/{id}", post(length).put(length))
            .route("/other/{id}", post(length))
            .layer(from_fn(enforce));
        let send = async |verb: &str, path: &str, coding: Option<&str>| {
            let mut request = Request::builder().method(verb).uri(path);
            if let Some(coding) = coding {
                request = request.header(header::TRANSFER_ENCODING, coding);
            }
            let response = routes.clone().oneshot(request.body(Body::from(vec![0; 1000])).unwrap()).await.unwrap();
            let status = response.status();
            (status, axum::body::to_bytes(response.into_body(), 100).await.unwrap())
        };
        assert_eq!(send("POST", "/streams/7", None).await, (StatusCode::OK, "1000".into()));
        assert_eq!(send("POST", "/streams/7", Some("gzip, chunked")).await.0, StatusCode::NOT_IMPLEMENTED);
        assert_eq!(send("PUT", "/streams/7", None).await.0, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(send("POST", "/other/7", None).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
