//! Consent receipts: what the citizen agreed to, kept in the phone as the server keeps it, and its withdrawal.

use crate::activity::{ActivityEntry, ActivityKind};
use crate::bound::BindingRecord;
use crate::devices::{native, signed_call};
use crate::errors::{ErrorCode, WalletError};
use crate::inbox::ConsentQuestion;
use crate::parts::Parts;
use crate::ports::SigningPurpose;
use crate::sessions::{LoginReview, SignedConsent};
use crate::store::{Change, StoreError, table};
use protocol::consent::{STATEMENT_PROFILE, Statement};
use protocol::consents as wire;
use protocol::jwk::Jwk;
use protocol::jws::Jws;
use serde::{Deserialize, Serialize};

/// Whether a consent holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum ReceiptState {
    /// It holds, as far as this phone knows.
    #[default]
    Given,
    /// Its time is over.
    Expired,
    /// The citizen withdrew it.
    Withdrawn,
}

/// A consent given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct ConsentReceipt {
    /// Names the receipt.
    pub id: String,
    /// When, in milliseconds since 1970: by the device's clock, or by the server's where the server told of it.
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
    /// knows none, and what was agreed to elsewhere has its statement elsewhere.
    pub statement: Option<String>,
    /// eSignet's two-part signature; nothing where it was given elsewhere, or answers a question.
    pub signature: Option<String>,
    /// The key that signed here, as a JWK: with it the statement can be checked without any server.
    #[serde(default)]
    pub public_key: Option<String>,
    /// The binding it was given by.
    #[serde(default)]
    pub binding_id: Option<String>,
    /// Names the consent at the server; nothing where the server keeps none.
    #[serde(default)]
    pub consent_id: Option<String>,
    /// The relying party's client id, where the server told it.
    #[serde(default)]
    pub client_id: Option<String>,
    /// When it ends by itself, in milliseconds since 1970, where the server told it.
    #[serde(default)]
    pub expires_at_ms: Option<i64>,
    /// When it was withdrawn, in milliseconds since 1970, by the server's clock.
    #[serde(default)]
    pub withdrawn_at_ms: Option<i64>,
    /// Whether it holds.
    #[serde(default)]
    pub state: ReceiptState,
}

crate::redact::redacted_debug!(ConsentReceipt);

/// Where a consent was given.
pub(crate) struct Given<'a> {
    pub(crate) binding_id: &'a str,
    pub(crate) client_id: Option<String>,
    pub(crate) consent_id: Option<String>,
}

impl ConsentReceipt {
    pub(crate) fn of(
        parts: &Parts,
        review: LoginReview,
        consent: &SignedConsent,
        given: Given<'_>,
    ) -> Result<Self, WalletError> {
        Ok(Self {
            id: parts.random_id()?,
            at_ms: parts.exchange.clock.device_ms(),
            issuer: review.issuer,
            relying_party: review.relying_party.name,
            domain: review.relying_party.domain,
            claims: consent.agreed.claims.clone(),
            scopes: consent.agreed.scopes.clone(),
            statement: consent.statement.clone(),
            signature: Some(consent.signature.clone()),
            public_key: consent.public_key.clone(),
            binding_id: Some(given.binding_id.to_owned()),
            consent_id: given.consent_id,
            client_id: given.client_id,
            expires_at_ms: None,
            withdrawn_at_ms: None,
            state: ReceiptState::Given,
        })
    }

    /// One that only the server knows of.
    fn told(parts: &Parts, bound: &BindingRecord, consent: &wire::Consent) -> Result<Self, WalletError> {
        Ok(Self {
            id: parts.random_id()?,
            at_ms: consent.given_date_time.epoch_ms(),
            issuer: consent.issuer.clone(),
            relying_party: consent.client_name.clone(),
            domain: None,
            claims: protocol::consent::sorted(&consent.claims),
            scopes: protocol::consent::sorted(&consent.scopes),
            statement: None,
            signature: None,
            public_key: None,
            binding_id: Some(bound.id.clone()),
            consent_id: Some(consent.consent_id.clone()),
            client_id: Some(consent.client_id.clone()),
            expires_at_ms: None,
            withdrawn_at_ms: None,
            state: ReceiptState::Given,
        })
    }

    /// Of a yes to a question: statement and key by which it was signed, and the server's name for it.
    pub(crate) fn answered(
        parts: &Parts,
        question: &ConsentQuestion,
        claims: Vec<String>,
        (statement, public_key): (String, String),
        consent_id: Option<String>,
    ) -> Result<Self, WalletError> {
        Ok(Self {
            id: parts.random_id()?,
            at_ms: parts.exchange.clock.device_ms(),
            issuer: question.issuer.clone(),
            relying_party: question.relying_party.clone(),
            domain: None,
            claims,
            scopes: Vec::new(),
            statement: Some(statement),
            signature: None,
            public_key: Some(public_key),
            binding_id: Some(question.binding_id.clone()),
            consent_id,
            client_id: Some(question.client_id.clone()),
            expires_at_ms: None,
            withdrawn_at_ms: None,
            state: ReceiptState::Given,
        })
    }

    pub(crate) fn put(&self) -> Result<Change, StoreError> {
        Change::put(table::RECEIPTS, &self.id, self)
    }

    /// With the state that follows from its times.
    fn at(self, now_ms: i64) -> Self {
        let state = match (self.withdrawn_at_ms, self.expires_at_ms) {
            (Some(_), _) => ReceiptState::Withdrawn,
            (None, Some(end)) if end <= now_ms => ReceiptState::Expired,
            (None, _) => ReceiptState::Given,
        };
        Self { state, ..self }
    }

