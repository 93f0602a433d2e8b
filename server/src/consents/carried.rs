//! Receipts on their way to another instance.

use serde::{Deserialize, Serialize};

use super::model::{Content, NewReceipt, Signed};
use super::{context, holder, read, store};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::{Fault, PersonId};
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A receipt, whole. See [`super::Receipt`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key; other receipts may rest on it.
    pub id: i64,
    /// The issuer.
    pub mount: Mount,
    /// The relying party's client.
    pub client_id: String,
    /// Who agreed.
    pub person: PersonId,
    /// Primary key of the login transaction.
    pub transaction: i64,
    /// Claims that may be given.
    pub claims: Vec<String>,
    /// Scopes that are permitted.
    pub scopes: Vec<String>,
    /// What a wallet signed.
    pub signed: Signed,
    /// The receipt whose memory it stands on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_on: Option<i64>,
    /// When it was given.
    pub given_at: Millis,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Millis>,
    /// When it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Millis>,
}

/// Receipts with primary keys above `after`, in their order, at most `most`.
///
/// # Errors
/// [`Fault`].
pub async fn carry(state: &AppState, tx: &mut Tx, after: i64, most: u32) -> Result<Vec<Carried>, Fault> {
    let rows = store::after(tx, after, most.into()).await?;
    rows.into_iter()
        .map(|row| {
            let one = read(state, row)?;
            Ok(Carried {
                id: one.id,
                mount: one.mount,
                client_id: one.client_id,
                person: one.person,
                transaction: one.transaction,
                claims: one.claims,
                scopes: one.scopes,
                signed: one.signed,
                rests_on: one.rests_on,
                given_at: one.given_at,
                expires_at: one.expires_at,
                withdrawn_at: one.withdrawn_at,
            })
        })
        .collect()
}

/// Writes a receipt as another instance had it.
///
/// # Errors
/// [`Fault`].
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Fault> {
    let Carried { id, mount, person, .. } = *carried;
    let content = Content::of(&NewReceipt {
        mount,
        client_id: carried.client_id.clone(),
        person,
        transaction: carried.transaction,
        claims: carried.claims.clone(),
        scopes: carried.scopes.clone(),
        signed: carried.signed.clone(),
        rests_on: carried.rests_on,
        expires_at: carried.expires_at,
    });
    let content = serde_json::to_vec(&content).map_err(|_| StoreError::Corrupt { what: "receipt" })?;
    let row = store::NewRow {
        id,
        holder: holder(state, person),
        mount: mount.name(),
        client_id: &carried.client_id,
        transaction: carried.transaction,
        content: state.secrets.seal(Purpose::Consents, &context(id), &content, &*state.rng)?,
        given_at: carried.given_at,
        expires_at: carried.expires_at,
    };
    store::insert(tx, row).await?;
    if let Some(at) = carried.withdrawn_at {
        store::withdraw_one(tx, id, at).await?;
    }
    Ok(())
}
