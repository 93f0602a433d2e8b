//! The rows of link codes and linked transactions. Each code is claimed by one conditional update.

use crate::authorization::{Channel, Stage};
use crate::clock::Millis;
use crate::config::Lifetimes;
use crate::dialect::Mount;
use crate::ids::{Minted, Opened};
use crate::store::{StoreError, Tx};
use crate::wait;

/// A link code as the database has it.
#[derive(sqlx::FromRow)]
pub(super) struct CodeRow {
    pub(super) secret_hash: Vec<u8>,
    mount: String,
    /// The browser's transaction.
    pub(super) transaction_id: i64,
    /// When it can no longer be claimed.
    pub(super) expires_at: Millis,
    /// When a wallet claimed it.
    pub(super) claimed_at: Option<Millis>,
    /// Where it is shown as frames: when it was made.
    pub(super) made_at: Option<Millis>,
    /// Where it is shown as frames: how long each is shown.
    pub(super) frame_ms: Option<Millis>,
    channel: Option<String>,
}

impl CodeRow {
    /// What kind of code it is.
    pub(super) fn channel(&self) -> Channel {
        Channel::named(self.channel.as_deref())
    }
}

/// A linked transaction as the database has it.
#[derive(sqlx::FromRow)]
pub(super) struct LinkedRow {
    /// Primary key.
    pub(super) id: i64,
    secret_hash: Vec<u8>,
    mount: String,
    /// The browser's transaction.
    pub(super) transaction_id: i64,
}

