//! The link that opens the wallet on the device which shows the page: a code of its own kind, never a picture.

use super::code::Issued;
use super::{access, store};
use crate::authorization::Channel;
use crate::authorization::store::{Counter, TransactionError, count};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::flow::Step;
use crate::http::csrf::Browser;
use crate::ids::{Kind, Opened};
use crate::state::AppState;

/// Makes a same-device code for a transaction that nobody answered yet. It counts as one of the transaction's codes.
///
/// # Errors
/// `invalid_transaction` (over, linked or another browser's), `link_code_limit_reached`.
pub(crate) async fn issue(
    state: &AppState,
    mount: Mount,
    browser: Browser,
    id: Opened,
    kind: Option<&'static str>,
) -> Result<Issued, ApiError> {
    let in_write = state.clone();
    let issued = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let state = in_write;
                let transaction = access::of_browser(&state, tx, mount, &browser, &id).await?;
                if !transaction.stage.is_open() {
                    return Err(Code::InvalidTransaction.into());
                }
                count(tx, transaction.id, Counter::LinkCodes, state.config.limits.link_codes).await.map_err(
                    |error| match error {
                        TransactionError::Exhausted => Code::LinkCodeLimitReached.into(),
                        other => ApiError::from(other),
                    },
                )?;
                // Nobody else sees it, so that it may live as long as the page.
                let expires_at = transaction.expires_at;
                let minted = state.mint(Kind::LinkCode);
                let made = (kind, Channel::SameDevice);
                store::insert_code(tx, &minted, mount, transaction.id, made, expires_at).await?;
                Ok::<_, ApiError>(Issued { code: minted.text, expires_at, next_at: expires_at })
            })
        })
        .await?;
    state.flow.count(mount, Step::CodeMade);
    Ok(issued)
}
