//! Logins at the issuer, seen and ended on the citizen's page.

use axum::http::StatusCode;

use super::tests::{Citizen, give, kit, location};
use crate::clients::account;
use crate::dialect::Mount;
use crate::linked::test_kit::{OTHER_UIN, UIN, person};
use crate::registry::{self, PersonId};
use crate::sessions::{self, NewSession};
use crate::testkit::{Kit, RelyingParty};

/// Begins a session at the issuer for whoever is signed in to the page, as its login did, with another service.
async fn logged_in(kit: &Kit, person: PersonId, client_id: &'static str) -> i64 {
    let state = kit.state.clone();
    let new = NewSession::by_otp(kit, person);
    let work = kit.state.store.write(move |tx| {
        Box::pin(async move {
            let begun = sessions::begin(&state, tx, new).await?;
            sessions::touch_client(&state, tx, begun.row, client_id).await?;
            Ok::<_, registry::Fault>(begun.row)
        })
    });
    work.await.unwrap()
}

async fn told(kit: &Kit) -> Vec<String> {
    let rows: Result<Vec<(String,)>, crate::store::StoreError> = kit
        .state
        .store
        .read(|tx| {
            Box::pin(async move {
                crate::fetch_all!(
                    tx,
                    (String,),
                    "SELECT client_id FROM logout_notice WHERE client_id <> $1",
                    account::ID
                )
            })
        })
        .await;
    rows.unwrap().into_iter().map(|(client,)| client).collect()
}

/// A citizen sees where they are logged in, with which services, and ends it from another browser; the services are told.
#[tokio::test]
async fn on_both_a_citizen_ends_a_login_and_its_services_are_told() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        person(&kit, OTHER_UIN).await;
        let anna = registry::find(&kit.state, UIN).await.unwrap().unwrap();
        RelyingParty::new(&kit, Mount::Op, "clinic").await;
        let elsewhere = logged_in(&kit, anna, "clinic").await;
        let name = kit.state.ids.name(crate::ids::Kind::LoginSession, elsewhere);
        let mut bens = Citizen::signed_in(&kit, OTHER_UIN).await;
        assert!(!bens.page.contains(&name));
        let mut citizen = Citizen::signed_in(&kit, UIN).await;
        let shown = citizen.page.split_once(&format!("id=\"login-{name}\"")).unwrap().1;
        assert!(shown.split("</article>").next().unwrap().contains("<bdi>Clinic</bdi>"), "{}", citizen.page);
        // Ben can name it, and ends nothing; nor does a form that is not the page's.
        assert_eq!(location(&bens.submit("/account/logins/end", ("login", &name)).await), "/account");
        let forged = citizen.post("/account/logins/end", &[("_csrf", "x"), ("login", &name)]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        citizen.get("/account").await;
        assert!(citizen.page.contains(&name) && told(&kit).await.is_empty());
        assert_eq!(location(&citizen.submit("/account/logins/end", ("login", &name)).await), "/account");
        citizen.get("/account").await;
        assert!(!citizen.page.contains(&name), "{}", citizen.page);
        assert_eq!(told(&kit).await, ["clinic"]);
    }
}

/// A withdrawal tells the relying party, and takes it out of the sessions that go on.
#[tokio::test]
async fn a_withdrawal_logs_out_of_its_service() {
    let (kit, anna) = kit().await;
    RelyingParty::new(&kit, Mount::Op, "clinic").await;
    give(&kit, anna, "clinic").await;
    logged_in(&kit, anna, "clinic").await;
    let mut citizen = Citizen::signed_in(&kit, UIN).await;
    let consent = citizen.says("name=\"consent\" value=\"");
    citizen.submit("/account/consents/withdraw", ("consent", &consent)).await;
    assert_eq!(told(&kit).await, ["clinic"]);
    let listed = sessions::of_person(&kit.state, anna).await.unwrap();
    assert!(listed.iter().all(|login| !login.clients.contains(&"clinic".to_owned())), "{listed:?}");
}
