//! Notifications of changed claims (scope `notification.claims_updated`, BID-1111-03). `registry` notes what changed of a
//! person in the write that changes it; here each note becomes a notification to every relying party that the person
//! permitted it and that may know one of the changed claims; each is posted until it is taken. Delivered at least once:
//! the `jti` is the same in every attempt.

mod delivery;
mod store;
mod token;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::claims::bankid::NOTIFICATION;
use crate::claims::untagged;
use crate::clock::Millis;
use crate::consents;
use crate::dialect::Mount;
use crate::registry::{self, Changed, Fault, PersonId};
use crate::secrets::{Column, Key, Purpose, number};
use crate::state::AppState;
use crate::store::StoreError;
use crate::wait::{self, Woken};

/// Between two looks at what is to be done, where nobody wakes the one who looks.
const PAUSE: Duration = Duration::from_secs(10);
/// Changes that no relying party is told of by themselves.
const ALONE: [&str; 1] = ["updated_at"];

/// What is sealed of a notification.
#[derive(Serialize, Deserialize)]
struct Content {
    person: PersonId,
    claims: Vec<String>,
    at: Millis,
}

fn context(id: i64) -> Vec<u8> {
    format!("notification/{id}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "notification",
    key: &[Key::Number("id")],
    column: "content",
    purpose: Purpose::Notifications,
    context: |key| context(number(key, 0)),
}];

/// Works until the server stops.
pub async fn run(state: AppState) {
    let mut place = state.waits.watch_for_work(wait::person_changes());
    loop {
        match work(&state).await {
            // There may be more.
            Ok(done) if done > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "relying parties could not be told of changed claims"),
        }
        if place.woken(Instant::now() + PAUSE).await == Woken::Closed {
            return;
        }
    }
}

/// One note of a change, then a batch of notifications; gives how many of both there were.
///
/// # Errors
/// [`Fault`].
pub async fn work(state: &AppState) -> Result<usize, Fault> {
    let noted = match registry::oldest_change(state).await? {
        Some(changed) => {
            announce(state, changed).await?;
            1
        }
        None => 0,
    };
    Ok(noted + delivery::deliver(state).await?)
}

/// Puts down whom to tell of a change. Of several nodes that do so, one does.
async fn announce(state: &AppState, changed: Changed) -> Result<(), Fault> {
    let concerned = concerned(state, &changed).await?;
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !registry::take_change(tx, changed.id).await? {
                    return Ok(());
                }
                for (client_id, claims) in concerned {
                    let id = inner.next_id();
                    let content = Content { person: changed.person, claims, at: changed.at };
                    let clear =
                        serde_json::to_vec(&content).map_err(|_| StoreError::Corrupt { what: "notification" })?;
                    let sealed = inner.secrets.seal(Purpose::Notifications, &context(id), &clear, &*inner.rng)?;
                    store::insert(tx, id, Mount::BankId.name(), &client_id, &sealed, inner.clock.now()).await?;
                }
                Ok::<_, Fault>(())
            })
        })
        .await
}

/// The clients to tell, each with the changed claims that it may know: those whose receipts stand and permit it.
async fn concerned(state: &AppState, changed: &Changed) -> Result<BTreeMap<String, Vec<String>>, Fault> {
    let now = state.clock.now();
    let mut concerned: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for receipt in consents::of_person(state, changed.person).await? {
        let permitted = receipt.scopes.iter().any(|scope| scope == NOTIFICATION);
        if receipt.mount != Mount::BankId || !permitted || !receipt.stands(now) {
            continue;
        }
        let may_know = |name: &str| receipt.claims.iter().any(|claim| untagged(claim) == name);
        let mut told: Vec<&str> = changed.claims.iter().map(String::as_str).filter(|name| may_know(name)).collect();
        if told.is_empty() {
            continue;
        }
        told.extend(ALONE.into_iter().filter(|name| may_know(name)));
        let claims = concerned.entry(receipt.client_id).or_default();
        claims.extend(told.into_iter().map(str::to_owned));
        claims.sort_unstable();
        claims.dedup();
    }
    Ok(concerned)
}

#[cfg(test)]
mod tests;
