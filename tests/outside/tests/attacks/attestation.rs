//! A thief has the citizen's one-time password and wants a key of his own bound to her, one that he can copy. Where the
//! server asks the phone's maker, he has none to say so; where it does not, he succeeds.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use outside::phone_maker::{Maker, Told};
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;
use serde_json::{Value, json};

/// A server that trusts this maker's phones, and its settings but the policy.
async fn server(maker: &Maker, policy: &str) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("roots.pem");
    std::fs::write(&root, maker.root_pem()).unwrap();
    let settings = format!(
        "limits.otps_per_person = 100
         binding.attestation.policy = \"{policy}\"
         binding.attestation.android.roots = [\"{}\"]
         binding.attestation.android.apps = [{{ package = \"org.example.wallet\", signing_digests = [\"{}\"] }}]",
        root.display(),
        "5d".repeat(32)
    );
    (Server::start(Database::Sqlite, &settings).await, folder)
}

/// The wallet's key, as certificates hold it.
fn public(wallet: &Wallet) -> PKey<Public> {
    let jwk: Value = serde_json::from_str(&wallet.jwk().canonical()).unwrap();
    let coordinate =
        |name: &str| BigNum::from_slice(&URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap()).unwrap();
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = EcKey::from_public_key_affine_coordinates(&group, &coordinate("x"), &coordinate("y")).unwrap();
    PKey::from_ec_key(key).unwrap()
}

fn sent(chain: &[Vec<u8>]) -> Value {
    let chain: Vec<String> = chain.iter().map(|der| URL_SAFE_NO_PAD.encode(der)).collect();
    json!({ "format": "android-key", "certificates": chain })
}

/// A binding request with a fresh one-time password, and its challenge.
async fn request(server: &Server, wallet: &Wallet) -> (Value, String) {
    let seen = server.gateway.count(AMARA.email);
    wallet.binding_otp().await.good();
    let request = wallet.binding_request(&server.gateway.next(AMARA.email, seen).await).await;
    let claims = request["proof"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let challenge = claims["nonce"].as_str().unwrap().to_owned();
    (request, challenge)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_can_be_copied_is_not_bound_where_makers_are_asked() {
    let now = outside::now();
    let maker = Maker::factory(now);
    let (server, _folder) = server(&maker, "required").await;
    let (thief, phone) = (Wallet::new(&server, AMARA.id), Wallet::new(&server, AMARA.id));
    // Nothing; a maker of his own; a good phone's word about the good phone's key; and about his, one challenge ago.
    let (_, old) = request(&server, &thief).await;
    for attempt in ["nothing", "own maker", "another key", "old challenge", "extended chain"] {
        let (mut request, challenge) = request(&server, &thief).await;
        let good = Told::good(&challenge);
        request["attestation"] = match attempt {
            "own maker" => sent(&Maker::factory(now).android(&good, &public(&thief))),
            "another key" => sent(&maker.android(&good, &public(&phone))),
            "old challenge" => sent(&maker.android(&Told::good(&old), &public(&thief))),
            "extended chain" => {
                let key = outside::phone_maker::new_key();
                let certificate = maker.android_leaf(&good, &key);
                let mut forger = maker.clone();
                forger.authorities.push(outside::phone_maker::Authority { key, certificate });
                sent(&forger.android(&good, &public(&thief)))
            }
            _ => Value::Null,
        };
        let answer = thief.post("/wallet/binding", request).await;
        assert_eq!(answer.code(), "invalid_attestation", "{attempt}: {}", answer.text);
    }
    // The citizen's own phone is bound, and told as what it is.
    let (mut request, challenge) = request(&server, &phone).await;
    request["attestation"] = sent(&maker.android(&Told::good(&challenge), &public(&phone)));
    phone.post("/wallet/binding", request).await.good();
    let devices = phone.signed("/wallet/devices/list", json!({})).await;
    assert_eq!(devices.good()["devices"][0]["keySecurity"], "hardware", "{}", devices.text);
}

/// Switched off: the same thief succeeds, and nobody takes his key for hardware.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_policy_a_key_that_can_be_copied_is_bound() {
    let maker = Maker::factory(outside::now());
    let (server, _folder) = server(&maker, "off").await;
    let thief = Wallet::new(&server, AMARA.id);
    let (mut request, challenge) = request(&server, &thief).await;
    let told = Told::good(&challenge);
    request["attestation"] = sent(&Maker::factory(outside::now()).android(&told, &public(&thief)));
    thief.post("/wallet/binding", request).await.good();
    let devices = thief.signed("/wallet/devices/list", json!({})).await;
    assert_eq!(devices.good()["devices"][0]["keySecurity"], Value::Null, "{}", devices.text);
}
