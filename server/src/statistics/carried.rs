//! What was counted, on its way to another instance: a day that was told is never told otherwise, there neither.

use serde::{Deserialize, Serialize};

use super::store::{self, Group};
use super::{context, known_region};
use crate::registry::Fault;
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A day that is counted.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedDay {
    /// Days since 1970, by UTC.
    pub day: i64,
    /// What was counted, small groups too.
    pub groups: Vec<CarriedGroup>,
}

/// One group of a day.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedGroup {
    /// `enrollments` or `logins`.
    pub kind: String,
    /// Where the persons live; empty where it is not known.
    pub region: String,
    /// How many events there were.
    pub events: i64,
    /// Of how many persons.
    pub persons: i64,
}

/// Where a person lives, as it is counted.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedHome {
    /// Primary key of the person.
    pub person: i64,
    /// The region; empty where it is not known.
    pub region: String,
    /// The day on which the person came into the registry: days since 1970, by UTC.
    pub added_day: i64,
}

async fn name(state: &AppState, tx: &mut Tx, hash: &str) -> Result<String, Fault> {
    let Some(sealed) = store::region_name(tx, hash).await? else { return Ok(String::new()) };
    let clear = state.secrets.open(Purpose::Biographics, &context(hash), &sealed)?;
    Ok(String::from_utf8(clear.to_vec()).map_err(|_| StoreError::Corrupt { what: "region" })?)
}

/// Counted days after `after`, in their order, at most `most`.
///
/// # Errors
/// [`Fault`].
pub async fn carry_days(state: &AppState, after: i64, most: u32) -> Result<Vec<CarriedDay>, Fault> {
    let inner = state.clone();
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut days = Vec::new();
                for day in store::counted_after(tx, after, most.into()).await? {
                    let mut groups = Vec::new();
                    for Group { kind, region, events, persons, .. } in store::groups(tx, day, day, 0).await? {
                        let region = name(&inner, tx, &region).await?;
                        groups.push(CarriedGroup { kind, region, events, persons });
                    }
                    days.push(CarriedDay { day, groups });
                }
                Ok(days)
            })
        })
        .await
}

/// Homes of persons, in the order of the persons' keyed hashes above `after`, at most `most`: each with that hash, and nobody
/// as its person.
///
/// # Errors
/// [`Fault`].
pub async fn carry_homes(state: &AppState, after: Vec<u8>, most: u32) -> Result<Vec<(Vec<u8>, CarriedHome)>, Fault> {
    let inner = state.clone();
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut homes = Vec::new();
                for (subject, region, added_day) in store::persons_after(tx, &after, most.into()).await? {
                    let region = name(&inner, tx, &region).await?;
                    homes.push((subject, CarriedHome { person: 0, region, added_day }));
                }
                Ok(homes)
            })
        })
        .await
}

/// Writes a day as another instance counted it.
///
/// # Errors
/// [`Fault`].
pub async fn settle_day(state: &AppState, tx: &mut Tx, carried: &CarriedDay) -> Result<(), Fault> {
    store::take_day(tx, carried.day).await?;
    for CarriedGroup { kind, region: name, events, persons } in &carried.groups {
        let region = known_region(state, tx, name).await?;
        let group = Group { day: carried.day, kind: kind.clone(), region, events: *events, persons: *persons };
        store::insert(tx, &group).await?;
    }
    Ok(())
}

/// Notes where a person lives, as another instance did.
///
/// # Errors
/// [`Fault`].
pub async fn settle_home(state: &AppState, tx: &mut Tx, carried: &CarriedHome) -> Result<(), Fault> {
    let region = known_region(state, tx, &carried.region).await?;
    Ok(store::set_person(tx, &state.audit.subject(carried.person), &region, carried.added_day).await?)
}
