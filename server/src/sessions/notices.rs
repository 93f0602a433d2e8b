//! What clients are to be told of: put down in the write that ends a session, delivered when that is committed, by any node,
//! and tried again for some hours where a client does not take it. Delivered at least once.

use std::time::Duration;

use futures::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::logout_token;
use crate::audit::{Event, EventKind};
use crate::clients;
use crate::clock::Millis;
use crate::deliveries::{self, Sent};
use crate::dialect::Mount;
use crate::keys::KeyError;
use crate::registry::{self, Fault, PersonId};
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait::{self, Woken};
use crate::{execute, fetch_all};

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
    execute!(
        tx,
        "INSERT INTO logout_notice (id, mount, client_id, content, tries, due_at) VALUES ($1, $2, $3, $4, 0, $5)",
        id,
        mount.name(),
        client_id,
        sealed,
        state.clock.now()
    )?;
    tx.wake(wait::logout_notices());
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    mount: String,
    client_id: String,
    content: Vec<u8>,
    tries: i64,
}

/// Takes what is due, so that no other node takes it for a while.
async fn take(tx: &mut Tx, now: Millis) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "UPDATE logout_notice SET tries = tries + 1, due_at = $1 WHERE due_at <= $2 AND id IN
            (SELECT id FROM logout_notice WHERE due_at <= $2 ORDER BY due_at LIMIT $3)
         RETURNING id, mount, client_id, content, tries",
        now + LEASE,
        now,
        BATCH
    )
}

/// What came of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The client took it.
    Taken,
    /// It did not.
    NotTaken,
    /// It is not one that is told.
    Over,
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
    let rows = state.store.write(move |tx| Box::pin(take(tx, now))).await?;
    let taken = rows.len();
    let tries = rows.into_iter().map(|row| async move {
        let outcome = match attempt(state, &row).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(%error, client = %row.client_id, "a logout token could not be made");
                Outcome::NotTaken
            }
        };
        settle(state, row, outcome).await
    });
    let settled: Vec<Result<(), StoreError>> =
        futures::stream::iter(tries).buffer_unordered(taken.max(1)).collect().await;
    settled.into_iter().collect::<Result<(), _>>()?;
    Ok(taken)
}

async fn attempt(state: &AppState, row: &Row) -> Result<Outcome, NotTried> {
    let mount = Mount::named(&row.mount).ok_or(StoreError::Corrupt { what: "mount" })?;
    let Some(client) = clients::find(state, mount, &row.client_id).await? else { return Ok(Outcome::Over) };
    let Some(uri) = client.backchannel_logout_uri.clone() else { return Ok(Outcome::Over) };
    let clear = state.secrets.open(Purpose::Sessions, &context(row.id), &row.content).map_err(Fault::from)?;
    let content: Content = serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "notice" })?;
    if content.sid.is_none() && client.backchannel_logout_session_required {
        // It could make nothing of a token that names no session.
        return Ok(Outcome::Over);
    }
    let sub = registry::subject_for(state, content.person, client.sector()).await?;
    let sid = content.sid.as_deref().filter(|_| mount.dialect().session_ids);
    let token = logout_token::make(state, &client, &sub, sid).await?;
    match state.fetch.post_form(&uri, &[("logout_token", &token)]).await {
        Ok(()) => Ok(Outcome::Taken),
        Err(error) => {
            tracing::warn!(%error, client = %client.id, tries = row.tries, "a client did not take a logout token");
            Ok(Outcome::NotTaken)
        }
    }
}

/// Writes down what came of a try: gone, due again, or given up; and counts.
async fn settle(state: &AppState, row: Row, outcome: Outcome) -> Result<(), StoreError> {
    let again = usize::try_from(row.tries - 1).ok().and_then(|place| AGAIN.get(place));
    let due_at = again.filter(|_| outcome == Outcome::NotTaken).map(|later| state.clock.now() + later);
    let mount = Mount::named(&row.mount).unwrap_or(Mount::Op);
    let audit = state.audit.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(due_at) = due_at {
                    execute!(tx, "UPDATE logout_notice SET due_at = $1 WHERE id = $2", due_at, row.id)?;
                    return Ok(());
                }
                execute!(tx, "DELETE FROM logout_notice WHERE id = $1", row.id)?;
                if outcome == Outcome::NotTaken {
                    audit.record(tx, Event::new(EventKind::LogoutNotDelivered, mount).client(&row.client_id)).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    let counted = match outcome {
        Outcome::Taken => deliveries::Outcome::Delivered,
        Outcome::NotTaken if due_at.is_some() => deliveries::Outcome::Refused,
        Outcome::NotTaken => deliveries::Outcome::Dead,
        Outcome::Over => return Ok(()),
    };
    state.deliveries.count(Sent::Logout, counted);
    Ok(())
}
