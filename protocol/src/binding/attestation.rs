//! What a device's maker says about a key, and how it is tied to the key that is bound.
//!
//! Android attests the bound key itself, over the server's challenge. Apple's App Attest has a key of its own, which
//! vouches for a hash: [`client_data_hash`] puts challenge and bound key into it.

use sha2::{Digest, Sha256};

use crate::jwk::Jwk;

/// `format` of Android key attestation: a chain of X.509 certificates, the key's own first.
pub const ANDROID_KEY: &str = "android-key";
/// `format` of Apple's App Attest: a CBOR object.
pub const APPLE_APPATTEST: &str = "apple-appattest";

/// `clientDataHash` of App Attest: SHA-256 over the text of the server's challenge, one zero byte, and the RFC 7638
/// thumbprint of the bound key as its 43 characters of base64url. Neither text can hold a zero byte.
#[must_use]
pub fn client_data_hash(challenge: &str, key: &Jwk) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(challenge.as_bytes());
    hash.update([0]);
    hash.update(key.thumbprint().as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

    /// The vector that stands in `docs/attestation.md`, for those who write the other side.
    #[test]
    fn binds_challenge_and_key() {
        let key = Jwk::from_json(KEY).unwrap();
        assert_eq!(key.thumbprint(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
        let hash = client_data_hash("challenge", &key);
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "0fabd48ab0f05095740a339d94ddd1d0da041a4ec0d2d0d40d2906a992e490bf");
        assert_ne!(client_data_hash("challengf", &key), hash);
    }
}
