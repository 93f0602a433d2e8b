//! L9 and GS-PRI: consents that were altered, replayed, taken from somebody else, or used after they were withdrawn.

use outside::browser::{Browser, Transaction};
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{AMARA, Database, JONAS, PIN, Server};
use outside::wallet::{Linked, Wallet};
use outside::{envelope, now, random};
use protocol::consent::Statement;
use serde_json::{Value, json};

use crate::MOUNTS;

/// What this file is about is the consent: the code's own protections are other files'.
async fn party(server: &Server, mount: &'static str) -> RelyingParty {
    let plain = json!({ "rotation": "off", "number_matching": "off", "cross_device": "allow" });
    server.relying_party_with_policy(mount, &plain).await
}

async fn bound(server: &Server, person: &outside::server::Person) -> Wallet {
    let mut wallet = Wallet::new(server, person.id);
    wallet.bind(server, person.email).await.good();
    wallet
}

/// A login at its beginning.
struct Login {
    browser: Browser,
    transaction: Transaction,
    begun: Begun,
    code: String,
}

impl Login {
    async fn begin(server: &Server, party: &RelyingParty) -> Self {
        let (request, begun) = party.begin();
        Self::of(server, party, request, begun).await
    }

    async fn of(server: &Server, party: &RelyingParty, request: Value, begun: Begun) -> Self {
        let browser = Browser::new(server, party.mount).await;
        let transaction = browser.start(request).await;
        let code = browser.link_code(&transaction).await;
        Self { browser, transaction, begun, code }
    }

    /// The wallet proves who is there; gives what the server wants to know then.
    async fn authenticate(&self, party: &RelyingParty, wallet: &Wallet) -> (Linked, String) {
        let linked = wallet.linked(party.mount, &self.code).await;
        let token = wallet.wla(&wallet.wla_claims(&linked));
        let action = wallet.authenticate(party.mount, &linked, &token).await.text_of("consentAction");
        (linked, action)
    }

    /// The authorization code.
    async fn finish(&self) -> String {
        self.browser.link_auth_code(&self.transaction, &self.code).await.text_of("code")
    }
}

/// An honest login by wallet, with a statement where it is asked; gives the access token and the consent's id.
async fn log_in(server: &Server, party: &RelyingParty, wallet: &Wallet) -> (String, String) {
    let login = Login::begin(server, party).await;
    let (linked, action) = login.authenticate(party, wallet).await;
    assert_eq!(action, "CAPTURE");
    let statement = wallet.statement(&linked, &["name"]);
    let given = wallet.consent_stated(party.mount, &linked, &["name"], &statement).await;
    let tokens = party.redeem(&login.finish().await, &login.begun).await;
    (tokens["access_token"].as_str().unwrap().to_owned(), given.text_of("consentId"))
}

/// The wallet's view of all that its person agreed to.
async fn list(wallet: &Wallet) -> Vec<Value> {
    wallet.signed("/wallet/consents/list", json!({})).await.good()["consents"].as_array().unwrap().clone()
}

async fn withdraw(wallet: &Wallet, id: &str) -> outside::Answer {
    wallet.signed("/wallet/consents/withdraw", json!({ "consentId": id })).await
}

/// L9: a statement is good for what it says, in the login it was signed in, by the key that authenticated, now.
#[tokio::test(flavor = "multi_thread")]
async fn l9_a_statement_counts_for_exactly_what_it_says() {
    let server = Server::start(Database::Sqlite, "").await;
    let wallet = bound(&server, &AMARA).await;
    let stranger = bound(&server, &JONAS).await;
    for mount in MOUNTS {
        let party = party(&server, mount).await;
        // A whole honest login, whose statement an attacker keeps.
        let first = Login::begin(&server, &party).await;
        let (linked, _) = first.authenticate(&party, &wallet).await;
        let kept = wallet.statement(&linked, &["name"]);
        wallet.consent_stated(mount, &linked, &["name"], &kept).await.good();

        let (mut request, begun) = party.begin();
        request["prompt"] = json!("consent");
        let login = Login::of(&server, &party, request, begun).await;
        let (linked, action) = login.authenticate(&party, &wallet).await;
        assert_eq!(action, "CAPTURE", "{mount}");
        let good = || wallet.statement(&linked, &["name"]);
        let list = |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        let altered = [
            ("a statement of another login", kept),
            ("fewer claims than sent", Statement { claims: Vec::new(), ..good() }),
            ("other claims than sent", Statement { claims: list(&["email", "name"]), ..good() }),
            ("other scopes than sent", Statement { scopes: list(&["Manage-VID"]), ..good() }),
            ("another relying party", Statement { client_id: Some("client-other".into()), ..good() }),
            ("another relying party's name", Statement { client_name: "Ministry".into(), ..good() }),
            ("another issuer", Statement { aud: format!("{}/other", server.origin), ..good() }),
            ("another login", Statement { txn: random(), ..good() }),
            ("another key", Statement { iss: random(), ..good() }),
            ("long ago", Statement { iat: now() - 600, ..good() }),
            ("from the future", Statement { iat: now() + 600, ..good() }),
            ("without a name of its own", Statement { jti: String::new(), ..good() }),
        ];
        for (what, statement) in &altered {
            let answer = wallet.consent_stated(mount, &linked, &["name"], statement).await;
            assert_eq!(answer.code(), "invalid_signature_format", "{mount} {what}: {}", answer.text);
        }
        // Signed by somebody else's key; and the good one for other claims than it names.
        let theirs = Statement { iss: stranger.jwk().thumbprint(), ..good() };
        let foreign = stranger.consent_stated(mount, &linked, &["name"], &theirs).await;
        assert_eq!(foreign.code(), "invalid_signature_format", "{mount}");
        let more = wallet.consent_stated(mount, &linked, &["email", "name"], &good()).await;
        assert_eq!(more.code(), "invalid_signature_format", "{mount}");
        // Nothing of this changed anything.
        wallet.consent_stated(mount, &linked, &["name"], &good()).await.good();
    }
}

