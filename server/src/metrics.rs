//! What is counted, for Prometheus. Labels hold route patterns and outcomes, never ids.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::notifications;
use crate::state::AppState;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
}

/// A request under way.
pub struct Counted {
    route: Option<MatchedPath>,
    method: Method,
    start: tokio::time::Instant,
}

impl Counted {
    /// The route's pattern; `None` of a request that no route takes.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        self.route.as_ref().map(MatchedPath::as_str)
    }
}

/// The counters of one server.
pub struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter<u64, AtomicU64>>,
    seconds: Family<Route, Histogram>,
    polls: Gauge<i64, AtomicI64>,
    notifications_waiting: Gauge<i64, AtomicI64>,
    notifications_dead: Gauge<i64, AtomicI64>,
    state: AppState,
}

impl Metrics {
    /// All at zero, with what the state counts beside.
    #[must_use]
    pub fn new(state: &AppState) -> Arc<Self> {
        let mut registry = Registry::with_prefix("tessera");
        let answered = Family::default();
        let seconds: Family<Route, Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.0005, 2.0, 16)));
        registry.register("http_requests", "Requests answered", answered.clone());
        registry.register("http_request_seconds", "Time to answer, long polls included", seconds.clone());
        state.flow.register(&mut registry);
        state.deliveries.register(&mut registry);
        let polls = Gauge::<i64, AtomicI64>::default();
        registry.register("polls_waiting", "Long polls and event streams that wait on this node", polls.clone());
        let (notifications_waiting, notifications_dead) = (Gauge::default(), Gauge::default());
        let waiting = "Notifications that are not taken yet, of all nodes, 100000 at most";
        registry.register("notifications_waiting", waiting, notifications_waiting.clone());
        let dead = "Notifications that were given up and are kept, of all nodes, 100000 at most";
        registry.register("notifications_dead", dead, notifications_dead.clone());
        let state = state.clone();
        Arc::new(Self { registry, answered, seconds, polls, notifications_waiting, notifications_dead, state })
    }

    /// Begins to count and time a request, by its route's pattern.
    #[must_use]
    pub fn begin(&self, request: &Request) -> Counted {
        let route = request.extensions().get::<MatchedPath>().cloned();
        Counted { route, method: request.method().clone(), start: tokio::time::Instant::now() }
    }

    /// Ends what [`Metrics::begin`] began.
    pub fn end(&self, counted: Counted, status: StatusCode) {
        let route = counted.pattern().unwrap_or("none").to_owned();
        let method = counted.method.as_str().to_owned();
        let seconds = counted.start.elapsed().as_secs_f64();
        self.seconds.get_or_create(&Route { route: route.clone() }).observe(seconds);
        self.answered.get_or_create(&Answered { method, route, status: status.as_u16() }).inc();
    }

    /// The OpenMetrics text. Where the database does not answer, what is counted in it stays as it was.
    pub async fn text(&self) -> String {
        self.polls.set(i64::try_from(self.state.waits.waiting()).unwrap_or(i64::MAX));
        if let Ok(counted) = notifications::counted(&self.state).await {
            self.notifications_waiting.set(counted.waiting);
            self.notifications_dead.set(counted.dead);
        }
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// `GET /metrics` of the separate listener.
pub async fn get(State(metrics): State<Arc<Metrics>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.text().await).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::deliveries::{Outcome, Sent};
    use crate::dialect::Mount;
    use crate::flow::{Step, Wait};
    use crate::testkit::Kit;

    /// Names of metrics in a text, without the endings that Prometheus adds.
    fn named(text: &str) -> BTreeSet<String> {
        let words =
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("tessera_"));
        words
            .map(|word| {
                let ending = ["_total", "_bucket", "_sum", "_count"].into_iter().find(|ending| word.ends_with(ending));
                word.strip_suffix(ending.unwrap_or_default()).unwrap_or(word).to_owned()
            })
            .collect()
    }

    /// Grafana's dashboard asks for nothing that is not there, and leaves nothing out.
    #[tokio::test]
    async fn the_dashboard_shows_what_is_counted() {
        let kit = Kit::new().await;
        let metrics = Metrics::new(&kit.state);
        kit.state.flow.count(Mount::Op, Step::Scanned);
        kit.state.flow.waited(Mount::Op, Wait::Scan, 0, 1500);
        kit.state.deliveries.count(Sent::Logout, Outcome::Dead);
        let request = Request::get("/health").body(axum::body::Body::empty()).unwrap();
        metrics.end(metrics.begin(&request), StatusCode::OK);
        let text = metrics.text().await;
        let counted: BTreeSet<String> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
            .map(str::to_owned)
            .collect();
        let file = include_str!("../../docs/grafana-dashboard.json");
        let dashboard: serde_json::Value = serde_json::from_str(file).unwrap();
        let mut expressions = String::new();
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                expressions += target["expr"].as_str().unwrap();
                expressions.push('\n');
            }
        }
        assert_eq!(named(&expressions), counted);
        assert!(named(file).is_subset(&counted));
        assert!(text.contains("tessera_login_steps_total{mount=\"op\",step=\"scanned\"} 1"), "{text}");
        assert!(text.contains("tessera_login_wait_seconds_count{mount=\"op\",wait=\"scan\"} 1"), "{text}");
        assert!(text.contains("tessera_deliveries_total{sent=\"logout\",outcome=\"dead\"} 1"), "{text}");
        assert!(
            text.contains("tessera_notifications_waiting 0") && text.contains("tessera_notifications_dead 0"),
            "{text}"
        );
    }
}
