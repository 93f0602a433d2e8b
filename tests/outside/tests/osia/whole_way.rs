//! The whole way: somebody is enrolled in three steps, becomes a person with a number, binds a wallet, logs in, is verified,
//! changes a name upon evidence; who subscribed is told, and the history says it all.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use outside::browser::Browser;
use outside::envelope;
use outside::receiver::{Heard, Receiver};
use outside::server::{Database, Server};
use outside::service::{Service, token};
use outside::wallet::Wallet;
use serde_json::{Value, json};

use crate::notifications::{NOTIFIER, confirm, subscribe};
use crate::protect::{Recipients, block, signed, with};
use crate::{OFFICE, buffers, enrollment, finalize, new_id};

const MAIL: &str = "nia@people.test";

/// A PNG of one pixel.
const PORTRAIT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";

fn nia() -> Value {
    json!({
        "firstName": "Nia", "lastName": "Owusu-Marker", "dateOfBirth": "1992-02-29", "gender": "F", "email": MAIL,
        "placeOfBirth": "Accra", "spouseName": "Kofi-Marker"
    })
}

/// Pre-enrollment, capture, documents: each a call, each protected in its own way (GS-ENR-03, GS-ENR-05, GS-ENR-06).
async fn enrolled(office: &Service) -> String {
    let (id, recipients) = (new_id(), Recipients::of(office).await);
    let context = json!({ "operator": "op-7", "place": "Accra" });
    let sealed = recipients.jwe("EC", nia().to_string().as_bytes());
    let over_names = block("biographicData", "SHA256", &json!({ "biographicData": nia() }));
    let first = json!({
        "enrollmentType": "citizen", "contextualData": context, "biographicData": sealed,
        "encryption": { "type": "JWE", "scope": "biographicData" },
        "integrity": [signed(over_names, &office.party.key)]
    });
    office.post(&enrollment(&id), &first).await.is(204);
    let portrait = STANDARD.decode(PORTRAIT).unwrap();
    let reply =
        office.upload(&buffers(&id), "application/pkcs7-mime", &recipients.cms(&portrait)).await.is(201).parsed();
    let path = format!("/v1/enrollments/{id}/buffer/{}", reply["bufferId"].as_str().unwrap());
    let face = json!({
        "biometricType": "FACE", "biometricSubType": "PORTRAIT", "mimeType": "image/png",
        "imageRef": format!("{}{path}", office.origin), "encryption": { "type": "PKCS7", "scope": "imageRef" },
        // AES-CBC notices no change: the hash over the portrait in the clear does.
        "integrity": [with(block("image", "SHA256", &json!({ "image": PORTRAIT })), json!({ "followRef": true }))]
    });
    office.patch(&enrollment(&id), &json!({ "biometricData": [face] })).await.is(204);
    let passport =
        json!({ "documentType": "PASSPORT", "parts": [{ "pages": [1], "data": PORTRAIT, "mimeType": "image/png" }] });
    office.patch(&enrollment(&id), &json!({ "documentData": [passport] })).await.is(204);
    let read = office.get(&enrollment(&id)).await.json();
    assert_eq!((&read["biographicData"], &read["status"]), (&first["biographicData"], &json!("IN_PROGRESS")));
    office.send("PUT", &finalize(&id), None).await.is(204);
    id
}

fn event(topic: &'static str) -> impl Fn(&Heard) -> bool {
    move |heard| heard.header("message-type") == "Notification" && heard.json()["subject"] == topic
}

