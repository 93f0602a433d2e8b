//! One private key.

use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use p256::ecdsa::signature::Signer as _;
use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding};
use wallet_core::ports::{DevicePublicKey, KeyAlgorithm, KeyError, Rng};
use zeroize::Zeroizing;

/// Length of RSA keys, in bits: what eSignet 1.x wallets have.
const RSA_BITS: u32 = 2048;

pub(super) enum Secret {
    P256(p256::ecdsa::SigningKey),
    Rsa(PKey<Private>),
}

impl Secret {
    /// A new P-256 key.
    pub(super) fn new_p256(rng: &dyn Rng) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        // Numbers of zero or above the order are thrown away (FIPS 186-5 A.2.2); one in 2^32 is.
        for _ in 0..8 {
            rng.fill(bytes.as_mut()).map_err(failed)?;
            if let Ok(key) = p256::ecdsa::SigningKey::from_slice(bytes.as_ref()) {
                return Ok(Self::P256(key));
            }
        }
        Err(KeyError::Failed { detail: "the source of randomness repeats itself".into() })
    }

    /// A new RSA key, exponent 65537.
    pub(super) fn new_rsa() -> Result<Self, KeyError> {
        let exponent = BigNum::from_u32(65537).map_err(failed)?;
        let key = Rsa::generate_with_e(RSA_BITS, &exponent).map_err(failed)?;
        Ok(Self::Rsa(PKey::from_rsa(key).map_err(failed)?))
    }

    /// Reads PKCS #8 in PEM.
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let damaged = || KeyError::Failed { detail: "a key file is damaged".into() };
        let text = std::str::from_utf8(pem).map_err(|_| damaged())?;
        if let Ok(key) = p256::ecdsa::SigningKey::from_pkcs8_pem(text) {
            return Ok(Self::P256(key));
        }
        let key = PKey::private_key_from_pem(pem).map_err(|_| damaged())?;
        if key.rsa().is_ok() { Ok(Self::Rsa(key)) } else { Err(damaged()) }
    }

    /// Writes PKCS #8 in PEM.
    pub(super) fn to_pem(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match self {
            Self::P256(key) => {
                let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(failed)?;
                Ok(Zeroizing::new(pem.as_bytes().to_vec()))
            }
            Self::Rsa(key) => Ok(Zeroizing::new(key.private_key_to_pem_pkcs8().map_err(failed)?)),
        }
    }

    pub(super) fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::P256(_) => KeyAlgorithm::Es256,
            Self::Rsa(_) => KeyAlgorithm::Rs256,
        }
    }

    pub(super) fn public_key(&self) -> Result<DevicePublicKey, KeyError> {
        match self {
            Self::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                match (point.x(), point.y()) {
                    (Some(x), Some(y)) => Ok(DevicePublicKey::P256 { x: x.to_vec(), y: y.to_vec() }),
                    _ => Err(KeyError::Failed { detail: "a key without a point".into() }),
                }
            }
            Self::Rsa(key) => {
                let rsa = key.rsa().map_err(failed)?;
                Ok(DevicePublicKey::Rsa { n: rsa.n().to_vec(), e: rsa.e().to_vec() })
            }
        }
    }

    /// Signs as JWS wants it: `r || s` (RFC 7518 §3.4), or PKCS #1 v1.5 (§3.3).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message).map_err(failed)?;
                Ok(signature.to_bytes().to_vec())
            }
            Self::Rsa(key) => {
                let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), key).map_err(failed)?;
                signer.sign_oneshot_to_vec(message).map_err(failed)
            }
        }
    }
}

fn failed(error: impl std::fmt::Display) -> KeyError {
    KeyError::Failed { detail: error.to_string() }
}
