//! The keys of this moment, parsed, and the key sets published from them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::base64url;
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::decryption::Opener;
use super::jose::Signer;
use super::model::{Family, KeyError, KeyInfo, Phase, moment};
use super::store::KeyRow;
use crate::clock::Millis;
use crate::config::Signing;
use crate::dialect::{Dialect, Mount};
use crate::secrets::{Column, Key, Purpose, Secrets};

/// One key, ready to sign.
pub(super) struct Loaded {
    pub(super) id: i64,
    pub(super) family: Family,
    pub(super) generation: i64,
    pub(super) kid: String,
    pub(super) signs_from: Millis,
    certificate_until: Millis,
    pub(super) public: Jwk,
    certificate: Option<Vec<u8>>,
    signers: Vec<(Algorithm, Signer)>,
    opener: Option<Opener>,
}

impl Loaded {
    fn open(row: KeyRow, secrets: &Secrets) -> Result<Self, KeyError> {
        let family = Family::named(&row.family).ok_or(KeyError::Crypto("reading a stored key"))?;
        let public = Jwk::from_json(&row.public_jwk).map_err(|_| KeyError::Crypto("reading a stored key"))?;
        let private = secrets.open(Purpose::SigningKeys, context(&row.kid).as_bytes(), &row.private_jwk)?;
        let signers = family
            .algorithms()
            .iter()
            .map(|alg| Ok((*alg, Signer::of(*alg, &private)?)))
            .collect::<Result<Vec<_>, KeyError>>()?;
        let opener = match &row.certificate {
            Some(certificate) if family.is_encryption() => Some(Opener::of(&private, &row.kid, certificate)?),
            _ => None,
        };
        Ok(Self {
            id: row.id,
            family,
            generation: row.generation,
            kid: row.kid,
            signs_from: row.signs_from,
            certificate_until: row.certificate_until,
            public,
            certificate: row.certificate,
            signers,
            opener,
        })
    }

    /// Opens what was encrypted for it, where it is a key for that.
    pub(super) fn opener(&self) -> Option<&Opener> {
        self.opener.as_ref()
    }

    /// Its certificate in DER, where it has one.
    pub(super) fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// Signs with one of the algorithms of its family.
    pub(super) fn sign(&self, alg: Algorithm, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signer = self.signers.iter().find(|(known, _)| *known == alg);
        signer.ok_or(KeyError::Missing(alg))?.1.sign(message)
    }

    /// Its entry in a mount's key set: public members only (RFC 7517; for RSA with certificate, as GovStack and eSignet
    /// want it).
    fn entry(&self, dialect: &Dialect, signing: &[Algorithm]) -> Value {
        let mut entry = serde_json::to_value(&self.public).unwrap_or_default();
        entry["kid"] = json!(self.kid);
        entry["use"] = json!("sig");
        let mut algs = signing.iter().filter(|alg| Family::of(**alg) == self.family);
        if let (Some(alg), None) = (algs.next(), algs.next()) {
            // With more than one, `alg` would forbid the others (RFC 7517 §4.4).
            entry["alg"] = json!(alg.name());
        }
        if let Some(certificate) = &self.certificate {
            entry["x5c"] = json!([STANDARD.encode(certificate)]);
            entry["x5t#S256"] = json!(base64url::encode(Sha256::digest(certificate)));
            entry["exp"] = if dialect.jwk_exp_text {
                json!(moment(self.certificate_until))
            } else {
                json!(self.certificate_until.div_euclid(1000))
            };
        }
        entry
    }
}

/// Context under which a private key is sealed.
pub(super) fn context(kid: &str) -> String {
    format!("signing_key/{kid}")
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "signing_key",
    key: &[Key::Number("id"), Key::Text("kid")],
    column: "private_jwk",
    purpose: Purpose::SigningKeys,
    context: |key| context(key.get(1).copied().unwrap_or_default()).into_bytes(),
}];

/// All keys of this moment. Immutable: a change makes a new ring.
#[derive(Default)]
pub(super) struct Ring {
    /// By family, oldest first.
    pub(super) keys: Vec<Loaded>,
    published: Vec<(Mount, axum::body::Bytes)>,
}

impl Ring {
    /// Opens and parses everything, once.
    pub(super) fn load(rows: Vec<KeyRow>, secrets: &Secrets, signing: Signing) -> Result<Self, KeyError> {
        let keys = rows.into_iter().map(|row| Loaded::open(row, secrets)).collect::<Result<Vec<_>, _>>()?;
        let publish = |mount: Mount| {
            let dialect = mount.dialect();
            let signing = signing.offered(dialect.signing);
            let families = signing.iter().map(|alg| Family::of(*alg)).collect::<Vec<_>>();
            // What the mount signs with by default comes first, and of it the newest: relying parties that take the first
            // key take one that lasts.
            let place = |key: &&Loaded| families.iter().position(|family| *family == key.family);
            let mut entries: Vec<&Loaded> = keys.iter().rev().filter(|key| place(key).is_some()).collect();
            entries.sort_by_key(place);
            let text = json!({ "keys": entries.iter().map(|key| key.entry(dialect, &signing)).collect::<Vec<_>>() })
                .to_string();
            (mount, axum::body::Bytes::from(text))
        };
        let published = Mount::ALL_ISSUERS.map(publish).to_vec();
        Ok(Self { keys, published })
    }

    /// The newest of a family whose time has come; the oldest where that of none has, for then the clock was set back (F6).
    pub(super) fn current(&self, family: Family, now: Millis) -> Option<&Loaded> {
        let come = self.keys.iter().rev().find(|key| key.family == family && key.signs_from <= now);
        come.or_else(|| self.keys.iter().find(|key| key.family == family))
    }

    /// The newest of a family, whether its time has come or not.
    pub(super) fn newest(&self, family: Family) -> Option<&Loaded> {
        self.keys.iter().rev().find(|key| key.family == family)
    }

    /// The key of this `kid`, while it is published.
    pub(super) fn named(&self, kid: &str) -> Option<&Loaded> {
        self.keys.iter().find(|key| key.kid == kid)
    }

    /// Ids of keys whose successor has signed for `behind` milliseconds.
    pub(super) fn outlived(&self, now: Millis, behind: Millis) -> Vec<i64> {
        let pairs = self.keys.iter().zip(self.keys.iter().skip(1));
        pairs
            .filter(|(key, next)| key.family == next.family && !key.family.is_encryption())
            .filter(|(_, next)| next.signs_from + behind <= now)
            .map(|(key, _)| key.id)
            .collect()
    }

    /// As an operator sees them.
    pub(super) fn list(&self, now: Millis) -> Vec<KeyInfo> {
        let phase = |key: &Loaded| match self.current(key.family, now) {
            Some(current) if current.id == key.id => Phase::Current,
            _ if key.signs_from > now => Phase::Next,
            _ => Phase::Old,
        };
        let info = |key: &Loaded| KeyInfo {
            family: key.family,
            kid: key.kid.clone(),
            phase: phase(key),
            signs_from: key.signs_from,
        };
        self.keys.iter().map(info).collect()
    }

    /// The key set of a mount, as text that is the same until the keys change.
    pub(super) fn published(&self, mount: Mount) -> axum::body::Bytes {
        self.published.iter().find(|(known, _)| *known == mount).map(|(_, text)| text.clone()).unwrap_or_default()
    }
}
