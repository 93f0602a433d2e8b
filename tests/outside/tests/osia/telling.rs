//! OSIA notification 1.2.0 with many subscribers, good and bad, and by mail.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use outside::certificate::make_certificate;
use outside::mail_relay::Relay;
use outside::metrics::Metrics;
use outside::receiver::{Heard, Receiver};
use outside::server::{Database, Server};
use outside::service::Service;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::notifications::{NOTIFIER, confirm, escaped, publish, says, subscribe, subscribe_by, topic};

/// Subscribers that behave.
const GOOD: usize = 46;
/// What is published.
const NEWS: [&str; 3] = ["one", "two", "three"];

/// Accepts connections and never answers; dead as soon as it is dropped.
struct Stalling {
    url: String,
    listening: tokio::task::JoinHandle<()>,
}

impl Stalling {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let listening = tokio::spawn(async move {
            let mut held: Vec<TcpStream> = Vec::new();
            while let Ok((socket, _)) = listener.accept().await {
                held.push(socket);
            }
        });
        Self { url, listening }
    }
}

impl Drop for Stalling {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// An address of this machine at which nobody listens.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/", listener.local_addr().unwrap())
}

fn told(heard: &Heard) -> bool {
    heard.header("message-type") == "Notification"
}

fn lines(printed: &str) -> Vec<Vec<&str>> {
    printed.lines().map(|line| line.split('\t').collect()).collect()
}

