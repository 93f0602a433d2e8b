//! Nothing is changed over HTTP without a trace of it (GS-AUD-01).

use super::*;

async fn sql(kit: &Kit, text: &'static str) {
    let write = kit.state.store.write(move |tx| Box::pin(async move { crate::execute!(tx, text) }));
    write.await.unwrap();
}

/// Where what is done cannot be written down, it is not done: as after a crash between the two.
#[tokio::test]
async fn on_both_gs_aud_01_what_cannot_be_written_down_is_not_done() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        let of = NewPerson {
            identifiers: vec![registry::Identifier { kind: IdentifierKind::Uin, value: "5601934482".into() }],
            attributes: json!({ "family_name": "Diallo" }).as_object().unwrap().clone(),
            ..NewPerson::default()
        };
        let person = registry::add(&kit.state, of).await.unwrap();
        let whose = json!({ "individualId": "5601934482" });
        let issue = "/identity/identifiers/issue";
        let kept = call(&kit, &office, "POST", issue, Some(whose.clone())).await.json()["value"].clone();
        let kept = kept.as_str().unwrap().to_owned();
        let document = json!({ "documentType": "OTHER", "parts": [{ "data": "c2VhbA==" }] });
        let change = json!({
            "individualId": "5601934482", "set": { "lastName": "Sow" }, "reason": "marriage", "evidence": [document]
        });
        let revoke = json!({ "individualId": "5601934482", "virtualId": kept });

        sql(&kit, "ALTER TABLE audit_event RENAME TO audit_event_away").await;
        for (path, body) in [
            ("/identity/person/change", &change),
            (issue, &whose),
            ("/identity/identifiers/revoke", &revoke),
            ("/v1/uin?transactionId=T", &json!({})),
        ] {
            let answer = call(&kit, &office, "POST", path, Some(body.clone())).await;
            assert!(answer.status.is_server_error(), "{path}: {}", answer.text);
        }
        sql(&kit, "ALTER TABLE audit_event_away RENAME TO audit_event").await;

        assert_eq!(registry::history(&kit.state, person, 0, 10).await.unwrap().len(), 2, "added, one number issued");
        let held = registry::held(&kit.state, person).await.unwrap();
        assert_eq!(held.len(), 2);
        assert_eq!(registry::find(&kit.state, &kept).await.unwrap(), Some(person));
        let claims = registry::claims(&kit.state, person, &["family_name".to_owned()], &[]).await.unwrap();
        assert_eq!(claims["family_name"], "Diallo");
        let issued = kit
            .state
            .store
            .read(|tx| Box::pin(async move { crate::fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM uin_issued") }));
        assert_eq!(issued.await.unwrap().0, 0);
        assert_eq!(call(&kit, &office, "POST", "/identity/person/change", Some(change)).await.status, 200);
    }
}

/// GS-AUD-01b: nor is anything told, neither of an enrollment nor of those who may be the same person.
#[tokio::test]
async fn on_both_gs_aud_01b_what_cannot_be_written_down_is_not_told() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        for id in ["e1", "e2"] {
            enroll(&kit, &office, id, amina()).await;
            settle(&kit).await;
        }
        let parked = cases(&kit, &office).await;
        let case = format!("/identity/duplicates/{}", parked[0]["caseId"].as_str().unwrap());
        let paths = ["/identity/enrollments/e1?transactionId=T", "/identity/duplicates", &case];
        sql(&kit, "ALTER TABLE audit_event RENAME TO audit_event_away").await;
        for path in paths {
            let answer = call(&kit, &office, "GET", path, None).await;
            assert!(answer.status.is_server_error(), "{path}: {}", answer.text);
        }
        sql(&kit, "ALTER TABLE audit_event_away RENAME TO audit_event").await;
        for path in paths {
            assert_eq!(call(&kit, &office, "GET", path, None).await.status, 200, "{path}");
        }
    }
}
