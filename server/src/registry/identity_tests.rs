//! Tests of what came with enrollments, on both databases: history, evidence, virtual ids, uniqueness.

use serde_json::{Map, Value, json};

use super::*;
use crate::testkit::Kit;

fn person(uin: &str, given: &str, family: &str, birthdate: &str) -> NewPerson {
    let attributes = json!({ "given_name": given, "family_name": family, "birthdate": birthdate });
    NewPerson {
        identifiers: vec![Identifier { kind: IdentifierKind::Uin, value: uin.into() }],
        attributes: attributes.as_object().unwrap().clone(),
        ..NewPerson::default()
    }
}

fn set(name: &str, value: &str, why: &str) -> Change {
    let because = Because { by: "clerk".into(), why: why.into(), transaction: Some("T1".into()) };
    Change { set: Map::from_iter([(name.to_owned(), value.into())]), because, ..Change::default() }
}

fn document() -> Evidence {
    let document = json!({ "documentType": "OTHER", "parts": [{ "data": "c2VhbA==" }] });
    Evidence { kind: "OTHER".into(), document }
}

/// In a write of its own.
async fn proven(
    state: &AppState,
    person: PersonId,
    change: Change,
    evidence: Vec<Evidence>,
) -> Result<Vec<String>, ChangeError> {
    let inner = state.clone();
    let write = state
        .store
        .write(move |tx| Box::pin(async move { change_with_evidence(&inner, tx, person, change, evidence).await }));
    write.await
}

/// GS-AUD-01a, GS-IDM-02a, GS-IDM-02b.
#[tokio::test]
async fn on_both_gs_aud_01a_history_tells_who_did_what_when_and_why() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let amina = add(state, person("5601934482", "Amina", "Diallo", "1990-02-28")).await.unwrap();
        let bare = proven(state, amina, set("family_name", "Sow", ""), Vec::new()).await;
        assert!(matches!(bare, Err(ChangeError::NoEvidence)));
        for (name, why) in [("Sow", "marriage"), ("Ba", "error"), ("Diallo", "divorce")] {
            kit.clock.advance_seconds(60);
            let change = set("family_name", name, why);
            let changed = proven(state, amina, change, vec![document()]).await.unwrap();
            assert_eq!(changed, ["family_name"]);
        }
        let entries = history(state, amina, 0, 100).await.unwrap();
        let actions: Vec<Action> = entries.iter().map(|entry| entry.action).collect();
        assert_eq!(actions, [Action::Added, Action::Changed, Action::Changed, Action::Changed]);
        let second = &entries[2];
        assert_eq!((second.because.by.as_str(), second.because.why.as_str()), ("clerk", "error"));
        assert_eq!((second.because.transaction.as_deref(), second.at), (Some("T1"), crate::testkit::START + 120_000));
        let expected =
            AttributeChange { attribute: "family_name".into(), before: Some("Sow".into()), after: Some("Ba".into()) };
        assert_eq!(second.changes, [expected]);
        let (id, kind) = &second.evidence[0];
        assert_eq!(kind, "OTHER");
        assert_eq!(evidence(state, *id).await.unwrap(), Some((amina, document())));
        assert_eq!(history(state, amina, entries[2].id, 100).await.unwrap(), entries[3..]);
        assert_eq!(evidence(state, 1).await.unwrap(), None);
        // A refused change leaves no trace.
        assert!(change(state, amina, set("birthdate", "soon", "")).await.is_err());
        assert_eq!(history(state, amina, 0, 100).await.unwrap().len(), 4);
    }
}

/// GS-IDM-02a: a full name follows the parts that it was made of, and only then.
#[tokio::test]
async fn a_name_put_together_follows_its_parts() {
    let kit = Kit::new().await;
    let state = &kit.state;
    let mut made = person("5601934482", "Amina", "Diallo", "1990-02-28");
    made.attributes.insert("name".into(), full_name(&made.attributes).unwrap().into());
    let amina = add(state, made).await.unwrap();
    let changed = change(state, amina, set("family_name", "Sow", "")).await.unwrap();
    assert_eq!(changed, ["family_name", "name"]);
    let told = claims(state, amina, &["name".to_owned()], &[]).await.unwrap();
    assert_eq!(told["name"], "Amina Sow");
    change(state, amina, set("name", "Dr Amina Sow", "")).await.unwrap();
    assert_eq!(change(state, amina, set("given_name", "Emina", "")).await.unwrap(), ["given_name"]);
}