/// The other side of it: a wallet of another make, that names no key and signs nothing, can say what it likes; its receipt
/// says that nobody signed it.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_statement_the_receipt_is_marked_unsigned() {
    let server = Server::start(Database::Sqlite, "").await;
    let wallet = bound(&server, &AMARA).await;
    for mount in MOUNTS {
        let party = party(&server, mount).await;
        let login = Login::begin(&server, &party).await;
        let link = json!({ "linkCode": login.code });
        let path = |call: &str| format!("{mount}/linked-authorization/{call}");
        let id = wallet.post(&path("v2/link-transaction"), link).await.text_of("linkTransactionId");
        let pin = json!([{ "authFactorType": "PIN", "challenge": PIN, "format": "number" }]);
        let person = json!({ "linkedTransactionId": id, "individualId": AMARA.id, "challengeList": pin });
        wallet.post(&path("authenticate"), person).await.good();
        let consent = json!({
            "linkedTransactionId": id, "acceptedClaims": ["email", "name"], "permittedAuthorizeScopes": []
        });
        wallet.post(&path("consent"), consent).await.good();
        party.redeem(&login.finish().await, &login.begun).await;
        let receipt = list(&wallet).await.remove(0);
        assert_eq!((&receipt["signed"], &receipt["issuer"]), (&json!(false), &json!(party.issuer)), "{mount}");
        assert_eq!(receipt["claims"], json!(["email", "name"]));
    }
}

/// GS-PRI, GS-VAP-07: withdrawn is withdrawn, for tokens given out, codes on their way, and the memory.
#[tokio::test(flavor = "multi_thread")]
async fn gs_pri_a_consent_that_was_withdrawn_gives_nothing_any_more() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let wallet = bound(&server, &AMARA).await;
        for mount in MOUNTS {
            let party = party(&server, mount).await;
            let (token, id) = log_in(&server, &party, &wallet).await;
            assert_eq!(party.userinfo(&token).await.0, 200, "{mount}");
            // One more login, by memory, whose code is not redeemed yet; and one that is approved and not fetched.
            let late = Login::begin(&server, &party).await;
            assert_eq!(late.authenticate(&party, &wallet).await.1, "NOCAPTURE");
            let code = late.finish().await;
            let later = Login::begin(&server, &party).await;
            assert_eq!(later.authenticate(&party, &wallet).await.1, "NOCAPTURE");

            withdraw(&wallet, &id).await.good();
            assert_eq!(party.userinfo(&token).await.0, 401, "{mount}: the token still works");
            for (code, begun) in [(code, &late.begun), (later.finish().await, &later.begun)] {
                let refused = party.post_token(&party.token_form(&code, begun)).await;
                let error = if mount.is_empty() { "invalid_transaction" } else { "invalid_grant" };
                assert_eq!((refused.status, &refused.body["error"]), (400, &json!(error)), "{mount}: {}", refused.text);
            }
            let next = Login::begin(&server, &party).await;
            assert_eq!(next.authenticate(&party, &wallet).await.1, "CAPTURE", "{mount}: still remembered");
            // Withdrawing twice is no error, and agreeing anew makes it good again.
            withdraw(&wallet, &id).await.good();
            let (token, _) = log_in(&server, &party, &wallet).await;
            assert_eq!(party.userinfo(&token).await.0, 200, "{mount}");
        }
    }
}

