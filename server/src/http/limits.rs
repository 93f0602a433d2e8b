//! How much one address may ask for, and how long a request may take.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client_address::client_address;
use crate::config::{Config, Limits};

/// Requests per address; IPv6 counts by its /64, which is what one subscriber has.
pub struct PerAddress {
    limiter: Option<DefaultKeyedRateLimiter<IpAddr>>,
    proxies: Vec<IpAddr>,
    patience: Duration,
}

impl PerAddress {
    /// From the configuration.
    #[must_use]
    pub fn new(config: &Config) -> Arc<Self> {
        let Limits { requests_per_second, burst, request_seconds, .. } = config.limits;
        let quota = NonZeroU32::new(requests_per_second).map(|rate| {
            let burst = NonZeroU32::new(burst).unwrap_or(rate);
            Quota::per_second(rate).allow_burst(burst)
        });
        let poll = u64::from(config.lifetimes.poll);
        Arc::new(Self {
            limiter: quota.map(RateLimiter::keyed),
            proxies: config.trusted_proxies.clone(),
            patience: Duration::from_secs(request_seconds + poll),
        })
    }

    /// Forgets addresses that were quiet long enough to start afresh.
    pub fn forget_quiet(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
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

/// 429 with `Retry-After` above the rate; 503 where an answer takes longer than any should.
pub async fn enforce(State(limits): State<Arc<PerAddress>>, request: Request, next: Next) -> Response {
    if let Some(limiter) = &limits.limiter
        && let Some(address) = client_address(request.extensions(), request.headers(), &limits.proxies)
        && let Err(early) = limiter.check_key(&subscriber(address))
    {
        let seconds = early.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        return busy(StatusCode::TOO_MANY_REQUESTS, seconds);
    }
    match tokio::time::timeout(limits.patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => busy(StatusCode::SERVICE_UNAVAILABLE, 2),
    }
}

fn busy(status: StatusCode, seconds: u64) -> Response {
    (status, [(header::RETRY_AFTER, HeaderValue::from(seconds))], "").into_response()
}
