//! Apple's App Attest: the steps of developer.apple.com/documentation/devicecheck/validating-apps-that-connect-to-your-server.
//!
//! What is attested is a key of App Attest's own, made by a genuine copy of the wallet's app on a genuine device. It vouches
//! for the bound key through `clientDataHash`; that the bound key lives in the Secure Enclave is that app's word.

use ciborium::Value;
use openssl::bn::BigNumContext;
use openssl::ec::PointConversionForm;
use openssl::x509::X509;
use protocol::binding::attestation::{APPLE_APPATTEST, client_data_hash};
use protocol::devices::KeySecurity;
use sha2::{Digest, Sha256};
use x509_cert::der::Tag;
use x509_cert::der::asn1::ObjectIdentifier;

use super::asn1::{content, sequence, tagged};
use super::chain::{Certificate, Path};
use super::{Key, Refused};
use crate::clock::Millis;
use crate::config::AppAttest;

/// The extension that holds the nonce.
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.8.2");
/// `aaguid` of the App Store's builds.
const PRODUCTION: &[u8; 16] = b"appattest\0\0\0\0\0\0\0";
/// `aaguid` of developers' builds.
const DEVELOPMENT: &[u8; 16] = b"appattestdevelop";
/// Deepest nesting of the object: it has three.
const DEPTH: usize = 8;

/// What the configuration asks for.
pub(super) struct Rules {
    roots: Vec<X509>,
    apps: Vec<String>,
    development: bool,
}

/// The attestation object.
struct Object {
    chain: Vec<Vec<u8>>,
    auth_data: Vec<u8>,
}

/// Authenticator data (WebAuthn Level 3 §6.1), as far as App Attest fills it.
struct AuthData<'a> {
    rp_id_hash: &'a [u8],
    counter: &'a [u8],
    aaguid: &'a [u8],
    credential_id: &'a [u8],
}

impl Rules {
    /// Of a configuration.
    pub(super) fn new(roots: Vec<X509>, config: &AppAttest) -> Self {
        Self { roots, apps: config.apps.clone(), development: config.development }
    }

    /// Holds an attestation object against the rules.
    ///
    /// # Errors
    /// [`Refused`].
    pub(super) fn check(&self, object: &[u8], key: &Key<'_>, now: Millis) -> Result<KeySecurity, Refused> {
        self.check_for(object, &client_data_hash(key.challenge, key.jwk), now)?;
        Ok(KeySecurity::App)
    }

    /// The same for any `clientDataHash`.
    pub(super) fn check_for(&self, object: &[u8], client_data_hash: &[u8; 32], now: Millis) -> Result<(), Refused> {
        let object = Object::read(object)?;
        let path = Path::follow(&object.chain, &self.roots)?;
        Path::each_is_authority(path.above())?;
        Path::each_is_in_time(path.certificates(), now, false)?;
        let leaf = path.leaf()?;
        let vouched_for = Sha256::new().chain_update(&object.auth_data).chain_update(client_data_hash).finalize();
        if nonce(leaf)? != vouched_for.as_slice() {
            return Err(Refused::OtherChallenge);
        }
        let told = AuthData::read(&object.auth_data)?;
        if !self.apps.iter().any(|app| Sha256::digest(app).as_slice() == told.rp_id_hash) {
            return Err(Refused::OtherApp);
        }
        if told.counter.iter().any(|byte| *byte != 0) {
            return Err(Refused::Use);
        }
        if !(told.aaguid == PRODUCTION || self.development && told.aaguid == DEVELOPMENT) {
            return Err(Refused::Development);
        }
        if key_id(leaf)?.as_slice() != told.credential_id {
            return Err(Refused::OtherKey);
        }
        Ok(())
    }
}

/// Reads an object, its authenticator data and certificates, whoever signed them.
pub(super) fn read(object: &[u8]) -> Result<(), Refused> {
    let object = Object::read(object)?;
    AuthData::read(&object.auth_data)?;
    for der in &object.chain {
        Certificate::read(der)?.extension(&NONCE).map(|value| sequence(value).map(drop)).transpose()?;
    }
    Ok(())
}

/// The nonce: a SEQUENCE of one OCTET STRING under tag 1.
fn nonce(leaf: &Certificate) -> Result<&[u8], Refused> {
    let members = sequence(leaf.extension(&NONCE).ok_or(Refused::NoStatement)?)?;
    content(tagged(&members, 1)?.as_ref(), Tag::OctetString)
}

/// What Apple calls a key: SHA-256 of its point, uncompressed.
fn key_id(leaf: &Certificate) -> Result<[u8; 32], Refused> {
    let key = leaf.key()?.ec_key().map_err(|_| Refused::OtherKey)?;
    let point = BigNumContext::new().and_then(|mut context| {
        key.public_key().to_bytes(key.group(), PointConversionForm::UNCOMPRESSED, &mut context)
    });
    Ok(Sha256::digest(point.map_err(|_| Refused::OtherKey)?).into())
}

impl Object {
    fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let mut rest = bytes;
        let read: Value =
            ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH).map_err(|_| Refused::Malformed)?;
        let statement = member(&read, "attStmt").ok_or(Refused::Malformed)?;
        let certificates = member(statement, "x5c").and_then(Value::as_array).ok_or(Refused::Malformed)?;
        let chain: Option<Vec<_>> = certificates.iter().map(|one| one.as_bytes().cloned()).collect();
        let format = member(&read, "fmt").and_then(Value::as_text);
        match (format, chain, member(&read, "authData").and_then(Value::as_bytes)) {
            (Some(APPLE_APPATTEST), Some(chain), Some(auth_data)) if rest.is_empty() => {
                Ok(Self { chain, auth_data: auth_data.clone() })
            }
            _ => Err(Refused::Malformed),
        }
    }
}

/// The member of a map, where there is one of that name and not two.
fn member<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    let mut found = map.as_map()?.iter().filter(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value);
    found.next().filter(|_| found.next().is_none())
}

impl<'a> AuthData<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Refused> {
        let mut rest = bytes;
        let mut take = |length: usize| {
            let (taken, left) = rest.split_at_checked(length).ok_or(Refused::Malformed)?;
            rest = left;
            Ok::<_, Refused>(taken)
        };
        let (rp_id_hash, _flags, counter, aaguid) = (take(32)?, take(1)?, take(4)?, take(16)?);
        let length = take(2)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        Ok(Self { rp_id_hash, counter, aaguid, credential_id: take(length)? })
    }
}