/// Nobody else ends or sees it: another person's wallet, no wallet, a header of another call, one that was used.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_person_sees_and_withdraws() {
    let server = Server::start(Database::Sqlite, "").await;
    let (wallet, thief) = (bound(&server, &AMARA).await, bound(&server, &JONAS).await);
    let party = party(&server, "/op").await;
    let (token, id) = log_in(&server, &party, &wallet).await;
    assert!(list(&thief).await.is_empty());
    assert_eq!(withdraw(&thief, &id).await.code(), "invalid_consent_id");
    assert_eq!(withdraw(&wallet, &random()).await.code(), "invalid_consent_id");
    let (all, one) = ("/wallet/consents/list", "/wallet/consents/withdraw");
    let body = envelope(json!({ "consentId": id })).to_string();
    assert_eq!(thief.post(one, json!({ "consentId": id })).await.code(), "invalid_wallet_token");
    let of_list = wallet.header(all, &body);
    assert_eq!(thief.send_signed(one, &body, &of_list).await.code(), "invalid_wallet_token", "another call's");
    let of_another_body = wallet.header(one, &envelope(json!({ "consentId": random() })).to_string());
    assert_eq!(thief.send_signed(one, &body, &of_another_body).await.code(), "invalid_wallet_token", "another body's");
    let listed = envelope(json!({})).to_string();
    let header = wallet.header(all, &listed);
    wallet.send_signed(all, &listed, &header).await.good();
    assert_eq!(thief.send_signed(all, &listed, &header).await.code(), "invalid_wallet_token", "a second time");
    // The page shows nothing to a browser that is not signed in, and takes no form from it.
    let http = outside::http().build().unwrap();
    let page = http.get(format!("{}/account", server.origin)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("id=\"sign-in\"") && !page.contains("id=\"consents\""));
    let form = [("consent", id.as_str()), ("_csrf", "x")];
    let sent = http.post(format!("{}/account/consents/withdraw", server.origin)).form(&form).send().await.unwrap();
    assert_eq!(sent.status(), 303);
    assert_eq!(party.userinfo(&token).await.0, 200, "nobody withdrew it");
}

/// What a phone agreed to that was stolen and revoked is not remembered, neither in the browser nor for another phone.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_revoked_key_signed_is_asked_again() {
    let server = Server::start(Database::Sqlite, "").await;
    let (stolen, spare) = (bound(&server, &AMARA).await, bound(&server, &AMARA).await);
    let in_browser = async |party: &RelyingParty| {
        let login = Login::begin(&server, party).await;
        let answer = login.browser.authenticate_by_pin(&login.transaction, AMARA.id, PIN).await;
        answer.text_of("consentAction")
    };
    let mut parties = Vec::new();
    for mount in MOUNTS {
        let party = party(&server, mount).await;
        log_in(&server, &party, &stolen).await;
        assert_eq!(in_browser(&party).await, "NOCAPTURE", "{mount}");
        parties.push(party);
    }
    let devices = spare.signed("/wallet/devices/list", json!({})).await;
    let devices = devices.good()["devices"].as_array().unwrap().clone();
    let device = devices.iter().find(|device| device["current"] == false).unwrap();
    spare.signed("/wallet/devices/revoke", json!({ "deviceId": device["deviceId"] })).await.good();
    for party in &parties {
        assert_eq!(in_browser(party).await, "CAPTURE", "{}: a thief's consent stands", party.mount);
        let login = Login::begin(&server, party).await;
        assert_eq!(login.authenticate(party, &spare).await.1, "CAPTURE", "{}", party.mount);
    }
}

/// What was agreed to stands for the same question only: another claim, a claim that became essential or moved into the
/// ID token, and a scope are asked for anew; in another order it is the same question.
#[tokio::test(flavor = "multi_thread")]
async fn another_question_is_never_answered_from_memory() {
    let server = Server::start(Database::Sqlite, "").await;
    let wallet = bound(&server, &AMARA).await;
    for mount in MOUNTS {
        let party = party(&server, mount).await;
        let asking = async |claims: Value, scope: &str| {
            let (mut request, begun) = party.begin();
            request["claims"] = claims;
            request["scope"] = json!(scope);
            Login::of(&server, &party, request, begun).await
        };
        let name = json!({ "userinfo": { "name": { "essential": true } }, "id_token": {} });
        let login = asking(name.clone(), "openid").await;
        let (linked, _) = login.authenticate(&party, &wallet).await;
        let statement = wallet.statement(&linked, &["name"]);
        wallet.consent_stated(mount, &linked, &["name"], &statement).await.good();
        let other = [
            (json!({ "userinfo": { "name": { "essential": true }, "email": null }, "id_token": {} }), "openid"),
            (json!({ "userinfo": { "name": null }, "id_token": {} }), "openid"),
            (json!({ "userinfo": { "name": { "essential": true, "value": "x" } }, "id_token": {} }), "openid"),
            (json!({ "userinfo": {}, "id_token": { "name": { "essential": true } } }), "openid"),
            (name.clone(), "openid Manage-VID"),
        ];
        for (claims, scope) in other {
            let login = asking(claims.clone(), scope).await;
            assert_eq!(login.authenticate(&party, &wallet).await.1, "CAPTURE", "{mount}: {claims} {scope}");
        }
        let login = asking(name, "openid").await;
        assert_eq!(login.authenticate(&party, &wallet).await.1, "NOCAPTURE", "{mount}");
    }
}
