mod births;
mod erasure;
mod rehashing;

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::test_kit::{Office, alive, john};
use crate::registry::{self, Change};
use crate::testkit::Kit;

/// The way of OSIA's reference implementation's own test.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_person_is_created_read_updated_and_deleted() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        assert_eq!(office.post("persons/P0001", json!({ "status": "ACTIVE", "colour": 1 })).await, 400);
        for bad in
            [json!(["P0001", "ACTIVE", "ALIVE"]), json!({ "status": { "ACTIVE": null }, "physicalStatus": "ALIVE" })]
        {
            assert_eq!(office.post("persons/P0001", bad).await, 400);
        }
        let sent = json!({ "status": "INACTIVE", "physicalStatus": "ALIVE" });
        assert_eq!(office.post("persons/P0001", sent.clone()).await, 201);
        assert_eq!(office.post("persons/P0001", sent).await, 409);
        let (status, read) = office.get("persons/P0001").await;
        assert_eq!(
            (status, read),
            (200, json!({ "personId": "P0001", "status": "INACTIVE", "physicalStatus": "ALIVE" }))
        );
        assert!(registry::find(&kit.state, "P0001").await.unwrap().is_none(), "nobody logs in");
        assert_eq!(office.get("persons/P0002").await.0, 404);
        let dead = json!({ "personId": "P0001", "status": "ACTIVE", "physicalStatus": "DEAD" });
        assert_eq!(office.put("persons/P0002", Some(alive())).await, 404);
        assert_eq!(office.put("persons/P0001", Some(dead.clone())).await, 204);
        assert_eq!(office.get("persons/P0001").await.1, dead);
        assert!(registry::find(&kit.state, "P0001").await.unwrap().is_none(), "nobody logs in as one who died");
        assert_eq!(office.put("persons/P0001", Some(alive())).await, 204);
        assert!(registry::find(&kit.state, "P0001").await.unwrap().is_some());
        let other = json!({ "personId": "P0009", "status": "ACTIVE", "physicalStatus": "DEAD" });
        assert_eq!(office.put("persons/P0001", Some(other)).await, 400);
        statuses_are_written_down(&kit).await;
        assert_eq!(office.delete("persons/P0001").await, 204);
        assert_eq!(office.delete("persons/P0001").await, 404);
        assert_eq!(office.get("persons/P0001").await.0, 404);
        office.person("P0001").await;
    }
}

