//! Enrollments of one person, and who decides of them.

use super::*;

pub(super) async fn cases(kit: &Kit, token: &str) -> Vec<Value> {
    let answer = call(kit, token, "GET", "/identity/duplicates", None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["cases"].as_array().unwrap().clone()
}

pub(super) async fn decide(kit: &Kit, token: &str, case: &Value, body: Value) -> u16 {
    let path = format!("/identity/duplicates/{}/decision", case["caseId"].as_str().unwrap());
    call(kit, token, "POST", &path, Some(body)).await.status.as_u16()
}

/// GS-UNQ-01: a second enrollment is flagged, makes no second identity, and is decided by somebody.
#[tokio::test]
async fn on_both_gs_unq_01_a_second_enrollment_is_parked_for_somebody_to_decide() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        enroll(&kit, &office, "e1", amina()).await;
        settle(&kit).await;
        let uin = became(&kit, &office, "e1").await["uin"].clone();
        for (id, given, birthdate) in
            [("same", "AMINA", "1990-02-28"), ("near", "Aminata", "1990-02-28"), ("slip", "Amina", "1990-02-27")]
        {
            let mut again = amina();
            again["biographicData"]["firstName"] = given.into();
            again["biographicData"]["dateOfBirth"] = birthdate.into();
            enroll(&kit, &office, id, again).await;
        }
        settle(&kit).await;
        let parked = cases(&kit, &office).await;
        assert_eq!(parked.len(), 3);
        for (case, id) in parked.iter().zip(["same", "near", "slip"]) {
            assert_eq!((case["enrollmentId"].as_str(), case["cause"].as_str()), (Some(id), Some("duplicate")));
            assert_eq!(became(&kit, &office, id).await["state"], "parked");
        }
        assert_eq!(parked[0]["suspects"][0]["likeness"], 1.0);
        let path = format!("/identity/duplicates/{}", parked[1]["caseId"].as_str().unwrap());
        let shown = call(&kit, &office, "GET", &path, None).await.json();
        assert_eq!(shown["enrolled"]["biographicData"]["firstName"], "Aminata");
        assert_eq!(
            (&shown["known"][0]["uin"], &shown["known"][0]["biographicData"]["firstName"]),
            (&uin, &json!("Amina"))
        );
        // Nobody is merged but with somebody that was named.
        let whom = parked[0]["suspects"][0]["person"].clone();
        let stranger = kit.state.ids.name(crate::ids::Kind::Person, 12);
        for bad in [
            json!({ "decision": "same", "reason": "r" }),
            json!({ "decision": "same", "person": stranger, "reason": "r" }),
            json!({ "decision": "different", "person": whom, "reason": "r" }),
            json!({ "decision": "refuse", "reason": " " }),
            json!({ "decision": "merge", "reason": "r" }),
        ] {
            assert_eq!(decide(&kit, &office, &parked[0], bad).await, 400);
        }
        let same = json!({ "decision": "same", "person": whom, "reason": "came twice" });
        assert_eq!(decide(&kit, &office, &parked[0], same.clone()).await, 204);
        assert_eq!(decide(&kit, &office, &parked[0], same).await, 404, "once");
        let different = json!({ "decision": "different", "reason": "sisters" });
        assert_eq!(decide(&kit, &office, &parked[1], different).await, 204);
        assert_eq!(decide(&kit, &office, &parked[2], json!({ "decision": "refuse", "reason": "fraud" })).await, 204);
        settle(&kit).await;
        let (same, near, slip) = (
            became(&kit, &office, "same").await,
            became(&kit, &office, "near").await,
            became(&kit, &office, "slip").await,
        );
        assert_eq!((&same["state"], &same["uin"]), (&json!("same"), &uin));
        assert_eq!(near["state"], "made");
        assert_ne!(near["uin"], uin);
        assert_eq!((&slip["state"], &slip["uin"]), (&json!("refused"), &Value::Null));
        assert!(cases(&kit, &office).await.is_empty());
        let reader = bearer(&kit, "office", &["pr.duplicate.read"]).await;
        assert_eq!(decide(&kit, &reader, &parked[0], json!({ "decision": "refuse", "reason": "r" })).await, 403);
    }
}

/// GS-UNQ-01: two enrollments of one person at the same time, on several nodes: one identity.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_gs_unq_01_two_enrollments_of_one_person_at_once_make_one_identity() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        for n in 0..4 {
            enroll(&kit, &office, &format!("e{n}"), amina()).await;
        }
        let nodes = (0..4).map(|_| {
            let state = kit.state.clone();
            async move { while work(&state).await.unwrap() > 0 {} }
        });
        futures::future::join_all(nodes).await;
        settle(&kit).await;
        assert_eq!(cases(&kit, &office).await.len(), 3);
    }
}

/// The commands of the operator.
#[tokio::test]
async fn duplicate_list_show_and_decide() {
    use clap::Parser;
    #[derive(Parser)]
    struct Arguments {
        #[command(subcommand)]
        command: cli::DuplicateCommand,
    }
    async fn run(kit: &Kit, words: &[&str]) -> Result<String, String> {
        let words = std::iter::once("duplicate").chain(words.iter().copied());
        let command = Arguments::try_parse_from(words).map_err(|error| error.to_string())?.command;
        let mut out = Vec::new();
        cli::run(&kit.state, command, &mut out).await.map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }
    let kit = Kit::new().await;
    let office = bearer(&kit, "office", &EVERY).await;
    for id in ["e1", "e2"] {
        enroll(&kit, &office, id, amina()).await;
        settle(&kit).await;
    }
    let listed = run(&kit, &["list"]).await.unwrap();
    assert!(!listed.contains("Amina"));
    let case = listed.split('\t').next().unwrap();
    let shown = run(&kit, &["show", case]).await.unwrap();
    assert!(shown.contains("attributes alike: 1.00") && shown.contains("lastName: \"Diallo\""));
    assert!(run(&kit, &["decide", case, "same", "--why", "w"]).await.unwrap_err().contains("--person"));
    assert!(run(&kit, &["decide", case, "refuse"]).await.is_err(), "--why is needed");
    run(&kit, &["decide", case, "different", "--why", "twins", "--by", "M. Ndiaye"]).await.unwrap();
    assert!(run(&kit, &["show", case]).await.unwrap_err().contains("decided already"));
    settle(&kit).await;
    let uin = became(&kit, &office, "e2").await["uin"].as_str().unwrap().to_owned();
    let person = registry::find(&kit.state, &uin).await.unwrap().unwrap();
    let history = registry::history(&kit.state, person, 0, 10).await.unwrap();
    assert_eq!((history[0].because.by.as_str(), history[0].because.why.as_str()), ("M. Ndiaye", "twins"));
}
