//! The rows of transactions. What was asked and who answered is sealed under the transactions' key, bound to the row.

pub(super) mod consent;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::model::{Stage, StageError, Transaction};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::ids::{Kind, Minted, Opened};
use crate::registry::Fault;
use crate::secrets::{Column, Key, Purpose, SecretError, number};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Why a transaction cannot be had or changed.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// Unknown, over, or another browser's: nobody is told which.
    #[error("no such transaction")]
    Gone,
    /// It does not stand where this could happen.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// Another request changed it first.
    #[error("another request was first")]
    Raced,
    /// The counter is at its limit.
    #[error("no attempts left")]
    Exhausted,
    /// A stored value does not open.
    #[error(transparent)]
    Sealed(#[from] SecretError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Fault> for TransactionError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error.into(),
            Fault::Sealed(error) => error.into(),
        }
    }
}

impl From<TransactionError> for ApiError {
    fn from(error: TransactionError) -> Self {
        match error {
            TransactionError::Gone | TransactionError::Stage(_) | TransactionError::Raced => {
                Code::InvalidTransaction.into()
            }
            TransactionError::Exhausted => Code::NoAttemptsLeft.into(),
            TransactionError::Sealed(error) => error.into(),
            TransactionError::Store(error) => error.into(),
        }
    }
}

/// What is counted per transaction. Wrong factors and OTPs are counted by `factors`, over every channel together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Calls of `claim-details`.
    ClaimDetails,
    /// Link codes made.
    LinkCodes,
}

fn context(id: i64, column: &str) -> Vec<u8> {
    format!("authorization_transaction/{id}/{column}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED_TRANSACTION: &[Column] = &[
    Column {
        table: "authorization_transaction",
        key: &[Key::Number("id")],
        column: "request",
        purpose: Purpose::Transactions,
        context: |key| context(number(key, 0), "request"),
    },
    Column {
        table: "authorization_transaction",
        key: &[Key::Number("id")],
        column: "state",
        purpose: Purpose::Transactions,
        context: |key| context(number(key, 0), "state"),
    },
];

fn seal<T: Serialize>(state: &AppState, context: &[u8], value: &T) -> Result<Vec<u8>, TransactionError> {
    let clear = serde_json::to_vec(value).map_err(|_| StoreError::Corrupt { what: "transaction" })?;
    Ok(state.secrets.seal(Purpose::Transactions, context, &clear, &*state.rng)?)
}

fn open<T: DeserializeOwned>(state: &AppState, context: &[u8], sealed: &[u8]) -> Result<T, TransactionError> {
    let clear = state.secrets.open(Purpose::Transactions, context, sealed)?;
    Ok(serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "transaction" })?)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    secret_hash: Vec<u8>,
    mount: String,
    client_id: String,
    browser: Vec<u8>,
    session: Option<Vec<u8>>,
    details_hash: String,
    request: Vec<u8>,
    state: Vec<u8>,
    created_at: Millis,
    expires_at: Millis,
    version: i64,
}

impl Row {
    fn read(self, state: &AppState) -> Result<Transaction, TransactionError> {
        Ok(Transaction {
            id: self.id,
            mount: Mount::named(&self.mount).ok_or(StoreError::Corrupt { what: "mount" })?,
            client_id: self.client_id,
            browser: self.browser,
            session: self.session,
            details_hash: self.details_hash,
            request: open(state, &context(self.id, "request"), &self.request)?,
            stage: open::<Stage>(state, &context(self.id, "state"), &self.state)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            version: self.version,
        })
    }
}

/// Inserts a new transaction; `minted` gave its id, and its text is the `transactionId`.
///
/// # Errors
/// [`TransactionError::Store`] or [`TransactionError::Sealed`].
pub async fn insert(
    state: &AppState,
    tx: &mut Tx,
    transaction: &Transaction,
    minted: &Minted,
) -> Result<(), TransactionError> {
    let request = seal(state, &context(transaction.id, "request"), &transaction.request)?;
    let stage = seal(state, &context(transaction.id, "state"), &transaction.stage)?;
    crate::execute!(
        tx,
        "INSERT INTO authorization_transaction (id, secret_hash, mount, client_id, browser, session, details_hash,
            request, stage, state, claim_details_calls, link_codes, created_at,
            expires_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, 0)",
        transaction.id,
        &minted.secret_hash,
        transaction.mount.name(),
        &transaction.client_id,
        &transaction.browser,
        &transaction.session,
        &transaction.details_hash,
        request,
        transaction.stage.name(),
        stage,
        transaction.created_at,
        transaction.expires_at,
    )?;
    Ok(())
}

const SELECT: &str = "SELECT id, secret_hash, mount, client_id, browser, session, details_hash, request, state,
    created_at, expires_at, version FROM authorization_transaction WHERE id = $1";

/// The transaction of a `transactionId`, while its time is not over.
///
/// # Errors
/// [`TransactionError::Gone`] where there is none.
pub async fn load(state: &AppState, tx: &mut Tx, opened: &Opened) -> Result<Transaction, TransactionError> {
    let row = crate::fetch_optional!(tx, Row, SELECT, opened.id)?.filter(|row| opened.matches(&row.secret_hash));
    alive(state, row.ok_or(TransactionError::Gone)?.read(state)?)
}

