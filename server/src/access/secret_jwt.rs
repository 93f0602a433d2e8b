//! An assertion signed by a client's secret (`client_secret_jwt`, OpenID Connect Core §9). `protocol::jws` knows no
//! symmetric algorithm, on purpose: no other token here can be of this kind.

use hmac::{Hmac, KeyInit, Mac};
use protocol::base64url;
use protocol::jws::{MAX_HEADER_BYTES, MAX_JWS_BYTES};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use sha2::{Sha256, Sha384, Sha512};

use crate::clients::MacAlgorithm;

/// The header; a member given twice makes it unreadable.
#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    #[serde(default)]
    crit: Option<IgnoredAny>,
    #[serde(default)]
    b64: Option<IgnoredAny>,
    #[serde(default)]
    jwk: Option<IgnoredAny>,
}

/// A compact JWS with a symmetric algorithm, unchecked.
pub(super) struct SecretJwt<'t> {
    pub(super) alg: MacAlgorithm,
    pub(super) typ: Option<String>,
    signed: &'t str,
    payload: Vec<u8>,
    mac: Vec<u8>,
}

impl<'t> SecretJwt<'t> {
    /// Takes a token apart; `None` for one of another kind, or with an extension.
    pub(super) fn parse(token: &'t str) -> Option<Self> {
        if token.len() > MAX_JWS_BYTES {
            return None;
        }
        let (signed, mac) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        if header.len() > MAX_HEADER_BYTES {
            return None;
        }
        let Header { alg, typ, crit, b64, jwk } = serde_json::from_slice(&base64url::decode(header).ok()?).ok()?;
        if crit.is_some() || b64.is_some() || jwk.is_some() {
            return None;
        }
        let (payload, mac) = (base64url::decode(payload).ok()?, base64url::decode(mac).ok()?);
        Some(Self { alg: MacAlgorithm::named(&alg)?, typ, signed, payload, mac })
    }

    /// Whether the secret signed it; compared in constant time.
    pub(super) fn holds(&self, secret: &[u8]) -> bool {
        match self.alg {
            MacAlgorithm::Hs256 => self.checks(<Hmac<Sha256> as KeyInit>::new_from_slice(secret)),
            MacAlgorithm::Hs384 => self.checks(<Hmac<Sha384> as KeyInit>::new_from_slice(secret)),
            MacAlgorithm::Hs512 => self.checks(<Hmac<Sha512> as KeyInit>::new_from_slice(secret)),
        }
    }

    fn checks<M: Mac, E>(&self, mac: Result<M, E>) -> bool {
        mac.is_ok_and(|mac| mac.chain_update(self.signed).verify_slice(&self.mac).is_ok())
    }

    /// Reads the payload as claims. Call it after the signature was checked, or to find out whose it is.
    pub(super) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The example of RFC 7515, appendix A.1.
    const EXAMPLE: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const KEY: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    #[test]
    fn the_example_of_the_standard_holds_under_its_key_alone() {
        let token = SecretJwt::parse(EXAMPLE).unwrap();
        let key = base64url::decode(KEY).unwrap();
        assert_eq!(token.alg, MacAlgorithm::Hs256);
        assert!(token.holds(&key));
        assert_eq!(token.claims::<Value>().unwrap()["iss"], "joe");
        assert!(!token.holds(&key[1..]));
        assert!(!token.holds(b""));
        let altered = EXAMPLE.replace("dBjft", "dBjfu");
        assert!(!SecretJwt::parse(&altered).unwrap().holds(&key));
        // A part of the right MAC is none.
        let short = &EXAMPLE[..EXAMPLE.len() - 4];
        assert!(!SecretJwt::parse(short).is_some_and(|token| token.holds(&key)));
    }

    #[test]
    fn t16_headers_of_another_kind_are_not_read() {
        for header in [
            json!({ "alg": "none" }),
            json!({ "alg": "ES256" }),
            json!({ "alg": "hs256" }),
            json!({ "alg": "HS256", "crit": ["x"] }),
            json!({ "alg": "HS256", "b64": false }),
            json!({ "alg": "HS256", "jwk": {} }),
            json!({}),
            json!([]),
        ] {
            let token = format!("{}.e30.AA", base64url::encode(header.to_string()));
            assert!(SecretJwt::parse(&token).is_none(), "{header}");
        }
        let twice = format!("{}.e30.AA", base64url::encode(r#"{"alg":"none","alg":"HS256"}"#));
        assert!(SecretJwt::parse(&twice).is_none());
        for text in ["", ".", "..", "a.b.c", &"a".repeat(MAX_JWS_BYTES + 1)] {
            assert!(SecretJwt::parse(text).is_none());
        }
    }
}
