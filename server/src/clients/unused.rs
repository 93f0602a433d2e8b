//! Clients that registered themselves and to which nobody ever logged in: whoever may register may leave any number behind.

use super::cache::Cache;
use super::model::Client;
use super::store;
use crate::audit::{Event, EventKind};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Removed at once, so that no request waits long behind it.
const BATCH: i64 = 100;
const DAY: Millis = 86_400_000;

/// Notes that somebody logged in to a client, in the write that ends the login. Costs nothing for those that the operator
/// registered.
///
/// # Errors
/// [`StoreError`].
pub async fn logged_in_to(tx: &mut Tx, client: &Client) -> Result<(), StoreError> {
    if client.registration_access.is_none() {
        return Ok(());
    }
    store::used(tx, client.row).await
}

/// Removes a batch of clients that registered themselves `registration.unused_days` ago and never had a login; gives how
/// many. Their ids are not given to others.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let days = state.config.registration.unused_days;
    if days == 0 {
        return Ok(0);
    }
    let (now, audit) = (state.clock.now(), state.audit.clone());
    let before = now - Millis::from(days) * DAY;
    let removed: Vec<(Mount, String)> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut removed = Vec::new();
                for (mount, id) in store::delete_unused(tx, before, now, BATCH).await? {
                    let mount = Mount::named(&mount).ok_or(StoreError::Corrupt { what: "client mount" })?;
                    let event = Event::new(EventKind::ClientRemoved, mount).client(&id);
                    audit.record(tx, event.reason("unused")).await?;
                    removed.push((mount, id));
                }
                Ok::<_, StoreError>(removed)
            })
        })
        .await?;
    for (mount, id) in &removed {
        state.kept.get::<Cache>().forget(*mount, id);
    }
    Ok(u64::try_from(removed.len()).unwrap_or(u64::MAX))
}