/// GS-AUD-01a: who changed a status, when, in which call, and what it was; also where nobody's login depends on it.
async fn statuses_are_written_down(kit: &Kit) {
    let (person, _) = registry::find_any(&kit.state, "P0001").await.unwrap().unwrap();
    let history = registry::history(&kit.state, person, 0, 100).await.unwrap();
    let changed = history.iter().filter(|entry| entry.action == registry::Action::StatusChanged);
    let told: Vec<Value> = changed
        .map(|entry| {
            assert!(entry.because.by.contains(':') && entry.because.transaction.is_some(), "{entry:?}");
            json!([entry.because.why, entry.changes])
        })
        .collect();
    let change = |name: &str, before: &str, after: &str| json!({ "attribute": name, "before": before, "after": after });
    let dies = json!([change("status", "INACTIVE", "ACTIVE"), change("physicalStatus", "ALIVE", "DEAD")]);
    let lives = json!([change("physicalStatus", "DEAD", "ALIVE")]);
    assert_eq!(told, [json!(["person_updated", dies]), json!(["person_updated", lives])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_an_identity_changes_only_while_it_is_claimed() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        office.person("P1").await;
        let path = "persons/P1/identities/002";
        assert_eq!(office.post("persons/P1/identities", alive()).await, 400);
        let made = office.call(Method::POST, "persons/P1/identities", Some(john("VALID"))).await.json();
        let own = made["identityId"].as_str().unwrap().to_owned();
        let (status, read) = office.get(&format!("persons/P1/identities/{own}")).await;
        assert_eq!((status, &read["biographicData"]), (200, &john("VALID")["biographicData"]));
        assert_eq!((&read["documentData"], &read["identityId"]), (&json!([]), &json!(own)));
        office.identity("P1", "002", john("VALID")).await;
        assert_eq!(office.post(path, john("VALID")).await, 409);
        assert_eq!(office.put(path, Some(john("VALID"))).await, 403);
        assert_eq!(office.put(&format!("{path}/status?status=GOOD"), None).await, 400);
        assert_eq!(office.put(&format!("{path}/status?status=CLAIMED"), None).await, 204);
        let mut changed = john("CLAIMED");
        changed["biographicData"]["firstName"] = json!("Jon");
        changed.as_object_mut().unwrap().remove("biometricData");
        assert_eq!(office.put(path, Some(changed)).await, 204);
        let (_, read) = office.get(path).await;
        assert_eq!((&read["biographicData"]["firstName"], read.get("biometricData")), (&json!("Jon"), None));
        assert_eq!(office.put(path, Some(json!({ "status": "CLAIMED" }))).await, 400);
        assert_eq!(office.put("persons/P1/identities/nobody", Some(john("CLAIMED"))).await, 404);
        let (_, all) = office.get("persons/P1/identities").await;
        assert_eq!((all.as_array().unwrap().len(), &all[1]["identityId"]), (2, &json!("002")));
        // RFC 7396, with the example of the interface file.
        let patch = json!({
            "galleries": ["G1", "G2"], "biographicData": { "gender": null, "nationality": "FRA" },
            "documentData": [{ "documentType": "ID_CARD", "parts": [{ "data": "VC DATA", "mimeType": "application/vc" }] }]
        });
        let patched = office.call(Method::PATCH, path, Some(patch.clone())).await;
        assert_eq!(patched.status, 204, "{}", patched.text);
        let (_, read) = office.get(path).await;
        assert_eq!(read["galleries"], json!(["G1", "G2"]));
        assert_eq!(read["biographicData"]["gender"], Value::Null);
        assert_eq!(read["biographicData"]["lastName"], json!("Doo"));
        assert_eq!(read["documentData"], patch["documentData"]);
        for bad in [json!({ "galleries": [] }), json!({ "status": null }), json!({ "colour": 1 }), json!([])] {
            assert_eq!(office.call(Method::PATCH, path, Some(bad)).await.status, 400);
        }
        assert_eq!(office.put(&format!("{path}/status?status=REVOKED"), None).await, 204);
        assert_eq!(office.put(&format!("{path}/status?status=VALID"), None).await, 403);
        assert_eq!(office.call(Method::PATCH, path, Some(patch)).await.status, 403);
        assert_eq!(office.delete(path).await, 204);
        assert_eq!(office.delete(path).await, 404);
    }
}

/// The reference identity is what claims are made of, and follows the registry.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_the_reference_is_what_relying_parties_are_told() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        office.person("P2").await;
        office.identity("P2", "1", john("CLAIMED")).await;
        assert_eq!(office.get("persons/P2/reference").await.0, 404);
        assert_eq!(office.put("persons/P2/identities/1/reference", None).await, 403);
        assert_eq!(office.put("persons/P2/identities/1/status?status=VALID", None).await, 204);
        assert_eq!(office.put("persons/P2/identities/1/reference", None).await, 204);
        let person = registry::find(&kit.state, "P2").await.unwrap().unwrap();
        let names = ["given_name", "birthdate", "gender"].map(String::from);
        let claims = registry::claims(&kit.state, person, &names, &[]).await.unwrap();
        let expected = json!({ "given_name": "John", "birthdate": "1985-11-30", "gender": "male" });
        assert_eq!(Value::Object(claims), expected);
        assert_eq!(office.put("persons/P2/identities/1/status?status=CLAIMED", None).await, 403);
        // GS-AUD-01a: who did it, in which call.
        let history = registry::history(&kit.state, person, 0, 100).await.unwrap();
        let who: Vec<_> = history.iter().map(|entry| (entry.because.by.as_str(), entry.because.why.as_str())).collect();
        assert_eq!(who, [("op:civil-office", "person_created"), ("op:civil-office", "reference_defined")]);
        assert!(history.iter().all(|entry| entry.because.transaction.as_deref() == Some("T1")));

        let set = json!({ "given_name": "Jon" }).as_object().unwrap().clone();
        registry::change(&kit.state, person, Change { set, ..Change::default() }).await.unwrap();
        let (status, reference) = office.get("persons/P2/reference").await;
        assert_eq!((status, &reference["biographicData"]["firstName"]), (200, &json!("Jon")));
        assert_eq!(reference["biographicData"]["gender"], json!("M"), "what did not change stays as it was written");

        let mut other = john("VALID");
        other["biographicData"] = json!({ "firstName": "Johanna", "gender": "F" });
        office.identity("P2", "2", other).await;
        assert_eq!(office.put("persons/P2/identities/2/reference", None).await, 204);
        let claims = registry::claims(&kit.state, person, &names, &[]).await.unwrap();
        assert_eq!(Value::Object(claims), json!({ "given_name": "Johanna", "gender": "female" }));
        assert_eq!(office.delete("persons/P2/identities/2").await, 204);
        assert!(registry::claims(&kit.state, person, &names, &[]).await.unwrap().is_empty());
        assert_eq!(office.get("persons/P2/reference").await.0, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_who_came_another_way_has_a_reference_too() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        kit.person("5601934482").await;
        let (status, reference) = office.get("persons/5601934482/reference").await;
        assert_eq!((status, &reference["biographicData"]["dateOfBirth"]), (200, &json!("1990-02-03")));
        assert_eq!(reference["status"], json!("VALID"));
        let by_birth = json!([{ "attributeName": "dateOfBirth", "operator": "=", "value": "1990-02-03" }]);
        let found = office.find("reference=true", by_birth).await;
        assert_eq!(found, [("5601934482".to_owned(), reference["identityId"].as_str().unwrap().to_owned())]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_persons_are_found_by_what_any_identity_says() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        for (place, born) in ["1980-01-01", "1990-01-01", "2000-01-01"].iter().enumerate() {
            let person = format!("F{place}");
            office.person(&person).await;
            for name in ["John", "Johnny"] {
                let mut identity = john("CLAIMED");
                identity["biographicData"] =
                    json!({ "firstName": name, "dateOfBirth": born, "height": 170 + place, "left": place == 0 });
                office.identity(&person, name, identity).await;
            }
        }
        office
            .identity("F0", "watched", {
                let mut watched = john("CLAIMED");
                watched["galleries"] = json!(["WATCH, LIST"]);
                watched
            })
            .await;
        let of = |name: &str, operator: &str, value: Value| json!({ "attributeName": name, "operator": operator, "value": value });
        let names = |found: Vec<(String, String)>| found.into_iter().map(|(person, _)| person).collect::<Vec<_>>();
        let two = json!([of("firstName", "=", json!("John")), of("dateOfBirth", "<", json!("1995-01-01"))]);
        assert_eq!(names(office.find("", two).await), ["F0", "F1", "F0"]);
        let both = json!([of("firstName", "=", json!("Johnny")), of("height", "=", json!(171.0))]);
        assert_eq!(office.find("", both).await, [("F1".to_owned(), "Johnny".to_owned())]);
        assert_eq!(names(office.find("group=true", json!([of("height", ">", json!(170))])).await), ["F1", "F2"]);
        assert_eq!(names(office.find("group=true", json!([of("left", "=", json!(true))])).await), ["F0"]);
        assert_eq!(names(office.find("", json!([of("height", "!=", json!(170))])).await).len(), 4);
        assert!(office.find("", json!([of("height", "=", json!("170"))])).await.is_empty());
        assert!(office.find("reference=true", json!([])).await.is_empty());
        assert_eq!(office.find("gallery=WATCH%2C%20LIST", json!([])).await.len(), 1);
        let all = office.find("", json!([])).await;
        assert_eq!(all.len(), 7);
        assert_eq!(office.find("offset=2&limit=3", json!([])).await, all[2..5]);
        assert_eq!(names(office.find("group=true&offset=1&limit=5", json!([])).await), ["F1", "F2"]);
        assert_eq!(office.call(Method::POST, "persons", None).await.json().as_array().unwrap().len(), 7);
        for bad in ["persons?limit=-1", "persons?limit=1000000", "persons?group=perhaps"] {
            assert_eq!(office.post(bad, json!([])).await, 400, "{bad}");
        }
        for bad in [json!({}), json!([of("a", "~", json!(1))]), json!([of("a", "=", json!(null))])] {
            assert_eq!(office.post("persons", bad).await, 400);
        }
        assert_eq!(office.get("galleries").await.1, json!(["CITIZENS", "WATCH, LIST"]));
        let (_, members) = office.get("galleries/WATCH%2C%20LIST").await;
        assert_eq!(members, json!([{ "personId": "F0", "identityId": "watched" }]));
        assert_eq!(office.get("galleries/ALL?offset=6").await.1.as_array().unwrap().len(), 1);
        assert_eq!(office.get("galleries/nobody").await.0, 404);
        let request = Request::get("/pr/v1/galleries/ALL?transactionId=T&limit=1")
            .header(header::AUTHORIZATION, format!("Bearer {}", office.token))
            .header(header::ACCEPT, "text/csv");
        let csv = kit.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(csv.text, "PersonId, identityId\nF0, John\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_persons_are_merged_and_identities_moved_or_nothing_changes() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        for person in ["A", "B"] {
            office.person(person).await;
            office.identity(person, "same", john("VALID")).await;
        }
        office.identity("B", "own", john("VALID")).await;
        assert_eq!(office.put("persons/B/identities/own/reference", None).await, 204);
        let call = async |path: &str| office.call(Method::POST, path, None).await.status.as_u16();
        assert_eq!(call("persons/A/merge/B").await, 409);
        assert_eq!(call("persons/A/move/B/identities/same").await, 409);
        assert_eq!(call("persons/A/move/B/identities/nothing").await, 404);
        assert_eq!(call("persons/A/move/A/identities/nothing").await, 404, "there is none to move");
        assert_eq!(call("persons/A/move/A/identities/same").await, 409, "it is there already");
        assert_eq!(call("persons/A/merge/A").await, 409);
        assert_eq!(call("persons/A/merge/nobody").await, 404);
        assert_eq!(office.get("persons/B/identities").await.1.as_array().unwrap().len(), 2);
        assert_eq!(office.delete("persons/B/identities/same").await, 204);
        assert_eq!(call("persons/A/merge/B").await, 204);
        assert_eq!(office.get("persons/B").await.0, 404);
        let (_, reference) = office.get("persons/A/reference").await;
        assert_eq!(reference["identityId"], json!("own"), "the target had none");
        let person = registry::find(&kit.state, "A").await.unwrap().unwrap();
        let claims = registry::claims(&kit.state, person, &["given_name".to_owned()], &[]).await.unwrap();
        assert_eq!(claims["given_name"], json!("John"));
        office.person("C").await;
        assert_eq!(call("persons/C/move/A/identities/own").await, 204);
        assert_eq!(office.get("persons/A/reference").await.0, 404);
        assert_eq!(office.get("persons/C/identities/own").await.0, 200);
        assert_eq!(office.get("persons/C/reference").await.0, 404);
        assert_eq!(office.get("persons/A").await.0, 200, "the source stays");
    }
}

/// OSIA-SEC-04, OSIA-COM-01 and what lies in the database (GS-SEC-05a).
#[tokio::test]
async fn scopes_and_the_transaction_id_are_asked_for_and_no_value_lies_in_the_clear() {
    let kit = Kit::new().await;
    let office = Office::new(&kit).await;
    office.person("P7").await;
    let mut marked = john("VALID");
    marked["biographicData"]["lastName"] = json!("Zanzibarqwertz");
    office.identity("P7", "marker-identity", marked).await;
    let reader = Office::with(&kit, "reader", &["pr.person.read"]).await;
    assert_eq!(reader.get("persons/P7").await.0, 200);
    assert_eq!(reader.get("persons/P7/identities").await.0, 403);
    assert_eq!(reader.delete("persons/P7").await, 403);
    assert_eq!(reader.get("galleries").await.0, 403);
    assert_eq!(kit.get("/pr/v1/persons/P7?transactionId=T", None).await.status, 401);
    let untraced = kit.get("/pr/v1/persons/P7", Some(&office.token)).await;
    assert_eq!((untraced.status.as_u16(), &untraced.json()["code"]), (400, &json!(400)));
    kit.state
        .store
        .write(|tx| {
            Box::pin(async move {
                crate::execute!(tx, "CREATE TABLE seen (n BIGINT)")?;
                Ok::<_, crate::store::StoreError>(())
            })
        })
        .await
        .unwrap();
    let path = kit.state.config.database.url.trim_start_matches("sqlite:").to_owned();
    for file in [path.clone(), format!("{path}-wal")] {
        let bytes = std::fs::read(file).unwrap_or_default();
        for marker in ["Zanzibarqwertz", "marker-identity", "1985-11-30"] {
            assert!(!bytes.windows(marker.len()).any(|window| window == marker.as_bytes()), "{marker}");
        }
    }
}

/// Two clients that create the same person, or the same identity, at once: one does.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_of_many_who_create_the_same_one_does() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        let many = async |path: &'static str, body: Value| {
            let calls = (0..8).map(|_| office.post(path, body.clone()));
            let mut statuses = futures::future::join_all(calls).await;
            statuses.sort_unstable();
            statuses
        };
        assert_eq!(many("persons/R1", alive()).await, [201, 409, 409, 409, 409, 409, 409, 409]);
        let statuses = many("persons/R1/identities/1", john("VALID")).await;
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    }
}
