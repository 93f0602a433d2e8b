//! The event stream through the whole app, read as a page reads it.

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::test_kit::{MOUNTS, Phone, Tab, UIN, WHOLE, add_client_with, person, told, wallet};
use crate::clients::{LoginPolicy, Rotation};
use crate::dialect::Mount;
use crate::http::{csrf, envelope};
use crate::testkit::Kit;
use crate::wait;

/// A stream that is read.
struct Listening {
    body: BodyDataStream,
    text: String,
}

impl Listening {
    async fn open(kit: &Kit, tab: &Tab, mount: Mount, id: &str, code: &str) -> Self {
        let time = envelope::format_time(kit.state.clock.now());
        let request = json!({ "requestTime": time, "request": { "transactionId": id, "linkCode": code } });
        let request = Request::post(format!("{}/linked-authorization/link-events", mount.prefix()))
            .header(header::CONTENT_TYPE, "application/json")
            .header("cookie", &tab.cookie)
            .header(csrf::HEADER, &tab.token)
            .body(Body::from(request.to_string()))
            .unwrap();
        let response = crate::routes::app(&kit.state).oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event and its data; `None` at the end. Comments are passed over.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let found = line("event: ").zip(line("data: "));
                self.text = rest.to_owned();
                if let Some((event, data)) = found {
                    return Some((event, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let bytes = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    async fn state(&mut self, state: &str) {
        assert_eq!(self.next().await, Some(("state".into(), json!({ "state": state }))));
    }

    async fn frame(&mut self) -> Value {
        let (event, data) = self.next().await.unwrap();
        assert_eq!(event, "frame", "{data}");
        data
    }

    async fn over(&mut self) {
        assert_eq!(self.next().await, Some(("end".into(), json!({}))));
        assert_eq!(self.next().await, None);
    }
}

/// Time goes on, and whoever waits for the transaction looks at the clock.
fn pass(kit: &Kit, id: &str, seconds: i64) {
    kit.clock.advance_seconds(seconds);
    let id = kit.state.ids.open(crate::ids::Kind::Transaction, id).unwrap();
    kit.state.waits.wake(wait::transaction(id.id));
}

/// Frame after frame, then the scan, the approval, the end; nobody waits any more.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_page_is_told_of_frames_and_of_the_wallet() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        let phone = Phone::bind(&kit, UIN).await;
        let (tab, mount) = (Tab::new(&kit), Mount::Op);
        let id = tab.begin(&kit, mount).await;
        let mut stream = Listening::open(&kit, &tab, mount, &id, "").await;
        stream.state("waiting").await;
        let first = stream.frame().await;
        assert_eq!(first["expireDateTime"], "2026-01-05T10:00:20.000Z");
        assert_eq!(first["linkCode"], tab.code(&kit, mount, &id).await.as_str());
        assert!(first["svg"].as_str().unwrap().starts_with("<svg"));
        let link = protocol::link::Link::parse(first["deepLink"].as_str().unwrap()).unwrap();
        assert_eq!(link.code, first["linkCode"].as_str().unwrap());
        assert_eq!(link.issuer, Some(kit.state.issuer(mount)));
        pass(&kit, &id, 10);
        let second = stream.frame().await;
        assert_ne!(second["linkCode"], first["linkCode"]);
        assert_eq!(second["expireDateTime"], "2026-01-05T10:00:30.000Z");
        let scanned = phone.scan(&kit, mount, second["linkCode"].as_str().unwrap(), true).await;
        stream.state("scanned").await;
        phone.authenticate(&kit, mount, "v2/authenticate", &scanned).await;
        stream.state("authenticated").await;
        // A page that comes back hears where the login stands, and no code.
        let mut again = Listening::open(&kit, &tab, mount, &id, "").await;
        again.state("authenticated").await;
        assert_eq!(wallet(&kit, mount, "v2/consent", phone.consent(&kit, &scanned, &["name"])).await.code(), "");
        for stream in [&mut stream, &mut again] {
            stream.state("approved").await;
            stream.over().await;
        }
        drop((stream, again));
        assert_eq!(kit.state.waits.waiting(), 0);
    }
}

/// The wallet's no, the browser's own, and the login's time end the stream.
#[tokio::test]
async fn a_denied_or_ended_login_ends_the_stream() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let mut stream = Listening::open(&kit, &tab, mount, &id, "").await;
        stream.state("waiting").await;
        let code = stream.frame().await["linkCode"].as_str().unwrap().to_owned();
        let answer = wallet(&kit, mount, "v2/link-transaction", json!({ "linkCode": code })).await.json();
        stream.state("scanned").await;
        let linked = &answer["response"]["linkTransactionId"];
        kit.post("/wallet/deny", json!({ "linkedTransactionId": linked }), &[]).await;
        stream.state("denied").await;
        stream.over().await;

        let id = tab.begin(&kit, mount).await;
        let mut stream = Listening::open(&kit, &tab, mount, &id, "").await;
        stream.state("waiting").await;
        stream.frame().await;
        pass(&kit, &id, 300);
        stream.state("over").await;
        stream.over().await;
    }
    assert_eq!(kit.state.waits.waiting(), 0);
}

