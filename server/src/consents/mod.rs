//! Receipts: what a person agreed to, written down once for every approval, and its withdrawal.
//!
//! A receipt is the ground that codes and tokens stand on. They do not end by being written to: they carry the receipt's
//! id and are good only while it stands. So one conditional statement withdraws all that was given to a relying party,
//! also what another node is just issuing.

mod carried;
mod model;
mod store;
#[cfg(test)]
mod tests;

pub use carried::{Carried, carry, settle};
pub use model::{NewReceipt, Receipt, Signed};

use std::collections::BTreeSet;

use crate::clock::Millis;
use crate::dialect::Mount;
use crate::events::{self, Consent, Event};
use crate::ids::Kind;
use crate::registry::{Fault, PersonId};
use crate::secrets::{Column, Key, Purpose, number};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use model::Content;

/// Rows deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;
/// Receipts told at most, besides one for each relying party that is still agreed with.
const MOST: i64 = 200;
/// Receipts for one client that are read to find out what it may be told.
const MOST_STANDING: i64 = 50;

const DAY: Millis = 24 * 3600 * 1000;

/// The person's receipts are found by this, and by nobody who has only the database.
fn holder(state: &AppState, person: PersonId) -> Vec<u8> {
    state.secrets.mac(Purpose::Lookup, &[b"consents", &person.0.to_be_bytes()])
}

fn context(id: i64) -> Vec<u8> {
    format!("consent_receipt/{id}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "consent_receipt",
    key: &[Key::Number("id")],
    column: "content",
    purpose: Purpose::Consents,
    context: |key| context(number(key, 0)),
}];

/// Writes a receipt inside the write of the approval it is about; gives its id.
///
/// # Errors
/// [`Fault`].
pub async fn record(state: &AppState, tx: &mut Tx, receipt: NewReceipt) -> Result<i64, Fault> {
    let id = state.next_id();
    let now = state.clock.now();
    let NewReceipt { mount, client_id, person, transaction, expires_at, .. } = &receipt;
    let content = serde_json::to_vec(&Content::of(&receipt)).map_err(|_| StoreError::Corrupt { what: "receipt" })?;
    let row = store::NewRow {
        id,
        holder: holder(state, *person),
        mount: mount.name(),
        client_id,
        transaction: *transaction,
        content: state.secrets.seal(Purpose::Consents, &context(id), &content, &*state.rng)?,
        given_at: now,
        expires_at: *expires_at,
    };
    store::insert(tx, row).await?;
    let given = about(state, *mount, client_id, *person, Some(id));
    events::publish(state, tx, &Event::ConsentGiven(given)).await?;
    Ok(id)
}

/// A consent, for those who are told of it.
fn about(state: &AppState, mount: Mount, client_id: &str, person: PersonId, receipt: Option<i64>) -> Consent {
    let consent_id = receipt.map(|id| state.ids.name(Kind::Consent, id));
    Consent { mount, client_id: client_id.to_owned(), person: person.0, consent_id }
}

/// Whether a receipt is there and not withdrawn. What stands on one that was deleted has fallen.
///
/// # Errors
/// [`StoreError`].
pub async fn stands(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    store::stands(tx, id).await
}

/// A person's receipts, newest first: at most two hundred, and besides them the newest of every relying party that is
/// still agreed with.
///
/// # Errors
/// [`Fault`].
pub async fn of_person(state: &AppState, person: PersonId) -> Result<Vec<Receipt>, Fault> {
    let holder = holder(state, person);
    let rows = state.store.read(move |tx| Box::pin(async move { store::of_holder(tx, &holder, MOST).await })).await?;
    rows.into_iter().map(|row| read(state, row)).collect()
}

/// The receipt of this id, where it is this person's.
///
/// # Errors
/// [`Fault`].
pub async fn find(state: &AppState, tx: &mut Tx, person: PersonId, id: i64) -> Result<Option<Receipt>, Fault> {
    let row = store::find(tx, &holder(state, person), id).await?;
    row.map(|row| read(state, row)).transpose()
}

