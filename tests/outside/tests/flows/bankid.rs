//! A login by Bank iD's profile, over sockets and with the pages' own forms: nothing but what a relying party, a browser and
//! a phone see.

use outside::relying_party::{RelyingParty, sha256};
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;
use outside::{http, random};
use reqwest::StatusCode;
use serde_json::{Value, json};

const SETTINGS: &str = "mounts.bankid = true\nbankid.banks = [{ id = \"first\", title = \"First Bank\", available_services = [\"AUTHENTICATION\"] }]";

const CLAIMS: [&str; 7] =
    ["given_name", "family_name", "birthdate", "age", "maritalstatus", "addresses", "verified_claims"];

/// What an attribute of a page says.
fn says(page: &str, before: &str) -> String {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("{before} in {page}")).1;
    rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

/// The mark that each answer of the mount has.
fn marked(response: &reqwest::Response) {
    let trace_id = response.headers()["traceId"].to_str().unwrap();
    assert!(trace_id.len() == 16 && trace_id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{trace_id}");
}

async fn party(server: &Server) -> RelyingParty {
    let mut more = vec!["--acr", "linked-wallet", "--login-policy", r#"{"number_matching":"off","rotation":"off"}"#];
    more.extend(CLAIMS.iter().flat_map(|claim| ["--claim", claim]));
    server.relying_party_with("/bankid", &more).await
}

/// What the bank knows of the person, beside name and address.
fn tell(server: &Server) {
    let addresses = r#"addresses=[{"type":"PERMANENT_RESIDENCE","city":"Praha","zipcode":"14000","country":"CZ"}]"#;
    let told =
        ["given_name=Amara", "family_name=Diallo-Marker", "birthdate=1990-02-28", "maritalstatus=SEPARATED", addresses];
    let mut line = vec!["person", "change", AMARA.id];
    line.extend(told.iter().flat_map(|told| ["--set", told]));
    assert!(server.command(&line).contains("addresses"));
}

/// BID-END-01, 02, 04, 05, 11, BID-REF-05, BID-CLM-03, 05, 07, BID-LNK-03, BID-LNK-11, BID-202-01, BID-120-04.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_logs_in_by_bank_ids_profile() {
    for database in Database::all() {
        let server = Server::start(database, SETTINGS).await;
        tell(&server);
        let mut wallet = Wallet::new(&server, AMARA.id);
        wallet.bind(&server, AMARA.email).await;
        let party = party(&server).await;
        let browser = http().cookie_store(true).build().unwrap();
        let (verifier, state, nonce) = (random(), random(), random());
        let url = format!("{}/bankid/auth", server.origin);
        let challenge = sha256(&verifier);
        let request = [
            ("client_id", party.client_id.as_str()),
            ("redirect_uri", "https://rp.test/cb"),
            ("response_type", "code"),
            ("scope", "openid profile.name profile.birthdate profile.maritalstatus profile.addresses"),
            ("state", &state),
            ("nonce", &nonce),
            ("acr_values", "loa3"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("trace_id", "26f6ea6095205ebc26f6ea6095205ebc"),
        ];
        let shown = browser.get(&url).query(&request).send().await.unwrap();
        assert_eq!(shown.status(), StatusCode::OK);
        marked(&shown);
        let page = shown.text().await.unwrap();
        wallet
            .approve(
                "/bankid",
                &says(&page, "data-code=\""),
                &["given_name", "family_name", "birthdate", "age", "maritalstatus", "addresses"],
            )
            .await;
        let form = [
            ("_csrf", says(&page, "name=\"_csrf\" value=\"")),
            ("transactionId", says(&page, "name=\"transactionId\" value=\"")),
        ];
        let back =
            browser.post(format!("{}/bankid/authorize/continue", server.origin)).form(&form).send().await.unwrap();
        assert_eq!(back.status(), StatusCode::SEE_OTHER);
        marked(&back);
        let location = url::Url::parse(back.headers()["location"].to_str().unwrap()).unwrap();
        let of = |name: &str| location.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!((of("state"), of("iss")), (state, party.issuer.clone()));
        let begun = outside::relying_party::Begun { verifier, nonce: nonce.clone(), state: of("state") };
        let wrong = outside::relying_party::Begun { verifier: random(), ..begun.clone() };
        let refused = party.post_token(&party.token_form(&of("code"), &wrong)).await;
        assert_eq!((refused.status, refused.body["error"].as_str()), (400, Some("invalid_grant")));
        let tokens = party.redeem(&of("code"), &begun).await;
        let id_token = party.verify(tokens["id_token"].as_str().unwrap()).await;
        assert_eq!((&id_token["nonce"], &id_token["acr"]), (&json!(nonce), &json!("loa3")));
        assert!(id_token["amr"].as_array().unwrap().contains(&json!("swk")), "{id_token:?}");
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        let ask = async |path: &str| {
            let answer =
                party.http.get(format!("{}/bankid{path}", server.origin)).bearer_auth(&token).send().await.unwrap();
            marked(&answer);
            let status = answer.status().as_u16();
            (status, answer.json::<Value>().await.unwrap())
        };
        let (status, profile) = ask("/profile").await;
        assert_eq!(status, 200, "{profile}");
        assert_eq!(profile["sub"], id_token["sub"]);
        assert_eq!((&profile["given_name"], &profile["maritalstatus"]), (&json!("Amara"), &json!("SEPARATED")));
        assert_eq!(profile["addresses"][0]["city"], "Praha");
        let (_, basic) = ask("/userinfo").await;
        assert_eq!((&basic["sub"], &basic["txn"]), (&profile["sub"], &profile["txn"]));
        assert!(basic.get("addresses").is_none() && basic.get("age").is_none());
        let (_, banks) = ask("/api/v1/banks").await;
        assert_eq!(banks["items"][0]["title"], "First Bank");
        // A second use of the code ends what the first one got.
        let again = party.post_token(&party.token_form(&of("code"), &begun)).await;
        assert_eq!((again.status, again.body["error"].as_str()), (400, Some("invalid_grant")));
        let (status, refused) = ask("/profile").await;
        assert_eq!((status, &refused["error"]), (401, &json!("UNAUTHORIZED")));
        assert!(server.log().contains("26f6ea6095205ebc26f6ea6095205ebc"));
    }
}

/// BID-LNK-08, BID-120-04: too many requests are told when to come back, by both spellings, and have their mark.
#[tokio::test(flavor = "multi_thread")]
async fn bid_lnk_08_too_many_requests_say_when_to_come_back() {
    let first = Server::start(Database::Sqlite, "mounts.bankid = true").await;
    let server = first.node_with("strict", "limits.requests_per_second = 1\nlimits.burst = 20").await;
    let url = format!("{}/bankid/.well-known/jwks", server.origin);
    let mut refused = None;
    for _ in 0..200 {
        let answer = http().build().unwrap().get(&url).send().await.unwrap();
        marked(&answer);
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a refusal among two hundred requests");
    assert_eq!(refused.headers()["RetryAfter"], refused.headers()["Retry-After"]);
}
