//! What holds at the moment of an answer, and what leaves a trace.

use serde_json::json;

use super::identifier::{self, IdentifierType};
use super::permission;
use super::test_kit::{UIN, agree, anna, asker, post, withdraw};
use super::trace;
use crate::access::Caller;
use crate::audit::{EventKind, Filter};
use crate::dialect::Mount;
use crate::osia::Transaction;
use crate::testkit::Kit;

const CLAIMS: &[&str] = &["given_name", "birthdate_matches"];

async fn events(kit: &Kit, kind: EventKind) -> Vec<Option<String>> {
    let (audit, filter) = (kit.state.audit.clone(), Filter { kind: Some(kind), limit: 100, ..Filter::default() });
    let page = kit.state.store.read(move |tx| Box::pin(async move { audit.events(tx, &filter).await })).await;
    let page = page.map_err(|error: crate::store::StoreError| error).unwrap();
    page.events.into_iter().map(|event| event.reason).collect()
}

/// GS-VER-03b: between the look at the consent and the answer an ABIS may compare faces for a minute. Whoever withdraws in
/// that time is not told of.
#[tokio::test]
async fn on_both_gs_ver_03b_a_consent_that_ends_meanwhile_ends_the_answer() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let person = anna(&kit).await;
        asker(&kit, "clinic", &["id.verify", "id.read"], CLAIMS).await;
        agree(&kit, person, "clinic", CLAIMS).await;
        let caller = Caller { mount: Mount::Op, client_id: "clinic".into() };
        let client = permission::client(state, &caller).await.unwrap();
        assert_eq!(identifier::person(state, &client, IdentifierType::Uin, UIN).await, Ok(person));
        let (name, both) = (vec!["given_name".to_owned()], vec!["given_name".to_owned(), "birthdate".to_owned()]);
        let of = Transaction("T1".into());
        assert!(trace::told(state, &client, person, &of, &name).await.unwrap());
        assert!(!trace::told(state, &client, person, &of, &both).await.unwrap(), "compared, and not told");
        assert!(trace::verified(state, &client, person, &of, (both.clone(), true)).await.unwrap());
        withdraw(&kit, person, "clinic").await;
        assert!(!trace::told(state, &client, person, &of, &name).await.unwrap());
        assert!(!trace::verified(state, &client, person, &of, (both, false)).await.unwrap());
        assert_eq!(events(&kit, EventKind::AttributesRead).await.len(), 1, "nothing is said to be told");
        assert_eq!(events(&kit, EventKind::AttributesVerified).await.len(), 1);
    }
}

/// GS-SEC-01: whoever tries which numbers are somebody's leaves a trace, as everybody who is refused does.
#[tokio::test]
async fn gs_sec_01_calls_about_nobody_are_written_down() {
    let kit = Kit::new().await;
    anna(&kit).await;
    let token = asker(&kit, "clinic", &["id.verify", "id.read", "id.DEFAULT_SET_01.read"], CLAIMS).await;
    let body = json!({ "biographicData": { "firstName": "Anna" } });
    assert_eq!(post(&kit, "/v1/verify/1?transactionId=T", &token, &body).await.status, 404);
    let body = json!({ "outputBiographicData": ["firstName"] });
    assert_eq!(post(&kit, "/v1/attributes/1?transactionId=T", &token, &body).await.status, 404);
    let named = kit.get("/v1/attributes/DEFAULT_SET_01/1?transactionId=T", Some(&token)).await;
    assert_eq!(named.status, 404);
    assert_eq!(events(&kit, EventKind::AttributesRefused).await, vec![Some("unknown".to_owned()); 3]);
}
