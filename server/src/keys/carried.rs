//! Keys that others encrypt for, on their way to another instance: what was encrypted for them lies in enrollments so, and
//! packets may still be under way. Keys that sign stay where they are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Keys;
use super::decryption::Opener;
use super::model::{Family, KeyError};
use super::ring::context;
use super::store::{self, KeyRow};
use crate::clock::Millis;
use crate::secrets::{Purpose, SecretError};
use crate::store::Tx;

/// A key that others encrypt for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key.
    pub id: i64,
    /// `enc-ec` or `enc-rsa`.
    pub family: String,
    /// Counts up in each family.
    pub generation: i64,
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// The public key.
    pub public_jwk: Value,
    /// The private key.
    pub private_jwk: Value,
    /// Its certificate, DER in base64.
    pub certificate: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at: Millis,
    /// From when others are told to encrypt for it.
    pub signs_from: Millis,
    /// When the certificate ends.
    pub certificate_until: Millis,
}

const UNREADABLE: KeyError = KeyError::Crypto("reading a stored key");

impl Keys {
    /// All keys that others encrypt for, old ones too.
    ///
    /// # Errors
    /// [`KeyError`] where the database does not answer or a key does not open.
    pub async fn carry(&self) -> Result<Vec<Carried>, KeyError> {
        let rows = store::all(&self.store).await?;
        let to_encrypt = |row: &KeyRow| Family::named(&row.family).is_some_and(Family::is_encryption);
        rows.into_iter()
            .filter(to_encrypt)
            .map(|row| {
                let private =
                    self.secrets.open(Purpose::SigningKeys, context(&row.kid).as_bytes(), &row.private_jwk)?;
                Ok(Carried {
                    id: row.id,
                    family: row.family,
                    generation: row.generation,
                    kid: row.kid,
                    public_jwk: serde_json::from_str(&row.public_jwk).map_err(|_| UNREADABLE)?,
                    private_jwk: serde_json::from_slice(&private).map_err(|_| UNREADABLE)?,
                    certificate: STANDARD.encode(row.certificate.ok_or(UNREADABLE)?),
                    created_at: row.created_at,
                    signs_from: row.signs_from,
                    certificate_until: row.certificate_until,
                })
            })
            .collect()
    }

    /// Takes over a key of another instance. Nodes that run find it within seconds.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] where it is no such key.
    pub async fn settle(&self, tx: &mut Tx, carried: &Carried) -> Result<(), KeyError> {
        let family = Family::named(&carried.family).filter(|family| family.is_encryption()).ok_or(UNREADABLE)?;
        let certificate = STANDARD.decode(&carried.certificate).map_err(|_| UNREADABLE)?;
        let private = zeroize::Zeroizing::new(carried.private_jwk.to_string());
        Opener::of(private.as_bytes(), &carried.kid, &certificate)?;
        let context = context(&carried.kid);
        let sealed = self.secrets.seal(Purpose::SigningKeys, context.as_bytes(), private.as_bytes(), &*self.rng);
        let row = KeyRow {
            id: carried.id,
            family: family.name().to_owned(),
            generation: carried.generation,
            kid: carried.kid.clone(),
            public_jwk: carried.public_jwk.to_string(),
            certificate: Some(certificate),
            private_jwk: sealed.map_err(|_: SecretError| UNREADABLE)?,
            created_at: carried.created_at,
            signs_from: carried.signs_from,
            certificate_until: carried.certificate_until,
        };
        Ok(store::insert_as_it_was(tx, row).await?)
    }
}
