//! Statistics for planners: how many persons were enrolled and how many logins there were, by region and day (GS-SEC-05d).
//!
//! Nothing here names or numbers a person. A day is counted once, when it is over; of what was counted only groups of at
//! least `statistics.least_group` persons are told, and no sum from which a smaller one could be reckoned. A day that was
//! told is never told otherwise, so that nobody learns of one person by asking again.

mod carried;
mod count;
pub mod routes;
mod store;
#[cfg(test)]
mod tests;

use protocol::base64url;
use serde_json::{Map, Value};

pub use carried::{CarriedDay, CarriedGroup, CarriedHome, carry_days, carry_homes, settle_day, settle_home};
pub use count::count;

use crate::clock::Millis;
use crate::registry::{Fault, PersonId};
use crate::secrets::{Column, Key, Purpose};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Milliseconds of a day.
const DAY: Millis = 24 * 3600 * 1000;

/// The day of a moment: days since 1970, by UTC.
fn day_of(at: Millis) -> i64 {
    at.div_euclid(DAY)
}

/// What a region goes by in the database: nobody reads its name there.
fn region_hash(state: &AppState, name: &str) -> String {
    base64url::encode(state.secrets.mac(Purpose::Lookup, &[b"region", name.as_bytes()]))
}

fn context(hash: &str) -> Vec<u8> {
    format!("statistics_region/{hash}").into_bytes()
}

/// Names of regions.
pub const SEALED: &[Column] = &[Column {
    table: "statistics_region",
    key: &[Key::Text("hash")],
    column: "name",
    purpose: Purpose::Biographics,
    context: |key| context(key.first().copied().unwrap_or_default()),
}];

/// What a region goes by in the database, where its name lies then.
async fn known_region(state: &AppState, tx: &mut Tx, name: &str) -> Result<String, Fault> {
    let hash = region_hash(state, name);
    if !store::knows_region(tx, &hash).await? {
        let sealed = state.secrets.seal(Purpose::Biographics, &context(&hash), name.as_bytes(), &*state.rng)?;
        store::insert_region(tx, &hash, &sealed).await?;
    }
    Ok(hash)
}

/// Notes where a person lives, in the write that says so. `added_at`: when the person came into the registry.
///
/// # Errors
/// [`Fault`].
pub async fn place(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    attributes: &Map<String, Value>,
    added_at: Millis,
) -> Result<(), Fault> {
    let member = state.config.statistics.region.member();
    let name = attributes.get("address").and_then(|address| address[member].as_str()).unwrap_or_default().trim();
    let hash = known_region(state, tx, name).await?;
    store::set_person(tx, &state.audit.subject(person.0), &hash, day_of(added_at)).await?;
    Ok(())
}

/// Forgets where a person lived. What was counted stays.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    store::delete_person(tx, &state.audit.subject(person.0)).await
}
