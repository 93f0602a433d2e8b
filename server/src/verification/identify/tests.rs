//! Watch lists, as the operator fills them and services search them.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::cli::{self, WatchListCommand};
use crate::audit::{EventKind, Filter};
use crate::config::Config;
use crate::store::StoreError;
use crate::testkit::Kit;
use crate::verification::test_kit::{asker, post};

const PATH: &str = "/v1/identify?transactionId=T1";

fn on(at_once: u32) -> Config {
    let mut config = Config::default();
    config.verification.identify.gallery = Some("WANTED".into());
    config.verification.identify.at_once = at_once;
    config
}

async fn command(kit: &Kit, command: WatchListCommand) -> Result<String, cli::CliError> {
    let mut out = Vec::new();
    cli::run(&kit.state, command, &mut out).await.map(|()| String::from_utf8(out).unwrap())
}

async fn add(kit: &Kit, entries: &Value) -> Result<String, cli::CliError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), entries.to_string()).unwrap();
    command(kit, WatchListCommand::Add { gallery: "WANTED".into(), file: file.path().into() }).await
}

fn wanted() -> Value {
    json!([
        { "biographicData": { "firstName": "Jan", "lastName": "Novák", "dateOfBirth": "1990-02-03" } },
        { "biographicData": { "firstName": "Eva", "lastName": "Novák" }, "contactData": { "email": "eva@example.test" } }
    ])
}

fn search(biographic: Value) -> Value {
    json!({ "attributeSet": { "biographicData": biographic }, "outputAttributeSetName": "DEFAULT_SET_01" })
}

async fn searches(kit: &Kit) -> Vec<Option<String>> {
    let (audit, kind) = (kit.state.audit.clone(), Some(EventKind::WatchListSearched));
    let filter = Filter { kind, limit: 100, ..Filter::default() };
    let page = kit.state.store.read(move |tx| Box::pin(async move { audit.events(tx, &filter).await })).await;
    page.map_err(|error: StoreError| error).unwrap().events.into_iter().map(|event| event.actor).collect()
}

/// OSIA-IDU-04, GS-VER-04: only entries of the list are found, and the call is written down with its actor.
#[tokio::test]
async fn on_both_osia_idu_04_a_short_list_is_searched_at_once() {
    for kit in Kit::both_with(&on(1000)).await {
        crate::verification::test_kit::anna(&kit).await;
        let added = add(&kit, &wanted()).await.unwrap();
        assert_eq!(added.lines().count(), 2);
        let token = asker(&kit, "police", &["id.identify"], &[]).await;
        let of = async |biographic: Value| post(&kit, PATH, &token, &search(biographic)).await.json();
        let jan = json!({ "firstName": "Jan", "lastName": "Novák", "dateOfBirth": "1990-02-03" });
        assert_eq!(
            of(json!({ "lastName": "novák", "dateOfBirth": "1990-02-03" })).await,
            json!([{ "biographicData": jan }])
        );
        assert_eq!(of(json!({ "lastName": "Novák" })).await.as_array().unwrap().len(), 2);
        // Anna is in the registry, and on no list.
        assert_eq!(of(json!({ "firstName": "Anna" })).await, json!([]));
        assert_eq!(of(json!({ "gender": 5 })).await, json!([]));
        assert_eq!(searches(&kit).await, vec![Some("op:police".to_owned()); 4]);

        let listed = command(&kit, WatchListCommand::List { gallery: "WANTED".into() }).await.unwrap();
        assert!(listed.contains("\"lastName\":\"Novák\"") && listed.lines().count() == 2, "{listed}");
        let entry = added.lines().next().unwrap().strip_prefix("added ").unwrap().to_owned();
        command(&kit, WatchListCommand::Remove { entry: entry.clone() }).await.unwrap();
        assert!(matches!(command(&kit, WatchListCommand::Remove { entry }).await, Err(cli::CliError::Unknown)));
        assert_eq!(of(json!({ "lastName": "Novák" })).await.as_array().unwrap().len(), 1);
    }
}