/// Inserts a link code.
pub(super) async fn insert_code(
    tx: &mut Tx,
    minted: &Minted,
    mount: Mount,
    transaction_id: i64,
    (browser, channel): (Option<&'static str>, Channel),
    expires_at: Millis,
) -> Result<(), StoreError> {
    crate::execute!(
        tx,
        "INSERT INTO link_code (id, secret_hash, mount, transaction_id, browser, expires_at, channel)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        minted.id,
        &minted.secret_hash,
        mount.name(),
        transaction_id,
        browser,
        expires_at,
        (channel == Channel::SameDevice).then(|| channel.name()),
    )?;
    Ok(())
}

/// Inserts a code that is shown as frames; where it is there already, it stays as it is.
pub(super) async fn insert_changing(
    tx: &mut Tx,
    minted: &Minted,
    mount: Mount,
    browser: Option<&'static str>,
    (made_at, frame_ms, expires_at): (Millis, Millis, Millis),
) -> Result<(), StoreError> {
    // A transaction has one changing code, whose key is the transaction's own.
    crate::execute!(
        tx,
        "INSERT INTO link_code (id, secret_hash, mount, transaction_id, browser, expires_at, made_at, frame_ms)
         VALUES ($1, $2, $3, $1, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        minted.id,
        &minted.secret_hash,
        mount.name(),
        browser,
        expires_at,
        made_at,
        frame_ms,
    )?;
    Ok(())
}

/// The code that a transaction shows as frames; `None` where it has none.
pub(super) async fn changing(tx: &mut Tx, transaction_id: i64) -> Result<Option<CodeRow>, StoreError> {
    crate::fetch_optional!(
        tx,
        CodeRow,
        "SELECT secret_hash, mount, transaction_id, expires_at, claimed_at, made_at, frame_ms, channel
         FROM link_code WHERE id = $1",
        transaction_id
    )
}

/// A code of this mount, claimed or not, expired or not.
pub(super) async fn code(tx: &mut Tx, mount: Mount, code: &Opened) -> Result<Option<CodeRow>, StoreError> {
    let row = crate::fetch_optional!(
        tx,
        CodeRow,
        "SELECT secret_hash, mount, transaction_id, expires_at, claimed_at, made_at, frame_ms, channel
         FROM link_code WHERE id = $1",
        code.id
    )?;
    Ok(row.filter(|row| code.matches(&row.secret_hash) && row.mount == mount.name()))
}

/// What a code was made for.
#[derive(sqlx::FromRow)]
pub(super) struct Claimed {
    /// The browser's transaction.
    pub(super) transaction_id: i64,
    /// The kind of browser that shows it.
    pub(super) browser: Option<String>,
    channel: Option<String>,
}

impl Claimed {
    /// What kind of code it is.
    pub(super) fn channel(&self) -> Channel {
        Channel::named(self.channel.as_deref())
    }
}

/// Claims a code, if nobody did and its time is not over.
/// Of any number of callers, on any number of nodes, exactly one gets an answer.
pub(super) async fn claim(
    tx: &mut Tx,
    mount: Mount,
    code: &Opened,
    now: Millis,
) -> Result<Option<Claimed>, StoreError> {
    crate::fetch_optional!(
        tx,
        Claimed,
        "UPDATE link_code SET claimed_at = $1
         WHERE id = $2 AND secret_hash = $3 AND mount = $4 AND claimed_at IS NULL AND expires_at > $1
         RETURNING transaction_id, browser, channel",
        now,
        code.id,
        code.secret_hash(),
        mount.name(),
    )
}

/// Inserts a linked transaction; a transaction has at most one.
pub(super) async fn insert_linked(
    tx: &mut Tx,
    minted: &Minted,
    mount: Mount,
    transaction_id: i64,
    now: Millis,
) -> Result<(), StoreError> {
    crate::execute!(
        tx,
        "INSERT INTO linked_transaction (id, secret_hash, mount, transaction_id, linked_at) VALUES ($1, $2, $3, $4, $5)",
        minted.id,
        &minted.secret_hash,
        mount.name(),
        transaction_id,
        now,
    )?;
    Ok(())
}

/// The linked transaction of an id that a wallet sent; on every mount where `mount` is `None`.
pub(super) async fn linked(tx: &mut Tx, mount: Option<Mount>, id: &Opened) -> Result<Option<LinkedRow>, StoreError> {
    let row = crate::fetch_optional!(
        tx,
        LinkedRow,
        "SELECT id, secret_hash, mount, transaction_id FROM linked_transaction WHERE id = $1",
        id.id
    )?;
    Ok(row.filter(|row| id.matches(&row.secret_hash) && mount.is_none_or(|mount| row.mount == mount.name())))
}

/// The browser's transaction behind a linked one; the caller holds what proves the right to it.
pub(super) async fn transaction_of(tx: &mut Tx, linked: i64) -> Result<Option<i64>, StoreError> {
    let row =
        crate::fetch_optional!(tx, (i64,), "SELECT transaction_id FROM linked_transaction WHERE id = $1", linked)?;
    Ok(row.map(|(transaction,)| transaction))
}

/// Remembers that a second wallet tried to claim what was claimed, while it is of interest.
pub(super) async fn rescanned(tx: &mut Tx, transaction_id: i64, now: Millis) -> Result<(), StoreError> {
    let first = crate::execute!(
        tx,
        "UPDATE linked_transaction SET rescanned_at = $1 WHERE transaction_id = $2 AND rescanned_at IS NULL",
        now,
        transaction_id
    )?;
    if first == 1 {
        // The page warns at once.
        tx.wake(wait::transaction(transaction_id));
    }
    Ok(())
}

/// Whether a second wallet tried to claim the code of a login.
pub(super) async fn was_rescanned(tx: &mut Tx, transaction_id: i64) -> Result<bool, StoreError> {
    let row = crate::fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM linked_transaction WHERE transaction_id = $1 AND rescanned_at IS NOT NULL",
        transaction_id
    )?;
    Ok(row.is_some())
}

/// Adds to a login what turned out after a wallet claimed it: that another one tried to.
pub(super) async fn found_later(tx: &mut Tx, stage: &mut Stage) -> Result<(), StoreError> {
    let Some(linked) = stage.link().map(|link| link.linked) else { return Ok(()) };
    let row = crate::fetch_optional!(
        tx,
        (Option<Millis>,),
        "SELECT rescanned_at FROM linked_transaction WHERE id = $1",
        linked
    )?;
    if let (Some((Some(_),)), Some(terms)) = (row, stage.terms_mut()) {
        terms.findings.scanned_twice = true;
    }
    Ok(())
}

/// Keeps what the browser was answered, sealed.
pub(super) async fn keep_answer(tx: &mut Tx, transaction_id: i64, sealed: &[u8]) -> Result<(), StoreError> {
    crate::execute!(tx, "UPDATE linked_transaction SET answer = $1 WHERE transaction_id = $2", sealed, transaction_id)?;
    Ok(())
}

/// What the browser was answered, sealed; `None` where it was not yet, or no wallet was involved.
pub(super) async fn answer(tx: &mut Tx, transaction_id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let row = crate::fetch_optional!(
        tx,
        (Option<Vec<u8>>,),
        "SELECT answer FROM linked_transaction WHERE transaction_id = $1",
        transaction_id
    )?;
    Ok(row.and_then(|(answer,)| answer))
}

/// Deletes a batch of what no living transaction can need any more; gives how many rows went.
pub(super) async fn sweep(tx: &mut Tx, now: Millis, batch: i64, lifetimes: &Lifetimes) -> Result<u64, StoreError> {
    let stages = [lifetimes.transaction, lifetimes.linked, lifetimes.authenticated, lifetimes.linked, lifetimes.code];
    let before = now - stages.into_iter().map(|seconds| i64::from(seconds) * 1000).sum::<i64>();
    let codes = crate::execute!(
        tx,
        "DELETE FROM link_code WHERE id IN
            (SELECT id FROM link_code WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        before,
        batch
    )?;
    let linked = crate::execute!(
        tx,
        "DELETE FROM linked_transaction WHERE id IN
            (SELECT id FROM linked_transaction WHERE linked_at <= $1 ORDER BY linked_at LIMIT $2)",
        before,
        batch
    )?;
    Ok(codes + linked)
}