    /// Whether another was given to the same relying party by the same binding.
    fn is_beside(&self, other: &Self) -> bool {
        let same_party = match (&self.client_id, &other.client_id) {
            (Some(own), Some(theirs)) => own == theirs,
            // A server that tells no client id: by what the citizen saw.
            _ => self.relying_party == other.relying_party && self.domain == other.domain,
        };
        same_party && self.binding_id == other.binding_id && self.issuer == other.issuer
    }
}

/// All receipts, newest first.
pub(crate) fn list(parts: &Parts) -> Result<Vec<ConsentReceipt>, WalletError> {
    let now_ms = parts.exchange.clock.device_ms();
    let receipts: Vec<(String, ConsentReceipt)> = parts.store.all(table::RECEIPTS)?;
    let mut receipts: Vec<ConsentReceipt> = receipts.into_iter().map(|(_, receipt)| receipt.at(now_ms)).collect();
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

/// Brings the receipts of a binding up to what its server keeps.
pub(crate) async fn refresh(parts: &Parts, binding_id: &str) -> Result<Vec<ConsentReceipt>, WalletError> {
    let bound = native(parts, binding_id)?;
    let purpose = SigningPurpose::ManageConsents;
    let path = "/wallet/consents/list";
    let told: wire::List = signed_call(parts, &bound, path, &wire::ListRequest {}, purpose).await?;
    let known = list(parts)?;
    let mut changes = Vec::new();
    for consent in &told.consents {
        let same = |receipt: &&ConsentReceipt| {
            receipt.consent_id.as_deref() == Some(&consent.consent_id)
                && receipt.binding_id.as_deref() == Some(binding_id)
        };
        let mut receipt = match known.iter().find(same) {
            Some(receipt) => receipt.clone(),
            None => ConsentReceipt::told(parts, &bound, consent)?,
        };
        receipt.client_id = Some(consent.client_id.clone());
        receipt.expires_at_ms = consent.expire_date_time.map(|at| at.epoch_ms());
        receipt.withdrawn_at_ms = consent.withdrawn_date_time.map(|at| at.epoch_ms());
        if !known.contains(&receipt) {
            changes.push(receipt.put()?);
        }
    }
    if !changes.is_empty() {
        parts.store.write(&changes)?;
    }
    list(parts)
}

/// Withdraws at the server first, so that a receipt is marked only where it is true.
pub(crate) async fn withdraw(parts: &Parts, id: &str) -> Result<ConsentReceipt, WalletError> {
    let receipt: ConsentReceipt = parts.store.get(table::RECEIPTS, id)?.ok_or(ErrorCode::InvalidInput)?;
    let (Some(binding_id), Some(consent_id)) = (&receipt.binding_id, &receipt.consent_id) else {
        return Err(ErrorCode::InvalidInput.into());
    };
    let bound = native(parts, binding_id)?;
    let request = wire::WithdrawRequest { consent_id: consent_id.clone() };
    let path = "/wallet/consents/withdraw";
    let purpose = SigningPurpose::ManageConsents;
    let done: wire::Withdrawn = signed_call(parts, &bound, path, &request, purpose).await?;
    let at_ms = done.withdrawn_date_time.epoch_ms();
    let now_ms = parts.exchange.clock.device_ms();
    let ended = ConsentReceipt { withdrawn_at_ms: Some(at_ms), ..receipt }.at(now_ms);
    let mut entry = ActivityEntry::plain(parts, ActivityKind::ConsentWithdrawn, &bound.server)?;
    entry.relying_party = Some(ended.relying_party.clone());
    entry.domain.clone_from(&ended.domain);
    entry.receipt_id = Some(ended.id.clone());
    let mut changes = vec![ended.put()?, entry.put()?];
    // What was agreed to with the same relying party before ended with it.
    for other in list(parts)?.into_iter().filter(|other| other.id != ended.id && other.is_beside(&ended)) {
        if other.withdrawn_at_ms.is_none() {
            changes.push(ConsentReceipt { withdrawn_at_ms: Some(at_ms), ..other }.put()?);
        }
    }
    parts.store.write(&changes)?;
    Ok(ended)
}

/// Whether a receipt's statement is what its key signed, and says what the receipt says. Nothing is asked of anybody.
/// Errors: `InvalidInput` where there is no such receipt, or it has no statement.
pub(crate) fn verify(parts: &Parts, id: &str) -> Result<bool, WalletError> {
    let receipt: ConsentReceipt = parts.store.get(table::RECEIPTS, id)?.ok_or(ErrorCode::InvalidInput)?;
    let (Some(statement), Some(key)) = (&receipt.statement, &receipt.public_key) else {
        return Err(ErrorCode::InvalidInput.into());
    };
    Ok(stated(statement, key).is_some_and(|(said, thumbprint)| {
        said.iss == thumbprint
            && said.aud == receipt.issuer
            && said.client_name == receipt.relying_party
            && said.claims == receipt.claims
            && said.scopes == receipt.scopes
    }))
}

/// What a statement says, where this key signed it, and the key's thumbprint.
fn stated(statement: &str, key: &str) -> Option<(Statement, String)> {
    let key = Jwk::from_json(key).ok()?;
    let jws = Jws::parse(statement).ok()?;
    jws.require(&STATEMENT_PROFILE).ok()?;
    jws.verify(&key).ok()?;
    Some((jws.claims().ok()?, key.thumbprint()))
}
