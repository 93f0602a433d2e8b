//! What identities are searched by, made anew while the secret behind it is replaced. Their names are a column like others.

use std::collections::BTreeSet;

use super::{sealed, store};
use crate::registry::Fault;
use crate::secrets::{Hash, SecretError, Seen};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Looks at the identities after a row, at most `most`: whether everything that they are searched by is made under the newest
/// secret.
///
/// # Errors
/// [`StoreError`].
pub async fn seen(state: &AppState, tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Seen>, StoreError> {
    let mut seen = Vec::new();
    for (row, content) in store::contents(tx, after, most).await? {
        let lying = store::hashes(tx, row).await?;
        let made = made(state, row, &content).ok();
        let newest = made.map(|made| made.iter().map(Hash::newest).eq(lying.iter().map(Vec::as_slice)));
        seen.push(Seen { row, newest });
    }
    Ok(seen)
}

/// Makes anew what an identity is searched by, as it is now; nothing where it is gone.
///
/// # Errors
/// [`Fault`].
pub async fn renew(state: &AppState, tx: &mut Tx, row: i64) -> Result<(), Fault> {
    let Some(content) = store::take_content(tx, row).await? else { return Ok(()) };
    let made = made(state, row, &content)?;
    Ok(store::replace_hashes(tx, row, &made).await?)
}

fn made(state: &AppState, id: i64, content: &[u8]) -> Result<BTreeSet<Hash>, SecretError> {
    Ok(sealed::hashes(&state.secrets, &sealed::open_content(state, id, content)?).collect())
}