/// OSIA-IDU-05: a long list is a task: 202, then 204 until it is done, also where the node that began it was stopped.
#[tokio::test]
async fn on_both_osia_idu_05_a_long_list_is_a_task() {
    for kit in Kit::both_with(&on(1)).await {
        add(&kit, &wanted()).await.unwrap();
        let token = asker(&kit, "police", &["id.identify"], &[]).await;
        let begun = post(&kit, PATH, &token, &search(json!({ "firstName": "Jan" }))).await;
        assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
        let path = format!("/v1/identify/{}?transactionId=T2", begun.json()["taskId"].as_str().unwrap());
        let other = asker(&kit, "customs", &["id.identify"], &[]).await;
        assert_eq!(kit.get(&path, Some(&other)).await.status, StatusCode::NOT_FOUND);
        let mut answer = kit.get(&path, Some(&token)).await;
        for _ in 0..10_000 {
            if answer.status != StatusCode::NO_CONTENT {
                break;
            }
            tokio::task::yield_now().await;
            answer = kit.get(&path, Some(&token)).await;
        }
        assert_eq!(answer.json()[0]["biographicData"]["firstName"], "Jan", "{}", answer.text);
        assert_eq!(searches(&kit).await.len(), 2, "that it was asked for, and that it was told");

        // One whose node was stopped before it was done.
        kit.state
            .store
            .write(|tx| Box::pin(async move { crate::execute!(tx, "UPDATE identify_task SET result = NULL") }))
            .await
            .unwrap();
        assert_eq!(kit.get(&path, Some(&token)).await.status, StatusCode::NO_CONTENT);
        assert_eq!(super::tend(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(31);
        assert_eq!(super::tend(&kit.state).await.unwrap(), 1);
        assert_eq!(super::tend(&kit.state).await.unwrap(), 0);
        assert_eq!(kit.get(&path, Some(&token)).await.json()[0]["biographicData"]["firstName"], "Jan");
        kit.clock.advance_seconds(3500);
        assert_eq!(super::expire(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(100);
        assert_eq!(super::expire(&kit.state).await.unwrap(), 1);
    }
}

/// GS-VER-04: off unless the operator says otherwise, and for nobody without the scope.
#[tokio::test]
async fn gs_ver_04_nobody_is_identified_unless_a_list_is_named() {
    let kit = Kit::new().await;
    add(&kit, &wanted()).await.unwrap();
    let token = asker(&kit, "police", &["id.identify"], &[]).await;
    let body = search(json!({ "firstName": "Jan" }));
    assert_eq!(post(&kit, PATH, &token, &body).await.status, StatusCode::FORBIDDEN);
    assert_eq!(kit.get("/v1/identify/x?transactionId=T", Some(&token)).await.status, StatusCode::FORBIDDEN);

    let kit = Kit::with(on(1000)).await;
    let plain = asker(&kit, "clinic", &["id.verify", "id.read"], &["given_name"]).await;
    assert_eq!(post(&kit, PATH, &plain, &body).await.status, StatusCode::FORBIDDEN);
    let token = asker(&kit, "police", &["id.identify"], &[]).await;
    assert_eq!(post(&kit, PATH, &token, &body).await.json(), json!([]));
    assert_eq!(kit.get("/v1/identify/x?transactionId=T", Some(&token)).await.status, StatusCode::NOT_FOUND);
    for bad in [
        json!({ "attributeSet": { "biographicData": {} }, "outputAttributeSetName": "DEFAULT_SET_01" }),
        json!({ "attributeSet": { "biographicData": { "firstName": "Jan" } }, "outputAttributeSetName": "GONE" }),
        json!({ "attributeSet": { "biographicData": { "firstName": "Jan" } } }),
        json!({ "attributeSet": { "credentialData": [{ "credentialNumber": "1" }] },
                "outputAttributeSetName": "DEFAULT_SET_01" }),
    ] {
        assert_eq!(post(&kit, PATH, &token, &bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    for bad in [json!({ "biographicData": { "nationality": "Utopia" } }), json!({ "name": "Jan" }), json!([{}])] {
        assert!(add(&kit, &bad).await.is_err(), "{bad}");
    }
}
