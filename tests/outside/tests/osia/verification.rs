//! OSIA third party services 1.2.0: verifying and reading what a person agreed to, and no more.

use josekit::jwt;
use outside::browser::Browser;
use outside::relying_party::RelyingParty;
use outside::server::{Database, PIN, Server};
use outside::service::{Service, token};
use outside::wallet::Wallet;
use outside::{now, random};
use protocol::consent::{Statement, sorted, statement_signing_input};
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use crate::protect::{Recipients, block, signed, with};

const ID: &str = "7000000055";
const MAIL: &str = "zoe@people.test";
const CLAIMS: [&str; 5] = ["given_name", "family_name", "birthdate", "birthplace", "idcards"];

async fn registered(server: &Server) {
    let record = json!({
        "identifiers": [{ "kind": "uin", "value": ID }], "pin": PIN,
        "attributes": {
            "given_name": "Zoe", "family_name": "Abara-Marker", "birthdate": "1990-04-12", "birthplace": "Lagos",
            "email": MAIL, "gender": "female",
            "idcards": [{ "type": "P", "country": "NG", "number": "A0123456", "valid_to": "2030-01-02" }]
        }
    });
    let file = server.path("zoe.json");
    std::fs::write(&file, json!([record]).to_string()).unwrap();
    server.command(&["person", "import", file.to_str().unwrap()]);
}

/// A relying party that logs people in and acts for itself.
async fn party(server: &Server, scopes: &[&str]) -> Service {
    let mut line = vec!["--login-policy", r#"{"number_matching":"off"}"#, "--grant", "authorization_code"];
    line.extend(["--grant", "client_credentials"]);
    for scope in scopes {
        line.extend(["--scope", scope]);
    }
    for claim in CLAIMS {
        line.extend(["--claim", claim]);
    }
    let party = server.relying_party_with("/op", &line).await;
    let token = token(&party, scopes).await;
    Service { party, origin: server.origin.clone(), token }
}

/// A login of Zoe's in which she agrees to claims; the party's own name for her.
async fn agreed(server: &Server, party: &RelyingParty, claims: &[&str]) -> String {
    let browser = Browser::new(server, "/op").await;
    let (mut request, begun) = party.begin();
    let asked = claims.iter().map(|claim| ((*claim).to_owned(), json!({ "essential": false })));
    request["claims"] = json!({ "userinfo": asked.collect::<serde_json::Map<_, _>>(), "id_token": {} });
    let transaction = browser.start(request).await;
    browser.authenticate_by_pin(&transaction, ID, PIN).await.good();
    let code = browser.auth_code(&transaction, claims).await.text_of("code");
    let tokens = party.redeem(&code, &begun).await;
    let id_token = party.verify(tokens["id_token"].as_str().unwrap()).await;
    id_token["sub"].as_str().unwrap().to_owned()
}

fn verify(identifier: &str, more: &str) -> String {
    format!("/v1/verify/{identifier}?transactionId=t-verify{more}")
}

fn attributes(given: &str, birth: &str) -> Value {
    json!({ "biographicData": { "firstName": given, "dateOfBirth": birth } })
}

/// GS-VAP-02, 04, 05, 06, 09, GS-VER-01, 02, GS-SEC-03, 04, GS-PRI-01b, OSIA-IDU-01.
#[tokio::test(flavor = "multi_thread")]
async fn attributes_are_verified_as_the_person_agreed() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        registered(&server).await;
        let (asker, other) = (party(&server, &["id.verify"]).await, party(&server, &["id.verify"]).await);
        let right = attributes("Zoe", "1990-04-12");
        // GS-VER-03b, GS-SEC-04: not before she agreed.
        asker.post(&verify(ID, ""), &right).await.refused(403);
        let subject = agreed(&server, &asker.party, &["given_name", "birthdate"]).await;
        let told = asker.post(&verify(ID, ""), &right).await.json();
        assert_eq!(told["verificationCode"], 0, "{told}");
        proof(&asker, &told, &subject, true).await;
        for wrong in [attributes("Zoé", "1990-04-12"), attributes("Zoe", "1990-04-13"), attributes("zoe", "1990-04-12")]
        {
            let told = asker.post(&verify(ID, ""), &wrong).await.json();
            assert_eq!(told["verificationCode"], 1, "{wrong}");
            // GS-VAP-02: which one is wrong is not told; a signature may hold any letters.
            let text = told["verificationMessage"].to_string();
            assert!(!text.contains("Zo") && !text.contains("1990"), "{text}");
            assert_eq!(told.as_object().unwrap().len(), 3, "{told}");
            proof(&asker, &told, &subject, false).await;
        }
        let without = asker.post(&verify(ID, "&verificationProofRequired=false"), &right).await.json();
        assert_eq!(without, json!({ "verificationCode": 0, "verificationMessage": told["verificationMessage"] }));
        // GS-VER-02, GS-VAP-09: by the asker's own name for her, which is nobody else's.
        let by_token = asker.post(&verify(&subject, "&identifierType=token"), &right).await.json();
        assert_eq!(by_token["verificationCode"], 0);
        other.post(&verify(&subject, "&identifierType=token"), &right).await.refused(404);
        // GS-SEC-03: what she agreed to with one is not agreed with another, nor for anything else.
        other.post(&verify(ID, ""), &right).await.refused(403);
        let more = json!({ "biographicData": { "firstName": "Zoe", "lastName": "Abara-Marker" } });
        asker.post(&verify(ID, ""), &more).await.refused(403);
        let beyond = json!({ "biographicData": { "gender": "F" } });
        asker.post(&verify(ID, ""), &beyond).await.refused(403);
        asker.post(&verify("7999999999", ""), &right).await.refused(404);
        for bad in [json!({ "biographicData": 1 }), json!({ "more": {} }), json!([]), json!({})] {
            asker.post(&verify(ID, ""), &bad).await.refused(400);
        }
        asker.post(&verify(ID, "&identifierType=shoe"), &right).await.refused(400);
        protected(&asker).await;
        withdrawn(&server, &asker, &right).await;
    }
}

