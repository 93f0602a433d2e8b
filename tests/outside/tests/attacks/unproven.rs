//! A wallet's backend binds a key without proof: a partner, or whoever has its credentials, can bind to a citizen any public
//! key it likes once a one-time password was phished. `unproven_keys: deny` takes no login by such a key.

use outside::browser::Browser;
use outside::server::{AMARA, Database, Server};
use outside::wallet::{Linked, Wallet, x5t};
use protocol::jws::Algorithm;
use protocol::wla::{LegacyClaims, legacy_signing_input};
use serde_json::{Value, json};

/// The mounts on which wallets of others log in, and their calls for binding.
const OTHERS: [(&str, &str, &str); 2] = [
    ("", "/binding-otp", "/wallet-binding"),
    ("/v1/esignet", "/v1/esignet/binding/binding-otp", "/v1/esignet/binding/wallet-binding"),
];

fn policy(unproven: &str) -> Value {
    json!({ "rotation": "off", "number_matching": "off", "cross_device": "allow", "unproven_keys": unproven })
}

async fn partner(wallet: &Wallet, path: &str, request: Value) -> outside::Answer {
    let call = wallet.http.post(format!("{}{path}", wallet.origin)).json(&outside::envelope(request));
    outside::Answer::of(call.header("PARTNER-ID", "p").header("PARTNER-API-KEY", "k").send().await.unwrap()).await
}

/// A key bound to the citizen by a backend, with the one-time password and nothing else.
async fn bound_without_proof(server: &Server, (otp, binding): (&str, &str)) -> Wallet {
    let mut thief = Wallet::new(server, AMARA.id);
    let seen = server.gateway.count(AMARA.email);
    partner(&thief, otp, json!({ "individualId": AMARA.id, "otpChannels": ["email"] })).await.good();
    let otp = server.gateway.next(AMARA.email, seen).await;
    let request = json!({
        "individualId": AMARA.id,
        "authFactorType": "WLA",
        "format": "jwt",
        "challengeList": [{ "authFactorType": "OTP", "challenge": otp, "format": "alpha-numeric" }],
        "publicKey": serde_json::from_str::<Value>(&thief.jwk().canonical()).unwrap(),
    });
    let answer = partner(&thief, binding, request).await;
    thief.x5t = x5t(answer.good()["certificate"].as_str().unwrap());
    thief
}

/// The wallet's token in the form of eSignet 1.x.
fn token(wallet: &Wallet) -> String {
    let (iat, exp) = (outside::now(), outside::now() + 60);
    // Such a token has no id of its own, and two of one second would be one that is replayed.
    let (iss, sub, aud) = (outside::random(), AMARA.id.into(), "esignet-binding".into());
    let claims = LegacyClaims { iss, sub, aud, iat, exp };
    wallet.sign(&legacy_signing_input(Algorithm::Es256, &wallet.x5t, &claims).unwrap())
}

async fn log_in(server: &Server, mount: &'static str, unproven: &str, thief: &Wallet) -> outside::Answer {
    let party = server.relying_party_with_policy(mount, &policy(unproven)).await;
    let browser = Browser::new(server, mount).await;
    let transaction = browser.start(party.begin().0).await;
    let code = browser.link_code(&transaction).await;
    let claim = json!({ "linkCode": code });
    let claimed = thief.post(&format!("{mount}/linked-authorization/v2/link-transaction"), claim).await;
    thief.authenticate(mount, &Linked::of(&claimed), &token(thief)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unproven_key_logs_in_nowhere_where_the_policy_denies_it_and_elsewhere_without() {
    let server = Server::start(Database::Sqlite, "binding.require_bearer = false\nlimits.otps_per_person = 100").await;
    for (mount, otp, binding) in OTHERS {
        let thief = bound_without_proof(&server, (otp, binding)).await;
        let denied = log_in(&server, mount, "deny", &thief).await;
        assert!(
            ["invalid_wallet_token", "invalid_transaction_id"].contains(&denied.code()),
            "{mount}: {}",
            denied.text
        );
        // Switched off, the same key is as good as any.
        log_in(&server, mount, "allow", &thief).await.good();
    }
}
