//! A person's sessions on a list, and their end. Whoever ends one need not think of the clients: they are put down to be
//! told in the same write.

use super::model::{Content, Listed};
use super::{notices, open, open_content, person_hash, sid, store};
use crate::audit::{Event, EventKind};
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::registry::{Fault, PersonId};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Sessions of one person told at most.
const MOST_TOLD: i64 = 50;

/// Ends a session, whatever cookie a browser still shows, and has its clients told (OpenID Connect Back-Channel Logout
/// 1.0 §2.4). `false` where it had ended before.
///
/// # Errors
/// [`Fault`].
pub async fn end(state: &AppState, tx: &mut Tx, session: i64) -> Result<bool, Fault> {
    let Some((sealed, mount)) = store::end(tx, session, state.clock.now()).await? else { return Ok(false) };
    let person = open_content(state, session, &sealed)?.person;
    let mount = Mount::named(&mount).ok_or(StoreError::Corrupt { what: "mount" })?;
    for (entry, client_id) in store::clients_of(tx, session).await? {
        notices::put(state, tx, mount, &client_id, person, Some(sid(state, entry))).await?;
    }
    let event = Event::new(EventKind::SessionEnded, mount).person(person.0).object(session);
    state.audit.record(tx, event).await?;
    Ok(true)
}

/// Ends a person's session by its name; another's, or an unknown one, changes nothing. `true` where it was this person's
/// and had not ended before.
///
/// # Errors
/// [`Fault`].
pub async fn end_named(state: &AppState, person: PersonId, name: &str) -> Result<bool, Fault> {
    let Some(id) = state.ids.named(Kind::LoginSession, name) else { return Ok(false) };
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                match store::live(tx, id, inner.clock.now()).await? {
                    Some(row) if open(&inner, &row)?.person == person => end(&inner, tx, id).await,
                    _ => Ok(false),
                }
            })
        })
        .await
}

/// Ends the sessions of a person that one of their wallets began, inside the write that revokes its key: who has the phone
/// no longer has what it opened. A session that another proof has renewed since is not the phone's any more.
///
/// # Errors
/// [`Fault`].
pub async fn end_of_key(state: &AppState, tx: &mut Tx, person: PersonId, key: i64) -> Result<u64, Fault> {
    end_those(state, tx, person, |content| content.key == Some(key)).await
}

/// Ends every session of a person, inside the write that erases them.
///
/// # Errors
/// [`Fault`].
pub async fn end_all(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<u64, Fault> {
    end_those(state, tx, person, |_| true).await
}

async fn end_those(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    meant: impl Fn(&Content) -> bool,
) -> Result<u64, Fault> {
    let mut ended = 0;
    for row in store::of_person(tx, &person_hash(state, person), state.clock.now(), i64::MAX).await? {
        if meant(&open_content(state, row.id, &row.content)?) && end(state, tx, row.id).await? {
            ended += 1;
        }
    }
    Ok(ended)
}

/// Takes a relying party's client out of a person's sessions at its issuer, and has it told: what the person agreed to for
/// it was withdrawn. The sessions go on for others.
///
/// # Errors
/// [`Fault`].
pub async fn leave(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    mount: Mount,
    client_id: &str,
) -> Result<(), Fault> {
    if !super::are_kept(mount) {
        return Ok(());
    }
    let left = store::leave(tx, &person_hash(state, person), mount.name(), client_id).await?;
    if left.is_empty() {
        // What the client still keeps came of sessions that are over here.
        notices::put(state, tx, mount, client_id, person, None).await?;
    }
    for (entry,) in left {
        notices::put(state, tx, mount, client_id, person, Some(sid(state, entry))).await?;
    }
    Ok(())
}

/// A person's sessions at all issuers that are neither over nor ended, newest first; at most fifty.
///
/// # Errors
/// [`Fault`].
pub async fn of_person(state: &AppState, person: PersonId) -> Result<Vec<Listed>, Fault> {
    let (hash, now) = (person_hash(state, person), state.clock.now());
    let rows = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut rows = Vec::new();
                for row in store::of_person(tx, &hash, now, MOST_TOLD).await? {
                    let clients = store::clients_of(tx, row.id).await?;
                    rows.push((row, clients));
                }
                Ok::<_, StoreError>(rows)
            })
        })
        .await?;
    let listed = |(row, clients): (store::Row, Vec<(i64, String)>)| {
        Ok(Listed {
            name: state.ids.name(Kind::LoginSession, row.id),
            session: open(state, &row)?,
            began_at: state.ids.made_at(row.id),
            clients: clients.into_iter().map(|(_, client_id)| client_id).collect(),
        })
    };
    rows.into_iter().map(listed).collect()
}