/// GS-VAP-04: what was proved, to whom, in which transaction; without any value.
async fn proof(asker: &Service, told: &Value, subject: &str, result: bool) {
    let proof = told["verificationProof"].as_str().unwrap();
    assert_eq!(jwt::decode_header(proof).unwrap().claim("typ"), Some(&json!("verification-proof+jwt")));
    let claims = asker.party.verify(proof).await;
    assert_eq!(claims["transactionId"], "t-verify");
    assert_eq!(claims["aud"], asker.party.client_id.as_str());
    assert_eq!(claims["sub"], subject, "GS-VAP-09");
    assert_eq!(claims["result"], result);
    let text = json!(claims).to_string();
    assert!(!text.contains(ID) && !text.contains("1990") && !text.contains("Zoe"), "{text}");
}

/// GS-VAP-05, 06: signed and encrypted sets of attributes, and their integrity.
async fn protected(asker: &Service) {
    let names = json!({ "firstName": "Zoe" });
    let whole = block("biographicData", "SHA256", &json!({ "biographicData": names }));
    let over = |block: Value| json!({ "biographicData": names, "integrity": [block] });
    let code = async |body: Value| asker.post(&verify(ID, ""), &body).await.json()["verificationCode"].clone();
    assert_eq!(code(over(whole.clone())).await, 0, "GS-VAP-06");
    assert_eq!(code(over(signed(whole.clone(), &asker.party.key))).await, 0, "GS-VAP-05");
    let other = block("biographicData", "SHA256", &json!({}))["hash"].clone();
    asker.post(&verify(ID, ""), &over(with(whole.clone(), json!({ "hash": other })))).await.refused(400);
    let stranger = RelyingParty::new_key("/op");
    asker.post(&verify(ID, ""), &over(signed(whole, &stranger))).await.refused(400);
    let recipients = Recipients::of(asker).await;
    let sealed = recipients.jwe("EC", names.to_string().as_bytes());
    let encryption = json!({ "type": "JWE", "scope": "biographicData" });
    assert_eq!(code(json!({ "biographicData": sealed, "encryption": encryption })).await, 0, "GS-VAP-05");
    let half = &sealed[..sealed.len() - 4];
    asker.post(&verify(ID, ""), &json!({ "biographicData": half, "encryption": encryption })).await.refused(400);
}