/// The transaction behind a linked one; the caller has checked the linked one's secret.
///
/// # Errors
/// [`TransactionError::Gone`] where there is none.
pub async fn load_id(state: &AppState, tx: &mut Tx, id: i64) -> Result<Transaction, TransactionError> {
    let row = crate::fetch_optional!(tx, Row, SELECT, id)?;
    alive(state, row.ok_or(TransactionError::Gone)?.read(state)?)
}

fn alive(state: &AppState, transaction: Transaction) -> Result<Transaction, TransactionError> {
    if transaction.is_expired(state.clock.now()) { Err(TransactionError::Gone) } else { Ok(transaction) }
}

/// Opens a `transactionId` as it came in.
///
/// # Errors
/// `invalid_transaction_id` for a blank one, `invalid_transaction` for one that is not ours.
pub fn open_id(state: &AppState, text: Option<&str>) -> Result<Opened, ApiError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty()).ok_or(Code::InvalidTransactionId)?;
    state.ids.open(Kind::Transaction, text).ok_or_else(|| Code::InvalidTransaction.into())
}

/// Writes a transaction that was moved, if nobody moved it since it was loaded: exactly one of several wins.
///
/// # Errors
/// [`TransactionError::Raced`] for all but the first.
pub async fn save(state: &AppState, tx: &mut Tx, transaction: &Transaction) -> Result<(), TransactionError> {
    let stage = seal(state, &context(transaction.id, "state"), &transaction.stage)?;
    let changed = crate::execute!(
        tx,
        "UPDATE authorization_transaction SET stage = $1, state = $2, session = $3, expires_at = $4,
            version = version + 1
         WHERE id = $5 AND version = $6",
        transaction.stage.name(),
        stage,
        &transaction.session,
        transaction.expires_at,
        transaction.id,
        transaction.version,
    )?;
    if changed == 1 { Ok(()) } else { Err(TransactionError::Raced) }
}

/// Counts one call, before it is served, so that parallel ones cannot pass the limit.
///
/// # Errors
/// [`TransactionError::Exhausted`] where the limit is reached.
pub async fn count(tx: &mut Tx, id: i64, what: Counter, limit: u32) -> Result<(), TransactionError> {
    let limit = i64::from(limit);
    let changed = match what {
        Counter::ClaimDetails => crate::execute!(
            tx,
            "UPDATE authorization_transaction SET claim_details_calls = claim_details_calls + 1
             WHERE id = $1 AND claim_details_calls < $2",
            id,
            limit
        )?,
        Counter::LinkCodes => crate::execute!(
            tx,
            "UPDATE authorization_transaction SET link_codes = link_codes + 1 WHERE id = $1 AND link_codes < $2",
            id,
            limit
        )?,
    };
    if changed == 1 { Ok(()) } else { Err(TransactionError::Exhausted) }
}

/// Takes a nonce; `false` where it was taken within the last day.
///
/// # Errors
/// [`StoreError`].
pub async fn take_nonce(tx: &mut Tx, nonce_hash: &[u8], now: Millis) -> Result<bool, StoreError> {
    crate::execute!(tx, "DELETE FROM authorization_nonce WHERE nonce_hash = $1 AND expires_at <= $2", nonce_hash, now)?;
    let taken = crate::execute!(
        tx,
        "INSERT INTO authorization_nonce (nonce_hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        nonce_hash,
        now + 24 * 3600 * 1000
    )?;
    Ok(taken == 1)
}

/// A transaction that ended without anybody ending it.
#[derive(sqlx::FromRow)]
pub(super) struct Ended {
    pub(super) id: i64,
    pub(super) mount: String,
    pub(super) client_id: String,
    pub(super) stage: String,
}

/// Deletes a batch of transactions that are over, and tells which.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn sweep_transactions(tx: &mut Tx, now: Millis, batch: i64) -> Result<Vec<Ended>, StoreError> {
    crate::fetch_all!(
        tx,
        Ended,
        "DELETE FROM authorization_transaction WHERE id IN
            (SELECT id FROM authorization_transaction WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
         RETURNING id, mount, client_id, stage",
        now,
        batch
    )
}

/// Deletes a batch of what else is over, ended consents among it; gives how many rows went.
///
/// # Errors
/// [`StoreError`].
pub async fn sweep(tx: &mut Tx, now: Millis, batch: i64) -> Result<u64, StoreError> {
    let nonces = crate::execute!(
        tx,
        "DELETE FROM authorization_nonce WHERE nonce_hash IN
            (SELECT nonce_hash FROM authorization_nonce WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        now,
        batch
    )?;
    let consents = crate::execute!(
        tx,
        "DELETE FROM consent WHERE (client_mount, client_id, person) IN
            (SELECT client_mount, client_id, person FROM consent WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        now,
        batch
    )?;
    Ok(nonces + consents)
}
