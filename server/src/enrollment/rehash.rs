//! What enrollments are found by, made anew while the secret behind it is replaced.

use super::fault::Fault;
use super::index::{self, Index};
use super::service::Service;
use super::store::hashes::{self, HashedRow, Lying};
use super::{attributes, name, sealed};
use crate::secrets::{Hash, Seen};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Looks at the enrollments after a row, at most `most`: whether everything that they are found by is made under the newest
/// secret.
///
/// # Errors
/// [`StoreError`].
pub async fn seen(state: &AppState, tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Seen>, StoreError> {
    let mut seen = Vec::new();
    for row in hashes::after(tx, after, most).await? {
        let lying = hashes::lying(tx, row.id).await?;
        let newest = made(state, &row).ok().map(|(lookup, index)| is_so(&row, &lying, &lookup, &index));
        seen.push(Seen { row: row.id, newest });
    }
    Ok(seen)
}

/// Makes anew what an enrollment and its buffers are found by, as the enrollment is now; nothing where it is gone.
///
/// # Errors
/// [`Fault`].
pub async fn renew(state: &AppState, tx: &mut Tx, row: i64) -> Result<(), Fault> {
    let Some(row) = hashes::held(tx, row).await? else { return Ok(()) };
    let (lookup, index) = made(state, &row)?;
    Ok(hashes::replace(tx, &row, &lookup, &index).await?)
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
