//! Identities are found while the secret that they are found by is replaced, and after it is gone.

use super::*;
use crate::reseal;
use crate::testkit::{added_secret, new_secret, promoted_secret};

impl Office<'_> {
    fn at<'k>(&self, kit: &'k Kit) -> Office<'k> {
        Office { kit, token: self.token.clone() }
    }

    async fn sees(&self, expected: &[(&str, &str)]) {
        for (person, identity) in expected {
            assert_eq!(self.get(&format!("persons/{person}/identities/{identity}")).await.0, 200);
            assert_eq!(self.post(&format!("persons/{person}/identities/{identity}"), john("CLAIMED")).await, 409);
        }
        let equal = |name: &str, value: &str| json!({ "attributeName": name, "operator": "=", "value": value });
        for expressions in
            [json!([equal("firstName", "John")]), json!([equal("firstName", "John"), equal("gender", "M")])]
        {
            let found = self.find("", expressions).await;
            // Nodes that make something in the same millisecond have no order among themselves.
            let mut found: Vec<(&str, &str)> =
                found.iter().map(|(one, other)| (one.as_str(), other.as_str())).collect();
            found.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}

/// GS-SEC-05c.
#[tokio::test]
async fn on_both_gs_sec_05c_identities_are_found_at_each_step_of_a_secret_s_replacement() {
    for kit in Kit::both().await {
        let office = Office::new(&kit).await;
        office.person("P1").await;
        office.person("P2").await;
        office.identity("P1", "I1", john("CLAIMED")).await;

        let (added, during) = (kit.with_secrets(added_secret()).await, kit.with_secrets(promoted_secret()).await);
        office.at(&during).identity("P1", "I2", john("CLAIMED")).await;
        office.at(&added).identity("P2", "I1", john("CLAIMED")).await;
        let all = [("P1", "I1"), ("P1", "I2"), ("P2", "I1")];
        office.at(&added).sees(&all).await;
        office.at(&during).sees(&all).await;
        // Names that are the same under two hashes are the same.
        for node in [&added, &during] {
            assert_eq!(office.at(node).post("persons/P1/merge/P2", json!({})).await, 409);
        }

        assert!(reseal::left(&during.state).await.unwrap() > 0);
        reseal::all(&during.state).await.unwrap();
        assert_eq!(reseal::left(&during.state).await.unwrap(), 0);
        let after = kit.with_secrets(new_secret()).await;
        office.at(&after).sees(&all).await;
    }
}
