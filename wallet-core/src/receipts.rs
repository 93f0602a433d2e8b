//! Consent receipts: what the citizen signed, kept in the phone as the server keeps it.

use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::sessions::{LoginReview, SignedConsent};
use crate::store::{Change, StoreError, table};
use serde::{Deserialize, Serialize};

/// A consent given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct ConsentReceipt {
    /// Names the receipt.
    pub id: String,
    /// When, in milliseconds since 1970, by the device's clock.
    pub at_ms: i64,
    /// The issuer that took it.
    pub issuer: String,
    /// The relying party's name as shown.
    pub relying_party: String,
    /// The relying party's domain as shown.
    pub domain: Option<String>,
    /// Names of the claims accepted, sorted.
    pub claims: Vec<String>,
    /// Scopes permitted, sorted.
    pub scopes: Vec<String>,
    /// The consent statement: a compact JWS that anyone with the public key can check. eSignet 1.x
    /// knows none.
    pub statement: Option<String>,
    /// eSignet's two-part signature.
    pub signature: String,
}

crate::redact::redacted_debug!(ConsentReceipt);

impl ConsentReceipt {
    pub(crate) fn of(parts: &Parts, review: LoginReview, consent: &SignedConsent) -> Result<Self, WalletError> {
        Ok(Self {
            id: parts.random_id()?,
            at_ms: parts.exchange.clock.device_ms(),
            issuer: review.issuer,
            relying_party: review.relying_party.name,
            domain: review.relying_party.domain,
            claims: consent.agreed.claims.clone(),
            scopes: consent.agreed.scopes.clone(),
            statement: consent.statement.clone(),
            signature: consent.signature.clone(),
        })
    }

    pub(crate) fn put(&self) -> Result<Change, StoreError> {
        Change::put(table::RECEIPTS, &self.id, self)
    }
}

/// All receipts, newest first.
pub(crate) fn list(parts: &Parts) -> Result<Vec<ConsentReceipt>, WalletError> {
    let mut receipts: Vec<ConsentReceipt> = parts.store.all(table::RECEIPTS)?.into_iter().map(|(_, r)| r).collect();
    receipts.sort_by(|a, b| b.at_ms.cmp(&a.at_ms).then_with(|| b.id.cmp(&a.id)));
    Ok(receipts)
}

/// Deletes one receipt. Errors: `InvalidInput` where there is none.
pub(crate) fn delete(parts: &Parts, id: &str) -> Result<(), WalletError> {
    if parts.store.get::<ConsentReceipt>(table::RECEIPTS, id)?.is_none() {
        return Err(ErrorCode::InvalidInput.into());
    }
    Ok(parts.store.write(&[Change::delete(table::RECEIPTS, id)])?)
}
