//! What enrollments are found by, made anew while the secret behind it is replaced.

use super::fault::Fault;
use super::index::{self, Index};
use super::service::Service;
use super::store::hashes::{self, HashedRow, Lying};
use super::{attributes, name, sealed};
use crate::secrets::{Hash, Seen};
use crate::state::AppState;
use crate::store::StoreError;

/// Enrollments that are looked at in one go.
const BATCH: i64 = 50;

/// Looks at the enrollments after a row, whether everything that they are found by is made under the newest secret; makes it
/// anew where `renew`. `None` where there are no more.
///
/// # Errors
/// [`Fault`] where the database does not answer.
pub async fn rehash(state: &AppState, after: i64, renew: bool) -> Result<Option<Seen>, Fault> {
    let read = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut found = Vec::new();
                for row in hashes::after(tx, after, BATCH).await? {
                    let lying = hashes::lying(tx, row.id).await?;
                    found.push((row, lying));
                }
                Ok::<_, StoreError>(found)
            })
        })
        .await?;
    let Some((last, _)) = read.last() else { return Ok(None) };
    let mut seen = Seen { last: last.id, stale: 0, unopened: 0 };
    let mut stale = Vec::new();
    for (row, lying) in &read {
        match made(state, row) {
            Ok((lookup, index)) if is_so(row, lying, &lookup, &index) => {}
            Ok(_) => stale.push(row.id),
            Err(_) => seen.unopened += 1,
        }
    }
    seen.stale = stale.len() as u64;
    if renew && !stale.is_empty() {
        let inner = state.clone();
        let written: Result<(), Fault> = state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    for row in stale {
                        // Changed or deleted meanwhile: what it is now counts.
                        let Some(row) = hashes::held(tx, row).await? else { continue };
                        let (lookup, index) = made(&inner, &row)?;
                        hashes::replace(tx, &row, &lookup, &index).await?;
                    }
                    Ok(())
                })
            })
            .await;
        written?;
    }
    Ok(Some(seen))
}

/// What an enrollment is to be found by.
fn made(state: &AppState, row: &HashedRow) -> Result<(Hash, Index), Fault> {
    let corrupt = |_| StoreError::Corrupt { what: "enrollment" };
    let service = Service::from(row.service.clone());
    let id = sealed::open_name(state, row.id, &row.name)?;
    let record = sealed::open_record(state, row.id, &row.record)?;
    let mut searched = attributes::of(id.as_str(), &record.enrollment).map_err(corrupt)?;
    searched.extend(record.documents);
    Ok((name::lookup(&state.secrets, service.name(), id.as_str()), index::of(state, &service, &searched)))
}

fn is_so(row: &HashedRow, lying: &Lying, lookup: &Hash, index: &Index) -> bool {
    let hashes = index.hashes.iter().map(Hash::newest);
    let buckets = index.buckets.iter().map(|(name, bucket)| (name.newest(), *bucket));
    row.lookup == lookup.newest()
        && hashes.eq(lying.hashes.iter().map(Vec::as_slice))
        && buckets.eq(lying.buckets.iter().map(|(name, bucket)| (name.as_slice(), *bucket)))
}