/// A relying party of the clinic's: it logs people in, and asks about them later.
async fn clinic(server: &Server) -> Service {
    let mut line = vec!["--login-policy", r#"{"number_matching":"off"}"#, "--grant", "authorization_code"];
    line.extend(["--grant", "client_credentials", "--scope", "id.verify"]);
    for claim in ["given_name", "family_name", "birthdate", "picture"] {
        line.extend(["--claim", claim]);
    }
    let party = server.relying_party_with("/op", &line).await;
    let token = token(&party, &["id.verify"]).await;
    Service { party, origin: server.origin.clone(), token }
}

/// By QR code; what userinfo tells.
async fn logged_in(server: &Server, clinic: &Service, wallet: &Wallet) -> serde_json::Map<String, Value> {
    let claims = ["given_name", "family_name", "birthdate"];
    let browser = Browser::new(server, "/op").await;
    let (mut request, begun) = clinic.party.begin();
    let asked = claims.iter().map(|claim| ((*claim).to_owned(), json!({ "essential": true })));
    request["claims"] = json!({ "userinfo": asked.collect::<serde_json::Map<_, _>>(), "id_token": {} });
    let transaction = browser.start(request).await;
    let code = browser.link_code(&transaction).await;
    wallet.approve("/op", &code, &claims).await;
    let code = browser.link_auth_code(&transaction, &code).await.text_of("code");
    let tokens = clinic.party.redeem(&code, &begun).await;
    let (status, told) = clinic.party.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    told
}

async fn verified(clinic: &Service, uin: &str, last: &str) -> Value {
    let body = json!({ "biographicData": { "firstName": "Nia", "lastName": last, "dateOfBirth": "1992-02-29" } });
    clinic.post(&format!("/v1/verify/{uin}?transactionId=t"), &body).await.json()["verificationCode"].clone()
}

/// GS-ENR-03, 05, 06, 08, GS-IDM-01, 02a, 02b, GS-IDF-01, GS-VER-01, GS-NOT-01, GS-AUD-01a, 01b.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_enrolled_and_a_minute_later_logs_in() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = Service::register(&server, &[OFFICE.as_slice(), NOTIFIER.as_slice()].concat()).await;
        let subscriber = Service::register(&server, &NOTIFIER).await;
        let receiver = Receiver::start().await;
        // Of an enrollment its own service hears, and nobody else (GS-SEC-05b).
        for (who, topic) in [
            (&subscriber, "newPerson"),
            (&subscriber, "updatePerson"),
            (&subscriber, "changeOfName"),
            (&office, "enrollment"),
        ] {
            let subscription = subscribe(who, topic, &receiver.url, "1,20").await;
            confirm(who, &receiver, &subscription).await;
        }
        let id = enrolled(&office).await;
        let told = receiver.until("that an enrollment is final", event("enrollment")).await.event();
        assert_eq!(told["enrollmentId"], id.as_str());
        let told = receiver.until("who is new", event("newPerson")).await.event();
        let uin = told["uin"].as_str().unwrap().to_owned();
        let became = office.get(&format!("/identity/enrollments/{id}?transactionId=t")).await.json();
        assert_eq!(became["uin"], uin.as_str(), "{became}");

        let mut wallet = Wallet::new(&server, &uin);
        wallet.bind(&server, MAIL).await.good();
        let clinic = clinic(&server).await;
        let claims = logged_in(&server, &clinic, &wallet).await;
        assert_eq!(claims["given_name"], "Nia");
        assert_eq!(claims["family_name"], "Owusu-Marker");
        assert_eq!(claims["birthdate"], "1992-02-29");
        assert_eq!(verified(&clinic, &uin, "Owusu-Marker").await, 0);
        assert_eq!(verified(&clinic, &uin, "Mensah-Marker").await, 1);

        changed(&server, &uin).await;
        let told = receiver.until("whose name is another", event("changeOfName")).await.event();
        assert_eq!(told["uin"], uin.as_str());
        receiver.until("who changed", event("updatePerson")).await;
        // GS-IDM-02a.
        assert_eq!(verified(&clinic, &uin, "Mensah-Marker").await, 0);
        assert_eq!(verified(&clinic, &uin, "Owusu-Marker").await, 1);
        history(&server, &uin).await;
        traced(&server, &id).await;
    }
}

/// GS-IDM-02b: not without a document that proves it.
async fn changed(server: &Server, uin: &str) {
    let registrar = Service::register(server, &["pr.person.write"]).await;
    let path = "/identity/person/change?transactionId=t-change";
    let deed = json!({ "documentType": "OTHER", "documentTypeOther": "deed", "parts": [{ "data": PORTRAIT }] });
    let whole = json!({
        "individualId": uin, "set": { "lastName": "Mensah-Marker" }, "reason": "marriage", "evidence": [deed]
    });
    for (member, value) in [("evidence", json!([])), ("reason", json!("")), ("individualId", json!("7999999999"))] {
        let mut less = whole.clone();
        less[member] = value;
        let status = registrar.post(path, &less).await.status;
        assert_eq!(status, if member == "individualId" { 404 } else { 400 }, "GS-IDM-02b: {member}");
    }
    let answer = registrar.post(path, &whole).await.json();
    assert!(answer["changed"].as_array().unwrap().contains(&json!("family_name")), "{answer}");
}

/// GS-AUD-01a, 01b: who, when, what, why; for nobody without the scope; and the document is there.
async fn history(server: &Server, uin: &str) {
    let path = "/identity/person/history?transactionId=t";
    let nosy = Service::register(server, &["pr.person.read"]).await;
    nosy.post(path, &json!({ "individualId": uin })).await.refused(403);
    let auditor = Service::register(server, &["pr.history.read", "audit_read"]).await;
    let entries = auditor.post(path, &json!({ "individualId": uin })).await.json()["entries"].clone();
    let entries = entries.as_array().unwrap().clone();
    let change = entries.iter().find(|entry| entry["reason"] == "marriage").unwrap_or_else(|| panic!("{entries:?}"));
    assert!(entries.len() >= 2 && change["transactionId"] == "t-change", "{entries:?}");
    assert!(change["by"].as_str().unwrap().starts_with("op:client-"), "{change}");
    let text = change["changes"].to_string();
    assert!(text.contains("Owusu-Marker") && text.contains("Mensah-Marker"), "{text}");
    let evidence = change["evidence"][0]["evidenceId"].as_str().unwrap();
    let document = auditor.get(&format!("/identity/evidence/{evidence}?transactionId=t")).await.json();
    assert_eq!(document["parts"][0]["data"], PORTRAIT, "GS-IDM-02b: retrievable");
}

/// GS-ENR-08: every step of the enrollment, by its id and by its transaction.
async fn traced(server: &Server, id: &str) {
    let auditor = Service::register(server, &["audit_read"]).await;
    for query in [json!({ "enrollmentId": id }), json!({ "transactionId": format!("t-{id}") })] {
        let events = auditor.post("/audit/events/search", &envelope(query.clone())).await.json();
        let events = events["response"]["events"].as_array().unwrap_or_else(|| panic!("{events}")).clone();
        assert!(events.len() >= 5, "{query}: {events:?}");
    }
}
