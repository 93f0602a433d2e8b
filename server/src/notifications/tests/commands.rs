//! The operator's commands, and what is counted.

use clap::Parser;
use serde_json::Value;

use super::kit::{Ear, Service, happens, kits, rows, settle};
use crate::deliveries::{Outcome, Sent};
use crate::events::Event;
use crate::metrics::Metrics;
use crate::notifications::cli::{self, NotificationsCommand};
use crate::notifications::store;
use crate::store::StoreError;
use crate::testkit::Kit;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: NotificationsCommand,
}

async fn run(kit: &Kit, words: &[&str]) -> Result<String, String> {
    command(kit, "dead", words).await
}

async fn command(kit: &Kit, group: &str, words: &[&str]) -> Result<String, String> {
    let words = ["notifications", group].into_iter().chain(words.iter().copied());
    let command = Arguments::try_parse_from(words).map_err(|error| error.to_string())?.command;
    let mut out = Vec::new();
    cli::run(&kit.state, command, &mut out).await.map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

/// Ids that `list` prints.
async fn listed(kit: &Kit) -> Vec<String> {
    let printed = run(kit, &["list"]).await.unwrap();
    assert!(!printed.contains("127.0.0.1"), "an address may hold a secret: {printed}");
    printed.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

/// What is told of the database.
async fn number(kit: &Kit, name: &str) -> u64 {
    let text = Metrics::new(&kit.state).text().await;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} in {text}")).parse().unwrap()
}

fn attempts(kit: &Kit, outcome: Outcome) -> u64 {
    kit.state.deliveries.so_far(Sent::Notification, outcome)
}

/// The operator looks at everybody's dead letters, sends them again or removes them; each deed is in the audit trail. What
/// was delivered, refused, given up and waits is counted.
#[tokio::test]
async fn on_both_dead_letters_are_listed_shown_sent_again_and_removed() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        assert_eq!(run(&kit, &["list"]).await.unwrap(), "");
        let (office, other) = (Service::new(&kit, "office").await, Service::new(&kit, "other").await);
        office.listens(&kit, &ear, "newPerson", &format!("{origin}/office"), "1,0").await;
        other.listens(&kit, &ear, "newPerson", &format!("{origin}/other"), "1,1").await;
        ear.answer_with(&[500; 6]);
        for uin in ["1000", "2000"] {
            happens(&kit, Event::NewPerson { uin: uin.into() }).await;
        }
        settle(&kit).await;
        // The office wants no second attempt.
        assert_eq!(number(&kit, "tessera_notifications_waiting").await, 2);
        assert_eq!(number(&kit, "tessera_notifications_dead").await, 2);
        kit.clock.advance_seconds(1);
        settle(&kit).await;
        assert_eq!(ear.take().len(), 6);
        // Two questions were answered before.
        assert_eq!((attempts(&kit, Outcome::Delivered), attempts(&kit, Outcome::Refused)), (2, 2));
        assert_eq!((attempts(&kit, Outcome::Dead), number(&kit, "tessera_notifications_waiting").await), (4, 0));

        let ids = listed(&kit).await;
        assert_eq!(ids.len(), 4);
        let first = run(&kit, &["list", "--most", "1", "--skip", "1"]).await.unwrap();
        assert!(first.starts_with(&ids[1]) && first.lines().count() == 1, "{first}");
        let line: Vec<&str> = first.trim_end().split('\t').collect();
        assert_eq!((line[2], line[3], line[4], line.len()), ("newPerson", "http", "op", 8));
        let shown: Value = serde_json::from_str(&run(&kit, &["show", &ids[0]]).await.unwrap()).unwrap();
        assert!(shown["message"]["message"].as_str().unwrap().contains("\"1000\""), "{shown}");

        // All or none.
        for command in ["resend", "remove"] {
            let refused = run(&kit, &[command, &ids[0], "unknown"]).await.unwrap_err();
            assert!(refused.contains("tessera notifications dead list"), "{refused}");
            assert!(run(&kit, &[command]).await.is_err(), "which one?");
        }
        assert!(run(&kit, &["show", "unknown"]).await.is_err());
        assert_eq!(listed(&kit).await, ids);
        settle(&kit).await;
        assert!(ear.take().is_empty());

        let printed = run(&kit, &["resend", &ids[0], &ids[1], &ids[0]]).await.unwrap();
        assert_eq!(printed, "2 to be sent again\n");
        assert_eq!(listed(&kit).await, ids[2..]);
        settle(&kit).await;
        assert_eq!((ear.take().len(), attempts(&kit, Outcome::Delivered)), (2, 4));
        assert!(run(&kit, &["resend", &ids[0]]).await.is_err(), "it was taken");
        run(&kit, &["remove", &ids[2], &ids[3]]).await.unwrap();
        assert_eq!(rows(&kit, "notification_delivery").await, 0);
        assert_eq!(number(&kit, "tessera_notifications_dead").await, 0);

        let sql = "SELECT kind FROM audit_event WHERE actor = 'command' AND kind LIKE 'dead_letter%' ORDER BY id";
        let written: Result<Vec<(String,)>, crate::store::StoreError> =
            kit.state.store.read(move |tx| Box::pin(async move { crate::fetch_all!(tx, (String,), sql) })).await;
        let written: Vec<String> = written.unwrap().into_iter().map(|(kind,)| kind).collect();
        let expected = ["dead_letter_read", "dead_letter_resent", "dead_letter_resent", "dead_letter_removed"];
        assert_eq!(written, [expected.as_slice(), &["dead_letter_removed"]].concat());
        // Two lanes that end an event at the same moment leave it to the sweep.
        kit.clock.advance_seconds(2 * 3600);
        crate::events::expire(&kit.state).await.unwrap();
        assert_eq!(rows(&kit, "event").await, 0);
    }
}

/// Whose a topic is, and what the operator does with one whose service is gone.
#[tokio::test]
async fn on_both_the_operator_lists_topics_and_removes_any_but_the_servers_own() {
    for kit in kits("http://127.0.0.1:1").await {
        let office = Service::new(&kit, "office").await;
        let births = office.topic(&kit, "births").await;
        let made = kit
            .state
            .store
            .write(|tx| Box::pin(async move { store::insert_topic(tx, 77, "u-77", "from before", None).await }));
        assert!(made.await.map_err(|error: StoreError| error).unwrap());
        let printed = command(&kit, "topic", &["list"]).await.unwrap();
        let lines: Vec<&str> = printed.lines().collect();
        assert!(lines[0].ends_with("\tnewPerson\tserver"), "{printed}");
        assert!(lines.contains(&format!("{births}\tbirths\tparty of office").as_str()), "{printed}");
        assert!(lines.contains(&"u-77\tfrom before\t-"), "{printed}");

        let own = lines[0].split('\t').next().unwrap().to_owned();
        assert!(command(&kit, "topic", &["remove", &own]).await.unwrap_err().contains("the server's own"));
        assert_eq!(command(&kit, "topic", &["remove", &births]).await.unwrap(), "removed\n");
        let refused = command(&kit, "topic", &["remove", &births]).await.unwrap_err();
        assert!(refused.contains("tessera notifications topic list"), "{refused}");
        let left = command(&kit, "topic", &["list"]).await.unwrap();
        assert_eq!(left.lines().count() + 1, lines.len());
        // One of which nobody knows whose it is may go as it could before.
        assert_eq!(office.call(&kit, "DELETE", "/v1/topics/u-77").await.status, 204);
    }
}
