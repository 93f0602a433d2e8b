//! Opening what others encrypted for this server: compact JWE (RFC 7516) and CMS (RFC 5652).
//!
//! Refusals are all alike: whoever told why something does not open would open things for strangers (RFC 8725 §3.2). In a
//! JWE, `zip` is refused, for inflating has no bound, and so is what must be understood and is not (`crit`).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm::{EcdhEs, EcdhEsA128kw, EcdhEsA256kw};
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::{RsaOaep, RsaOaep256};
use josekit::jwe::{JweDecrypter, deserialize_compact};
use openssl::cms::CmsContentInfo;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Keys;
use super::encryption::{ContentEncryption, KeyManagement};
use super::model::{Family, KeyError};

/// Bytes of an authentication tag at least (RFC 7518 §5.2.2.1, §5.3).
const TAG: usize = 16;

/// Bytes at the beginning of a CMS structure in which its recipients are named: hundreds have room there.
const RECIPIENTS: usize = 256 * 1024;

/// Keys tried for one text at most: those of the last years.
const TRIED: usize = 16;

/// A private key that opens.
pub(super) struct Opener {
    kid: String,
    decrypters: Vec<(KeyManagement, Box<dyn JweDecrypter>)>,
    private: PKey<Private>,
    certificate: X509,
}

impl Opener {
    /// From the JSON of a private JWK and the DER of its certificate.
    pub(super) fn of(private_jwk: &[u8], kid: &str, certificate: &[u8]) -> Result<Self, KeyError> {
        let failed = || KeyError::Crypto("loading a private key");
        let jwk = josekit::jwk::Jwk::from_bytes(private_jwk).map_err(|_| failed())?;
        let mut decrypters: Vec<(KeyManagement, Box<dyn JweDecrypter>)> = Vec::new();
        let pem = if jwk.key_type() == "RSA" {
            for (name, alg) in [(KeyManagement::RsaOaep, RsaOaep), (KeyManagement::RsaOaep256, RsaOaep256)] {
                decrypters.push((name, Box::new(alg.decrypter_from_jwk(&jwk).map_err(|_| failed())?)));
            }
            josekit::jwk::alg::rsa::RsaKeyPair::from_jwk(&jwk).map_err(|_| failed())?.to_raw_private_key()
        } else {
            for (name, alg) in [
                (KeyManagement::EcdhEs, EcdhEs),
                (KeyManagement::EcdhEsA128Kw, EcdhEsA128kw),
                (KeyManagement::EcdhEsA256Kw, EcdhEsA256kw),
            ] {
                decrypters.push((name, Box::new(alg.decrypter_from_jwk(&jwk).map_err(|_| failed())?)));
            }
            josekit::jwk::alg::ec::EcKeyPair::from_jwk(&jwk).map_err(|_| failed())?.to_raw_private_key()
        };
        let private = PKey::private_key_from_der(&Zeroizing::new(pem)).map_err(|_| failed())?;
        let certificate = X509::from_der(certificate).map_err(|_| failed())?;
        Ok(Self { kid: kid.to_owned(), decrypters, private, certificate })
    }

    fn jwe(&self, alg: KeyManagement, token: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (_, decrypter) = self.decrypters.iter().find(|(known, _)| *known == alg)?;
        // The library takes a shortened tag, which OpenSSL then compares as far as it goes (RFC 7518 §5.3: 128 bits).
        let tag = token.rsplit('.').next().and_then(|tag| protocol::base64url::decode(tag).ok())?;
        if tag.len() < TAG {
            return None;
        }
        deserialize_compact(token, &**decrypter).ok().map(|(clear, _)| Zeroizing::new(clear))
    }

    /// Whether a recipient of this CMS structure is this key: it is named by the serial number of the certificate, 17 bytes of
    /// which 16 are random, or by its key identifier (RFC 5652 §6.2.1).
    fn is_recipient(&self, der: &[u8]) -> bool {
        let serial = self.certificate.serial_number().to_bn().map(|number| number.to_vec());
        let identifier = self.certificate.subject_key_id().map(|identifier| identifier.as_slice());
        let names = [serial.as_deref().ok(), identifier];
        let named = der.get(..RECIPIENTS).unwrap_or(der);
        names.into_iter().flatten().any(|name| !name.is_empty() && named.windows(name.len()).any(|part| part == name))
    }

