//! The key under which opaque ids are made: this instance's own, or that of the one that was restored here. So what others
//! know by such an id (buffers, wallets, questions, registrations, persons at an ABIS) keeps its name.

use protocol::base64url;
use zeroize::Zeroizing;

use super::line::Names;
use super::store;
use crate::osia::Refusal;
use crate::registry::Fault;
use crate::secrets::{Column, Key, Purpose, SecretError};
use crate::state::AppState;
use crate::store::Tx;

/// What the key goes by in its table.
const IDS: &str = "ids";

fn context(purpose: &str) -> Vec<u8> {
    format!("carried_key/{purpose}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "carried_key",
    key: &[Key::Text("purpose")],
    column: "sealed",
    purpose: Purpose::CarriedKeys,
    context: |key| context(key.first().copied().unwrap_or_default()),
}];

fn key_of(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>, SecretError> {
    Ok(Zeroizing::new(<[u8; 32]>::try_from(bytes).map_err(|_| SecretError::Sealed)?))
}

/// The key that came with a restore.
async fn carried(state: &AppState) -> Result<Option<Zeroizing<[u8; 32]>>, Fault> {
    let sealed: Option<Vec<u8>> = state.store.read(|tx| Box::pin(store::key(tx, IDS))).await?;
    let Some(sealed) = sealed else { return Ok(None) };
    let clear = state.secrets.open(Purpose::CarriedKeys, &context(IDS), &sealed)?;
    Ok(Some(key_of(&clear)?))
}

/// The state of a process that begins: with the names that were carried here, where a file was restored.
///
/// # Errors
/// [`Fault`].
pub async fn at_home(state: AppState) -> Result<AppState, Fault> {
    Ok(match carried(&state).await? {
        Some(key) => state.with_ids(&key),
        None => state,
    })
}

/// The key in force, for a file.
pub(super) async fn carry(state: &AppState) -> Result<Names, Fault> {
    let key = carried(state).await?.unwrap_or_else(|| state.secrets.key(Purpose::Ids));
    Ok(Names { key: base64url::encode(key.as_slice()) })
}

/// Takes the key of a file over, where it is not this instance's own.
pub(super) async fn settle(state: &AppState, tx: &mut Tx, names: &Names) -> Result<(), Refusal> {
    let bytes = base64url::decode(&names.key).map(Zeroizing::new).map_err(|_| Refusal::bad("the key is malformed"))?;
    let key = key_of(&bytes).map_err(|_| Refusal::bad("the key is malformed"))?;
    if *key == *state.secrets.key(Purpose::Ids) {
        return Ok(());
    }
    let sealed = state.secrets.seal(Purpose::CarriedKeys, &context(IDS), key.as_slice(), &*state.rng)?;
    Ok(store::put_key(tx, IDS, &sealed).await?)
}
