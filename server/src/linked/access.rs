//! Who may see and move a transaction: its browser, and the wallet that holds its linked transaction id.

use super::store;
use crate::authorization::store::{TransactionError, load, load_id};
use crate::authorization::{Stage, Transaction};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::csrf::Browser;
use crate::ids::{Kind, Opened};
use crate::state::AppState;
use crate::store::Tx;

/// The transaction of a browser, at the mount and for the browser that started it (L3, E6).
pub(super) async fn of_browser(
    state: &AppState,
    tx: &mut Tx,
    mount: Mount,
    browser: &Browser,
    id: &Opened,
) -> Result<Transaction, TransactionError> {
    let transaction = load(state, tx, id).await?;
    if transaction.mount != mount || transaction.browser != browser.hash {
        return Err(TransactionError::Gone);
    }
    Ok(transaction)
}

/// Opens a linked transaction id as it came in: `invalid_transaction_id` for a blank one, `invalid_transaction` for one
/// that is not ours.
pub(super) fn open_linked(state: &AppState, text: &str) -> Result<Opened, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Code::InvalidTransactionId.into());
    }
    state.ids.open(Kind::Linked, text).ok_or_else(|| Code::InvalidTransaction.into())
}

/// What a wallet takes part in.
pub(super) struct Linked {
    /// Primary key of the linked transaction.
    pub(super) id: i64,
    /// The browser's transaction.
    pub(super) transaction: Transaction,
}

/// The transaction that a wallet linked. Its stage is for the caller to look at.
pub(super) async fn of_wallet(
    state: &AppState,
    tx: &mut Tx,
    mount: Option<Mount>,
    id: &Opened,
) -> Result<Linked, TransactionError> {
    let row = store::linked(tx, mount, id).await?.ok_or(TransactionError::Gone)?;
    let transaction = load_id(state, tx, row.transaction_id).await?;
    match transaction.stage.link() {
        Some(link) if link.linked == row.id => Ok(Linked { id: row.id, transaction }),
        // Finished, where the link is no longer kept.
        _ if transaction.stage == Stage::Finished => Ok(Linked { id: row.id, transaction }),
        _ => Err(TransactionError::Gone),
    }
}