/// Waits until the operator's list of dead letters has so many.
async fn dead_letters(server: &Server, count: usize) -> String {
    let began = Instant::now();
    loop {
        let printed = server.command(&["notifications", "dead", "list"]);
        if printed.lines().count() == count {
            return printed;
        }
        assert!(began.elapsed() < Duration::from_secs(300), "{count} dead letters:\n{printed}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// OSIA-NOT-05, OSIA-NOT-10: fifty subscribers. Those that behave are told each message once, whatever the others do: one that
/// takes its time, one that redirects, one that never answers, one that is not there. What is given up is there for the
/// operator to send again.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_are_told_once_each_whatever_some_of_them_do() {
    for database in Database::all() {
        let (settings, metrics) = Metrics::listening("");
        let server = Server::start(database, &settings).await;
        let service = Service::register(&server, &NOTIFIER).await;
        let receiver = Receiver::start().await;
        let stalling = Stalling::start().await;
        let news = topic(&service, "news").await;
        let mut good = BTreeSet::new();
        for number in 0..GOOD {
            let address = format!("{}/good/{number}", receiver.origin);
            let wanted = subscribe(&service, "news", &address, "1,60").await;
            confirm(&service, &receiver, &wanted).await;
            good.insert(wanted["uuid"].as_str().unwrap().to_owned());
        }
        let slow = subscribe(&service, "news", &format!("{}/slow", receiver.origin), "1,-1").await;
        let away = subscribe(&service, "news", &format!("{}/away", receiver.origin), "1,1").await;
        for wanted in [&slow, &away] {
            confirm(&service, &receiver, wanted).await;
        }
        // Whoever cannot be asked cannot agree: these are confirmed by nobody, and so never told.
        for address in [&stalling.url, &nobody().await] {
            assert_eq!(subscribe(&service, "news", address, "1,1").await["active"], false);
        }
        for text in NEWS {
            publish(&service, &news, text).await;
        }
        let is_good = |heard: &Heard| told(heard) && good.contains(heard.header("subscription-id"));
        // While the slow one still holds what it was sent first.
        receiver.until_count("every message of every good subscriber", GOOD * NEWS.len(), is_good).await;
        let of_away = away["uuid"].as_str().unwrap();
        // Two questions that could not be asked, and what was redirected.
        let printed = dead_letters(&server, 2 + NEWS.len()).await;
        let redirected: Vec<&str> =
            lines(&printed).into_iter().filter(|line| line[6] == of_away).map(|line| line[0]).collect();
        assert_eq!(redirected.len(), NEWS.len(), "{printed}");
        assert!(receiver.all().iter().all(|heard| heard.path != "/elsewhere"), "a redirect was followed");

        receiver.behave();
        let of_slow = slow["uuid"].as_str().unwrap();
        for text in NEWS {
            let says = says(text);
            let what = "what the slow one was to be told";
            receiver.until(what, |heard| heard.header("subscription-id") == of_slow && says(heard)).await;
        }
        let shown: Value =
            serde_json::from_str(&server.command(&["notifications", "dead", "show", redirected[0]])).unwrap();
        assert_eq!((&shown["subscription"], &shown["attempts"]), (&json!(of_away), &json!(2)));
        assert!(NEWS.contains(&shown["message"]["message"].as_str().unwrap()), "{shown}");
        let mut words = vec!["notifications", "dead", "resend"];
        words.extend(&redirected);
        server.command(&words);
        // Until all that was on its way is settled.
        metrics.until("tessera_notifications_waiting", 0.0, 0.0).await;
        let rest = dead_letters(&server, 2).await;
        let rest: Vec<&str> = lines(&rest).into_iter().map(|line| line[0]).collect();
        server.command(&["notifications", "dead", "remove", rest[0], rest[1]]);
        dead_letters(&server, 0).await;
        metrics.until("tessera_notifications_dead", 0.0, 0.0).await;

        let mut messages: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for heard in receiver.all().into_iter().filter(is_good) {
            let id = heard.header("message-id").to_owned();
            messages.entry(heard.header("subscription-id").to_owned()).or_default().push(id);
        }
        let log = server.log();
        for (subscription, ids) in messages {
            let distinct: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(distinct.len(), NEWS.len(), "{database:?}");
            // At least once; twice only where the log says why the first did not count.
            assert!(ids.len() == distinct.len() || log.contains(&subscription), "{database:?}: {ids:?}");
        }
        let again =
            receiver.all().into_iter().filter(|heard| told(heard) && heard.header("subscription-id") == of_away);
        let texts: BTreeSet<String> = again.map(|heard| heard.json()["message"].as_str().unwrap().to_owned()).collect();
        assert_eq!(texts, BTreeSet::from(NEWS.map(str::to_owned)));
    }
}

/// OSIA-NOT-05, OSIA-NOT-08, OSIA-NOT-10 by mail: asked, confirmed, told again where the box was full; the whole message is
/// in the mail, signed.
#[tokio::test(flavor = "multi_thread")]
async fn subscribers_are_told_by_mail() {
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = make_certificate(files.path(), "relay");
    let Some(relay) = Relay::start(&certificate, &key, "hidden-Marker") else { return };
    for database in Database::all() {
        let (settings, metrics) = Metrics::listening(&relay.settings(&certificate, "hidden-Marker"));
        let server = Server::start(database, &settings).await;
        let service = Service::register(&server, &NOTIFIER).await;
        let news = topic(&service, "news").await;
        let box_name = format!("full-{database:?}@office.test").to_lowercase();
        let wanted = subscribe_by(&service, "email", "news", &box_name, "1,60").await;
        assert_eq!((&wanted["protocol"], &wanted["address"]), (&json!("email"), &json!(box_name)));
        for bad in ["nowhere", "a@b@c", "a@office.test\r\nBcc: x@y.test"] {
            let path = format!("/v1/subscriptions?topic=news&protocol=email&address={}", escaped(bad));
            service.send("POST", &path, None).await.refused(400);
        }
        // The box is full once; then it is asked.
        let asked = relay.next();
        assert_eq!((&asked["to"], &asked["tls"]), (&json!([box_name]), &json!(true)));
        assert_eq!(asked["from"], "no-reply@id.test");
        let message = signed(&service, &asked).await;
        assert_eq!((&message["type"], &message["topic"]), (&json!("SubscriptionConfirmation"), &news["uuid"]));
        let url = line_of(&asked, "subscribeURL: ");
        assert_eq!(message["subscribeURL"], url);
        let path = url.strip_prefix(&server.origin).unwrap();
        service.get(path).await.is(200);
        assert_eq!(service.get("/v1/subscriptions").await.json()[0]["active"], true);
        publish(&service, &news, "zpráva ☃").await;
        let mut mail = relay.next();
        // The question may come twice, where the answer of the relay was late.
        while line_of(&mail, "message-type: ") != "Notification" {
            mail = relay.next();
        }
        assert_eq!((&mail["to"], &mail["subject"]), (&json!([box_name]), &json!("told")));
        assert_eq!(mail["text"].as_str().unwrap().lines().next(), Some("zpráva ☃"));
        let message = signed(&service, &mail).await;
        assert_eq!((&message["type"], &message["message"]), (&json!("Notification"), &json!("zpráva ☃")));
        for (line, member) in [("message-id: ", "messageId"), ("topic-id: ", "topic"), ("timestamp: ", "timestamp")] {
            assert_eq!(message[member], line_of(&mail, line));
        }
        metrics.until("tessera_notifications_waiting", 0.0, 0.0).await;
        for (outcome, least) in [("delivered", 2.0), ("refused", 1.0)] {
            let name = format!("tessera_deliveries_total{{sent=\"mail\",outcome=\"{outcome}\"}}");
            metrics.until(&name, least, f64::MAX).await;
        }
        assert!(!server.log().contains(&box_name), "an address in the log");
    }
}

/// What follows a word at the beginning of a line of a mail.
fn line_of(mail: &Value, word: &str) -> String {
    let text = mail["text"].as_str().unwrap();
    text.lines().find_map(|line| line.strip_prefix(word)).unwrap_or_else(|| panic!("{word} in {text}")).to_owned()
}

/// The message that a mail carries, by the server's published key.
async fn signed(service: &Service, mail: &Value) -> Value {
    json!(service.party.verify(&line_of(mail, "signed: ")).await)
}