/// GS-IDF-01.
#[tokio::test]
async fn on_both_gs_idf_01_a_virtual_id_is_good_until_it_ends_or_is_revoked() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let amina = add(state, person("5601934482", "Amina", "Diallo", "1990-02-28")).await.unwrap();
        let other = add(state, person("5601934483", "Fatou", "Sow", "1991-02-28")).await.unwrap();
        let issue = |days| issue_virtual(state, amina, days, Because::default());
        let lasting = issue(None).await.unwrap().unwrap().identifier.value;
        let short = issue(Some(1)).await.unwrap().unwrap().identifier.value;
        assert_ne!(lasting, short);
        for id in [lasting.as_str(), &short] {
            assert_eq!(find(state, id).await.unwrap(), Some(amina));
        }
        kit.clock.advance_seconds(24 * 3600);
        assert_eq!(find(state, &short).await.unwrap(), None, "it ended");
        assert!(!revoke_virtual(state, other, &lasting, Because::default()).await.unwrap(), "not the other's");
        assert!(!revoke_virtual(state, amina, "5601934482", Because::default()).await.unwrap(), "a UIN is for life");
        assert!(revoke_virtual(state, amina, &lasting, Because::default()).await.unwrap());
        assert!(!revoke_virtual(state, amina, &lasting, Because::default()).await.unwrap(), "once");
        assert_eq!((find(state, &lasting).await.unwrap(), find_any(state, &lasting).await.unwrap()), (None, None));
        // Nobody gets it again.
        let mut again = person("5601934484", "Awa", "Ba", "1992-02-28");
        again.identifiers.push(Identifier { kind: IdentifierKind::Handle, value: lasting.clone() });
        assert!(matches!(add(state, again).await, Err(AddError::Duplicate("handle"))));
        let held = held(state, amina).await.unwrap();
        let good: Vec<bool> = held.iter().map(|held| held.is_good(state.clock.now())).collect();
        assert_eq!(good, [true, false, false]);
        assert_eq!(issue_virtual(state, PersonId(1), None, Because::default()).await.unwrap(), None);
        let actions: Vec<Action> =
            history(state, amina, 0, 9).await.unwrap().into_iter().map(|entry| entry.action).collect();
        let (issued, revoked) = (Action::IdentifierIssued, Action::IdentifierRevoked);
        assert_eq!(actions, [Action::Added, issued, issued, revoked]);
    }
}

async fn who_is_alike(state: &AppState, of: &NewPerson) -> Vec<(PersonId, bool)> {
    let (inner, attributes) = (state.clone(), of.attributes.clone());
    let found = state
        .store
        .write(move |tx| Box::pin(async move { unique::alike(&inner, tx, &attributes, None).await }))
        .await
        .unwrap();
    found.into_iter().map(|alike| (alike.person, alike.likeness >= 1.0)).collect()
}

/// GS-UNQ-01.
#[tokio::test]
async fn on_both_gs_unq_01_the_same_person_is_known_again() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let amina = add(state, person("5601934482", "Amina", "Diallo", "1990-02-28")).await.unwrap();
        let other = add(state, person("5601934483", "Fatou", "Sow", "1991-07-01")).await.unwrap();
        let again = |given, family, birthdate| person("1", given, family, birthdate);
        assert_eq!(who_is_alike(state, &again("AMINA", "Diàllo", "1990-02-28")).await, [(amina, true)]);
        assert_eq!(who_is_alike(state, &again("Aminata", "Diallo", "1990-02-28")).await, [(amina, false)]);
        assert_eq!(who_is_alike(state, &again("Amina", "Diallo", "1990-02-27")).await, [(amina, false)]);
        assert_eq!(who_is_alike(state, &again("Moussa", "Camara", "1990-02-28")).await, []);
        // Whoever changes is found by what they are now.
        change(state, other, set("family_name", "Okafor", "")).await.unwrap();
        assert_eq!(who_is_alike(state, &again("Fatou", "Sow", "1991-07-01")).await, []);
        assert_eq!(who_is_alike(state, &again("Fatou", "Okafor", "1991-07-01")).await, [(other, true)]);
    }
}