/// A server that stops lets its streams go, without an end: the page comes back to another node.
#[tokio::test]
async fn a_closing_server_lets_its_streams_go() {
    let kit = Kit::new().await;
    let tab = Tab::new(&kit);
    let id = tab.begin(&kit, Mount::Op).await;
    let mut stream = Listening::open(&kit, &tab, Mount::Op, &id, "").await;
    stream.state("waiting").await;
    stream.frame().await;
    kit.state.waits.close();
    assert_eq!(stream.next().await, None);
}

/// Where codes stand for themselves, one is made when the one before nears its end, as many as there may be.
#[tokio::test]
async fn without_rotation_a_stream_makes_codes_up_to_the_limit() {
    let mut config = crate::config::Config::default();
    config.limits.link_codes = 2;
    let kit = Kit::with(config).await;
    for mount in WHOLE {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let shown = tab.code(&kit, mount, &id).await;
        let mut stream = Listening::open(&kit, &tab, mount, &id, &shown).await;
        stream.state("waiting").await;
        // The code that the page has already is none that counts.
        assert_eq!(stream.frame().await["linkCode"], shown.as_str());
        pass(&kit, &id, 50);
        let second = stream.frame().await["linkCode"].as_str().unwrap().to_owned();
        assert_ne!(second, shown);
        pass(&kit, &id, 50);
        pass(&kit, &id, 10);
        stream.state("expired").await;
        stream.over().await;
    }
}

/// E5, E6, L3: another browser, no token, an unknown or blank id: refused before any stream.
#[tokio::test]
async fn a_stream_is_for_the_browser_that_began() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        add_client_with(&kit, mount, Some(LoginPolicy { rotation: Rotation::Strict, ..LoginPolicy::default() })).await;
        let (tab, other) = (Tab::new(&kit), Tab::new(&kit));
        let id = tab.begin(&kit, mount).await;
        let ask = json!({ "transactionId": id });
        let answer = other.post(&kit, mount, "link-events", ask.clone()).await;
        assert_eq!(answer.code(), told(mount, "invalid_transaction"));
        let path = format!("{}/linked-authorization/link-events", mount.prefix());
        assert_eq!(kit.post(&path, ask, &[]).await.status, 403);
        let answer = tab.post(&kit, mount, "link-events", json!({ "transactionId": " " })).await;
        assert_eq!(answer.code(), "invalid_transaction_id");
        let unknown = kit.state.mint(crate::ids::Kind::Transaction).text;
        let answer = tab.post(&kit, mount, "link-events", json!({ "transactionId": unknown })).await;
        assert_eq!(answer.code(), told(mount, "invalid_transaction"));
    }
    assert_eq!(kit.state.waits.waiting(), 0);
}
