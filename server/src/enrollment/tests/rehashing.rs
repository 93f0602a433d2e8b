//! Enrollments are found while the secret that they are found by is replaced, and after it is gone.

use std::collections::BTreeSet;

use super::*;
use crate::reseal;
use crate::testkit::{added_secret, new_secret, promoted_secret};

impl Office<'_> {
    fn at<'k>(&self, kit: &'k Kit) -> Office<'k> {
        Office { kit, token: self.token.clone() }
    }

    /// What each way of looking finds.
    async fn sees(&self, ids: &[&str], buffer: &str) {
        for id in ids {
            assert_eq!(self.read(id).await.status, StatusCode::OK, "{id}");
            let taken = self.json(Method::POST, &at(id), &jana()).await;
            assert_eq!(taken.status, StatusCode::CONFLICT, "{id}");
        }
        let expression = |name: &str, operator: &str, value: Value| json!({ "attributeName": name, "operator": operator, "value": value });
        let name = expression("firstName", "=", json!("Jana"));
        let gender = expression("gender", "=", json!("F"));
        let born = expression("dateOfBirth", "<", json!("1990-01-01"));
        for expressions in [json!([name]), json!([name, gender]), json!([born]), json!([name, born]), json!([])] {
            let found = self.find("", &expressions).await;
            assert_eq!(self.find("&offset=1&limit=2", &expressions).await, found[1..3], "{expressions}");
            // Nodes that make something in the same millisecond have no order among themselves.
            let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
            assert_eq!(found, ids.iter().copied().collect(), "{expressions}");
        }
        let (status, _, bytes) = self.load(ids[0], buffer).await;
        assert_eq!((status, &bytes[..]), (StatusCode::OK, b"portrait".as_slice()));
    }
}

/// GS-SEC-05c.
#[tokio::test]
async fn on_both_gs_sec_05c_enrollments_are_found_at_each_step_of_a_secret_s_replacement() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        let buffer = office.store("E1", "image/png", b"portrait").await;
        let unclaimed = office.store("E6", "image/png", b"before its enrollment").await;
        office.create("E1", &jana()).await;
        office.create("E2", &jana()).await;

        let (added, during) = (kit.with_secrets(added_secret()).await, kit.with_secrets(promoted_secret()).await);
        // Nodes at either step write, and each finds what the other wrote.
        office.at(&during).create("E3", &jana()).await;
        office.at(&added).create("E4", &jana()).await;
        let early = office.at(&added).store("E5", "image/png", b"early").await;
        office.at(&during).create("E5", &jana()).await;
        let waiting = office.at(&added).store("E7", "image/png", b"waiting").await;
        let all = ["E1", "E2", "E3", "E4", "E5"];
        office.at(&added).sees(&all, &buffer).await;
        office.at(&during).sees(&all, &buffer).await;
        // A change writes what is found by under the newest; another row is looked for under both.
        assert_eq!(office.at(&during).put("E2", &jana()).await, StatusCode::NO_CONTENT);
        office.at(&added).sees(&all, &buffer).await;

        assert!(reseal::left(&during.state).await.unwrap() > 0);
        reseal::all(&during.state).await.unwrap();
        assert_eq!(reseal::left(&during.state).await.unwrap(), 0);
        office.at(&during).sees(&all, &buffer).await;
        let after = kit.with_secrets(new_secret()).await;
        let office = office.at(&after);
        office.sees(&all, &buffer).await;
        assert_eq!(office.load("E5", &early).await.0, StatusCode::OK);
        // What waited for its enrollment all the time is found by it.
        for (id, buffer, sent) in [("E6", &unclaimed, &b"before its enrollment"[..]), ("E7", &waiting, b"waiting")] {
            office.create(id, &jana()).await;
            let (status, _, bytes) = office.load(id, buffer).await;
            assert_eq!((status, &bytes[..]), (StatusCode::OK, sent), "{id}");
        }
        assert_eq!(office.delete("E1").await, StatusCode::NO_CONTENT);
        assert_eq!(office.load("E1", &buffer).await.0, StatusCode::NOT_FOUND);
        assert_eq!(office.finalize("E2").await, StatusCode::NO_CONTENT);
    }
}

/// Of two nodes at different steps that make the same enrollment, one does.
#[tokio::test]
async fn on_both_of_two_at_different_steps_one_makes_it() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        let (added, during) = (kit.with_secrets(added_secret()).await, kit.with_secrets(promoted_secret()).await);
        for round in 0..20 {
            let (one, other) = (office.at(&added), office.at(&during));
            let (path, body) = (at(&format!("R{round}")), jana());
            let (one, other) =
                tokio::join!(one.json(Method::POST, &path, &body), other.json(Method::POST, &path, &body));
            let mut statuses = [one.status.as_u16(), other.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [204, 409]);
        }
    }
}