/// GS-UNQ-01: those who were there before get their blocks, and everyone new ones when the rules change.
#[tokio::test]
async fn on_both_blocks_are_made_again_under_other_rules() {
    for kit in Kit::both().await {
        let state = &kit.state;
        for n in 0..3 {
            add(state, person(&format!("560193448{n}"), "Amina", &format!("Diallo{n}"), "1990-02-28")).await.unwrap();
        }
        assert_eq!(unique::reindex(state).await.unwrap(), 0);
        state
            .store
            .write(|tx| {
                Box::pin(async move {
                    crate::execute!(tx, "DELETE FROM person_block")?;
                    crate::execute!(tx, "UPDATE person SET unique_rules = ''")?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
        let again = person("1", "Amina", "Diallo1", "1990-02-28");
        assert!(who_is_alike(state, &again).await.is_empty());
        assert_eq!(unique::reindex(state).await.unwrap(), 3);
        assert_eq!(unique::reindex(state).await.unwrap(), 0);
        assert!(!who_is_alike(state, &again).await.is_empty());
    }
}

/// GS-IDF-01: a UIN is given out once, also by many at once.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_uin_is_given_out_once() {
    for kit in Kit::both().await {
        let issue = || {
            let state = kit.state.clone();
            async move {
                let inner = state.clone();
                state.store.write(move |tx| Box::pin(async move { issue_uin(&inner, tx).await })).await.unwrap()
            }
        };
        let mut uins = futures::future::join_all((0..20).map(|_| issue())).await;
        assert!(uins.iter().all(|uin| uin.len() == 10 && !uin.starts_with('0')));
        uins.sort_unstable();
        uins.dedup();
        assert_eq!(uins.len(), 20);
    }
}

/// GS-SEC-05a: neither history nor evidence nor blocks hold a clear value.
#[tokio::test]
async fn what_lies_in_the_database_is_not_clear() {
    let kit = Kit::new().await;
    let amina = add(&kit.state, person("5601934482", "Markergiven", "Markerfamily", "1990-02-28")).await.unwrap();
    let change = set("family_name", "Markerother", "Markerwhy");
    proven(&kit.state, amina, change, vec![document()]).await.unwrap();
    let rows: Vec<(Vec<u8>,)> = kit
        .state
        .store
        .read(|tx| {
            Box::pin(async move {
                let sql = "SELECT sealed FROM person_history UNION ALL SELECT sealed FROM person_evidence
                           UNION ALL SELECT hash FROM person_block UNION ALL SELECT biographics FROM person";
                crate::fetch_all!(tx, (Vec<u8>,), sql)
            })
        })
        .await
        .unwrap();
    assert!(rows.len() > 7);
    for (bytes,) in rows {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("marker") && !text.contains("1990") && !text.contains("c2VhbA"));
    }
}

/// GS-IDM-01: what has no claim is kept under its OSIA name.
#[tokio::test]
async fn a_further_attribute_is_kept_and_told_by_its_name() {
    let kit = Kit::new().await;
    let mut of = person("5601934482", "Amina", "Diallo", "1990-02-28");
    of.attributes.insert("osia.spouseName".into(), "Moussa".into());
    let amina = add(&kit.state, of.clone()).await.unwrap();
    let told = claims(&kit.state, amina, &["osia.spouseName".to_owned()], &[]).await.unwrap();
    assert_eq!(Value::Object(told), json!({ "osia.spouseName": "Moussa" }));
    of.attributes.insert("spouseName".into(), "Moussa".into());
    assert!(matches!(add(&kit.state, of).await, Err(AddError::Invalid { .. })));
}
