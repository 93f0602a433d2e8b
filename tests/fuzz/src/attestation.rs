//! What phones' makers are said to have said.

use std::sync::OnceLock;

use protocol::binding::Attestation;
use protocol::jwk::Jwk;
use server::binding::attestation::{Key, Part, Trust, can_be_read};
use server::config;

/// 2026-01-05T10:00:00Z.
const NOW_MS: i64 = 1_767_607_200_000;

/// Trusts Apple's root and Google's, in whose names nobody here can sign.
fn trust() -> &'static Trust {
    static TRUST: OnceLock<Trust> = OnceLock::new();
    TRUST.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../server/src/binding/attestation/tests/published/");
        let roots = |name: &str| vec![format!("{folder}{name}").into()];
        let android = config::AndroidKey {
            roots: roots("caiman-strongbox.pem"),
            revoked: None,
            apps: vec![config::AndroidApp { package: "p".into(), signing_digests: vec!["00".repeat(32)] }],
            least_level: config::AndroidLevel::Software,
            verified_boot: false,
            boot_keys: Vec::new(),
            user_authentication: false,
        };
        let apple = config::AppAttest { roots: roots("apple-root.pem"), apps: vec!["T.b".into()], development: true };
        let policy = config::AttestationPolicy::Required;
        let read = Trust::read(&config::Attestation { policy, android: Some(android), apple: Some(apple) });
        read.expect("the operator's files")
    })
}

/// The member of a binding request. Nothing holds: the key is nobody's.
pub fn attestation(data: &[u8]) {
    let Ok(offered) = serde_json::from_slice::<Attestation>(data) else { return };
    let text = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let jwk = Jwk::from_json(text).expect("a key");
    let key = Key { jwk: &jwk, challenge: "challenge" };
    assert!(trust().check(&offered, key, NOW_MS).expect("no file is read").is_err());
}

/// A certificate with Android's description of its key, that description alone, and the list of revoked ones.
pub fn key_description(data: &[u8]) {
    let _ = can_be_read(Part::Certificate, data);
    let _ = can_be_read(Part::KeyDescription, data);
    let _ = can_be_read(Part::Revoked, data);
}

/// App Attest's object.
pub fn app_attest(data: &[u8]) {
    let _ = can_be_read(Part::AppAttest, data);
}
