//! Creating, changing and removing clients; what the HTTP routes and the commands have in common.

use super::account;
use super::cache::Cache;
use super::model::{Client, GrantType};
use super::requests::{Change, Create, Keys};
use super::store;
use super::validation::{Refusals, Rules};
use crate::audit::{Actor, Event, EventKind};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Why client management refuses.
#[derive(Debug, thiserror::Error)]
pub enum ManagementError {
    /// There is no client of this id on this mount.
    #[error("there is no such client on this mount")]
    Unknown,
    /// The id is taken on this mount, perhaps by a client that is gone.
    #[error("the id is taken on this mount, or was once")]
    DuplicateId,
    /// Another client of this mount has the key, and the mount wants keys to be unique.
    #[error("another client of this mount has this key")]
    DuplicateKey,
    /// On this mount keys are for ever: a compromised key means a new client.
    #[error("a client of this mount keeps its keys: register a new client instead")]
    KeysAreFixed,
    /// Members are missing or malformed.
    #[error("refused: {}", told(.0))]
    Refused(Vec<(Code, Option<&'static str>)>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(refusals: &Refusals) -> String {
    let one = |(code, member): &(Code, Option<&str>)| format!("{}: {}", member.unwrap_or("request"), code.name());
    refusals.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl From<ManagementError> for ApiError {
    fn from(error: ManagementError) -> Self {
        match error {
            ManagementError::Unknown => Code::InvalidClientId.into(),
            ManagementError::DuplicateId => Code::DuplicateClientId.into(),
            ManagementError::DuplicateKey => Code::DuplicatePublicKey.into(),
            ManagementError::KeysAreFixed => Self::NotFound,
            ManagementError::Refused(refusals) => Self::Refused(refusals),
            ManagementError::Store(error) => error.into(),
        }
    }
}

/// Registers a client that people log in to.
///
/// # Errors
/// [`ManagementError`] with every member that is refused.
pub async fn create(state: &AppState, by: &Actor, mount: Mount, request: &Create) -> Result<Client, ManagementError> {
    create_with(state, by, mount, request, Vec::new()).await
}

/// As [`create`], for a client that also acts for itself, with the scopes that its own tokens may carry. Without scopes it
/// does not.
///
/// # Errors
/// As [`create`].
pub async fn create_with(
    state: &AppState,
    by: &Actor,
    mount: Mount,
    request: &Create,
    scopes: Vec<String>,
) -> Result<Client, ManagementError> {
    let client = Rules::of(state, mount).create(mount, state.next_id(), request);
    let mut client = client.map_err(ManagementError::Refused)?;
    if !scopes.is_empty() {
        client.registration.grant_types.push(GrantType::ClientCredentials);
        client.registration.scopes = scopes;
    }
    insert(state, by, client).await
}

/// Registers a client that acts for itself only, with the scopes that its tokens may carry.
///
/// # Errors
/// As [`create`].
pub async fn create_machine(
    state: &AppState,
    by: &Actor,
    mount: Mount,
    request: &Create,
    scopes: Vec<String>,
) -> Result<Client, ManagementError> {
    let client = Rules::of(state, mount).create_machine(mount, state.next_id(), request, scopes);
    insert(state, by, client.map_err(ManagementError::Refused)?).await
}

/// Writes a new client.
async fn insert(state: &AppState, by: &Actor, client: Client) -> Result<Client, ManagementError> {
    if account::is(client.mount, &client.id) {
        return Err(ManagementError::DuplicateId);
    }
    let (now, audit, by) = (state.clock.now(), state.audit.clone(), by.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !store::insert(tx, &client, now).await? {
                    return Err(ManagementError::DuplicateId);
                }
                write_keys(tx, &client).await?;
                audit.record(tx, Event::new(EventKind::ClientCreated, client.mount).client(&client.id).by(&by)).await?;
                Ok(client)
            })
        })
        .await
}

async fn write_keys(tx: &mut Tx, client: &Client) -> Result<(), ManagementError> {
    if store::set_keys(tx, client).await? { Ok(()) } else { Err(ManagementError::DuplicateKey) }
}

/// Changes a client: all that a PUT must name (`whole`), or what a PATCH names. Takes hold at once on this node.
///
/// # Errors
/// [`ManagementError`]; then nothing is changed.
pub async fn change(
    state: &AppState,
    by: &Actor,
    mount: Mount,
    id: &str,
    request: Change,
    whole: bool,
) -> Result<Client, ManagementError> {
    let rules = Rules::of(state, mount);
    edit(state, by, mount, id, move |client| rules.change(&request, whole, client).map_err(ManagementError::Refused))
        .await
}

/// Replaces all of a client's signature keys. To roll over without a gap: first old and new together, then new alone.
///
/// # Errors
/// [`ManagementError::KeysAreFixed`] where the mount does not allow it; else as [`change`].
pub async fn set_keys(
    state: &AppState,
    by: &Actor,
    mount: Mount,
    id: &str,
    keys: &Keys,
) -> Result<Client, ManagementError> {
    if !mount.dialect().key_roll_over {
        return Err(ManagementError::KeysAreFixed);
    }
    let mut refusals = Refusals::new();
    let Some(keys) = Rules::of(state, mount).keys(keys, &mut refusals) else {
        return Err(ManagementError::Refused(refusals));
    };
    let set = move |client: &mut Client| {
        client.registration.keys = keys;
        Ok(())
    };
    edit(state, by, mount, id, set).await
}

/// Reads a client, changes it and writes it, with nobody else in between.
pub(super) async fn edit(
    state: &AppState,
    by: &Actor,
    mount: Mount,
    id: &str,
    work: impl FnOnce(&mut Client) -> Result<(), ManagementError> + Send + 'static,
) -> Result<Client, ManagementError> {
    let (now, name, audit, by) = (state.clock.now(), id.to_owned(), state.audit.clone(), by.clone());
    let changed = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut client = store::take(tx, mount, &name).await?.ok_or(ManagementError::Unknown)?;
                let keys = client.registration.keys.clone();
                work(&mut client)?;
                if client.registration.keys != keys {
                    write_keys(tx, &client).await?;
                }
                store::update(tx, &client, now).await?;
                audit.record(tx, Event::new(EventKind::ClientChanged, mount).client(&client.id).by(&by)).await?;
                Ok::<_, ManagementError>(client)
            })
        })
        .await;
    state.kept.get::<Cache>().forget(mount, id);
    changed
}

/// Removes a client. Its id is not given to another, whom people's consents would then serve.
///
/// # Errors
/// [`ManagementError::Unknown`] where there is none.
pub async fn remove(state: &AppState, by: &Actor, mount: Mount, id: &str) -> Result<(), ManagementError> {
    let (now, name, audit, by) = (state.clock.now(), id.to_owned(), state.audit.clone(), by.clone());
    let removed: Result<bool, StoreError> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let gone = store::delete(tx, mount, &name, now).await?;
                if gone {
                    audit.record(tx, Event::new(EventKind::ClientRemoved, mount).client(&name).by(&by)).await?;
                }
                Ok(gone)
            })
        })
        .await;
    state.kept.get::<Cache>().forget(mount, id);
    if removed? { Ok(()) } else { Err(ManagementError::Unknown) }
}

/// Every client, or those of one mount.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn list(state: &AppState, mount: Option<Mount>) -> Result<Vec<Client>, StoreError> {
    state.store.read(move |tx| Box::pin(async move { store::list(tx, mount).await })).await
}
