//! Encrypting for one recipient (RFC 7516, compact). This server decrypts no JWE; whoever adds that must refuse `zip`:
//! josekit inflates without bound.

use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm::EcdhEs;
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::RsaOaep256;
use josekit::jwe::{JweEncrypter, JweHeader, serialize_compact};
use protocol::jwk::{Jwk, KeyMaterial};

use super::model::KeyError;

/// Key management algorithms offered (RFC 7518 §4.1).
pub const ENCRYPTION_ALGS: [&str; 2] = ["RSA-OAEP-256", "ECDH-ES"];
/// The content encryption used (RFC 7518 §5.1).
pub const ENCRYPTION_ENC: &str = "A256GCM";

/// A compact JWE of `content` for the holder of `key`: RSA-OAEP-256 for RSA, ECDH-ES for elliptic curves, A256GCM inside. `cty` is
/// `JWT` where the content is a token (RFC 7519 §5.2). `kid` is the key's own, else its RFC 7638 thumbprint.
///
/// # Errors
/// [`KeyError::Crypto`] for Ed25519 keys, which cannot receive, and where the library fails.
pub fn encrypt(key: &Jwk, cty: Option<&str>, content: &[u8]) -> Result<String, KeyError> {
    let failed = |_| KeyError::Crypto("encrypting");
    let jwk = josekit::jwk::Jwk::from_bytes(key.canonical()).map_err(failed)?;
    let encrypter: Box<dyn JweEncrypter> = match key.key() {
        KeyMaterial::Rsa { .. } => Box::new(RsaOaep256.encrypter_from_jwk(&jwk).map_err(failed)?),
        KeyMaterial::P256 { .. } | KeyMaterial::P384 { .. } | KeyMaterial::P521 { .. } => {
            Box::new(EcdhEs.encrypter_from_jwk(&jwk).map_err(failed)?)
        }
        KeyMaterial::Ed25519 { .. } => return Err(KeyError::Crypto("encrypting for a signature key")),
    };
    let mut header = JweHeader::new();
    header.set_content_encryption(ENCRYPTION_ENC);
    header.set_key_id(key.kid().map_or_else(|| key.thumbprint(), str::to_owned));
    if let Some(cty) = cty {
        header.set_content_type(cty);
    }
    serialize_compact(content, &header, &*encrypter).map_err(failed)
}
