//! Encrypting for one recipient (RFC 7516, compact). Opening is `decryption`'s.

use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm::{EcdhEs, EcdhEsA128kw, EcdhEsA256kw};
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::{RsaOaep, RsaOaep256};
use josekit::jwe::{JweEncrypter, JweHeader, serialize_compact};
use protocol::jwk::{Jwk, KeyMaterial};

use super::encryption::{ContentEncryption, Encryption, KeyManagement};
use super::model::KeyError;

/// Key management algorithms offered (RFC 7518 §4.1).
pub const ENCRYPTION_ALGS: [&str; 2] = ["RSA-OAEP-256", "ECDH-ES"];
/// The content encryption used (RFC 7518 §5.1).
pub const ENCRYPTION_ENC: &str = "A256GCM";

/// A compact JWE of `content` for the holder of `key`: RSA-OAEP-256 for RSA, ECDH-ES for elliptic curves, A256GCM inside.
/// As [`encrypt_with`] otherwise.
///
/// # Errors
/// As [`encrypt_with`].
pub fn encrypt(key: &Jwk, cty: Option<&str>, content: &[u8]) -> Result<String, KeyError> {
    let alg =
        if matches!(key.key(), KeyMaterial::Rsa { .. }) { KeyManagement::RsaOaep256 } else { KeyManagement::EcdhEs };
    encrypt_with(key, Encryption { alg, enc: ContentEncryption::A256Gcm }, cty, content)
}

/// A compact JWE of `content` for the holder of `key`. `cty` is `JWT` where the content is a token (RFC 7519 §5.2). `kid` is
/// the key's own, else its RFC 7638 thumbprint.
///
/// # Errors
/// [`KeyError::Crypto`] for a key that cannot receive in this way, and where the library fails.
pub fn encrypt_with(key: &Jwk, how: Encryption, cty: Option<&str>, content: &[u8]) -> Result<String, KeyError> {
    if !how.alg.fits(key.key()) {
        return Err(KeyError::Crypto("encrypting for a key of another kind"));
    }
    let failed = |_| KeyError::Crypto("encrypting");
    let jwk = josekit::jwk::Jwk::from_bytes(key.canonical()).map_err(failed)?;
    let encrypter: Result<Box<dyn JweEncrypter>, _> = match how.alg {
        KeyManagement::RsaOaep => RsaOaep.encrypter_from_jwk(&jwk).map(|encrypter| Box::new(encrypter) as _),
        KeyManagement::RsaOaep256 => RsaOaep256.encrypter_from_jwk(&jwk).map(|encrypter| Box::new(encrypter) as _),
        KeyManagement::EcdhEs => EcdhEs.encrypter_from_jwk(&jwk).map(|encrypter| Box::new(encrypter) as _),
        KeyManagement::EcdhEsA128Kw => EcdhEsA128kw.encrypter_from_jwk(&jwk).map(|encrypter| Box::new(encrypter) as _),
        KeyManagement::EcdhEsA256Kw => EcdhEsA256kw.encrypter_from_jwk(&jwk).map(|encrypter| Box::new(encrypter) as _),
    };
    let mut header = JweHeader::new();
    header.set_content_encryption(how.enc.name());
    header.set_key_id(key.kid().map_or_else(|| key.thumbprint(), str::to_owned));
    if let Some(cty) = cty {
        header.set_content_type(cty);
    }
    serialize_compact(content, &header, &*encrypter.map_err(failed)?).map_err(failed)
}
