use protocol::jws::Algorithm;
use serde_json::{Value, json};

use super::{count, place};
use crate::audit::{Event, EventKind};
use crate::config::Config;
use crate::dialect::Mount;
use crate::registry::{self, Identifier, IdentifierKind, NewPerson, PersonId};
use crate::store::StoreError;
use crate::testkit::{Kit, Pair, RelyingParty};

async fn person(kit: &Kit, uin: String, region: Option<&str>) -> PersonId {
    let mut attributes = json!({ "name": "Somebody" });
    if let Some(region) = region {
        attributes["address"] = json!({ "region": region });
    }
    let attributes = attributes.as_object().unwrap().clone();
    let identifiers = vec![Identifier { kind: IdentifierKind::Uin, value: uin }];
    let new = NewPerson { identifiers, attributes: attributes.clone(), ..NewPerson::default() };
    let person = registry::add(&kit.state, new).await.unwrap();
    let (state, now) = (kit.state.clone(), kit.state.clock.now());
    let placed =
        kit.state.store.write(move |tx| Box::pin(async move { place(&state, tx, person, &attributes, now).await }));
    placed.await.unwrap();
    person
}

async fn logs_in(kit: &Kit, person: PersonId) {
    let state = kit.state.clone();
    let written = kit.state.store.write(move |tx| {
        Box::pin(async move {
            let event = Event::new(EventKind::LoginFinished, Mount::Op).client("c").person(person.0);
            state.audit.record(tx, event).await?;
            Ok::<_, StoreError>(())
        })
    });
    written.await.unwrap();
}

/// GS-SEC-05d: what planners get names nobody, and tells nothing of a group that is too small.
#[tokio::test(flavor = "multi_thread")]
async fn gs_sec_05d_on_both_days_are_counted_once_and_small_groups_are_not_told() {
    let mut config = Config::default();
    config.statistics.least_group = 3;
    for kit in Kit::both_with(&config).await {
        let party = RelyingParty::with(&kit, Mount::Op, "planner", Pair::new(Algorithm::Es256), |registration| {
            registration.scopes = vec!["statistics.read".into()];
        });
        let party = party.await;
        let ask = async |query: &str| {
            // A token of its own: those of before the day have ended.
            let form = [("grant_type", "client_credentials"), ("scope", "statistics.read")];
            let token = party.ask(&kit, &form).await.json()["access_token"].as_str().unwrap().to_owned();
            kit.get(&format!("/statistics/days?{query}"), Some(&token)).await
        };
        let range = "from=2026-01-01&to=2026-01-31";
        let groups = async || ask(range).await.json()["groups"].clone();

        for n in 0..3 {
            let north = person(&kit, format!("N{n}"), Some("North")).await;
            logs_in(&kit, north).await;
            logs_in(&kit, north).await;
        }
        let south = person(&kit, "S1".into(), Some("South")).await;
        for _ in 0..9 {
            logs_in(&kit, south).await;
        }
        for n in 0..3 {
            person(&kit, format!("X{n}"), None).await;
        }
        assert_eq!(count(&kit.state).await.unwrap(), 0, "the day is not over");
        kit.clock.advance_seconds(24 * 3600);
        let together = tokio::join!(count(&kit.state), count(&kit.state));
        assert_eq!(together.0.unwrap() + together.1.unwrap(), 1, "one node counts");
        let expected = json!([
            { "day": "2026-01-05", "kind": "enrollments", "count": 3 },
            { "day": "2026-01-05", "kind": "enrollments", "region": "North", "count": 3 },
            { "day": "2026-01-05", "kind": "logins", "region": "North", "count": 6 }
        ]);
        assert_eq!(groups().await, expected);
        // Who moves afterwards changes nothing of a day that was told.
        let mover = person(&kit, "N9".into(), Some("North")).await;
        logs_in(&kit, mover).await;
        assert_eq!(groups().await, expected);
        assert_eq!(ask("from=2026-01-06&to=2026-01-06").await.json()["groups"], Value::Array(Vec::new()));
        for bad in
            ["", "from=2026-01-01", "from=2026-02-01&to=2026-01-01", "from=2020-01-01&to=2026-01-01", "from=a&to=b"]
        {
            assert_eq!(ask(bad).await.status, 400, "{bad}");
        }
        assert_eq!(kit.get(&format!("/statistics/days?{range}"), None).await.status, 401);
    }
}