/// GS-VAP-01, OSIA-IDU-01, 03: a document that she holds is verified and read as any attribute, once she agreed to it.
#[tokio::test(flavor = "multi_thread")]
async fn documents_are_verified_and_read() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        registered(&server).await;
        let asker = party(&server, &["id.verify", "id.read"]).await;
        let document = |number: &str| {
            json!({
                "biographicData": { "firstName": "Zoe" },
                "credentialData": [{ "credentialType": "PASSPORT", "credentialNumber": number }]
            })
        };
        agreed(&server, &asker.party, &["given_name"]).await;
        asker.post(&verify(ID, ""), &document("A0123456")).await.refused(403);
        agreed(&server, &asker.party, &["given_name", "idcards"]).await;
        for (number, code) in [("A0123456", 0), ("A0123457", 1)] {
            let told = asker.post(&verify(ID, ""), &document(number)).await.json();
            assert_eq!(told["verificationCode"], code, "{told}");
        }
        let wanted = json!({ "outputCredentialData": [{ "credentialType": "PASSPORT" }] });
        let read = asker.post(&format!("/v1/attributes/{ID}?transactionId=t"), &wanted).await.json();
        let expected = json!([{
            "credentialType": "PASSPORT", "credentialNumber": "A0123456", "expiryDate": "2030-01-02T00:00:00Z"
        }]);
        assert_eq!(read, json!({ "credentialData": expected }));
    }
}

/// GS-VER-03b: what was agreed to can be taken back, and then it is over.
async fn withdrawn(server: &Server, asker: &Service, right: &Value) {
    let mut wallet = Wallet::new(server, ID);
    wallet.bind(server, MAIL).await.good();
    let list = wallet.signed("/wallet/consents/list", json!({})).await;
    let consents = list.good()["consents"].as_array().unwrap().clone();
    assert!(!consents.is_empty(), "{}", list.text);
    for consent in consents {
        wallet.signed("/wallet/consents/withdraw", json!({ "consentId": consent["consentId"] })).await.good();
    }
    asker.post(&verify(ID, ""), right).await.refused(403);
}

/// GS-VER-03a to 03c, GS-SEC-05e, GS-PRI-01a, OSIA-IDU-02, 03.
#[tokio::test(flavor = "multi_thread")]
async fn attributes_are_read_as_the_person_agreed() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        registered(&server).await;
        let reader = party(&server, &["id.read", "id.DEFAULT_SET_01.read"]).await;
        let set = |name: &str| format!("/v1/attributes/{name}/{ID}?transactionId=t");
        let path = format!("/v1/attributes/{ID}?transactionId=t");
        let wanted = json!({ "outputBiographicData": ["firstName", "dateOfBirth", "spouseName"] });
        reader.get(&set("DEFAULT_SET_01")).await.refused(403);
        reader.post(&path, &wanted).await.refused(403);
        agreed(&server, &reader.party, &["given_name", "family_name", "birthdate", "birthplace"]).await;
        let expected = json!({
            "firstName": "Zoe", "lastName": "Abara-Marker", "dateOfBirth": "1990-04-12", "placeOfBirth": "Lagos"
        });
        let read = reader.get(&set("DEFAULT_SET_01")).await.json();
        assert_eq!(read, json!({ "biographicData": expected }), "OSIA-IDU-02");
        // The scope must name the set.
        reader.get(&set("DEFAULT_SET_EIDAS")).await.refused(403);
        let read = reader.post(&path, &wanted).await.json();
        let expected = json!({ "biographicData": { "firstName": "Zoe", "dateOfBirth": "1990-04-12" } });
        assert_eq!(read, expected, "OSIA-IDU-03: what was asked for and is known");
        for bad in [json!({ "more": [] }), json!({ "outputBiographicData": "firstName" }), json!([])] {
            reader.post(&path, &bad).await.refused(400);
        }
        let unknown = "/v1/attributes/7999999999?transactionId=t";
        reader.post(unknown, &wanted).await.refused(404);
        // GS-VER-04: identifying is off unless the operator turns it on.
        let searcher = party(&server, &["id.identify"]).await;
        let body = json!({ "attributeSet": {}, "outputAttributeSetName": "DEFAULT_SET_01" });
        let reply = searcher.post("/v1/identify?transactionId=t", &body).await;
        assert!([403, 404].contains(&reply.status), "{}", reply.text());
    }
}

