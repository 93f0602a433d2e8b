//! Consents: who is told, and by which name of the person.

use serde_json::{Value, json};

use super::kit::{Ear, Service, kits, settle};
use crate::consents::{self, NewReceipt, Signed};
use crate::dialect::Mount;
use crate::registry::{self, Fault, PersonId};
use crate::testkit::Kit;

async fn agree(kit: &Kit, person: PersonId, client_id: &str) -> i64 {
    let receipt = NewReceipt {
        mount: Mount::Op,
        client_id: client_id.into(),
        person,
        transaction: kit.state.next_id(),
        claims: vec!["name".into()],
        scopes: Vec::new(),
        signed: Signed::default(),
        rests_on: None,
        expires_at: None,
    };
    let state = kit.state.clone();
    let written: Result<i64, Fault> =
        kit.state.store.write(move |tx| Box::pin(async move { consents::record(&state, tx, receipt).await })).await;
    written.unwrap()
}

/// GS-NOT-01, GS-PRI: a relying party is told of the consents that it was given, by its own name for the person; of others
/// it hears nothing.
#[tokio::test]
async fn on_both_a_relying_party_is_told_of_its_own_consents() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let (office, _) = (Service::new(&kit, "office").await, Service::new(&kit, "other").await);
        let anna = kit.person("1000000001").await;
        office.listens(&kit, &ear, "consent", &format!("{origin}/hear"), "1,5").await;
        let receipt = agree(&kit, anna, "office").await;
        agree(&kit, anna, "other").await;
        settle(&kit).await;
        let [told] = <[_; 1]>::try_from(ear.take()).unwrap();
        assert_eq!(told.body["subject"], "consentGiven");
        let of = |told: &Value| -> Value { serde_json::from_str(told["message"].as_str().unwrap()).unwrap() };
        let sub = registry::subject_for(&kit.state, anna, "party of office").await.unwrap();
        let mut expected = json!({
            "source": "http://localhost:8080", "issuer": kit.state.issuer(Mount::Op), "clientId": "office", "sub": sub,
            "consentId": kit.state.ids.name(crate::ids::Kind::Consent, receipt)
        });
        assert_eq!(of(&told.body), expected);

        for whose in ["other", "office", "office"] {
            let state = kit.state.clone();
            let ended: Result<u64, crate::store::StoreError> = kit
                .state
                .store
                .write(move |tx| Box::pin(async move { consents::withdraw(&state, tx, anna, Mount::Op, whose).await }))
                .await;
            ended.unwrap();
        }
        settle(&kit).await;
        let [told] = <[_; 1]>::try_from(ear.take()).unwrap();
        assert_eq!(told.body["subject"], "consentWithdrawn");
        expected.as_object_mut().unwrap().remove("consentId");
        assert_eq!(of(&told.body), expected);

        // Taken back, and erased.
        let again = agree(&kit, anna, "office").await;
        let state = kit.state.clone();
        let ended: Result<(), crate::store::StoreError> = kit
            .state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    consents::withdraw_one(&state, tx, again).await?;
                    consents::withdraw_one(&state, tx, again).await
                })
            })
            .await;
        ended.unwrap();
        agree(&kit, anna, "office").await;
        let state = kit.state.clone();
        let erased: Result<u64, crate::store::StoreError> =
            kit.state.store.write(move |tx| Box::pin(async move { consents::erase(&state, tx, anna).await })).await;
        erased.unwrap();
        settle(&kit).await;
        let mut subjects: Vec<String> =
            ear.take().iter().map(|told| told.body["subject"].as_str().unwrap().to_owned()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["consentGiven", "consentGiven", "consentWithdrawn", "consentWithdrawn"]);
    }
}
