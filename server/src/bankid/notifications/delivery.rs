//! Posting notifications: what is due, side by side, again and later each time where it is not taken.

use futures::StreamExt;

use super::store::{self, Row};
use super::{Content, context, token};
use crate::clients;
use crate::clock::Millis;
use crate::deliveries::{Attempt, Sent};
use crate::dialect::Mount;
use crate::keys::KeyError;
use crate::registry::{self, Fault};
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::StoreError;

/// How long one that is being posted is left alone by others, in milliseconds; longer than a fetch may take.
const LEASE: Millis = 60_000;
/// Taken at once, and posted side by side.
const BATCH: i64 = 16;
/// Milliseconds from one attempt to the next; after the last it is given up.
const AGAIN: [Millis; 8] = [10_000, 60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000];

/// Why an attempt could not be made.
#[derive(Debug, thiserror::Error)]
enum NotMade {
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl From<StoreError> for NotMade {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Posts a batch of what is due; gives how many were tried.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn deliver(state: &AppState) -> Result<usize, StoreError> {
    let now = state.clock.now();
    let rows = state.store.write(move |tx| Box::pin(store::take(tx, now, now + LEASE, BATCH))).await?;
    let taken = rows.len();
    let attempts = rows.into_iter().map(|row| async move {
        let came = attempt(state, &row).await.unwrap_or_else(|error| {
            tracing::error!(%error, client = %row.client_id, "a notification could not be made");
            Attempt::NotTaken
        });
        settle(state, row, came).await
    });
    let settled: Vec<Result<(), StoreError>> =
        futures::stream::iter(attempts).buffer_unordered(taken.max(1)).collect().await;
    settled.into_iter().collect::<Result<(), _>>()?;
    Ok(taken)
}

async fn attempt(state: &AppState, row: &Row) -> Result<Attempt, NotMade> {
    let mount = Mount::named(&row.mount).ok_or(StoreError::Corrupt { what: "mount" })?;
    let Some(client) = clients::find(state, mount, &row.client_id).await? else { return Ok(Attempt::Over) };
    let Some(uri) = &client.notification_uri else { return Ok(Attempt::Over) };
    let clear = state.secrets.open(Purpose::Notifications, &context(row.id), &row.content).map_err(Fault::from)?;
    let content: Content = serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "notification" })?;
    let sub = registry::subject_for(state, content.person, client.sector()).await?;
    let (media, body) = token::make(state, &client, row.id, &sub, &content).await?;
    match state.fetch.post(uri, media, body).await {
        Ok(()) => Ok(Attempt::Taken),
        Err(error) => {
            tracing::warn!(%error, client = %client.id, attempts = row.attempts, "a client did not take a notification");
            Ok(Attempt::NotTaken)
        }
    }
}

/// Writes down what came of it: gone, due again, or given up; and counts.
async fn settle(state: &AppState, row: Row, came: Attempt) -> Result<(), StoreError> {
    let due_at = came.again(row.attempts, &AGAIN, state.clock.now());
    if due_at.is_none() && came == Attempt::NotTaken {
        tracing::error!(client = %row.client_id, "a notification was given up");
    }
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                match due_at {
                    Some(due_at) => store::again(tx, row.id, due_at).await,
                    None => store::delete(tx, row.id).await,
                }
            })
        })
        .await?;
    state.deliveries.tried(Sent::Claims, came, due_at.is_some());
    Ok(())
}
