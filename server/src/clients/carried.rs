//! Clients on their way to another instance, with all that is registered of them.

use serde::{Deserialize, Serialize};

use super::management::ManagementError;
use super::model::{Client, Status};
use super::registration::Registration;
use super::secret::ClientSecret;
use super::store::{self, carried as rows};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::osia::Refusal;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A client, whole.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key.
    pub id: i64,
    /// The only issuer it may use.
    pub mount: Mount,
    /// Its id there.
    pub client_id: String,
    /// `active`, `inactive`, or `deleted`: of one that is gone only the id is left, which nobody else gets.
    pub status: String,
    /// Whose application it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub relying_party_id: String,
    /// All that is registered of it but the secret; absent of one that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Box<Registration>>,
    /// Its secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When it was registered, in milliseconds since 1970.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
    /// Of one that registered itself and never had a login: since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused_since: Option<Millis>,
}

const CORRUPT: StoreError = StoreError::Corrupt { what: "client" };

/// Clients with primary keys above `after`, in their order, at most `most`; those that are gone too.
///
/// # Errors
/// [`ManagementError`] where the database does not answer or a secret does not open.
pub async fn carry(state: &AppState, after: i64, most: u32) -> Result<Vec<Carried>, ManagementError> {
    let rows = state.store.read(move |tx| Box::pin(async move { rows::after(tx, after, most.into()).await })).await?;
    let rows: Vec<rows::Row> = rows;
    rows.into_iter()
        .map(|row| {
            let mount = Mount::named(&row.mount).ok_or(CORRUPT)?;
            let status = Status::named(&row.status).ok_or(CORRUPT)?;
            let mut registration = None;
            let mut secret = None;
            if status != Status::Deleted {
                let mut known: Registration = serde_json::from_str(&row.registration).map_err(|_| CORRUPT)?;
                let kept = known.secret.take();
                let open = |kept: ClientSecret| kept.open(&state.secrets, mount, &row.client_id);
                secret = kept.map(open).transpose()?.map(|text| text.to_string());
                registration = Some(Box::new(known));
            }
            Ok(Carried {
                id: row.id,
                mount,
                client_id: row.client_id,
                status: row.status,
                relying_party_id: row.relying_party_id,
                registration,
                secret,
                created_at: row.created_at,
                updated_at: row.updated_at,
                unused_since: row.unused_since,
            })
        })
        .collect()
}

/// Writes a client as another instance had it.
///
/// # Errors
/// [`Refusal::Bad`] where it is malformed, or its id or key is taken.
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Refusal> {
    let status = Status::named(&carried.status).ok_or_else(|| Refusal::bad("the client's status is not known"))?;
    let mount = carried.mount;
    let mut registration = carried.registration.as_deref().cloned();
    if let (Some(registration), Some(secret)) = (&mut registration, &carried.secret) {
        registration.secret = Some(ClientSecret::of(state, mount, &carried.client_id, secret)?);
    }
    if registration.is_none() && status != Status::Deleted {
        return Err(Refusal::bad("the client's registration is missing"));
    }
    let row = rows::Row {
        id: carried.id,
        mount: mount.name().to_owned(),
        client_id: carried.client_id.clone(),
        relying_party_id: carried.relying_party_id.clone(),
        status: status.name().to_owned(),
        registration: registration.as_ref().map_or_else(|| Ok("{}".to_owned()), store::text)?,
        created_at: carried.created_at,
        updated_at: carried.updated_at,
        unused_since: carried.unused_since,
    };
    if !rows::insert(tx, &row).await? {
        return Err(Refusal::bad("the client's id is taken on its mount"));
    }
    let Some(registration) = registration else { return Ok(()) };
    let (id, relying_party_id) = (row.client_id, row.relying_party_id);
    let client = Client { row: row.id, id, mount, relying_party_id, status, registration };
    let alone = store::set_keys(tx, &client).await?;
    if alone { Ok(()) } else { Err(Refusal::bad("another client of its mount has the client's key")) }
}

/// Whether no client was ever registered, in the caller's transaction.
///
/// # Errors
/// [`StoreError`].
pub async fn is_empty(tx: &mut Tx) -> Result<bool, StoreError> {
    rows::is_empty(tx).await
}