    /// The certificate finds which of the recipients is this key.
    fn cms(&self, der: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let info = CmsContentInfo::from_der(der).ok()?;
        info.decrypt(&self.private, &self.certificate).ok().map(Zeroizing::new)
    }
}

/// What of a JWE's header decides; a member given twice makes it unreadable.
#[derive(Deserialize)]
struct Header {
    alg: String,
    enc: String,
    kid: Option<String>,
    zip: Option<Value>,
    crit: Option<Value>,
}

/// A key to encrypt for.
#[derive(Clone, Debug)]
pub struct EncryptionKey {
    /// Its entry in a key set (RFC 7517), with `use`, `kid` and `x5c`; without `alg`, for it may be used with several.
    pub jwk: Value,
    /// Its certificate in PEM.
    pub certificate: String,
}

impl Keys {
    /// The keys that others encrypt for at present: one of P-256, one of RSA. Made when they are first asked for.
    ///
    /// # Errors
    /// [`KeyError`] where the database fails.
    pub async fn encryption_keys(&self) -> Result<Vec<EncryptionKey>, KeyError> {
        self.begin_encryption().await?;
        let (ring, now) = (self.ring(), self.clock.now());
        let current = Family::ENCRYPTION.into_iter().filter_map(|family| ring.current(family, now));
        let published = current.map(|key| {
            let certificate = key.certificate().unwrap_or_default();
            let mut jwk = serde_json::to_value(&key.public).unwrap_or_default();
            jwk["kid"] = json!(key.kid);
            jwk["use"] = json!("enc");
            jwk["x5c"] = json!([STANDARD.encode(certificate)]);
            let pem = X509::from_der(certificate).and_then(|certificate| certificate.to_pem());
            let pem = pem.map_err(|_| KeyError::Crypto("writing a certificate"))?;
            Ok(EncryptionKey { jwk, certificate: String::from_utf8_lossy(&pem).into_owned() })
        });
        published.collect()
    }

    /// The content of a compact JWE that is encrypted for one of this server's keys, old ones too.
    ///
    /// # Errors
    /// [`KeyError::NotForUs`] for everything that does not open; others where the database fails.
    pub async fn open_jwe(&self, token: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let encoded = token.split('.').next().unwrap_or_default();
        let header = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| KeyError::NotForUs)?;
        let header: Header = serde_json::from_slice(&header).map_err(|_| KeyError::NotForUs)?;
        let alg = KeyManagement::named(&header.alg).ok_or(KeyError::NotForUs)?;
        if ContentEncryption::named(&header.enc).is_none() || header.zip.is_some() || header.crit.is_some() {
            return Err(KeyError::NotForUs);
        }
        if let Some(kid) = &header.kid
            && self.ring().named(kid).is_none()
        {
            // Another node may have made it a moment ago.
            self.reload().await?;
        }
        self.with_openers(|opener| {
            let meant = header.kid.as_ref().is_none_or(|kid| *kid == opener.kid);
            if meant { opener.jwe(alg, token) } else { None }
        })
    }

    /// The content of a CMS structure (DER) that is encrypted for one of this server's keys, old ones too.
    ///
    /// # Errors
    /// As [`Keys::open_jwe`].
    pub async fn open_cms(&self, der: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        // Who is a recipient decides what is done, and nothing that depends on what is encrypted: from how long a refusal takes
        // nobody learns how far decryption came (RSA PKCS#1 v1.5 and AES-CBC would tell what is in there).
        let known = self.ring().keys.iter().filter_map(|key| key.opener()).any(|opener| opener.is_recipient(der));
        if !known {
            self.reload().await?;
        }
        self.with_openers(|opener| if opener.is_recipient(der) { opener.cms(der) } else { None })
    }

    /// Newest first.
    fn with_openers(
        &self,
        open: impl Fn(&Opener) -> Option<Zeroizing<Vec<u8>>>,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let ring = self.ring();
        let openers = ring.keys.iter().rev().filter_map(|key| key.opener());
        openers.take(TRIED).find_map(open).ok_or(KeyError::NotForUs)
    }
}
