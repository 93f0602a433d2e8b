//! Reports: a citizen finds in the activity log a login that should not have been approved.

use crate::activity::{self, ActivityEntry, ActivityKind};
use crate::bound::{BindingProfile, BindingRecord};
use crate::devices;
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::ports::SigningPurpose;
use crate::sessions::DenialReason;
use crate::store::{Change, StoreError, table};
use protocol::linked::{Report, ReportRequest};
use serde::{Deserialize, Serialize};

/// A login that was approved at a native server; kept under the id of its activity entry.
#[derive(Serialize, Deserialize)]
struct Approved {
    binding_id: String,
    link_transaction_id: String,
}

/// The change that keeps what a report of this login would name; none for eSignet 1.x, which takes no reports.
pub(crate) fn keep(
    entry: &ActivityEntry,
    bound: &BindingRecord,
    link_transaction_id: &str,
) -> Result<Option<Change>, StoreError> {
    if bound.profile != BindingProfile::Native {
        return Ok(None);
    }
    let approved = Approved { binding_id: bound.id.clone(), link_transaction_id: link_transaction_id.to_owned() };
    Change::put(table::APPROVED, &entry.id, &approved).map(Some)
}

/// Reports the login of an activity entry. Errors: `InvalidInput` where the entry is none of an approved login, was
/// reported before, or its server takes no reports.
pub(crate) async fn report(parts: &Parts, entry_id: &str, reason: Option<DenialReason>) -> Result<(), WalletError> {
    let approved: Option<Approved> = parts.store.get(table::APPROVED, entry_id)?;
    let approved = approved.ok_or(ErrorCode::InvalidInput)?;
    let entry = activity::list(parts)?.into_iter().find(|entry| entry.id == entry_id).ok_or(ErrorCode::InvalidInput)?;
    let bound = devices::native(parts, &approved.binding_id)?;
    let request = ReportRequest { linked_transaction_id: approved.link_transaction_id, reason: reason.map(Into::into) };
    let _: Report =
        devices::signed_call(parts, &bound, "/wallet/report", &request, SigningPurpose::ReportLogin).await?;
    let done = ActivityEntry {
        relying_party: entry.relying_party,
        domain: entry.domain,
        ..ActivityEntry::plain(parts, ActivityKind::LoginReported, &bound.server)?
    };
    Ok(parts.store.write(&[Change::delete(table::APPROVED, entry_id), done.put()?])?)
}
