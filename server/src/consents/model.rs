//! What a receipt says.

use serde::{Deserialize, Serialize};

use super::store::Row;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::PersonId;

/// An approval to be written down.
#[derive(Clone, Debug)]
pub struct NewReceipt {
    /// The issuer.
    pub mount: Mount,
    /// The relying party's client.
    pub client_id: String,
    /// Who agreed.
    pub person: PersonId,
    /// Primary key of the login transaction.
    pub transaction: i64,
    /// Claims that may be given.
    pub claims: Vec<String>,
    /// Scopes that are permitted.
    pub scopes: Vec<String>,
    /// What a wallet signed.
    pub signed: Signed,
    /// The receipt whose memory this approval stands on, where nothing was asked (`NOCAPTURE`).
    pub rests_on: Option<i64>,
    /// When the consent ends by itself.
    pub expires_at: Option<Millis>,
}

/// What a wallet signed of an approval; nothing where the browser agreed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Primary key of the wallet key that authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<i64>,
    /// The consent statement, a compact JWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// eSignet's two-part signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

/// An approval as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The row's primary key.
    pub id: i64,
    /// The issuer.
    pub mount: Mount,
    /// The relying party's client.
    pub client_id: String,
    /// Who agreed.
    pub person: PersonId,
    /// Primary key of the login transaction.
    pub transaction: i64,
    /// Claims that may be given.
    pub claims: Vec<String>,
    /// Scopes that are permitted.
    pub scopes: Vec<String>,
    /// What a wallet signed.
    pub signed: Signed,
    /// The receipt whose memory it stands on.
    pub rests_on: Option<i64>,
    /// When it was given.
    pub given_at: Millis,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Millis>,
}

impl Receipt {
    /// Whether it has a statement: without one, what the person agreed to is the server's word alone.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.signed.statement.is_some()
    }

    /// Whether it is neither withdrawn nor over.
    #[must_use]
    pub fn stands(&self, now: Millis) -> bool {
        self.withdrawn_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// What is sealed of a receipt.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    person: PersonId,
    claims: Vec<String>,
    scopes: Vec<String>,
    #[serde(flatten)]
    signed: Signed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rests_on: Option<i64>,
}

impl Content {
    pub(super) fn of(receipt: &NewReceipt) -> Self {
        Self {
            person: receipt.person,
            claims: receipt.claims.clone(),
            scopes: receipt.scopes.clone(),
            signed: receipt.signed.clone(),
            rests_on: receipt.rests_on,
        }
    }

    pub(super) fn receipt(self, row: Row, mount: Mount) -> Receipt {
        Receipt {
            id: row.id,
            mount,
            client_id: row.client_id,
            person: self.person,
            transaction: row.transaction_id,
            claims: self.claims,
            scopes: self.scopes,
            signed: self.signed,
            rests_on: self.rests_on,
            given_at: row.given_at,
            expires_at: row.expires_at,
            withdrawn_at: row.withdrawn_at,
        }
    }
}
