//! Keys that were bound at another server: they keep their certificate, by whose thumbprint their wallets name them.

use openssl::x509::X509;
use protocol::base64url;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::certificate;
use super::model::Profile;
use super::names;
use super::public_key::{self, PublicKey};
use super::store::{self, NewKey};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::PersonId;
use crate::secrets::SecretError;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Why a key cannot be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdopted {
    /// Not a key that wallets may have here, or its `alg` is not its own.
    #[error(
        "the key is not one that wallets may have here: RSA of 2048 bits or more, P-256 or Ed25519, with a fitting alg"
    )]
    Key,
    /// Not an X.509 certificate as PEM.
    #[error("the certificate cannot be read")]
    Certificate,
    /// A certificate of another key.
    #[error("the certificate is not of this key")]
    OtherKey,
    /// It has ended.
    #[error("the binding has expired; the wallet binds again")]
    Expired,
    /// See [`Profile`]; a revoked key never comes back either.
    #[error("the key is bound already: to somebody else, as a native key, or revoked")]
    Taken,
    /// The name of a person cannot be sealed.
    #[error("the row cannot be sealed")]
    Sealed,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdoptedKey {
    /// It is bound now.
    Added,
    /// It was bound to this person already.
    Present,
    /// It is not bound.
    Refused(NotAdopted),
}

/// A bound key of another server, checked.
pub struct Adoptee(NewKey);

impl Adoptee {
    /// Checks a key and the certificate that its wallet was given for it. It is taken over as a legacy key of `mount`,
    /// not proven, until its certificate or `until` ends, whichever is first.
    ///
    /// # Errors
    /// [`NotAdopted`].
    pub fn check(
        state: &AppState,
        mount: Mount,
        public_key: &Value,
        certificate: &str,
        until: Millis,
    ) -> Result<Self, NotAdopted> {
        let PublicKey { jwk, alg } = public_key::read(public_key).map_err(|_| NotAdopted::Key)?;
        let parsed = X509::from_pem(certificate.trim().as_bytes()).map_err(|_| NotAdopted::Certificate)?;
        let (der, end) = (parsed.to_der(), certificate::ends(&parsed));
        let (Ok(der), Ok(certificate_end)) = (der, end) else { return Err(NotAdopted::Certificate) };
        let same = certificate::is_of(&parsed, &jwk).map_err(|_| NotAdopted::Certificate)?;
        if !same {
            return Err(NotAdopted::OtherKey);
        }
        let (now, expires_at) = (state.clock.now(), until.min(certificate_end));
        if expires_at <= now {
            return Err(NotAdopted::Expired);
        }
        let thumbprint = jwk.thumbprint();
        let sealed = names::seal(state, &thumbprint, "").map_err(|_: SecretError| NotAdopted::Sealed)?;
        Ok(Self(NewKey {
            id: state.next_id(),
            jwk: serde_json::to_string(&jwk).map_err(|_| NotAdopted::Key)?,
            alg,
            profile: Profile::Legacy,
            mount,
            proven: false,
            security: None,
            name: sealed,
            certificate: certificate.trim().to_owned(),
            x5t: base64url::encode(Sha256::digest(der)),
            thumbprint,
            now,
            expires_at,
            again: false,
        }))
    }

    /// Binds it to a person, unless the key is bound already; what is bound is never changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bind(self, tx: &mut Tx, person: PersonId) -> Result<AdoptedKey, StoreError> {
        let thumbprint = self.0.thumbprint.clone();
        if store::bind(tx, person, self.0).await?.is_some() {
            return Ok(AdoptedKey::Added);
        }
        let own = store::has(tx, person, &thumbprint, Profile::Legacy).await?;
        Ok(if own { AdoptedKey::Present } else { AdoptedKey::Refused(NotAdopted::Taken) })
    }
}
