//! Tables `login_session` and `login_session_client`.

pub(super) mod notices;

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_optional};

/// A session to be written.
pub(super) struct NewRow {
    pub(super) id: i64,
    pub(super) secret_hash: Vec<u8>,
    pub(super) mount: &'static str,
    pub(super) person_hash: Vec<u8>,
    pub(super) content: Vec<u8>,
    pub(super) expires_at: Millis,
}

pub(super) async fn insert(tx: &mut Tx, row: NewRow) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO login_session (id, secret_hash, mount, person_hash, content, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        row.id,
        row.secret_hash,
        row.mount,
        row.person_hash,
        row.content,
        row.expires_at
    )?;
    Ok(())
}

/// Gives a session of the same person at the same issuer, where it is not over, another secret and another end; `false` for
/// any other.
pub(super) async fn renew(tx: &mut Tx, row: &NewRow, now: Millis) -> Result<bool, StoreError> {
    let renewed = execute!(
        tx,
        "UPDATE login_session SET secret_hash = $1, content = $2, expires_at = $3
         WHERE id = $4 AND mount = $5 AND person_hash = $6 AND ended_at IS NULL AND expires_at > $7",
        &row.secret_hash,
        &row.content,
        row.expires_at,
        row.id,
        row.mount,
        &row.person_hash,
        now
    )?;
    Ok(renewed == 1)
}

/// A session as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) secret_hash: Vec<u8>,
    pub(super) mount: String,
    pub(super) content: Vec<u8>,
    pub(super) expires_at: Millis,
}

/// The session of this id, where it is neither over nor ended.
pub(super) async fn live(tx: &mut Tx, id: i64, now: Millis) -> Result<Option<Row>, StoreError> {
    fetch_optional!(
        tx,
        Row,
        "SELECT id, secret_hash, mount, content, expires_at FROM login_session
         WHERE id = $1 AND expires_at > $2 AND ended_at IS NULL",
        id,
        now
    )
}

/// At most `most` of a person's sessions that are neither over nor ended, newest first.
pub(super) async fn of_person(tx: &mut Tx, person_hash: &[u8], now: Millis, most: i64) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "SELECT id, secret_hash, mount, content, expires_at FROM login_session
         WHERE person_hash = $1 AND expires_at > $2 AND ended_at IS NULL ORDER BY id DESC LIMIT $3",
        person_hash,
        now,
        most
    )
}

/// The client's entry in a session that is neither over nor ended, made with `id` where there is none yet. The first
/// statement keeps the row: an end that comes at the same time comes before it, or finds the client.
pub(super) async fn take_client(
    tx: &mut Tx,
    session: i64,
    client_id: &str,
    id: i64,
    now: Millis,
) -> Result<Option<i64>, StoreError> {
    let kept = execute!(
        tx,
        "UPDATE login_session SET ended_at = NULL WHERE id = $1 AND ended_at IS NULL AND expires_at > $2",
        session,
        now
    )?;
    if kept == 0 {
        return Ok(None);
    }
    let entry = fetch_optional!(
        tx,
        (i64,),
        "INSERT INTO login_session_client (id, session_id, client_id) VALUES ($1, $2, $3)
         ON CONFLICT (session_id, client_id) DO UPDATE SET client_id = excluded.client_id RETURNING id",
        id,
        session,
        client_id
    )?;
    Ok(entry.map(|(id,)| id))
}

/// Whether a client has an entry in a session that has not ended.
pub(super) async fn has_client(tx: &mut Tx, session: i64, client_id: &str) -> Result<bool, StoreError> {
    let entry = fetch_optional!(
        tx,
        (i64,),
        "SELECT c.id FROM login_session_client c JOIN login_session s ON s.id = c.session_id
         WHERE c.session_id = $1 AND c.client_id = $2 AND s.ended_at IS NULL",
        session,
        client_id
    )?;
    Ok(entry.is_some())
}

/// The session of a client's entry.
pub(super) async fn session_of(tx: &mut Tx, entry: i64, client_id: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT session_id FROM login_session_client WHERE id = $1 AND client_id = $2";
    Ok(fetch_optional!(tx, (i64,), sql, entry, client_id)?.map(|(session,)| session))
}

/// Ends a session, once: its sealed content and its issuer.
pub(super) async fn end(tx: &mut Tx, id: i64, now: Millis) -> Result<Option<(Vec<u8>, String)>, StoreError> {
    fetch_optional!(
        tx,
        (Vec<u8>, String),
        "UPDATE login_session SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL RETURNING content, mount",
        now,
        id
    )
}

/// A session's clients: entry and client id, in the order of first login.
pub(super) async fn clients_of(tx: &mut Tx, session: i64) -> Result<Vec<(i64, String)>, StoreError> {
    fetch_all!(
        tx,
        (i64, String),
        "SELECT id, client_id FROM login_session_client WHERE session_id = $1 ORDER BY id",
        session
    )
}

/// Takes a client out of a person's sessions at an issuer; gives its entries.
pub(super) async fn leave(
    tx: &mut Tx,
    person_hash: &[u8],
    mount: &'static str,
    client_id: &str,
) -> Result<Vec<(i64,)>, StoreError> {
    fetch_all!(
        tx,
        (i64,),
        "DELETE FROM login_session_client WHERE client_id = $1 AND session_id IN
            (SELECT id FROM login_session WHERE person_hash = $2 AND mount = $3 AND ended_at IS NULL)
         RETURNING id",
        client_id,
        person_hash,
        mount
    )
}

/// Deletes at most `batch` sessions that ended by themselves or were ended before `before`, with their clients.
pub(super) async fn delete_over(tx: &mut Tx, before: Millis, batch: i64) -> Result<u64, StoreError> {
    let over = fetch_all!(
        tx,
        (i64,),
        "DELETE FROM login_session WHERE id IN
            (SELECT id FROM login_session WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) RETURNING id",
        before,
        batch
    )?;
    for (id,) in &over {
        execute!(tx, "DELETE FROM login_session_client WHERE session_id = $1", *id)?;
    }
    Ok(u64::try_from(over.len()).unwrap_or(u64::MAX))
}
