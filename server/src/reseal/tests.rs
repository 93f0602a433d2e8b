//! Secrets that are replaced, on both databases.

mod columns;

use clap::Parser;
use protocol::jws::Algorithm;
use serde_json::{Map, json};

use super::{Outcome, all, batch, left};
use crate::clients::{self, cli};
use crate::dialect::Mount;
use crate::grants;
use crate::registry::{self, Identifier, IdentifierKind, NewPerson, Photo};
use crate::secrets::Secrets;
use crate::state::AppState;
use crate::store::Store;
use crate::testkit::Kit;
use crate::wait::Hub;

/// The kit's own secret, in the testkit.
const OLD: [u8; 32] = [7; 32];
const NEW: [u8; 32] = [9; 32];

/// Another process on the same database, with other secrets.
async fn node(kit: &Kit, secrets: Secrets) -> AppState {
    let waits = Hub::new();
    let store = Store::open(&kit.state.config.database.url, waits.on_wake()).await.unwrap();
    let config = crate::config::Config::clone(&kit.state.config);
    let (clock, rng) = (kit.clock.clone(), kit.state.rng.clone());
    AppState::new(config, store, waits, secrets, clock, rng).unwrap()
}

async fn person(state: &AppState, number: u32) -> registry::PersonId {
    let identifier = Identifier { kind: IdentifierKind::Uin, value: format!("{number:010}") };
    let attributes: Map<_, _> = [("name".to_owned(), json!(format!("Person {number}")))].into_iter().collect();
    let photo = Photo { media_type: "image/png".into(), bytes: b"\x89PNG\r\n\x1a\n".to_vec().into() };
    let new = NewPerson { identifiers: vec![identifier], attributes, photo: Some(photo), ..NewPerson::default() };
    registry::add(state, new).await.unwrap()
}

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: cli::ClientCommand,
}

/// A client with a secret; gives it.
async fn shop(state: &AppState) -> String {
    let words = "client add shop --mount op --auth-method client_secret_basic --logo https://shop.test/l.png \
                 --redirect-uri https://shop.test/cb --claim name";
    let command = Arguments::try_parse_from(words.split_whitespace()).unwrap().command;
    let mut out = Vec::new();
    cli::run(state, command, &mut out).await.unwrap();
    let told = String::from_utf8(out).unwrap();
    told.lines().find_map(|line| line.strip_prefix("client secret: ")).unwrap().to_owned()
}

/// GS-SEC-05a, GS-SEC-05c: whatever the old secret sealed is sealed by the new one, and the old one may go.
#[tokio::test]
async fn on_both_what_an_old_secret_sealed_is_sealed_anew_and_found_as_before() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let mut people = Vec::new();
        for number in 0..250 {
            people.push(person(state, number).await);
        }
        let token = state.keys.sign_jwt(Algorithm::Es256, "JWT", &json!({ "sub": "x" })).unwrap();
        state.keys.encryption_keys().await.unwrap();
        let subject = registry::subject_for(state, people[0], "sector").await.unwrap();
        let secret = shop(state).await;
        // A client's own token came of no code and has nothing sealed.
        let scopes = ["x".to_owned()];
        let own = grants::issue_to_client(state, Mount::Op, "shop", &scopes, grants::Shown::default()).await;
        assert!(own.unwrap().is_ok());

        let during = node(&kit, Secrets::several(NEW, &[OLD], OLD)).await;
        let stale = left(&during).await.unwrap();
        assert!(stale > 4 * 250 + 7, "{stale}");
        // Between the steps everything goes on, by either node.
        during.keys.tend().await.unwrap();
        assert!(during.keys.verify_own(&token).is_ok());
        let between = person(&during, 1000).await;
        let done = all(&during).await.unwrap();
        assert!(done.resealed > 3 * 250 + 7, "{done:?}");
        // Of each of the first persons an identifier, and the blocks.
        assert_eq!((done.rehashed, done.unopened), (2 * 250, 0));
        assert_eq!(left(&during).await.unwrap(), 0);
        assert_eq!(all(&during).await.unwrap(), Outcome::default());

        // The old one is gone; what is derived from it stays.
        let after = node(&kit, Secrets::several(NEW, &[], OLD)).await;
        let alone = node(&kit, Secrets::new(OLD)).await;
        after.keys.tend().await.unwrap();
        assert!(after.keys.verify_own(&token).is_ok());
        assert!(alone.keys.tend().await.is_err(), "the old one opens nothing any more");
        assert_eq!(registry::find(&alone, "0000000000").await.unwrap(), None, "and finds nobody");
        for (number, person) in people.iter().enumerate().chain([(1000, &between)]) {
            let found = registry::find(&after, &format!("{number:010}")).await.unwrap().unwrap();
            assert_eq!(found, *person);
        }
        let (in_read, seventh) = (after.clone(), people[7]);
        let read =
            after.store.read(move |tx| Box::pin(async move { registry::attributes(&in_read, tx, seventh).await }));
        assert_eq!(read.await.unwrap().unwrap()["name"], "Person 7");
        assert_eq!(registry::subject_for(&after, people[0], "sector").await.unwrap(), subject);
        let client = clients::find(&after, Mount::Op, "shop").await.unwrap().unwrap();
        let kept = client.secret.as_ref();
        assert!(clients::is_secret(&after.secrets, Mount::Op, "shop", kept, &secret));
        assert_eq!(*kept.unwrap().open(&after.secrets, Mount::Op, "shop").unwrap(), *secret);
    }
}

/// The job does the same, some batches at a time, beside people who change things.
#[tokio::test]
async fn on_both_the_job_gets_to_the_end_and_two_nodes_do_not_undo_each_other() {
    for kit in Kit::both().await {
        for number in 0..30 {
            person(&kit.state, number).await;
        }
        assert!(!batch(&kit.state).await.unwrap(), "nothing to do while there is one secret");
        let nodes = [
            node(&kit, Secrets::several(NEW, &[OLD], OLD)).await,
            node(&kit, Secrets::several(NEW, &[OLD], OLD)).await,
        ];
        let work = |state: AppState| async move { while batch(&state).await.unwrap() {} };
        tokio::join!(work(nodes[0].clone()), work(nodes[1].clone()));
        assert_eq!(left(&nodes[0]).await.unwrap(), 0);
        assert!(!batch(&nodes[0]).await.unwrap());
    }
}