/// The claims that a person agrees a client may be told, by every receipt of it that is neither withdrawn nor over. Of very
/// many receipts the newest count.
///
/// # Errors
/// [`Fault`].
pub async fn agreed_claims(
    state: &AppState,
    person: PersonId,
    mount: Mount,
    client_id: &str,
) -> Result<BTreeSet<String>, Fault> {
    let (inner, client_id) = (state.clone(), client_id.to_owned());
    let read = state
        .store
        .read(move |tx| Box::pin(async move { agreed_claims_within(&inner, tx, person, mount, &client_id).await }));
    read.await
}

/// The same in the caller's transaction: what is agreed to at that moment.
///
/// # Errors
/// As [`agreed_claims`].
pub async fn agreed_claims_within(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    mount: Mount,
    client_id: &str,
) -> Result<BTreeSet<String>, Fault> {
    let (holder, now) = (holder(state, person), state.clock.now());
    let rows = store::standing(tx, &holder, mount.name(), client_id, now, MOST_STANDING).await?;
    let mut claims = BTreeSet::new();
    for row in rows {
        claims.extend(read(state, row)?.claims);
    }
    Ok(claims)
}

fn read(state: &AppState, row: store::Row) -> Result<Receipt, Fault> {
    let clear = state.secrets.open(Purpose::Consents, &context(row.id), &row.content)?;
    let content: Content = serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "receipt" })?;
    let mount = Mount::named(&row.client_mount).ok_or(StoreError::Corrupt { what: "mount" })?;
    Ok(content.receipt(row, mount))
}

/// Withdraws all that a person agreed to for a relying party's client until now: one statement, after which no code and
/// no token of those approvals is good. Gives how many receipts it ended.
///
/// # Errors
/// [`StoreError`].
pub async fn withdraw(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    mount: Mount,
    client_id: &str,
) -> Result<u64, StoreError> {
    let ended = store::withdraw(tx, &holder(state, person), mount.name(), client_id, state.clock.now()).await?;
    if ended > 0 {
        let withdrawn = about(state, mount, client_id, person, None);
        events::publish(state, tx, &Event::ConsentWithdrawn(withdrawn)).await?;
    }
    Ok(ended)
}

/// The clients for which a person has receipts that are not withdrawn.
///
/// # Errors
/// [`StoreError`].
pub async fn clients(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<Vec<(Mount, String)>, StoreError> {
    let clients = store::clients(tx, &holder(state, person)).await?;
    let known = |(mount, client_id): (String, String)| {
        Ok((Mount::named(&mount).ok_or(StoreError::Corrupt { what: "mount" })?, client_id))
    };
    clients.into_iter().map(known).collect()
}

/// Withdraws one receipt: its approval was taken back before anything came of it.
///
/// # Errors
/// [`StoreError`].
pub async fn withdraw_one(state: &AppState, tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    let Some(row) = store::withdraw_one(tx, id, state.clock.now()).await? else { return Ok(()) };
    let receipt = read(state, row).map_err(|fault| match fault {
        Fault::Store(error) => error,
        Fault::Sealed(_) => StoreError::Corrupt { what: "receipt" },
    })?;
    let withdrawn = about(state, receipt.mount, &receipt.client_id, receipt.person, Some(id));
    events::publish(state, tx, &Event::ConsentWithdrawn(withdrawn)).await
}

/// Deletes every receipt of a person, with what stands on them; gives how many. For those who have a right to it.
///
/// # Errors
/// [`StoreError`].
pub async fn erase(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<u64, StoreError> {
    for (mount, client_id) in clients(state, tx, person).await? {
        let withdrawn = about(state, mount, &client_id, person, None);
        events::publish(state, tx, &Event::ConsentWithdrawn(withdrawn)).await?;
    }
    store::erase(tx, &holder(state, person)).await
}

/// Deletes a batch of receipts whose days are over (`lifetimes.receipt_days` after they were given or, where they were
/// withdrawn, after that); gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let days = state.config.lifetimes.receipt_days;
    if days == 0 {
        return Ok(0);
    }
    let until = state.clock.now() - Millis::from(days) * DAY;
    let before = state.ids.first_at(until);
    state.store.write(move |tx| Box::pin(store::delete(tx, before, until, BATCH))).await
}
