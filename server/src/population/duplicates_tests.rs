//! GS-UNQ-01 for whom the population registry makes: the same search as for enrollments, and somebody decides.

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};

use super::test_kit::{Office, alive, john};
use crate::config::Config;
use crate::identity::duplicates::{self, Case};
use crate::identity::{Decision, work};
use crate::registry;
use crate::testkit::abis::AbisDouble;
use crate::testkit::{Kit, with_abis};

/// Works until there is nothing to do.
async fn settle(kit: &Kit) {
    while work(&kit.state).await.unwrap() > 0 {}
}

async fn cases(kit: &Kit) -> Vec<Case> {
    duplicates::list(&kit.state, None, 10).await.unwrap()
}

async fn decide(kit: &Kit, case: &Case, decision: Decision) {
    duplicates::decide(&kit.state, &case.id, decision, "clerk", "looked").await.unwrap();
    settle(kit).await;
}

/// A person with a reference identity.
async fn referred(office: &Office<'_>, person: &str, identity: Value) {
    office.person(person).await;
    office.identity(person, "1", identity).await;
    assert_eq!(refer(office, person).await, 204);
}

async fn refer(office: &Office<'_>, person: &str) -> u16 {
    office.put(&format!("persons/{person}/identities/1/reference"), None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_gs_unq_01_the_same_person_under_another_number_is_no_reference_until_somebody_decides() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        referred(&office, "A1", john("VALID")).await;
        assert!(cases(&kit).await.is_empty());
        for person in ["B1", "C1", "D1"] {
            office.person(person).await;
            office.identity(person, "1", john("VALID")).await;
            assert_eq!(refer(&office, person).await, 403);
        }
        assert_eq!(office.get("persons/B1/identities/1").await.0, 200, "it is kept");
        let parked = cases(&kit).await;
        assert_eq!(parked.len(), 3);
        let first = registry::find_any(&kit.state, "A1").await.unwrap().unwrap().0;
        let content = &parked[0].task.content;
        assert_eq!((content.suspects[0].person, content.uin.as_deref()), (first, Some("B1")));
        let shown = duplicates::enrolled(&kit.state, &parked[0]).await.unwrap();
        assert_eq!((shown.uin.as_deref(), &shown.biographic["lastName"]), (Some("B1"), &json!("Doo")));
        // Another person after all.
        decide(&kit, &parked[0], Decision::Different).await;
        assert_eq!(refer(&office, "B1").await, 204);
        let second = registry::find(&kit.state, "B1").await.unwrap().unwrap();
        let claims = registry::claims(&kit.state, second, &["given_name".to_owned()], &[]).await.unwrap();
        assert_eq!(claims["given_name"], "John");
        // The same: the two are merged by OSIA's own call.
        decide(&kit, &parked[1], Decision::Same(first)).await;
        assert_eq!(refer(&office, "C1").await, 403);
        assert_eq!(office.delete("persons/A1/identities/1").await, 204);
        assert_eq!(office.call(Method::POST, "persons/A1/merge/C1", None).await.status, 204);
        assert_eq!(office.get("persons/A1/identities/1").await.0, 200);
        // Nobody.
        decide(&kit, &parked[2], Decision::Refuse).await;
        assert_eq!(refer(&office, "D1").await, 403);
        assert_eq!(office.delete("persons/D1").await, 204);
    }
}

/// Two who come at once: one of them is the reference, of the other somebody decides.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_gs_unq_01_of_two_at_once_one_is_parked() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        for person in ["A2", "B2"] {
            office.person(person).await;
            office.identity(person, "1", john("VALID")).await;
        }
        assert!(cases(&kit).await.is_empty(), "nobody is told anything of either");
        let (one, other) = tokio::join!(refer(&office, "A2"), refer(&office, "B2"));
        let mut both = [one, other];
        both.sort_unstable();
        assert_eq!(both, [204, 403]);
        assert_eq!(cases(&kit).await.len(), 1);
    }
}

/// What an identity says may change while it is claimed: it is looked at again.
#[tokio::test]
async fn an_identity_that_says_something_else_is_looked_at_again() {
    let kit = Kit::new().await;
    let office = Office::new(&kit).await;
    referred(&office, "A3", john("VALID")).await;
    office.person("B3").await;
    office.identity("B3", "1", john("CLAIMED")).await;
    assert_eq!(cases(&kit).await.len(), 1);
    let patch = json!({ "biographicData": { "firstName": "Ottokar", "dateOfBirth": "1951-04-01" } });
    let path = "persons/B3/identities/1";
    assert_eq!(office.call(Method::PATCH, path, Some(patch)).await.status, 204);
    assert!(cases(&kit).await.is_empty());
    assert_eq!(office.put(&format!("{path}/status?status=VALID"), None).await, 204);
    assert_eq!(refer(&office, "B3").await, 204);
    assert_eq!(office.delete(path).await, 204);
}

