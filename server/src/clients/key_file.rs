//! Key files of the `client` command: making a key pair for a relying party's developer, reading a public key.

use std::io::Write;
use std::path::{Path, PathBuf};

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use protocol::base64url;
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::profile::Profile;
use crate::dialect::Mount;

/// Members of private keys (RFC 7518 §6.2.2, §6.3.2; RFC 8037 §2).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];
const RSA_BITS: u32 = 2048;

/// With which algorithm a new key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum KeyAlgorithm {
    /// P-256.
    #[value(name = "ES256")]
    Es256,
    /// RSA, PKCS #1 v1.5.
    #[value(name = "RS256")]
    Rs256,
    /// RSA, PSS.
    #[value(name = "PS256")]
    Ps256,
    /// Ed25519.
    #[value(name = "EdDSA")]
    EdDsa,
    /// P-521.
    #[value(name = "ES512")]
    Es512,
    /// RSA, PSS, with SHA-512.
    #[value(name = "PS512")]
    Ps512,
}

impl KeyAlgorithm {
    /// What clients of a mount sign with unless they want something else: ES256, and ES512 where the mount's profiles do not
    /// know it.
    pub(super) fn usual(mount: Mount) -> Self {
        let mut known = Profile::of_mount(mount).iter().flat_map(|profile| profile.policy().client_algorithms);
        if known.any(|alg| *alg == Algorithm::Es256) { Self::Es256 } else { Self::Es512 }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
            Self::Es512 => "ES512",
            Self::Ps512 => "PS512",
        }
    }
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Missing, or (for a new one) there already.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// Not the JSON of a key.
    #[error("{0}: not a JWK of an RSA (2048 bits or more), P-256, P-384, P-521 or Ed25519 key")]
    NotAKey(PathBuf),
    /// The library could not make a key.
    #[error("no key could be made")]
    NotMade(#[from] ErrorStack),
}

/// Reads the public part of a JWK file; of a private key nothing else is looked at.
///
/// # Errors
/// [`KeyFileError`].
pub(super) fn read(path: &Path) -> Result<Map<String, Value>, KeyFileError> {
    let text = std::fs::read_to_string(path).map_err(|error| KeyFileError::File(path.into(), error))?;
    let text = Zeroizing::new(text);
    let mut jwk: Map<String, Value> = serde_json::from_str(&text).map_err(|_| KeyFileError::NotAKey(path.into()))?;
    for member in PRIVATE {
        jwk.remove(member);
    }
    Ok(jwk)
}

/// Makes a key pair: writes the private JWK to a new file that only its owner can read, gives the public one.
///
/// # Errors
/// [`KeyFileError`]; an existing file is never overwritten.
pub(super) fn make(path: &Path, algorithm: KeyAlgorithm) -> Result<Map<String, Value>, KeyFileError> {
    let mut private = members(algorithm)?;
    let mut public = private.clone();
    for member in PRIVATE {
        public.remove(member);
    }
    let thumbprint = Jwk::from_value(&Value::Object(public.clone())).map(|key| key.thumbprint());
    let kid = thumbprint.map_err(|_| KeyFileError::NotAKey(path.into()))?;
    for jwk in [&mut private, &mut public] {
        jwk.insert("kid".into(), kid.clone().into());
        jwk.insert("alg".into(), algorithm.name().into());
        jwk.insert("use".into(), "sig".into());
    }
    let text = Zeroizing::new(format!("{:#}\n", Value::Object(private)));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map(|()| public).map_err(|error| KeyFileError::File(path.into(), error))
}

/// The members of a new private JWK.
fn members(algorithm: KeyAlgorithm) -> Result<Map<String, Value>, ErrorStack> {
    let jwk = match algorithm {
        KeyAlgorithm::Es256 => ec("P-256", Nid::X9_62_PRIME256V1, 32)?,
        KeyAlgorithm::Es512 => ec("P-521", Nid::SECP521R1, 66)?,
        KeyAlgorithm::Rs256 | KeyAlgorithm::Ps256 | KeyAlgorithm::Ps512 => {
            let key = Rsa::generate(RSA_BITS)?;
            let number = |number: Option<&BigNumRef>| number.map(|number| base64url::encode(number.to_vec()));
            json!({
                "kty": "RSA", "n": number(Some(key.n())), "e": number(Some(key.e())), "d": number(Some(key.d())),
                "p": number(key.p()), "q": number(key.q()),
                "dp": number(key.dmp1()), "dq": number(key.dmq1()), "qi": number(key.iqmp())
            })
        }
        KeyAlgorithm::EdDsa => {
            let key = PKey::generate_ed25519()?;
            let (x, d) = (base64url::encode(key.raw_public_key()?), base64url::encode(key.raw_private_key()?));
            json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "d": d })
        }
    };
    Ok(jwk.as_object().cloned().unwrap_or_default())
}

/// A key on a curve whose coordinates have so many bytes (RFC 7518 §6.2).
fn ec(name: &str, curve: Nid, coordinate: i32) -> Result<Value, ErrorStack> {
    let group = EcGroup::from_curve_name(curve)?;
    let key = EcKey::generate(&group)?;
    let (mut x, mut y, mut context) = (BigNum::new()?, BigNum::new()?, BigNumContext::new()?);
    key.public_key().affine_coordinates(&group, &mut x, &mut y, &mut context)?;
    let fixed = |number: &BigNumRef| number.to_vec_padded(coordinate).map(base64url::encode);
    Ok(json!({ "kty": "EC", "crv": name, "x": fixed(&x)?, "y": fixed(&y)?, "d": fixed(key.private_key())? }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::public_keys::signature_key;

    #[test]
    fn a_new_key_of_every_kind_can_be_registered_and_its_file_is_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        for algorithm in <KeyAlgorithm as clap::ValueEnum>::value_variants().iter().copied() {
            let path = folder.path().join(algorithm.name());
            let public = make(&path, algorithm).unwrap();
            let key = signature_key(&public, &Algorithm::ALL).unwrap();
            assert_eq!(key.kid(), Some(key.thumbprint().as_str()));
            assert_eq!(key.alg(), Some(algorithm.name()));
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains("\"d\""));
            assert_eq!(signature_key(&read(&path).unwrap(), &Algorithm::ALL).unwrap(), key);
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            }
            assert!(matches!(make(&path, algorithm), Err(KeyFileError::File(..))));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
    /// A key that is made without a word about its kind is one that the mount takes.
    #[test]
    fn the_usual_kind_is_one_that_the_mount_takes() {
        for mount in Mount::ALL_ISSUERS {
            let usual = KeyAlgorithm::usual(mount);
            let name = Algorithm::from_name(usual.name()).unwrap();
            let mut policies = Profile::of_mount(mount).iter().map(|profile| profile.policy());
            assert!(policies.any(|policy| policy.client_algorithms.contains(&name)), "{mount:?}");
        }
        assert_eq!(KeyAlgorithm::usual(Mount::BankId), KeyAlgorithm::Es512);
    }
}
