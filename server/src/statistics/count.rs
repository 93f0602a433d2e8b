//! Counting a day that is over, once.

use std::collections::{BTreeMap, BTreeSet};

use super::store::{self, Group};
use super::{DAY, day_of};
use crate::audit::{self, EventKind};
use crate::state::AppState;
use crate::store::StoreError;

/// Persons added.
pub(super) const ENROLLMENTS: &str = "enrollments";
/// Logins that came to their end.
pub(super) const LOGINS: &str = "logins";
/// Events looked at in one read.
const BATCH: i64 = 1000;

/// Counts the oldest day that is over and not counted; gives how many it counted, 0 or 1. Many nodes may do it at once.
///
/// # Errors
/// [`StoreError`].
pub async fn count(state: &AppState) -> Result<u64, StoreError> {
    let today = day_of(state.clock.now());
    let next: Result<Option<i64>, StoreError> = state
        .store
        .read(|tx| {
            Box::pin(async move {
                match store::last_counted(tx).await? {
                    Some(day) => Ok(Some(day + 1)),
                    None => store::first_added(tx).await,
                }
            })
        })
        .await;
    let Some(day) = next?.filter(|day| *day < today) else { return Ok(0) };
    let logins = logins_of(state, day).await?;
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !store::take_day(tx, day).await? {
                    return Ok(0);
                }
                for (region, persons) in store::added_on(tx, day).await? {
                    let kind = ENROLLMENTS.to_owned();
                    store::insert(tx, &Group { day, kind, region, events: persons, persons }).await?;
                }
                for group in logins {
                    store::insert(tx, &group).await?;
                }
                Ok(1)
            })
        })
        .await
}

/// Logins of a day, by the region in which the person lives now.
async fn logins_of(state: &AppState, day: i64) -> Result<Vec<Group>, StoreError> {
    let mut after = state.ids.first_at(day * DAY) - 1;
    let before = state.ids.first_at((day + 1) * DAY);
    let mut regions: BTreeMap<String, (i64, BTreeSet<Vec<u8>>)> = BTreeMap::new();
    loop {
        let page = state
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let events = audit::subjects(tx, EventKind::LoginFinished, after, before, BATCH).await?;
                    let mut placed = Vec::with_capacity(events.len());
                    for (id, subject) in events {
                        let region = store::region_of(tx, &subject).await?;
                        placed.push((id, subject, region));
                    }
                    Ok::<_, StoreError>(placed)
                })
            })
            .await?;
        let Some((last, ..)) = page.last() else { break };
        after = *last;
        for (_, subject, region) in page {
            // One whose region nobody knows yet, or who was erased, is in none.
            let Some(region) = region else { continue };
            let (events, persons) = regions.entry(region).or_default();
            *events += 1;
            persons.insert(subject);
        }
    }
    let group = |(region, (events, persons)): (String, (i64, BTreeSet<Vec<u8>>))| Group {
        day,
        kind: LOGINS.to_owned(),
        region,
        events,
        persons: i64::try_from(persons.len()).unwrap_or(i64::MAX),
    };
    Ok(regions.into_iter().map(group).collect())
}
