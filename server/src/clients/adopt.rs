//! Clients that come from another server, by the rules of client management. What is there already is never changed.

use super::management::ManagementError;
use super::model::{Client, KeySource, Status};
use super::requests::Create;
use super::store;
use super::validation::Rules;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A client of another server, checked.
pub struct Adoptee {
    client: Client,
    now: Millis,
}

/// What became of it.
#[derive(Debug)]
pub enum Adopted {
    /// It is registered now.
    Added,
    /// It was registered already, just so.
    Present,
    /// A client of this id is registered otherwise, and was left as it is.
    Differs,
    /// It cannot be registered.
    Refused(ManagementError),
}

impl Adoptee {
    /// Checks what its registration would say. `active`: whether it is in use.
    ///
    /// # Errors
    /// [`ManagementError::Refused`] with every member that is refused.
    pub fn check(state: &AppState, mount: Mount, request: &Create, active: bool) -> Result<Self, ManagementError> {
        let client = Rules::of(state, mount).create(mount, state.next_id(), request);
        let mut client = client.map_err(ManagementError::Refused)?;
        client.status = if active { Status::Active } else { Status::Inactive };
        Ok(Self { client, now: state.clock.now() })
    }

    /// Registers it, unless its id or its key is taken.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn register(self, tx: &mut Tx) -> Result<Adopted, StoreError> {
        let Self { client, now } = self;
        if let Some(known) = store::find(tx, client.mount, &client.id).await? {
            let same = known.registration == client.registration
                && known.relying_party_id == client.relying_party_id
                && known.status == client.status;
            return Ok(if same { Adopted::Present } else { Adopted::Differs });
        }
        if let KeySource::Keys(keys) = &client.registration.keys {
            for key in keys {
                if store::has_key(tx, client.mount, &key.thumbprint()).await? {
                    return Ok(Adopted::Refused(ManagementError::DuplicateKey));
                }
            }
        }
        if !store::insert(tx, &client, now).await? {
            return Ok(Adopted::Refused(ManagementError::DuplicateId));
        }
        // False only where another node registered the same key since the look: then the whole import begins again.
        if store::set_keys(tx, &client).await? { Ok(Adopted::Added) } else { Err(StoreError::Lost) }
    }
}
