//! What is remembered of consents, on its way to another instance: nobody is asked there what was agreed to here.

use serde::{Deserialize, Serialize};

use super::consent::{Consent, context};
use super::model::Decision;
use super::store::TransactionError;
use super::store::consent::{self as rows, Kept};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::PersonId;
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// What a person agreed to for a client last.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// The issuer of the client.
    pub mount: Mount,
    /// The client.
    pub client_id: String,
    /// Who agreed.
    pub person: PersonId,
    /// Hash of what was asked.
    pub asked_hash: String,
    /// What was agreed to, until when, and which receipt it stands on.
    pub decision: Decision,
    /// eSignet's two-part signature of the wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The wallet's consent statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// Primary key of the wallet key that signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<i64>,
    /// When, in milliseconds since 1970.
    pub given_at: Millis,
}

const CORRUPT: StoreError = StoreError::Corrupt { what: "consent" };

/// All that is remembered of the next person with a primary key above `after`; nothing where there is no more.
///
/// # Errors
/// [`TransactionError::Store`] or [`TransactionError::Sealed`].
pub async fn carry(state: &AppState, after: i64) -> Result<Vec<Carried>, TransactionError> {
    let rows: Vec<Kept> = state.store.read(move |tx| Box::pin(rows::of_next(tx, after))).await?;
    rows.into_iter()
        .map(|row| {
            let mount = Mount::named(&row.client_mount).ok_or(CORRUPT)?;
            let person = PersonId(row.person);
            let context = context(mount, &row.client_id, person);
            let clear = state.secrets.open(Purpose::Transactions, &context, &row.decision)?;
            let decision: Decision = serde_json::from_slice(&clear).map_err(|_| CORRUPT)?;
            Ok(Carried {
                mount,
                client_id: row.client_id,
                person,
                asked_hash: row.asked_hash,
                decision: Decision { receipt: row.receipt_id, ..decision },
                signature: row.signature,
                statement: row.statement,
                key: row.key_id,
                given_at: row.given_at,
            })
        })
        .collect()
}

/// Remembers what another instance did.
///
/// # Errors
/// As [`carry`].
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), TransactionError> {
    let Carried { mount, person, .. } = *carried;
    let consent = Consent {
        asked_hash: carried.asked_hash.clone(),
        decision: carried.decision.clone(),
        signature: carried.signature.clone(),
        statement: carried.statement.clone(),
        key: carried.key,
        given_at: carried.given_at,
    };
    let clear = serde_json::to_vec(&consent.decision).map_err(|_| CORRUPT)?;
    let context = context(mount, &carried.client_id, person);
    let sealed = state.secrets.seal(Purpose::Transactions, &context, &clear, &*state.rng)?;
    Ok(rows::put(tx, mount, &carried.client_id, person, &consent, &sealed).await?)
}
