//! Issuers that the app vouches for.

use crate::errors::{ErrorCode, WalletError};
use protocol::claim169::{PinnedIssuer, Root};
use protocol::jwk::Jwk;

/// An issuer of credentials that the app trusts. Pinned: nothing about issuers is learnt from credentials or the network.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CredentialIssuer {
    /// Its name as credentials write it: claim `iss` (`RFC 8392 §3.1.1`), compared byte for byte.
    pub issuer: String,
    /// What to call it on the screen.
    pub name: String,
    /// Its public keys, each a JWK (`RFC 7517`) of P-256 or Ed25519. A key with a `kid` serves only credentials that name
    /// this `kid` or none.
    pub keys: Vec<String>,
    /// Its certificate authorities, DER: for credentials that bring the certificate of their key along (`RFC 9360`).
    pub certificates: Vec<Vec<u8>>,
}

/// An issuer with its name for people.
pub(crate) struct Pinned {
    pub(crate) name: String,
    pub(crate) keys: PinnedIssuer,
}

/// Errors: `InvalidInput` for a key or a certificate that cannot be read, or an issuer given twice.
pub(crate) fn pin(issuers: &[CredentialIssuer]) -> Result<Vec<Pinned>, WalletError> {
    let mut pinned: Vec<Pinned> = Vec::new();
    for issuer in issuers {
        let wrong = || WalletError::from(ErrorCode::InvalidInput);
        if issuer.issuer.is_empty() || pinned.iter().any(|other| other.keys.issuer == issuer.issuer) {
            return Err(wrong());
        }
        let keys = issuer.keys.iter().map(|key| Jwk::from_json(key)).collect::<Result<_, _>>().map_err(|_| wrong())?;
        let roots = issuer.certificates.iter().map(|der| Root::from_der(der)).collect::<Result<_, _>>();
        let keys = PinnedIssuer { issuer: issuer.issuer.clone(), keys, roots: roots.map_err(|_| wrong())? };
        pinned.push(Pinned { name: issuer.name.clone(), keys });
    }
    Ok(pinned)
}
