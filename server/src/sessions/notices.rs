//! What clients are to be told of: put down in the write that ends a session, delivered when that is committed, by any node,
//! and tried again for some hours where a client does not take it. Delivered at least once.

use std::time::Duration;

use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::logout_token;
use super::store::notices::{self as store, Row};
use crate::audit::{Event, EventKind};
use crate::clients;
use crate::clock::Millis;
use crate::deliveries::{Attempt, Sent};
use crate::dialect::Mount;
use crate::keys::KeyError;
use crate::registry::{self, Fault, PersonId};
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait::{self, Woken};

/// Between two looks at what is due, where nobody wakes the one who looks.
const PAUSE: Duration = Duration::from_secs(10);
/// How long one that is being delivered is left alone by other nodes, in milliseconds; longer than a fetch may take.
const LEASE: Millis = 60_000;
/// Taken at once, and delivered side by side.
const BATCH: i64 = 16;
/// Milliseconds from one try to the next; after the last try it is given up.
const AGAIN: [Millis; 6] = [10_000, 60_000, 300_000, 1_800_000, 7_200_000, 14_400_000];

/// What is sealed of a notice.
#[derive(Serialize, Deserialize)]
struct Content {
    person: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}

pub(super) fn context(id: i64) -> Vec<u8> {
    format!("logout_notice/{id}").into_bytes()
}

/// Puts down that a client is to be told, inside the write that is the reason. Who wants no notices is found out when it is
/// delivered.
pub(super) async fn put(
    state: &AppState,
    tx: &mut Tx,
    mount: Mount,
    client_id: &str,
    person: PersonId,
    sid: Option<String>,
) -> Result<(), Fault> {
    let id = state.next_id();
    let clear = serde_json::to_vec(&Content { person, sid }).map_err(|_| StoreError::Corrupt { what: "notice" })?;
    let sealed = state.secrets.seal(Purpose::Sessions, &context(id), &clear, &*state.rng)?;
    store::insert(tx, id, (mount.name(), client_id), &sealed, state.clock.now()).await?;
    tx.wake(wait::logout_notices());
    Ok(())
}

/// Why a try could not be made.
#[derive(Debug, thiserror::Error)]
enum NotTried {
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl From<StoreError> for NotTried {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Delivers until the server stops: what is woken for at once, what is due again every few seconds.
pub async fn run(state: AppState) {
    let mut place = state.waits.watch_for_work(wait::logout_notices());
    loop {
        match deliver(&state).await {
            // There may be more.
            Ok(taken) if taken > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "clients could not be told of logouts"),
        }
        if place.woken(Instant::now() + PAUSE).await == Woken::Closed {
            return;
        }
    }
}

/// Tries what is due, a batch of it; gives how many were tried.
///
/// # Errors
/// [`StoreError`].
pub async fn deliver(state: &AppState) -> Result<usize, StoreError> {
    let now = state.clock.now();
    let rows = state.store.write(move |tx| Box::pin(store::take(tx, now, now + LEASE, BATCH))).await?;
    let taken = rows.len();
    let tries = rows.into_iter().map(|row| async move {
        let came = match attempt(state, &row).await {
            Ok(came) => came,
            Err(error) => {
                tracing::error!(%error, client = %row.client_id, "a logout token could not be made");
                Attempt::NotTaken
            }
        };
        settle(state, row, came).await
    });
    let settled: Vec<Result<(), StoreError>> =
        futures::stream::iter(tries).buffer_unordered(taken.max(1)).collect().await;
    settled.into_iter().collect::<Result<(), _>>()?;
    Ok(taken)
}

async fn attempt(state: &AppState, row: &Row) -> Result<Attempt, NotTried> {
    let mount = Mount::named(&row.mount).ok_or(StoreError::Corrupt { what: "mount" })?;
    let Some(client) = clients::find(state, mount, &row.client_id).await? else { return Ok(Attempt::Over) };
    let Some(uri) = client.backchannel_logout_uri.clone() else { return Ok(Attempt::Over) };
    let clear = state.secrets.open(Purpose::Sessions, &context(row.id), &row.content).map_err(Fault::from)?;
    let content: Content = serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "notice" })?;
    if content.sid.is_none() && client.backchannel_logout_session_required {
        // It could make nothing of a token that names no session.
        return Ok(Attempt::Over);
    }
    let sub = registry::subject_for(state, content.person, client.sector()).await?;
    let sid = content.sid.as_deref().filter(|_| mount.dialect().session_ids);
    let token = logout_token::make(state, &client, &sub, sid).await?;
    match state.fetch.post_form(&uri, &[("logout_token", &token)]).await {
        Ok(()) => Ok(Attempt::Taken),
        Err(error) => {
            tracing::warn!(%error, client = %client.id, tries = row.tries, "a client did not take a logout token");
            Ok(Attempt::NotTaken)
        }
    }
}

/// Writes down what came of a try: gone, due again, or given up; and counts.
async fn settle(state: &AppState, row: Row, came: Attempt) -> Result<(), StoreError> {
    let due_at = came.again(row.tries, &AGAIN, state.clock.now());
    let mount = Mount::named(&row.mount).unwrap_or(Mount::Op);
    let audit = state.audit.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(due_at) = due_at {
                    return store::again(tx, row.id, due_at).await;
                }
                store::delete(tx, row.id).await?;
                if came == Attempt::NotTaken {
                    audit.record(tx, Event::new(EventKind::LogoutNotDelivered, mount).client(&row.client_id)).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    state.deliveries.tried(Sent::Logout, came, due_at.is_some());
    Ok(())
}
