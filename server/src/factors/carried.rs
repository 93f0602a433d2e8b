//! PINs on their way to another instance: hashes, with what they were hashed with beside the PIN itself.

use argon2::password_hash::phc::PasswordHash;
use protocol::base64url;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::pin::{open_pepper, own_pepper, seal_pepper};
use super::store::carried::{self as rows, Row};
use crate::clock::Millis;
use crate::osia::Refusal;
use crate::registry::{self, Fault, PersonId};
use crate::state::AppState;
use crate::store::Tx;

/// The PIN of a person.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Whose it is.
    pub person: i64,
    /// Argon2id, as PHC string.
    pub hash: String,
    /// The secret input of Argon2 (RFC 9106 §3.1, K), base64url. Whoever has it and the hash can try all PINs.
    pub pepper: String,
    /// When it was set, in milliseconds since 1970.
    pub changed_at: Millis,
}

/// PINs of persons with primary keys above `after`, in their order, at most `most`.
///
/// # Errors
/// [`Fault`].
pub async fn carry(state: &AppState, after: i64, most: u32) -> Result<Vec<Carried>, Fault> {
    let rows = state.store.read(move |tx| Box::pin(async move { rows::after(tx, after, most.into()).await })).await?;
    let rows: Vec<Row> = rows;
    rows.into_iter()
        .map(|Row { person, hash, changed_at, pepper }| {
            let pepper = match pepper {
                Some(sealed) => open_pepper(&state.secrets, person, &sealed)?,
                None => own_pepper(&state.secrets),
            };
            Ok(Carried { person, hash, pepper: base64url::encode(pepper.as_slice()), changed_at })
        })
        .collect()
}

/// Sets a PIN as another instance had it. Its person must be there.
///
/// # Errors
/// [`Refusal::Bad`] where it is malformed or nobody's.
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Refusal> {
    let malformed = || Refusal::bad("the PIN's hash is malformed");
    let pepper = base64url::decode(&carried.pepper).map(Zeroizing::new).map_err(|_| malformed())?;
    let pepper = Zeroizing::new(<[u8; 32]>::try_from(pepper.as_slice()).map_err(|_| malformed())?);
    PasswordHash::new(&carried.hash).map_err(|_| malformed())?;
    let Carried { person, changed_at, .. } = *carried;
    if !registry::is_known(tx, PersonId(person)).await? {
        return Err(Refusal::bad("the PIN is nobody's"));
    }
    let own = *pepper == *own_pepper(&state.secrets);
    let pepper = if own { None } else { Some(seal_pepper(state, person, &pepper)?) };
    let row = Row { person, hash: carried.hash.clone(), changed_at, pepper };
    if rows::insert(tx, &row).await? { Ok(()) } else { Err(Refusal::bad("a person has two PINs")) }
}
