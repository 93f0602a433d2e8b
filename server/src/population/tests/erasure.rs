//! What is left of a person who was erased.

use super::*;
use crate::binding::devices;
use crate::consents::{self, NewReceipt, Signed};
use crate::dialect::Mount;
use crate::factors;
use crate::grants::Approval;
use crate::linked::test_kit::{PIN, Phone, UIN, person};
use crate::registry::{Fault, PersonId};
use crate::sessions::{self, NewSession};
use crate::testkit::RelyingParty;

/// Somebody agreed with a client and is logged in at it: the receipt and the session.
async fn logged_in(kit: &Kit, anna: PersonId, client: &'static str) -> (i64, i64) {
    let (state, session) = (kit.state.clone(), NewSession::by_otp(kit, anna));
    let receipt = NewReceipt {
        mount: Mount::Op,
        client_id: client.into(),
        person: anna,
        transaction: 1,
        claims: vec!["name".into()],
        scopes: Vec::new(),
        signed: Signed::default(),
        rests_on: None,
        expires_at: None,
    };
    let work = kit.state.store.write(move |tx| {
        Box::pin(async move {
            let session = sessions::begin(&state, tx, session).await?.row;
            sessions::touch_client(&state, tx, session, client).await?;
            Ok::<_, Fault>((consents::record(&state, tx, receipt).await?, session))
        })
    });
    work.await.unwrap()
}

/// Rows of a table that are a person's.
async fn rows_of(kit: &Kit, table: &str, person: PersonId) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE person = $1");
    let count = kit.state.store.read(move |tx| {
        Box::pin(async move { crate::fetch_optional!(tx, (i64,), sqlx::AssertSqlSafe(sql), person.0) })
    });
    let count: Result<Option<(i64,)>, crate::store::StoreError> = count.await;
    count.unwrap().unwrap().0
}

/// GS-PRI: with a person end their wallets, PIN, consents, tokens and logins, and relying parties are told.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_gs_pri_what_a_person_had_ends_with_them() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        let anna = registry::find(&kit.state, UIN).await.unwrap().unwrap();
        let phone = Phone::bind(&kit, UIN).await;
        factors::set_pin(&kit.state, anna, PIN).await.unwrap();
        let clinic = RelyingParty::new(&kit, Mount::Op, "clinic").await;
        let (receipt, session) = logged_in(&kit, anna, "clinic").await;
        let approval = Approval { receipt: Some(receipt), session: Some(session), ..clinic.approval(&kit, anna) };
        let (first, unused) = (kit.code(&approval).await, kit.code(&approval).await);
        let token = clinic.redeem(&kit, &first).await.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(kit.get("/op/userinfo", Some(&token)).await.status, 200);
        assert_eq!(rows_of(&kit, "pin", anna).await, 1);

        assert_eq!(Office::new(&kit).await.delete(&format!("persons/{UIN}")).await, 204);
        assert_eq!(kit.get("/op/userinfo", Some(&token)).await.status, 401);
        assert_eq!(clinic.redeem(&kit, &unused).await.json()["error"], "invalid_grant");
        assert_eq!(phone.call(&kit, "/wallet/devices/list", json!({})).await.code(), "binding_ended");
        for table in ["pin", "otp", "consent", "person_identifier", "person_history", "identity_record"] {
            assert_eq!(rows_of(&kit, table, anna).await, 0, "{table}");
        }
        let devices = devices::of_person(&kit.state, anna).await.unwrap();
        assert!(devices.iter().all(|device| device.revoked && device.name.is_empty()), "{devices:?}");
        assert_eq!(devices.len(), 1);
        let receipts = consents::of_person(&kit.state, anna).await.unwrap();
        assert!(receipts.iter().all(|receipt| receipt.withdrawn_at.is_some()) && receipts.len() == 1);
        assert!(sessions::of_person(&kit.state, anna).await.unwrap().is_empty());
        let told = kit.state.store.read(|tx| {
            Box::pin(async move { crate::fetch_all!(tx, (String,), "SELECT client_id FROM logout_notice") })
        });
        let told: Result<Vec<(String,)>, crate::store::StoreError> = told.await;
        assert_eq!(told.unwrap(), [("clinic".to_owned(),)]);

        // Another person of that number has nothing of it.
        person(&kit, UIN).await;
        let other = registry::find(&kit.state, UIN).await.unwrap().unwrap();
        assert_ne!(other, anna);
        assert!(devices::of_person(&kit.state, other).await.unwrap().is_empty());
        assert!(consents::of_person(&kit.state, other).await.unwrap().is_empty());
    }
}
