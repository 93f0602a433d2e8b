//! Questions to persons, as relying parties ask and wallets answer them.

use axum::http::{Request, StatusCode, header};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::config::Config;
use crate::linked::test_kit::{OTHER_UIN, Phone, UIN, person};
use crate::registry;
use crate::testkit::{Answer, Kit};
use crate::verification::test_kit::{asker, post};

const SCOPES: &[&str] = &["id.consent.request", "id.verify"];

/// A relying party called clinic, its token, and a person's phone.
async fn begin(kit: &Kit) -> (String, Phone) {
    person(kit, UIN).await;
    let token = asker(kit, "clinic", SCOPES, &["name", "email"]).await;
    (token, Phone::bind(kit, UIN).await)
}

fn question(attributes: &[&str]) -> Value {
    json!({ "identifier": UIN, "attributes": attributes, "purpose": "Your file" })
}

/// Asks; gives the question's name.
async fn ask(kit: &Kit, token: &str, attributes: &[&str]) -> String {
    let answer = post(kit, "/inbox/requests", token, &question(attributes)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()["requestId"].as_str().unwrap().to_owned()
}

async fn status(kit: &Kit, token: &str, id: &str) -> Value {
    let answer = kit.get(&format!("/inbox/requests/{id}"), Some(token)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

async fn take_back(kit: &Kit, token: &str, id: &str) -> Answer {
    let request =
        Request::delete(format!("/inbox/requests/{id}")).header(header::AUTHORIZATION, format!("Bearer {token}"));
    kit.send(request.body("".into()).unwrap()).await
}

async fn questions(kit: &Kit, phone: &Phone) -> Vec<Value> {
    let answer = phone.call(kit, "/wallet/inbox/list", json!({})).await;
    answer.json()["response"]["questions"].as_array().unwrap_or_else(|| panic!("{}", answer.text)).clone()
}

/// A yes with a statement over it, or a no.
fn answer_to(kit: &Kit, phone: &Phone, question: &Value, claims: &[&str]) -> Value {
    let accepted: Vec<String> = claims.iter().map(|claim| (*claim).to_owned()).collect();
    let text = |member: &str| question[member].as_str().unwrap();
    let mut request = json!({ "questionId": question["questionId"], "acceptedClaims": accepted });
    if !claims.is_empty() {
        let statement = phone.statement(kit, text("issuer"), text("questionId"), &accepted);
        request["consentStatement"] = statement.into();
    }
    request
}

async fn answer(kit: &Kit, phone: &Phone, question: &Value, claims: &[&str]) -> Answer {
    phone.call(kit, "/wallet/inbox/answer", answer_to(kit, phone, question, claims)).await
}

async fn verify(kit: &Kit, token: &str) -> StatusCode {
    let body = json!({ "biographicData": { "fullName": "Anna" } });
    post(kit, &format!("/v1/verify/{UIN}?transactionId=T"), token, &body).await.status
}

/// GS-VER-03b, GS-SEC-04: asked, pulled, agreed to, used, withdrawn.
#[tokio::test]
async fn on_both_gs_ver_03b_a_wallet_pulls_a_question_and_its_yes_is_a_consent() {
    for kit in Kit::both().await {
        let (token, phone) = begin(&kit).await;
        assert_eq!(verify(&kit, &token).await, StatusCode::FORBIDDEN);
        assert!(questions(&kit, &phone).await.is_empty());
        let id = ask(&kit, &token, &["fullName", "email"]).await;
        assert_eq!(status(&kit, &token, &id).await["status"], "OPEN");
        let pulled = questions(&kit, &phone).await;
        let [pulled] = pulled.as_slice() else { panic!("{pulled:?}") };
        assert_eq!((&pulled["questionId"], &pulled["clientName"]), (&json!(id), &json!("Clinic")));
        assert_eq!((&pulled["claims"], &pulled["purpose"]), (&json!(["name", "email"]), &json!("Your file")));

        let answered = answer(&kit, &phone, pulled, &["name"]).await;
        let consent = answered.json()["response"]["consentId"].clone();
        assert!(consent.is_string(), "{}", answered.text);
        assert!(questions(&kit, &phone).await.is_empty());
        let told = status(&kit, &token, &id).await;
        assert_eq!((&told["status"], &told["acceptedAttributes"]), (&json!("AGREED"), &json!(["fullName"])));
        assert_eq!(verify(&kit, &token).await, StatusCode::OK);
        // By the pseudonym too, though there never was a login.
        let anna = registry::find(&kit.state, UIN).await.unwrap().unwrap();
        let subject = registry::subject_for(&kit.state, anna, "party of clinic").await.unwrap();
        let by_token = format!("/v1/verify/{subject}?transactionId=T&identifierType=token");
        let body = json!({ "biographicData": { "fullName": "Anna" } });
        assert_eq!(post(&kit, &by_token, &token, &body).await.status, StatusCode::OK);

        let listed =
            phone.call(&kit, "/wallet/consents/list", json!({})).await.json()["response"]["consents"][0].clone();
        assert_eq!(
            (&listed["consentId"], &listed["signed"], &listed["claims"]),
            (&consent, &json!(true), &json!(["name"]))
        );
        let ended = phone.call(&kit, "/wallet/consents/withdraw", json!({ "consentId": consent })).await;
        assert_eq!(ended.code(), "", "{}", ended.text);
        assert_eq!(verify(&kit, &token).await, StatusCode::FORBIDDEN);
        let told = status(&kit, &token, &id).await;
        assert_eq!((&told["status"], &told["acceptedAttributes"]), (&json!("WITHDRAWN"), &Value::Null));
    }
}

/// Nobody is asked again and again: one question at a time, none for a day after a no, a limit over all relying parties.
#[tokio::test]
async fn on_both_questions_are_limited() {
    for kit in Kit::both_with(&limits()).await {
        let (token, phone) = begin(&kit).await;
        let again = async |status: u16| {
            let answer = post(&kit, "/inbox/requests", &token, &question(&["email"])).await;
            assert_eq!(answer.status, status, "{}", answer.text);
            answer
        };
        let id = ask(&kit, &token, &["email"]).await;
        again(409).await;
        assert_eq!(take_back(&kit, &token, &id).await.status, StatusCode::NO_CONTENT);
        assert_eq!(take_back(&kit, &token, &id).await.status, StatusCode::CONFLICT);
        assert_eq!(status(&kit, &token, &id).await["status"], "TAKEN_BACK");
        assert!(questions(&kit, &phone).await.is_empty());

        let id = ask(&kit, &token, &["email"]).await;
        let bank = asker(&kit, "bank", SCOPES, &["email"]).await;
        ask(&kit, &bank, &["email"]).await;
        let third = asker(&kit, "shop", SCOPES, &["email"]).await;
        let refused = post(&kit, "/inbox/requests", &third, &question(&["email"])).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.text);
        assert!(refused.json()["message"].as_str().unwrap().contains("open questions"), "{}", refused.text);

        let pulled = questions(&kit, &phone).await;
        let own = pulled.iter().find(|question| question["questionId"] == json!(id)).unwrap();
        let no = answer(&kit, &phone, own, &[]).await;
        assert_eq!((no.code().as_str(), &no.json()["response"]["consentId"]), ("", &Value::Null), "{}", no.text);
        assert_eq!(status(&kit, &token, &id).await["status"], "DECLINED");
        let wait = again(429).await;
        assert!(wait.json()["message"].as_str().unwrap().starts_with("the person said no"), "{}", wait.text);
        let wait = wait.headers[header::RETRY_AFTER].to_str().unwrap().parse::<i64>().unwrap();
        assert_eq!(wait, 3601);
        ask(&kit, &third, &["email"]).await;
        kit.clock.advance_seconds(3599);
        again(429).await;
        kit.clock.advance_seconds(1);
        // The others' have ended by now.
        let id = ask(&kit, &token, &["email"]).await;
        kit.clock.advance_seconds(3599);
        let pulled = questions(&kit, &phone).await;
        let [pulled] = pulled.as_slice() else { panic!("{pulled:?}") };
        kit.clock.advance_seconds(1);
        assert!(questions(&kit, &phone).await.is_empty());
        assert_eq!(answer(&kit, &phone, pulled, &["email"]).await.code(), "invalid_question_id");
        assert_eq!(status(&kit, &token, &id).await["status"], "EXPIRED");
        assert_eq!(super::expire(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(24 * 3600);
        assert_eq!(super::expire(&kit.state).await.unwrap(), 5);
        assert_eq!(kit.get(&format!("/inbox/requests/{id}"), Some(&token)).await.status, StatusCode::NOT_FOUND);
    }
}

/// Short times, and two questions to one person.
fn limits() -> Config {
    let mut config = Config::default();
    config.lifetimes.access_token = 1_000_000;
    config.inbox.question_hours = 1;
    config.inbox.pause_hours = 1;
    config.inbox.open_per_person = 2;
    config.inbox.kept_days = 1;
    config
}

/// GS-PRI: whose consents are erased, agrees to nothing by an older question.
#[tokio::test]
async fn on_both_gs_pri_erasing_consents_ends_open_questions() {
    for kit in Kit::both().await {
        let (token, phone) = begin(&kit).await;
        ask(&kit, &token, &["email"]).await;
        let agreed = questions(&kit, &phone).await.remove(0);
        assert_eq!(answer(&kit, &phone, &agreed, &["email"]).await.code(), "");
        let bank = asker(&kit, "bank", SCOPES, &["email"]).await;
        let id = ask(&kit, &bank, &["email"]).await;
        let pulled = questions(&kit, &phone).await.remove(0);

        let mut out = Vec::new();
        let erase = super::cli::ConsentsCommand::Erase { person: UIN.into() };
        super::cli::run(&kit.state, erase, &mut out).await.unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "1 receipts erased, 1 open questions ended\n");
        assert!(questions(&kit, &phone).await.is_empty());
        assert_eq!(answer(&kit, &phone, &pulled, &[]).await.code(), "invalid_question_id");
        assert_eq!(status(&kit, &bank, &id).await["status"], "EXPIRED");
        let consents = phone.call(&kit, "/wallet/consents/list", json!({})).await.json();
        assert_eq!(consents["response"]["consents"], json!([]));
    }
}

/// Answers that do not hold change nothing.
#[tokio::test]
async fn answers_are_the_persons_own_within_the_question_and_signed() {
    let kit = Kit::new().await;
    let (token, phone) = begin(&kit).await;
    person(&kit, OTHER_UIN).await;
    let stranger = Phone::bind(&kit, OTHER_UIN).await;
    let id = ask(&kit, &token, &["email"]).await;
    let pulled = questions(&kit, &phone).await.remove(0);
    assert!(questions(&kit, &stranger).await.is_empty());
    assert_eq!(answer(&kit, &stranger, &pulled, &["email"]).await.code(), "invalid_question_id");
    assert_eq!(answer(&kit, &stranger, &pulled, &[]).await.code(), "invalid_question_id");
    assert_eq!(answer(&kit, &phone, &pulled, &["email", "name"]).await.code(), "invalid_accepted_claim");
    let good = answer_to(&kit, &phone, &pulled, &["email"]);
    for (member, value) in [
        ("consentStatement", Value::Null),
        ("consentStatement", json!("a.b.c")),
        (
            "consentStatement",
            json!(stranger.statement(&kit, pulled["issuer"].as_str().unwrap(), &id, &["email".into()])),
        ),
        ("consentStatement", json!(phone.statement(&kit, "https://other.test", &id, &["email".into()]))),
        ("consentStatement", json!(phone.statement(&kit, pulled["issuer"].as_str().unwrap(), "x", &["email".into()]))),
        ("consentStatement", json!(phone.statement(&kit, pulled["issuer"].as_str().unwrap(), &id, &[]))),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        assert_eq!(phone.call(&kit, "/wallet/inbox/answer", bad).await.code(), "invalid_signature_format");
    }
    let mut unknown = good.clone();
    unknown["questionId"] = "x".into();
    assert_eq!(phone.call(&kit, "/wallet/inbox/answer", unknown).await.code(), "invalid_question_id");
    assert_eq!(status(&kit, &token, &id).await["status"], "OPEN");
    assert_eq!(phone.call(&kit, "/wallet/inbox/answer", good.clone()).await.code(), "");
    assert_eq!(phone.call(&kit, "/wallet/inbox/answer", good).await.code(), "invalid_question_id");
}

/// A yes is signed once: its statement names question, claims and key, and needs no header. Nobody else's yes, and no no, is
/// said that way.
#[tokio::test]
async fn on_both_a_yes_is_signed_by_its_statement_alone() {
    for kit in Kit::both().await {
        let (token, phone) = begin(&kit).await;
        person(&kit, OTHER_UIN).await;
        let (stranger, unbound) = (Phone::bind(&kit, OTHER_UIN).await, Phone::bind(&kit, UIN).await);
        let revoked = unbound.call(&kit, "/wallet/devices/list", json!({})).await.json();
        let devices = revoked["response"]["devices"].as_array().unwrap();
        let own = devices.iter().find(|device| device["current"] == true).unwrap()["deviceId"].clone();
        let ended = unbound.call(&kit, "/wallet/devices/revoke", json!({ "deviceId": own })).await;
        assert_eq!(ended.code(), "", "{}", ended.text);
        let id = ask(&kit, &token, &["email"]).await;
        let pulled = questions(&kit, &phone).await.remove(0);
        let say = async |request: &Value| kit.post("/wallet/inbox/answer", request.clone(), &[]).await.code();
        let good = answer_to(&kit, &phone, &pulled, &["email"]);
        let with = |member: &str, value: Value| {
            let mut other = good.clone();
            other[member] = value;
            other
        };
        let issuer = pulled["issuer"].as_str().unwrap();
        let other_question = phone.statement(&kit, issuer, "x", &["email".into()]);
        for (bad, code) in [
            (with("consentStatement", Value::Null), "invalid_wallet_token"),
            (with("consentStatement", json!("a.b.c")), "invalid_wallet_token"),
            (with("acceptedClaims", json!([])), "invalid_wallet_token"),
            (with("acceptedClaims", json!(["name"])), "invalid_accepted_claim"),
            (with("consentStatement", json!(other_question)), "invalid_signature_format"),
            (with("questionId", json!("x")), "invalid_question_id"),
            (answer_to(&kit, &stranger, &pulled, &["email"]), "invalid_question_id"),
            (answer_to(&kit, &unbound, &pulled, &["email"]), "binding_ended"),
        ] {
            assert_eq!(say(&bad).await, code, "{bad}");
            assert_eq!(status(&kit, &token, &id).await["status"], "OPEN", "{bad}");
        }
        assert_eq!(say(&good).await, "");
        assert_eq!(status(&kit, &token, &id).await["status"], "AGREED");
        assert_eq!(say(&good).await, "invalid_question_id", "once");
    }
}

/// Of many answers at once one counts, and of many questions one is asked.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_races_have_one_winner() {
    for kit in Kit::both().await {
        let (token, phone) = begin(&kit).await;
        let body = question(&["email"]);
        let asked = join_all((0..10).map(|_| post(&kit, "/inbox/requests", &token, &body))).await;
        assert_eq!(asked.iter().filter(|answer| answer.status == StatusCode::CREATED).count(), 1);
        assert_eq!(asked.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count(), 9);
        let pulled = questions(&kit, &phone).await.remove(0);
        let answers = join_all((0..10).map(|n| {
            let claims: &[&str] = if n % 2 == 0 { &["email"] } else { &[] };
            answer(&kit, &phone, &pulled, claims)
        }));
        let answers = answers.await;
        assert_eq!(answers.iter().filter(|answer| answer.code().is_empty()).count(), 1);
        let consents =
            phone.call(&kit, "/wallet/consents/list", json!({})).await.json()["response"]["consents"].clone();
        let yes = answers.iter().any(|answer| answer.json()["response"]["consentId"].is_string());
        assert_eq!(consents.as_array().unwrap().len(), usize::from(yes));
    }
}

/// GS-VAP-08: nobody asks for what the system does not let it have, of whom it does not know, or looks at others' questions.
#[tokio::test]
async fn gs_vap_08_questions_are_within_the_clients_registration() {
    let kit = Kit::new().await;
    let (token, _) = begin(&kit).await;
    let id = ask(&kit, &token, &["name_matches"]).await;
    let other = asker(&kit, "bank", SCOPES, &["email"]).await;
    assert_eq!(kit.get(&format!("/inbox/requests/{id}"), Some(&other)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(take_back(&kit, &other, &id).await.status, StatusCode::NOT_FOUND);
    for (change, expected) in [
        (json!({ "attributes": ["email", "birthdate"] }), 403),
        (json!({ "identifier": "1" }), 404),
        (json!({ "identifierType": "x" }), 400),
        (json!({ "attributes": [] }), 400),
        (json!({ "purpose": " " }), 400),
        (json!({ "purpose": "a\u{202e}b" }), 400),
        (json!({ "expiresInSeconds": 59 }), 400),
        (json!({ "expiresInSeconds": 72 * 3600 + 1 }), 400),
        (json!({ "more": 1 }), 400),
    ] {
        let mut request = question(&["email"]);
        request.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = post(&kit, "/inbox/requests", &other, &request).await;
        assert_eq!(answer.status, expected, "{change}: {}", answer.text);
    }
    let verifier = asker(&kit, "shop", &["id.verify"], &["email"]).await;
    assert_eq!(post(&kit, "/inbox/requests", &verifier, &question(&["email"])).await.status, StatusCode::FORBIDDEN);
}

/// A no and the next question at the same moment, on several nodes as well: whoever said no is not asked again for a while.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_no_holds_for_a_question_of_the_same_moment() {
    for kit in Kit::both_with(&limits()).await {
        let (token, phone) = begin(&kit).await;
        for _ in 0..4 {
            ask(&kit, &token, &["email"]).await;
            let pulled = questions(&kit, &phone).await.remove(0);
            let body = question(&["email"]);
            let path = "/inbox/requests";
            let (no, one, two, three) = tokio::join!(
                answer(&kit, &phone, &pulled, &[]),
                post(&kit, path, &token, &body),
                post(&kit, path, &token, &body),
                post(&kit, path, &token, &body)
            );
            assert_eq!(no.code(), "", "{}", no.text);
            for asked in [one, two, three] {
                assert!([409, 429].contains(&asked.status.as_u16()), "{}", asked.text);
            }
            assert!(questions(&kit, &phone).await.is_empty());
            kit.clock.advance_seconds(3601);
        }
    }
}
