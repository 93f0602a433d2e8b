//! eSignet's tables come over: clients log in with their own keys, wallets with theirs, and what cannot come is told.

mod esignet_database;

use axum::http::StatusCode;
use clap::Parser;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Public};
use openssl::x509::{X509, X509Name};
use protocol::base64url;
use protocol::consent::detached_signing_input;
use protocol::jws::{Algorithm, Jws};
use protocol::wla::LegacyClaims;
use serde_json::{Value, json};

use super::cli::{self, ImportCommand};
use crate::binding::phone::Phone;
use crate::clients::{self, find_any};
use crate::dialect::Mount;
use crate::http::csrf::HEADER;
use crate::linked::test_kit::{Tab, UIN, person};
use crate::testkit::{Kit, Pair, RelyingParty};
use esignet_database::{Database, Row};

const VID: &str = "9014827365120473";
const SUBJECT: &str = "298877360419287364401928374650192837";

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: ImportCommand,
}

/// Runs `tessera import …`; gives what it printed, and its error.
async fn import(kit: &Kit, arguments: &[&str]) -> (String, Option<String>) {
    let line = Line::try_parse_from(["import"].iter().chain(arguments)).unwrap_or_else(|error| panic!("{error}"));
    let mut out = Vec::new();
    let done = cli::run(&kit.state, line.command, &mut out).await;
    (String::from_utf8(out).unwrap(), done.err().map(|error| error.to_string()))
}