/// GS-UNQ-01, by biometrics; what the ABIS holds follows the identities.
#[tokio::test]
async fn on_both_gs_unq_01_the_same_finger_of_another_person_is_parked() {
    let double = AbisDouble::start().await;
    for kit in Kit::both_with(&with_abis(&double)).await {
        double.forget();
        let office = Office::new(&kit).await;
        let other = |name: &str| {
            let mut identity = john("VALID");
            identity["biographicData"] = json!({ "firstName": name, "dateOfBirth": "1951-04-01" });
            identity
        };
        office.person("A4").await;
        office.identity("A4", "1", john("VALID")).await;
        assert_eq!(refer(&office, "A4").await, 403, "it is being looked at");
        settle(&kit).await;
        assert_eq!(refer(&office, "A4").await, 204);
        office.person("B4").await;
        office.identity("B4", "1", other("Ottokar")).await;
        settle(&kit).await;
        assert_eq!((refer(&office, "B4").await, double.encounters()), (403, 2));
        let parked = cases(&kit).await;
        assert_eq!((parked.len(), parked[0].task.content.suspects[0].score), (1, Some(3500.0)));
        decide(&kit, &parked[0], Decision::Different).await;
        assert_eq!((refer(&office, "B4").await, double.encounters()), (204, 2));
        // Out of order: it waits, and goes on.
        double.set_broken(true);
        office.person("C4").await;
        office.identity("C4", "1", other("Wilhelmina")).await;
        settle(&kit).await;
        assert_eq!((refer(&office, "C4").await, cases(&kit).await.len()), (403, 0));
        double.set_broken(false);
        kit.clock.advance_seconds(60);
        settle(&kit).await;
        let parked = cases(&kit).await;
        assert_eq!(parked[0].task.content.suspects.len(), 2);
        decide(&kit, &parked[0], Decision::Refuse).await;
        assert_eq!((refer(&office, "C4").await, double.encounters()), (403, 2));
        // What is no identity any more is nobody's at the ABIS.
        for person in ["A4", "B4", "C4"] {
            assert_eq!(office.delete(&format!("persons/{person}")).await, 204);
        }
        settle(&kit).await;
        assert_eq!(double.encounters(), 0);
    }
}

/// A portrait of noise, which no format makes small.
fn portrait(side: u32) -> String {
    let mut seed = 1u32;
    let image = RgbImage::from_fn(side, side, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, c, _] = seed.to_be_bytes();
        image::Rgb([a, b, c])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut bytes, ImageFormat::Png).unwrap();
    STANDARD.encode(bytes.into_inner())
}

/// The face of the reference identity is the claim `picture`, small enough for userinfo; a body may be as large as it takes.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_the_face_of_the_reference_is_the_picture() {
    let mut config = Config::default();
    config.population.largest_identity = 2 * 1024 * 1024;
    for kit in Kit::both_with(&config).await {
        let office = Office::new(&kit).await;
        let with_face = |image: &str| {
            let mut identity = john("VALID");
            identity["biometricData"] =
                json!([{ "biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": image }]);
            identity
        };
        let large = portrait(600);
        assert!(large.len() > 1024 * 1024);
        referred(&office, "A5", with_face(&large)).await;
        let person = registry::find(&kit.state, "A5").await.unwrap().unwrap();
        let picture = async || {
            let claims = registry::claims(&kit.state, person, &["picture".to_owned()], &[]).await.unwrap();
            claims.get("picture").and_then(Value::as_str).map(str::to_owned)
        };
        let told = picture().await.unwrap();
        assert!(told.starts_with("data:image/jpeg;base64,") && told.len() < 400 * 1024);
        let history = registry::history(&kit.state, person, 0, 100).await.unwrap();
        let changes = &history.last().unwrap().changes;
        let face = changes.iter().find(|change| change.attribute == "picture").expect("it is in the history");
        assert_eq!((&face.before, &face.after), (&None, &None), "without the face itself");
        // Another reference without a face takes it back.
        office.identity("A5", "2", john("VALID")).await;
        assert_eq!(office.put("persons/A5/identities/2/reference", None).await, 204);
        assert_eq!(picture().await, None);
        let too_large = with_face(&"A".repeat(2 * 1024 * 1024));
        for answer in [
            office.call(Method::POST, "persons/A5/identities", Some(too_large.clone())).await,
            office.call(Method::PUT, "persons/A5/identities/2", Some(too_large.clone())).await,
            office.call(Method::PATCH, "persons/A5/identities/2", Some(too_large)).await,
        ] {
            assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (413, &json!(413)));
        }
        assert_eq!(office.post("persons/A5", alive()).await, 409);
    }
}