/// GS-VER-03b, GS-SEC-04: where there was no login, a wallet pulls the question and answers it; nobody else can.
#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_pulls_the_question_and_its_yes_is_a_consent() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        registered(&server).await;
        let asker = party(&server, &["id.verify", "id.consent.request"]).await;
        let other = party(&server, &["id.verify", "id.consent.request"]).await;
        let mut wallet = Wallet::new(&server, ID);
        wallet.bind(&server, MAIL).await.good();
        let question = json!({ "identifier": ID, "attributes": ["firstName", "dateOfBirth"], "purpose": "Your file" });
        let asked = asker.post("/inbox/requests", &question).await.is(201).parsed();
        let path = format!("/inbox/requests/{}", asked["requestId"].as_str().unwrap());
        assert_eq!(asker.get(&path).await.json()["status"], "OPEN");
        other.get(&path).await.refused(404);
        asker.post("/inbox/requests", &question).await.refused(409);
        let mut beyond = question.clone();
        beyond["attributes"] = json!(["gender"]);
        other.post("/inbox/requests", &beyond).await.refused(403);
        let pulled = wallet.signed("/wallet/inbox/list", json!({})).await.good()["questions"].clone();
        assert_eq!(pulled.as_array().unwrap().len(), 1, "{pulled}");
        let one = &pulled[0];
        assert_eq!((&one["claims"], &one["purpose"]), (&json!(["given_name", "birthdate"]), &json!("Your file")));
        let right = attributes("Zoe", "1990-04-12");
        asker.post(&verify(ID, ""), &right).await.refused(403);
        // Not without a statement, and not with one over something else.
        let claims = ["given_name", "birthdate"];
        let mut answer = json!({ "questionId": one["questionId"], "acceptedClaims": claims });
        assert_eq!(wallet.signed("/wallet/inbox/answer", answer.clone()).await.code(), "invalid_signature_format");
        answer["consentStatement"] = statement(&wallet, one, &["given_name"]).into();
        assert_eq!(wallet.signed("/wallet/inbox/answer", answer.clone()).await.code(), "invalid_signature_format");
        answer["consentStatement"] = statement(&wallet, one, &claims).into();
        let consent = wallet.signed("/wallet/inbox/answer", answer.clone()).await.text_of("consentId");
        assert_eq!(wallet.signed("/wallet/inbox/answer", answer).await.code(), "invalid_question_id", "once");
        assert_eq!(asker.get(&path).await.json()["status"], "AGREED");
        assert_eq!(asker.post(&verify(ID, ""), &right).await.json()["verificationCode"], 0);
        other.post(&verify(ID, ""), &right).await.refused(403);
        wallet.signed("/wallet/consents/withdraw", json!({ "consentId": consent })).await.good();
        assert_eq!(asker.get(&path).await.json()["status"], "WITHDRAWN");
        asker.post(&verify(ID, ""), &right).await.refused(403);
    }
}

/// What a wallet says when it agrees to a question.
fn statement(wallet: &Wallet, question: &Value, claims: &[&str]) -> String {
    let text = |name: &str| question[name].as_str().unwrap().to_owned();
    let claims: Vec<String> = claims.iter().map(ToString::to_string).collect();
    let statement = Statement {
        iss: wallet.jwk().thumbprint(),
        aud: text("issuer"),
        txn: text("questionId"),
        client_id: Some(text("clientId")),
        client_name: text("clientName"),
        claims: sorted(&claims),
        scopes: Vec::new(),
        iat: now(),
        jti: random(),
    };
    wallet.sign(&statement_signing_input(Algorithm::Es256, &statement).unwrap())
}
