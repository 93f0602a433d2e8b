//! Keys, tokens and what is signed.

use std::sync::OnceLock;

use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, Header, Jws, SigningInput};
use protocol::{base64url, binding, consent, wallet_request, wla};
use serde_json::Value;

/// A time that tokens of the corpus are around, in seconds.
const NOW: i64 = 1_767_607_200;

fn key() -> &'static Jwk {
    static KEY: OnceLock<Jwk> = OnceLock::new();
    KEY.get_or_init(|| {
        // RFC 7515 A.3: the corpus holds its token.
        let text = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
        Jwk::from_json(text).expect("a key")
    })
}

/// A compact JWS, of every kind that is taken anywhere.
pub fn jws(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(jws) = Jws::parse(text) else { return };
    let profiles = [
        wla::NATIVE_PROFILE,
        wla::LEGACY_PROFILE,
        consent::STATEMENT_PROFILE,
        consent::TWO_PART_PROFILE,
        wallet_request::PROFILE,
    ];
    for profile in &profiles {
        let _ = jws.require(profile);
    }
    let _ = binding::require_proof_of(&jws, key());
    let _ = wla::is_native(jws.header());
    let _ = jws.claims::<Value>();
    let verified = jws.verify(key());
    // What was read is what is written.
    let (signing_input, signature) = text.rsplit_once('.').expect("three parts");
    assert_eq!(jws.signing_input(), signing_input);
    assert_eq!(base64url::encode(jws.signature()), signature);
    // Nobody but the owner can sign: the one token of this key is in the corpus.
    assert!(verified.is_err() || base64url::encode(jws.signature()).starts_with("DtEhU3ljbEg8L38VWAfUAqOyKAM6"));
}

/// A JWK.
pub fn jwk(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(jwk) = Jwk::from_json(text) else { return };
    let canonical = jwk.canonical();
    let again = Jwk::from_json(&canonical).expect("what is written can be read");
    assert_eq!(again.thumbprint(), jwk.thumbprint());
    assert_eq!(again.canonical(), canonical);
    for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256] {
        let input = SigningInput::new(&Header::new(alg), &"claims").expect("a header");
        let token = input.attach(&[1; 64]);
        assert!(Jws::parse(&token).expect("a token").verify(&jwk).is_err());
    }
}

/// The claims of the wallet's tokens, whoever signed them.
pub fn claims(data: &[u8]) {
    if let Ok(claims) = serde_json::from_slice::<wla::NativeClaims>(data) {
        let expected = wla::NativeExpected {
            thumbprint: "thumbprint",
            individual_id: "7000000001",
            issuer: "https://id.example",
            nonce: "nonce",
            txn: "txn",
            match_number: Some("417"),
        };
        if wla::check_native(&claims, &expected, NOW, 30).is_ok() {
            assert_eq!((claims.nonce.as_str(), claims.txn.as_str()), ("nonce", "txn"));
            assert_eq!(claims.match_number.as_deref(), Some("417"));
            assert!((claims.exp - NOW).abs() <= 120);
        }
    }
    if let Ok(claims) = serde_json::from_slice::<wla::LegacyClaims>(data)
        && wla::check_legacy(&claims, "7000000001", &wla::LEGACY_AUDIENCES, NOW, 30, 30).is_ok()
    {
        assert!((claims.iat - NOW).abs() <= 60);
    }
    if let Ok(claims) = serde_json::from_slice::<wallet_request::Claims>(data) {
        let _ = wallet_request::check(&claims, "https://id.example/wallet/devices/list", b"{}", NOW, 30);
    }
    if let Ok(claims) = serde_json::from_slice::<binding::ProofClaims>(data) {
        let _ = binding::check_proof(&claims, "https://id.example", "challenge", NOW, 30);
    }
}

/// The two-part signature and the statement of a consent: a line of claims, and what is said to be signed.
pub fn consent(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (names, signature) = text.split_once('\n').unwrap_or_default();
    let claims: Vec<String> = names.split(' ').map(str::to_owned).collect();
    if let Ok(jws) = consent::reattach(signature, &claims, &[]) {
        let payload = consent::detached_payload(&claims, &[]).expect("claims are JSON");
        assert_eq!(jws.payload(), payload);
    }
    let expected = consent::StatementExpected {
        thumbprint: "thumbprint",
        issuer: "https://id.example",
        txn: "txn",
        client_id: "clinic",
        client_names: &["Clinic"],
        claims: &claims,
        scopes: &[],
    };
    if let Ok(statement) = serde_json::from_str::<consent::Statement>(signature)
        && consent::check_statement(&statement, &expected, NOW, 30).is_ok()
    {
        // L9: nothing but what was agreed to.
        assert_eq!(statement.claims, consent::sorted(&claims));
    }
}