fn client(id: &str, key: &Value, changes: &[(&'static str, &str)]) -> Row {
    let mut row: Row = [
        ("id", id),
        ("name", r#"{"@none":"Clinic","fra":"Clinique, \"la\" nôtre"}"#),
        ("rp_id", "ministry"),
        ("logo_uri", "https://rp.test/logo.png"),
        ("redirect_uris", r#"["https://rp.test/cb","https://rp.test/other?x=1"]"#),
        ("claims", r#"["name","email"]"#),
        ("acr_values", r#"["mosip:idp:acr:linked-wallet","mosip:idp:acr:generated-code"]"#),
        ("grant_types", r#"["authorization_code"]"#),
        ("auth_methods", r#"["private_key_jwt"]"#),
        ("status", "ACTIVE"),
        ("cr_dtimes", "2024-01-05 10:00:00.123456"),
    ]
    .map(|(column, value)| (column, value.to_owned()))
    .into();
    row.push(("public_key", key.to_string()));
    row.push(("public_key_hash", format!("hash of {id}")));
    for (column, value) in changes {
        row.retain(|(name, _)| name != column);
        row.push((column, (*value).to_owned()));
    }
    row
}

/// A certificate as the identity system gives for a wallet's key, with the person's name in it.
fn certificate(of: &Phone, days: u32) -> String {
    let authority = Phone::rs256();
    let name = |text| {
        let mut name = X509Name::builder().unwrap();
        name.append_entry_by_text("CN", text).unwrap();
        name.build()
    };
    let key = |phone: &Phone| -> PKey<Public> {
        let private = PKey::private_key_from_pem(&phone.private_pem()).unwrap();
        PKey::public_key_from_der(&private.public_key_to_der().unwrap()).unwrap()
    };
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name("Anna")).unwrap();
    builder.set_issuer_name(&name("Identity system")).unwrap();
    let start = crate::testkit::START / 1000 - 86_400;
    builder.set_not_before(&Asn1Time::from_unix(start).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(start + i64::from(days) * 86_400).unwrap()).unwrap();
    builder.set_pubkey(&key(of)).unwrap();
    let signer = PKey::private_key_from_pem(&authority.private_pem()).unwrap();
    builder.sign(&signer, MessageDigest::sha256()).unwrap();
    String::from_utf8(builder.build().to_pem().unwrap()).unwrap()
}

fn x5t(certificate: &str) -> String {
    let parsed = X509::from_pem(certificate.as_bytes()).unwrap();
    base64url::encode(parsed.digest(MessageDigest::sha256()).unwrap())
}

fn binding(id: &str, token: &str, phone: &Phone, certificate: &str, changes: &[(&'static str, &str)]) -> Row {
    let id_hash = base64url::encode(&*hash(MessageDigest::sha3_256(), id.as_bytes()).unwrap());
    let mut row: Row = vec![
        ("id_hash", id_hash),
        ("auth_factor", "WLA".into()),
        ("psu_token", token.into()),
        ("public_key", phone.jwk_json().to_string()),
        ("expire_dtimes", "2026-04-05 10:00:00.5".into()),
        ("wallet_binding_id", "w".into()),
        ("public_key_hash", "h".into()),
        ("certificate", certificate.into()),
        ("cr_dtimes", "2025-12-05 10:00:00".into()),
        // eSignet does not bring this column up to date when a key is bound again under another id.
        ("thumbprint", "an older one".into()),
    ];
    for (column, value) in changes {
        row.retain(|(name, _)| name != column);
        row.push((column, (*value).to_owned()));
    }
    row
}

/// A whole QR login on the eSignet mount, as eSignet's wallet and relying party do it; gives the ID token.
async fn log_in(kit: &Kit, party: &RelyingParty, phone: &Phone, x5t: &str) -> String {
    let tab = Tab::new(kit);
    let page = [("cookie", tab.cookie.as_str()), (HEADER, &tab.token)];
    let details = json!({
        "clientId": party.id, "scope": "openid profile", "responseType": "code", "redirectUri": "https://rp.test/cb",
        "nonce": format!("nonce of {}", party.id), "state": "s", "acrValues": "mosip:idp:acr:linked-wallet",
        "claims": { "userinfo": { "name": { "essential": true } }, "id_token": {} }
    });
    let begun = kit.post("/v1/esignet/authorization/v2/oauth-details", details, &page).await;
    let id = begun.json()["response"]["transactionId"].as_str().unwrap_or_else(|| panic!("{}", begun.text)).to_owned();
    let code = tab.code(kit, Mount::ESignet, &id).await;
    let wallet = async |call: &str, request: Value| {
        let answer = kit.post(&format!("/v1/esignet/linked-authorization/v2/{call}"), request, &[]).await;
        assert_eq!(answer.code(), "", "{call}: {}", answer.text);
        answer.json()["response"].clone()
    };
    let linked = wallet("link-transaction", json!({ "linkCode": code })).await["linkTransactionId"].clone();
    let now = kit.state.clock.now() / 1000;
    let claims = LegacyClaims {
        iss: "residentapp".into(),
        sub: UIN.into(),
        aud: "ida-binding".into(),
        iat: now,
        exp: now + 18_000,
    };
    let challenge = json!({ "authFactorType": "WLA", "format": "jwt", "challenge": phone.legacy(x5t, &claims) });
    let request = json!({ "linkedTransactionId": linked, "individualId": UIN, "challengeList": [challenge] });
    let answer = wallet("authenticate", request).await;
    assert_eq!(answer["consentAction"], "CAPTURE");
    let input = detached_signing_input(phone.alg, x5t, &["name".to_owned()], &[]).unwrap();
    let signature = input.attach_detached(&phone.sign(input.bytes()));
    let consent = json!({
        "linkedTransactionId": linked, "acceptedClaims": ["name"], "permittedAuthorizeScopes": [], "signature": signature
    });
    wallet("consent", consent).await;
    let asked = json!({ "transactionId": id, "linkedCode": code });
    let answer = tab.post(kit, Mount::ESignet, "link-auth-code", asked).await;
    let code = answer.json()["response"]["code"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
    let tokens = party.redeem(kit, &code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    let userinfo = kit.get("/v1/esignet/oidc/userinfo", tokens.json()["access_token"].as_str()).await;
    let userinfo: Value = Jws::parse(&userinfo.text).unwrap().claims().unwrap();
    assert_eq!(userinfo["name"], "Anna");
    tokens.json()["id_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_clients_wallets_and_subjects_of_esignet_come_over_and_log_in() {
    let (pair, phone) = (Pair::new(Algorithm::Rs256), Phone::rs256());
    let certificate = certificate(&phone, 90);
    let key = serde_json::to_value(&pair.public).unwrap();
    let database = Database {
        client_detail: vec![client(
            "clinic",
            &key,
            &[("additional_config", r#"{"purpose":null,"require_pkce":false}"#)],
        )],
        public_key_registry: vec![
            binding(VID, "token", &phone, &certificate, &[]),
            binding(UIN, "token", &phone, &certificate, &[]),
        ],
        consent_detail: vec![vec![
            ("id", "1".into()),
            ("client_id", "clinic".into()),
            ("psu_token", SUBJECT.into()),
            ("claims", "{}".into()),
            ("authorization_scopes", "{}".into()),
        ]],
    };
    let folder = tempfile::tempdir().unwrap();
    let files = database.export(folder.path()).await;
    let file = |name: &str| files.join(name).to_str().unwrap().to_owned();
    std::fs::write(file("subjects.csv"), format!("individual_id,relying_party_id,subject\n{UIN},ministry,{SUBJECT}\n"))
        .unwrap();
    let (clients, bindings) = (file("client_detail.csv"), file("public_key_registry.csv"));
    let (consents, subjects) = (file("consent_detail.csv"), file("subjects.csv"));
    let all = [
        "esignet",
        "--clients",
        &clients,
        "--bindings",
        &bindings,
        "--consents",
        &consents,
        "--subjects",
        &subjects,
        "--id-token-alg",
        "RS256",
    ];
    let trial = [&all[..], &["--dry-run"]].concat();
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        let (told, error) = import(&kit, &trial).await;
        assert!(error.is_none() && told.ends_with("nothing was changed: this was a trial\n"), "{told} {error:?}");
        assert!(find_any(&kit.state, Mount::ESignet, "clinic").await.unwrap().is_none());
        let (first, error) = import(&kit, &all).await;
        assert_eq!(error, None, "{first}");
        assert!(told.starts_with(&first), "a trial tells what will be: {told}\n{first}");
        assert!(first.contains("client_detail: 1 rows: 1 added\n"), "{first}");
        // The key of both rows is one key.
        assert!(first.contains("public_key_registry: 2 rows: 1 added, 1 here already\n"), "{first}");
        assert!(first.contains("consent_detail, line 2 (clinic): left behind: "), "{first}");
        assert!(first.contains("subjects: 1 rows: 1 added\n"), "{first}");
        assert!(!first.contains(UIN) && !first.contains(SUBJECT));

        let thief = RelyingParty { mount: Mount::ESignet, id: "clinic".into(), pair: Pair::new(Algorithm::Rs256) };
        let refused = thief.ask(&kit, &[("grant_type", "authorization_code"), ("code", "x")]).await;
        assert_eq!(refused.json()["error"], "invalid_client", "another key is not the client's");
        let party = RelyingParty { mount: Mount::ESignet, id: "clinic".into(), pair: pair.again() };
        let id_token = log_in(&kit, &party, &phone, &x5t(&certificate)).await;
        let id_token = Jws::parse(&id_token).unwrap();
        assert_eq!(id_token.header().alg, Algorithm::Rs256);
        assert_eq!(id_token.claims::<Value>().unwrap()["sub"], SUBJECT, "its account is found again");

        // Again: nothing is new, and what was changed here since stays.
        let (again, error) = import(&kit, &all).await;
        assert_eq!(error, None);
        assert!(again.contains("client_detail: 1 rows: 1 here already\n"), "{again}");
        assert!(again.contains("public_key_registry: 2 rows: 2 here already\n"), "{again}");
        assert!(again.contains("subjects: 1 rows: 1 here already\n"), "{again}");
        let change = json!({ "logoUri": "https://rp.test/new.png" });
        let change = serde_json::from_value(change).unwrap();
        clients::change(&kit.state, &crate::audit::Actor::command(), Mount::ESignet, "clinic", change, false)
            .await
            .unwrap();
        let (again, error) = import(&kit, &all).await;
        assert!(
            error.unwrap().starts_with("1 rows were refused") && again.contains("is registered otherwise"),
            "{again}"
        );
        let kept = find_any(&kit.state, Mount::ESignet, "clinic").await.unwrap().unwrap();
        assert_eq!(kept.logo_uri.as_deref(), Some("https://rp.test/new.png"));
        assert!(kept.name["fra"].contains("la") && kept.redirect_uris.len() == 2);
    }
}

/// Every row that cannot come is told with its reason, and nothing is told that tells who somebody is.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_what_cannot_be_honoured_is_refused_with_its_reason() {
    let keys: Vec<Value> =
        (0..10).map(|_| serde_json::to_value(&Pair::new(Algorithm::Es256).public).unwrap()).collect();
    let p384 = json!({ "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA" });
    let dpop = r#"{"dpop_bound_access_tokens":true}"#;
    let (anna, stranger, ended, other) = (Phone::rs256(), Phone::es256(), Phone::es256(), Phone::es256());
    let (of_anna, of_stranger, of_ended) = (certificate(&anna, 90), certificate(&stranger, 90), certificate(&ended, 1));
    let database = Database {
        client_detail: vec![
            client("plain", &keys[0], &[("name", "Plain"), ("status", "inactive")]),
            client("pattern", &keys[1], &[("redirect_uris", r#"["https://*.rp.test/**"]"#)]),
            client("dpop", &keys[2], &[("additional_config", dpop)]),
            client("claim", &keys[3], &[("claims", r#"["shoe_size"]"#)]),
            client("acr", &keys[4], &[("acr_values", r#"["mosip:idp:acr:biometrics"]"#)]),
            client("key", &p384, &[]),
            client("secret", &keys[5], &[("auth_methods", r#"["client_secret_basic"]"#)]),
            client("status", &keys[6], &[("status", "GONE")]),
            client("json", &keys[7], &[("claims", "name")]),
            client("jwe", &keys[8], &[("additional_config", r#"{"userinfo_response_type":"JWE"}"#)]),
            // Its hash differs, as of a key whose `n` is written otherwise.
            client("same", &keys[0], &[]),
        ],
        public_key_registry: vec![
            binding(VID, "unknown", &stranger, &of_stranger, &[]),
            binding(UIN, "token", &anna, &of_anna, &[("auth_factor", "BIO")]),
            binding("1", "token", &ended, &of_ended, &[]),
            binding("2", "token", &other, &of_anna, &[]),
            binding("3", "token", &anna, "no certificate", &[]),
            binding("4", "token", &anna, &of_anna, &[("public_key", "{}")]),
            binding("5", "token", &anna, &of_anna, &[("expire_dtimes", "2026-01-05 09:59:59")]),
            binding("6", "other", &anna, &of_anna, &[]),
            binding(UIN, "token", &anna, &of_anna, &[]),
        ],
        consent_detail: Vec::new(),
    };
    let folder = tempfile::tempdir().unwrap();
    let files = database.export(folder.path()).await;
    let file = |name: &str| files.join(name).to_str().unwrap().to_owned();
    let sixth = base64url::encode(&*hash(MessageDigest::sha3_256(), b"6").unwrap());
    std::fs::write(file("ids.csv"), format!("id_hash,individual_id\n{sixth},5914736028\nx,nobody\n")).unwrap();
    std::fs::write(
        file("subjects.csv"),
        format!("individual_id,relying_party_id,subject\n{UIN},m,one\n{UIN},m,two\n5914736028,m,one\n8,m,x\n{UIN},n,\"a b\"\n"),
    )
    .unwrap();
    let paths = ["client_detail.csv", "public_key_registry.csv", "ids.csv", "subjects.csv"].map(file);
    let [clients, bindings, ids, subjects] = &paths;
    let all =
        ["esignet", "--clients", clients, "--bindings", bindings, "--individual-ids", ids, "--subjects", subjects];
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        person(&kit, "5914736028").await;
        let (told, error) = import(&kit, &all).await;
        assert_eq!(error.unwrap().split(' ').next(), Some("20"), "{told}");
        for expected in [
            "client_detail, line 3 (pattern): refused: redirect_uris: https://*.rp.test/** is a pattern",
            "client_detail, line 4 (dpop): refused: additionalConfig: dpop_bound_access_tokens",
            "client_detail, line 5 (claim): refused: refused: userClaims: invalid_claim",
            "client_detail, line 6 (acr): refused: refused: authContextRefs: invalid_acr",
            "client_detail, line 7 (key): refused: refused: publicKey: invalid_public_key",
            "client_detail, line 8 (secret): refused: refused: clientAuthMethods: invalid_client_auth",
            "client_detail, line 9 (status): refused: status is neither",
            "client_detail, line 10 (json): refused: claims is not a JSON list",
            "client_detail, line 11 (jwe): refused: refused: additionalConfig.userinfo_response_type",
            "client_detail, line 12 (same): refused: another client of this mount has this key",
            "client_detail: 11 rows: 1 added, 10 refused",
            "refused: no person here has this individual id; add the person",
            "refused: the factor is not WLA",
            "ended: the binding has expired",
            "refused: the certificate is not of this key",
            "refused: the certificate cannot be read",
            "refused: the key is not one that wallets may have here",
            "refused: the key is bound already: to somebody else",
            "public_key_registry: 9 rows: 1 added, 2 ended, 6 refused",
            "subjects: 5 rows: 1 added, 4 refused",
        ] {
            assert!(told.contains(expected), "{expected}\n--\n{told}");
        }
        for secret in [UIN, VID, "5914736028", "Anna", sixth.as_str()] {
            assert!(!told.contains(secret), "{secret}");
        }
        let plain = find_any(&kit.state, Mount::ESignet, "plain").await.unwrap().unwrap();
        assert_eq!((plain.name_in("fr"), plain.status), ("Plain", clients::Status::Inactive));
        assert_eq!(clients::list(&kit.state, Some(Mount::ESignet)).await.unwrap().len(), 1);
    }
    let kit = Kit::new().await;
    let wrong = import(&kit, &["esignet", "--clients", subjects]).await.1.unwrap();
    assert!(wrong.contains("`id` is missing"), "{wrong}");
}
