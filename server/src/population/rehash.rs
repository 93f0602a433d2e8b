//! What identities are searched by, made anew while the secret behind it is replaced. Their names are a column like others.

use std::collections::BTreeSet;

use super::{sealed, store};
use crate::registry::Fault;
use crate::secrets::{Hash, SecretError, Seen};
use crate::state::AppState;
use crate::store::StoreError;

/// Identities that are looked at in one go.
const BATCH: i64 = 50;

/// Looks at the identities after a row, whether everything that they are searched by is made under the newest secret; makes
/// it anew where `renew`. `None` where there are no more.
///
/// # Errors
/// [`Fault`] where the database does not answer.
pub async fn rehash(state: &AppState, after: i64, renew: bool) -> Result<Option<Seen>, Fault> {
    let read = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut found = Vec::new();
                for (id, content) in store::contents(tx, after, BATCH).await? {
                    found.push((id, content, store::hashes(tx, id).await?));
                }
                Ok::<_, StoreError>(found)
            })
        })
        .await?;
    let Some((last, ..)) = read.last() else { return Ok(None) };
    let mut seen = Seen { last: *last, stale: 0, unopened: 0 };
    let mut stale = Vec::new();
    for (id, content, lying) in &read {
        match made(state, *id, content) {
            Ok(made) if made.iter().map(Hash::newest).eq(lying.iter().map(Vec::as_slice)) => {}
            Ok(_) => stale.push(*id),
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
                    for id in stale {
                        // Changed or deleted meanwhile: what it is now counts.
                        let Some(content) = store::take_content(tx, id).await? else { continue };
                        let made = made(&inner, id, &content)?;
                        store::replace_hashes(tx, id, &made).await?;
                    }
                    Ok(())
                })
            })
            .await;
        written?;
    }
    Ok(Some(seen))
}

fn made(state: &AppState, id: i64, content: &[u8]) -> Result<BTreeSet<Hash>, SecretError> {
    Ok(sealed::hashes(&state.secrets, &sealed::open_content(state, id, content)?).collect())
}
