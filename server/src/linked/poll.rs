//! What both long polls begin with: whose transaction, which code, how long.

use std::sync::Arc;
use std::time::Duration;

use super::frame::Presented;
use super::{access, store};
use crate::authorization::Transaction;
use crate::authorization::store::open_id;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::csrf::Browser;
use crate::ids::Opened;
use crate::state::AppState;
use crate::store::WakeKey;
use crate::wait;

/// Refusals are not told sooner than this after the request: eSignet's page repeats a failing call without a pause.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// A browser that asks about its transaction and a code of it.
pub(super) struct Poll {
    pub(super) state: AppState,
    pub(super) mount: Mount,
    pub(super) browser: Browser,
    pub(super) id: Opened,
    pub(super) code: Presented,
}

impl Poll {
    /// Reads the two ids.
    pub(super) fn open(
        state: AppState,
        mount: Mount,
        browser: Browser,
        transaction_id: &str,
        code: &str,
    ) -> Result<Arc<Self>, ApiError> {
        let id = open_id(&state, Some(transaction_id))?;
        let code = Presented::open(&state, code)?;
        Ok(Arc::new(Self { state, mount, browser, id, code }))
    }

    /// What wakes it.
    pub(super) fn key(&self) -> WakeKey {
        wait::transaction(self.id.id)
    }

    /// The transaction as it is now, and when its code can no longer be claimed.
    pub(super) async fn look(self: &Arc<Self>) -> Result<(Transaction, Millis), ApiError> {
        let this = Arc::clone(self);
        self.state
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let transaction = access::of_browser(&this.state, tx, this.mount, &this.browser, &this.id).await?;
                    let row = store::code(tx, this.mount, &this.code.code).await?;
                    let row = row.filter(|row| row.transaction_id == transaction.id).ok_or(Code::InvalidLinkCode)?;
                    this.code.known(&this.state, &row, this.state.clock.now())?;
                    Ok((transaction, row.expires_at))
                })
            })
            .await
    }

    /// How long it is held: no longer than what it waits for can happen, so that the end is told on time.
    pub(super) fn held(&self, ends_at: Millis) -> Duration {
        let poll = Duration::from_secs(self.state.config.lifetimes.poll.into());
        match u64::try_from(ends_at - self.state.clock.now()) {
            Ok(left) => poll.min(Duration::from_millis(left)),
            Err(_) => Duration::ZERO,
        }
    }
}
