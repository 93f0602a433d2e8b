//! Creating, changing and removing clients; what the HTTP routes and the commands have in common.

use zeroize::Zeroizing;

use super::account;
use super::cache::Cache;
use super::metadata;
use super::model::{Client, GrantType};
use super::registration::Registration;
use super::requests::{Change, Create, Keys};
use super::secret::ClientSecret;
use super::store;
use super::validation::{Refusals, Rules};
use crate::audit::{Actor, Event, EventKind};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::secrets::SecretError;
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
    /// The client authenticates without a secret.
    #[error("the client authenticates without a secret")]
    NoSecret,
    /// A secret cannot be made or opened.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn told(refusals: &Refusals) -> String {
    let one = |(code, member): &(Code, Option<&str>)| {
        let advice = advice(*code).map(|advice| format!(" ({advice})")).unwrap_or_default();
        format!("{}: {}{advice}", member.unwrap_or("request"), code.name())
    };
    refusals.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What to do about a code that does not say it, for the operator; answers to callers have the code alone.
fn advice(code: Code) -> Option<&'static str> {
    (code == Code::InvalidClaim).then_some(
        "name at most 30, each one of `claims_supported` in the issuer's discovery document; on op also those that OSIA's \
         attributes are, as docs/identity.md lists them",
    )
}

impl From<ManagementError> for ApiError {
    fn from(error: ManagementError) -> Self {
        match error {
            ManagementError::Unknown => Code::InvalidClientId.into(),
            ManagementError::DuplicateId => Code::DuplicateClientId.into(),
            ManagementError::DuplicateKey => Code::DuplicatePublicKey.into(),
            ManagementError::KeysAreFixed => Self::NotFound,
            ManagementError::NoSecret => Code::InvalidClientAuth.into(),
            ManagementError::Secret(error) => error.into(),
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
    insert(state, by, prepared(state, client).await?).await
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
    insert(state, by, prepared(state, client.map_err(ManagementError::Refused)?).await?).await
}

/// What a new client needs beyond its request: its list of redirect URIs looked at, and a secret, which whoever shows it
/// reads with [`secret_of`].
async fn prepared(state: &AppState, mut client: Client) -> Result<Client, ManagementError> {
    listed(state, &client.registration).await?;
    with_secret(state, &mut client)?;
    Ok(client)
}

/// Looks at the list that `sector_identifier_uri` names.
async fn listed(state: &AppState, registration: &Registration) -> Result<(), ManagementError> {
    if registration.sector_identifier_uri.is_some() {
        metadata::sector(&state.fetch, registration, true)
            .await
            .map_err(|fault| ManagementError::Refused(vec![(Code::InvalidClientMetadata, Some(fault.member))]))?;
    }
    Ok(())
}

/// Makes a secret for a client that needs one and has none; takes it from one that needs none.
pub(super) fn with_secret(state: &AppState, client: &mut Client) -> Result<(), ManagementError> {
    if !client.auth_methods.iter().any(|method| method.has_secret()) {
        client.registration.secret = None;
    } else if client.secret.is_none() {
        client.registration.secret = Some(ClientSecret::make(state, client.mount, &client.id)?.0);
    }
    Ok(())
}

/// A client's secret, for its owner alone; `None` where it has none.
///
/// # Errors
/// [`ManagementError::Secret`] where it does not open.
pub fn secret_of(state: &AppState, client: &Client) -> Result<Option<Zeroizing<String>>, ManagementError> {
    let open = |kept: &ClientSecret| kept.open(&state.secrets, client.mount, &client.id);
    Ok(client.secret.as_ref().map(open).transpose()?)
}

/// Gives a client a new secret; the one before is refused from now on.
///
/// # Errors
/// [`ManagementError::NoSecret`] where it authenticates without one; else as [`change`].
pub async fn renew_secret(
    state: &AppState,
    by: &Actor,
    mount: Mount,
    id: &str,
) -> Result<Zeroizing<String>, ManagementError> {
    let (secret, text) = ClientSecret::make(state, mount, id)?;
    let set = move |client: &mut Client| {
        if client.secret.is_none() {
            return Err(ManagementError::NoSecret);
        }
        client.registration.secret = Some(secret);
        Ok(())
    };
    edit(state, by, mount, id, set).await?;
    Ok(text)
}

/// Writes a new client.
pub(super) async fn insert(state: &AppState, by: &Actor, client: Client) -> Result<Client, ManagementError> {
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
    if request.fields.metadata.is_some()
        && let Some(mut client) = super::find_any(state, mount, id).await?
        && rules.change(&request, whole, &mut client).is_ok()
    {
        // Before the write, in which nothing may be fetched. Whatever is wrong otherwise is told by the write.
        listed(state, &client.registration).await?;
    }
    let in_write = state.clone();
    let work = move |client: &mut Client| {
        rules.change(&request, whole, client).map_err(ManagementError::Refused)?;
        with_secret(&in_write, client)
    };
    edit(state, by, mount, id, work).await
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

/// Seals the secrets of all clients under the newest master secret; gives how many were not. Other members stay, also those
/// that somebody changes meanwhile.
///
/// # Errors
/// [`ManagementError`] where the database fails, or a secret does not open.
pub async fn reseal_secrets(state: &AppState) -> Result<u64, ManagementError> {
    let mut resealed = 0;
    for client in list(state, None).await? {
        let Some(secret) = &client.registration.secret else { continue };
        if !secret.is_stale(&state.secrets) {
            continue;
        }
        let in_write = state.clone();
        let set = move |client: &mut Client| {
            let (mount, id) = (client.mount, client.id.clone());
            if let Some(secret) = &client.registration.secret
                && let Some(renewed) = secret.resealed(&in_write, mount, &id)?
            {
                client.registration.secret = Some(renewed);
            }
            Ok(())
        };
        edit(state, &Actor::command(), client.mount, &client.id, set).await?;
        resealed += 1;
    }
    Ok(resealed)
}

/// How many clients have a secret that another master secret than the newest seals.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn stale_secrets(state: &AppState) -> Result<u64, StoreError> {
    let clients = list(state, None).await?;
    let stale = |client: &&Client| client.secret.as_ref().is_some_and(|secret| secret.is_stale(&state.secrets));
    Ok(clients.iter().filter(stale).count() as u64)
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
