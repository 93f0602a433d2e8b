//! josekit behind one small interface. Nothing else in the server touches it.
//!
//! Keys come in as JWKs that `protocol` has parsed strictly: josekit's own PEM loader takes a P-384 key for P-256. Headers
//! are read by `protocol` too; josekit signs and checks bytes.

use josekit::jwk::KeyPair;
use josekit::jwk::alg::ec::{EcCurve, EcKeyPair};
use josekit::jwk::alg::ed::{EdCurve, EdKeyPair};
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jws::alg::ecdsa::EcdsaJwsAlgorithm::{Es256, Es384, Es512};
use josekit::jws::alg::eddsa::EddsaJwsAlgorithm::Eddsa;
use josekit::jws::alg::rsassa::RsassaJwsAlgorithm::{Rs256, Rs384, Rs512};
use josekit::jws::alg::rsassa_pss::RsassaPssJwsAlgorithm::{Ps256, Ps384, Ps512};
use josekit::jws::{JwsSigner, JwsVerifier};
use openssl::pkey::{PKey, Private};
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, JwsError, fits};
use zeroize::Zeroizing;

use super::model::{Family, KeyError};

const RSA_BITS: u32 = 2048;
/// What is encrypted for it must stay secret for a lifetime (NIST SP 800-57 part 1, table 2).
const ENCRYPTION_RSA_BITS: u32 = 3072;

/// A parsed private key that signs with one algorithm.
pub(super) struct Signer(Box<dyn JwsSigner>);

impl Signer {
    /// From the JSON of a private JWK.
    pub(super) fn of(alg: Algorithm, private_jwk: &[u8]) -> Result<Self, KeyError> {
        let jwk = josekit::jwk::Jwk::from_bytes(private_jwk).map_err(|_| KeyError::Crypto("reading a private key"))?;
        let signer: Result<Box<dyn JwsSigner>, _> = match alg {
            Algorithm::Es256 => Es256.signer_from_jwk(&jwk).map(|signer| Box::new(signer) as _),
            Algorithm::Rs256 => Rs256.signer_from_jwk(&jwk).map(|signer| Box::new(signer) as _),
            Algorithm::Ps256 => Ps256.signer_from_jwk(&jwk).map(|signer| Box::new(signer) as _),
            Algorithm::Ps512 => Ps512.signer_from_jwk(&jwk).map(|signer| Box::new(signer) as _),
            Algorithm::Es384 => Es384.signer_from_jwk(&jwk).map(|signer| Box::new(signer) as _),
            Algorithm::Es512 => Es512.signer_from_jwk(&jwk).map(|signer| Box::new(signer) as _),
            Algorithm::EdDsa => Eddsa.signer_from_jwk(&jwk).map(|signer| Box::new(signer) as _),
            Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Ps384 => return Err(KeyError::Missing(alg)),
        };
        signer.map(Self).map_err(|_| KeyError::Crypto("loading a private key"))
    }

    /// The signature in JWS form (ECDSA: `r || s`).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.0.sign(message).map_err(|_| KeyError::Crypto("signing"))
    }
}

/// A parsed public key that checks one algorithm.
pub(super) struct Verifier(Box<dyn JwsVerifier>);

impl Verifier {
    /// From a key whose kind goes with `alg`. OpenSSL refuses points that are not on their curve.
    pub(super) fn of(alg: Algorithm, key: &Jwk) -> Result<Self, JwsError> {
        if !fits(alg, key.key()) {
            return Err(JwsError::WrongKey);
        }
        // The thumbprint's input holds the key and nothing else: `use`, `key_ops` and `alg` were judged before.
        let jwk = josekit::jwk::Jwk::from_bytes(key.canonical()).map_err(|_| JwsError::WrongKey)?;
        let verifier: Result<Box<dyn JwsVerifier>, _> = match alg {
            Algorithm::Es256 => Es256.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
            Algorithm::Es384 => Es384.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
            Algorithm::Es512 => Es512.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
            Algorithm::EdDsa => Eddsa.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
            Algorithm::Rs256 => Rs256.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
            Algorithm::Rs384 => Rs384.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
            Algorithm::Rs512 => Rs512.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
            Algorithm::Ps256 => Ps256.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
            Algorithm::Ps384 => Ps384.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
            Algorithm::Ps512 => Ps512.verifier_from_jwk(&jwk).map(|v| Box::new(v) as _),
        };
        verifier.map(Self).map_err(|_| JwsError::WrongKey)
    }

    /// Whether the signature holds. A part of an ECDSA signature that is zero does not (CVE-2022-21449).
    pub(super) fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), JwsError> {
        self.0.verify(message, signature).map_err(|_| JwsError::BadSignature)
    }
}

/// A key pair just made.
pub(super) struct Generated {
    /// JSON of the private JWK.
    pub(super) private_jwk: Zeroizing<Vec<u8>>,
    /// The public half.
    pub(super) public: Jwk,
    /// For a certificate.
    pub(super) private_key: PKey<Private>,
}

/// Makes a key pair, with OpenSSL's own randomness. RSA takes tens of milliseconds: not on an async thread.
pub(super) fn generate(family: Family) -> Result<Generated, KeyError> {
    let pair = pair(family).map_err(|_| KeyError::Crypto("making a key"))?;
    let (private, public, der) = (pair.to_jwk_private_key(), pair.to_jwk_public_key(), pair.to_der_private_key());
    let private_key = PKey::private_key_from_der(&Zeroizing::new(der)).map_err(|_| KeyError::Crypto("making a key"))?;
    let private_jwk = Zeroizing::new(private.to_string().into_bytes());
    let public = Jwk::from_json(&public.to_string()).map_err(|_| KeyError::Crypto("making a key"))?;
    Ok(Generated { private_jwk, public, private_key })
}

fn pair(family: Family) -> Result<Box<dyn KeyPair>, josekit::JoseError> {
    Ok(match family {
        Family::Ec => Box::new(EcKeyPair::generate(EcCurve::P256)?),
        Family::P384 => Box::new(EcKeyPair::generate(EcCurve::P384)?),
        Family::P521 => Box::new(EcKeyPair::generate(EcCurve::P521)?),
        Family::Ed25519 => Box::new(EdKeyPair::generate(EdCurve::Ed25519)?),
        Family::Rsa => Box::new(RsaKeyPair::generate(RSA_BITS)?),
        Family::EncEc => Box::new(EcKeyPair::generate(EcCurve::P256)?),
        Family::EncRsa => Box::new(RsaKeyPair::generate(ENCRYPTION_RSA_BITS)?),
    })
}
