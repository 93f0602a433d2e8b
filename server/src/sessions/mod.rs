//! Sessions: who is logged in at an issuer in which browser, with which clients. A login begins or renews one; a client
//! that is logged in to with it knows it by a `sid` of its own, so that two clients cannot tell that they share one.
//!
//! ```text
//! authorize ─ find ─▶ (prompt, max_age, acr) ─▶ login ─ begin ─▶ touch_client ─▶ sid in the ID token
//!                                   └─ nothing to prove ─────────▶ touch_client ─▶ sid in the ID token
//! ```
//!
//! Only mounts whose dialect has an `end_session_path` keep sessions.

pub mod cookie;
mod end;
pub mod id_token_hint;
mod logout_token;
mod model;
pub mod notices;
#[cfg(test)]
mod notices_tests;
mod store;
#[cfg(test)]
mod tests;

use axum::http::HeaderMap;

pub use end::{end, end_all, end_named, end_of_key, leave, of_person};
pub use model::{Begun, Listed, NewSession, Session};

use crate::clock::Millis;
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::registry::{self, Fault, PersonId};
use crate::secrets::{Column, Key, Purpose, number};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use model::Content;

/// Rows deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;

/// Finds a person's sessions, and tells nobody who has only the database whose they are.
fn person_hash(state: &AppState, person: PersonId) -> Vec<u8> {
    state.secrets.mac(Purpose::Sessions, &[b"person", &person.0.to_be_bytes()])
}

fn context(id: i64) -> Vec<u8> {
    format!("login_session/{id}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[
    Column {
        table: "login_session",
        key: &[Key::Number("id")],
        column: "content",
        purpose: Purpose::Sessions,
        context: |key| context(number(key, 0)),
    },
    Column {
        table: "logout_notice",
        key: &[Key::Number("id")],
        column: "content",
        purpose: Purpose::Sessions,
        context: |key| notices::context(number(key, 0)),
    },
];

fn open(state: &AppState, row: &store::Row) -> Result<Session, Fault> {
    let content = open_content(state, row.id, &row.content)?;
    let mount = Mount::named(&row.mount).ok_or(StoreError::Corrupt { what: "mount" })?;
    Ok(content.session(row.id, mount, row.expires_at))
}

fn open_content(state: &AppState, id: i64, sealed: &[u8]) -> Result<Content, Fault> {
    let clear = state.secrets.open(Purpose::Sessions, &context(id), sealed)?;
    Ok(serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "login session" })?)
}

/// Whether a mount keeps sessions at all.
#[must_use]
pub fn are_kept(mount: Mount) -> bool {
    mount.dialect().end_session_path.is_some()
}

/// Who is logged in at this issuer with these cookies: `None` where nobody is, and where the person is not active any
/// more.
///
/// # Errors
/// [`Fault`] where the database does not answer or the row does not open.
pub async fn find(state: &AppState, mount: Mount, headers: &HeaderMap) -> Result<Option<Session>, Fault> {
    if !are_kept(mount) {
        return Ok(None);
    }
    let Some(shown) = cookie::shown(state, mount, headers) else { return Ok(None) };
    let (id, now) = (shown.id, state.clock.now());
    let row = state.store.read(move |tx| Box::pin(store::live(tx, id, now))).await?;
    let Some(row): Option<store::Row> = row.filter(|row: &store::Row| shown.matches(&row.secret_hash)) else {
        return Ok(None);
    };
    let session = open(state, &row)?;
    if session.mount != mount || !registry::is_active(state, session.person).await? {
        return Ok(None);
    }
    Ok(Some(session))
}

/// Whether a session is neither over nor ended.
///
/// # Errors
/// [`StoreError`].
pub async fn stands(state: &AppState, tx: &mut Tx, session: i64) -> Result<bool, StoreError> {
    Ok(store::live(tx, session, state.clock.now()).await?.is_some())
}

/// Begins a session inside the write that ends a login, or renews the browser's own; either way its cookie is a new one.
///
/// # Errors
/// [`Fault`].
pub async fn begin(state: &AppState, tx: &mut Tx, new: NewSession) -> Result<Begun, Fault> {
    let now = state.clock.now();
    if let Some(earlier) = new.replaces {
        let (row, cookie) = seal(state, earlier, &new)?;
        if store::renew(tx, &row, now).await? {
            return Ok(Begun { row: earlier, cookie });
        }
        // Somebody else's, unless it is over: then nobody is logged out by it.
        if store::live(tx, earlier, now).await?.is_some() {
            end(state, tx, earlier).await?;
        }
    }
    let (row, cookie) = seal(state, state.next_id(), &new)?;
    let begun = Begun { row: row.id, cookie };
    store::insert(tx, row).await?;
    Ok(begun)
}

fn seal(state: &AppState, id: i64, new: &NewSession) -> Result<(store::NewRow, String), Fault> {
    let minted = state.ids.mint_for(Kind::LoginSession, id, &*state.rng);
    let content = serde_json::to_vec(&Content::of(new)).map_err(|_| StoreError::Corrupt { what: "login session" })?;
    let row = store::NewRow {
        id,
        secret_hash: minted.secret_hash,
        mount: new.mount.name(),
        person_hash: person_hash(state, new.person),
        content: state.secrets.seal(Purpose::Sessions, &context(id), &content, &*state.rng)?,
        expires_at: new.auth_time + Millis::from(state.config.lifetimes.login) * 1000,
    };
    Ok((row, minted.text))
}

/// A client is logged in to with a session, inside the write that issues its code. Gives the `sid` by which this client,
/// and no other, knows the session: the same each time. `None` where the session has ended meanwhile; then nobody is
/// logged in.
///
/// # Errors
/// [`StoreError`].
pub async fn touch_client(
    state: &AppState,
    tx: &mut Tx,
    session: i64,
    client_id: &str,
) -> Result<Option<String>, StoreError> {
    let entry = store::take_client(tx, session, client_id, state.next_id(), state.clock.now()).await?;
    Ok(entry.map(|entry| sid(state, entry)))
}

/// Whether a client has been logged in to with a session that has not ended.
///
/// # Errors
/// [`StoreError`].
pub async fn has_client(tx: &mut Tx, session: i64, client_id: &str) -> Result<bool, StoreError> {
    store::has_client(tx, session, client_id).await
}

fn sid(state: &AppState, entry: i64) -> String {
    state.ids.name(Kind::ClientSession, entry)
}

/// The session that a client knows by this `sid`, where it is not over; gives no right to anything.
///
/// # Errors
/// [`Fault`].
pub async fn of_sid(state: &AppState, client_id: &str, sid: &str) -> Result<Option<Session>, Fault> {
    let Some(entry) = state.ids.named(Kind::ClientSession, sid) else { return Ok(None) };
    let (client_id, now) = (client_id.to_owned(), state.clock.now());
    let row = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                match store::session_of(tx, entry, &client_id).await? {
                    Some(session) => store::live(tx, session, now).await,
                    None => Ok(None),
                }
            })
        })
        .await?;
    row.map(|row: store::Row| open(state, &row)).transpose()
}

/// Deletes a batch of sessions that are over; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let now = state.clock.now();
    state.store.write(move |tx| Box::pin(store::delete_over(tx, now, BATCH))).await
}
