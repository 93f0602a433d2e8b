//! The end of a person: what every room keeps of them goes or ends, in the write that answers for it.

use crate::authorization::withdrawal;
use crate::osia::Refusal;
use crate::registry::PersonId;
use crate::state::AppState;
use crate::store::Tx;
use crate::{binding, factors, registry, sessions, statistics};

use super::store;

/// Erases a person (GS-PRI): nobody is known, found or logged in as them any more. Consents are withdrawn and relying parties told
/// of the logout; wallets end. Receipts stay for `lifetimes.receipt_days` as every withdrawn one, and the audit trail for its days:
/// they prove what was done, by a row with nothing in it.
///
/// # Errors
/// [`Refusal::Unavailable`].
pub(super) async fn erase(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), Refusal> {
    // While it is known still by which name relying parties are told.
    withdrawal::withdraw_all(state, tx, person).await?;
    sessions::end_all(state, tx, person).await?;
    binding::devices::erase(state, tx, person).await?;
    factors::erase(state, tx, person).await?;
    store::delete_person(tx, person).await?;
    registry::erase(state, tx, person).await?;
    Ok(statistics::forget(state, tx, person).await?)
}
