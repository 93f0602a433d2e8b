//! `tessera client …`: the logic; `main` parses the arguments and opens the state.

mod add;
mod error;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use url::Url;

pub use error::CliError;

use crate::audit::Actor;
use crate::clients::enrollment_policy::EnrollmentPolicy;
use crate::clients::key_file::{self, KeyAlgorithm};
use crate::clients::login_policy::LoginPolicy;
use crate::clients::management::{self, ManagementError};
use crate::clients::metadata;
use crate::clients::model::{Client, KeySource, Status};
use crate::clients::requests::{Change, Details, Fields, Keys};
use crate::dialect::Mount;
use crate::state::AppState;

/// Relying parties and machines that may call this server.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Register a client.
    ///
    /// A relying party: `tessera client add shop --mount op --name Shop --logo https://shop.example/logo.png
    /// --redirect-uri https://shop.example/cb --claim name --claim email --new-key shop.jwk`.
    /// A machine that registers clients over HTTP: `tessera client add office --mount op --grant client_credentials
    /// --scope add_oidc_client --scope update_oidc_client --new-key office.jwk`.
    /// One that authenticates with a secret, which is made and shown once: `tessera client add shop --mount op
    /// --auth-method client_secret_basic …`, without a key.
    Add(Box<add::Add>),
    /// List the clients: mount, id, status, grants, name.
    List {
        /// Of this mount only.
        #[arg(long, value_parser = issuer)]
        mount: Option<Mount>,
    },
    /// Print all about a client as JSON.
    Show(Named),
    /// Refuse a client everywhere until it is enabled again.
    Disable(Named),
    /// Let a disabled client in again.
    Enable(Named),
    /// Remove a client for ever; its id is not given to another.
    Remove(Named),
    /// Change what a client's ID tokens and signed userinfo are signed with, such as `RS256`.
    Signing {
        /// Which client.
        #[command(flatten)]
        client: Named,
        /// One of those that discovery names.
        alg: String,
    },
    /// List a client's signature keys, or change them: add the new one, wait until the client signs with it, retire the old.
    Keys(KeysArgs),
    /// Print what a client asks of logins by QR code, or set it.
    Policy(PolicyArgs),
    /// Print what a client's enrollments must have (context, integrity, signature, encryption), or set it (docs/enrollment-protection.md).
    EnrollmentPolicy(EnrollmentPolicyArgs),
    /// Print where a client is told that claims changed, or set it (docs/bankid.md).
    Notify(NotifyArgs),
    /// Print a client's metadata by the names of OpenID Connect Registration and RFC 7591, or change what is named
    /// (mounts op and bankid).
    Metadata(MetadataArgs),
    /// Make a new secret for a client that authenticates with one, and show it once; the one before ends.
    Secret(Named),
}

/// Which client.
#[derive(Debug, Args)]
pub struct Named {
    /// Its id.
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// Its mount: govstack, esignet, op or bankid.
    #[arg(long, value_parser = issuer)]
    mount: Mount,
}

/// For `--new-key`.
#[derive(Debug, Args)]
struct Algorithm {
    /// With which algorithm the new key signs [default: ES256; on the mount bankid ES512].
    #[arg(long = "alg", value_enum)]
    of_new_key: Option<KeyAlgorithm>,
}

impl Algorithm {
    fn on(&self, mount: Mount) -> KeyAlgorithm {
        self.of_new_key.unwrap_or_else(|| KeyAlgorithm::usual(mount))
    }
}

/// See [`ClientCommand::Keys`].
#[derive(Debug, Args)]
pub struct KeysArgs {
    #[command(flatten)]
    client: Named,
    /// Add the key of this file (JWK); its private part is not read.
    #[arg(long, value_name = "FILE")]
    jwk: Option<PathBuf>,
    /// Make a key, write its private JWK to this new file, and add it.
    #[arg(long, value_name = "FILE", conflicts_with = "jwk")]
    new_key: Option<PathBuf>,
    #[command(flatten)]
    algorithm: Algorithm,
    /// Refuse this key from now on (its thumbprint).
    #[arg(long, value_name = "THUMBPRINT", allow_hyphen_values = true)]
    retire: Option<String>,
}

/// See [`ClientCommand::Policy`].
#[derive(Debug, Args)]
pub struct PolicyArgs {
    #[command(flatten)]
    client: Named,
    /// The new policy, as JSON; what is left out is as on the mount, and `{}` is the mount's own.
    #[arg(value_name = "JSON", value_parser = object)]
    policy: Option<Map<String, Value>>,
}

/// See [`ClientCommand::EnrollmentPolicy`].
#[derive(Debug, Args)]
pub struct EnrollmentPolicyArgs {
    #[command(flatten)]
    client: Named,
    /// The new policy, as JSON; `{}` asks for nothing any more.
    #[arg(value_name = "JSON", value_parser = object)]
    policy: Option<Map<String, Value>>,
}

/// See [`ClientCommand::Notify`].
#[derive(Debug, Args)]
pub struct NotifyArgs {
    #[command(flatten)]
    client: Named,
    /// The new address.
    #[arg(value_name = "URL")]
    uri: Option<Url>,
    /// Tell it nothing any more.
    #[arg(long, conflicts_with = "uri")]
    never: bool,
}

/// See [`ClientCommand::Metadata`].
#[derive(Debug, Args)]
pub struct MetadataArgs {
    #[command(flatten)]
    client: Named,
    /// What to change, as JSON: `{"post_logout_redirect_uris":["https://shop.example/bye"]}`.
    #[arg(value_name = "JSON", value_parser = object)]
    metadata: Option<Map<String, Value>>,
}

fn issuer(name: &str) -> Result<Mount, String> {
    let mount = Mount::named(name).filter(|mount| Mount::ALL_ISSUERS.contains(mount));
    mount.ok_or_else(|| "one of govstack, esignet, op, bankid".into())
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("LANGUAGE=NAME")?;
    Ok((key.into(), value.into()))
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Runs a command; prints its result to `out`.
///
/// # Errors
/// [`CliError`] with what to do about it.
pub async fn run(state: &AppState, command: ClientCommand, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    match command {
        ClientCommand::Add(args) => add::add(state, &args, out).await,
        ClientCommand::List { mount } => {
            for client in management::list(state, mount).await? {
                let grants: Vec<&str> = client.grant_types.iter().map(|grant| grant.name()).collect();
                let (mount, status) = (client.mount.name(), client.status.name());
                writeln!(out, "{mount}\t{}\t{status}\t{}\t{}", client.id, grants.join(","), client.name_in(""))?;
            }
            Ok(())
        }
        ClientCommand::Show(Named { id, mount }) => {
            let client = crate::clients::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?;
            Ok(writeln!(out, "{:#}", json!(Details::of(&client)))?)
        }
        ClientCommand::Disable(named) => set_status(state, named, Status::Inactive, out).await,
        ClientCommand::Enable(named) => set_status(state, named, Status::Active, out).await,
        ClientCommand::Remove(Named { id, mount }) => {
            management::remove(state, &Actor::command(), mount, &id).await?;
            Ok(writeln!(out, "removed {id} from {}", mount.name())?)
        }
        ClientCommand::Signing { client: Named { id, mount }, alg } => {
            let fields = Fields { id_token_signed_response_alg: Some(alg), ..Fields::default() };
            let change = Change { fields, ..Change::default() };
            let client = management::change(state, &Actor::command(), mount, &id, change, false).await?;
            let alg = client.signed_with().map_or("nothing", |alg| alg.name());
            Ok(writeln!(out, "tokens for {id} on {} are signed with {alg}", mount.name())?)
        }
        ClientCommand::Keys(args) => keys(state, args, out).await,
        ClientCommand::Policy(PolicyArgs { client, policy }) => login_policy(state, client, policy, out).await,
        ClientCommand::EnrollmentPolicy(args) => enrollment_policy(state, args, out).await,
        ClientCommand::Notify(args) => notify(state, args, out).await,
        ClientCommand::Metadata(args) => change_metadata(state, args, out).await,
        ClientCommand::Secret(Named { id, mount }) => {
            let secret = management::renew_secret(state, &Actor::command(), mount, &id).await?;
            Ok(writeln!(out, "client secret: {}", secret.as_str())?)
        }
    }
}

async fn notify(
    state: &AppState,
    NotifyArgs { client: Named { id, mount }, uri, never }: NotifyArgs,
    out: &mut (dyn Write + Send),
) -> Result<(), CliError> {
    if uri.as_ref().is_some_and(|uri| !state.fetch.may_reach(uri)) {
        return Err(CliError::Address);
    }
    let client = if uri.is_some() || never {
        let set = move |client: &mut Client| {
            client.registration.notification_uri = uri;
            Ok(())
        };
        management::edit(state, &Actor::command(), mount, &id, set).await?
    } else {
        crate::clients::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?
    };
    let told = client.notification_uri.as_ref().map_or("nowhere", Url::as_str);
    Ok(writeln!(out, "{id} on {} is told of changed claims at {told}", mount.name())?)
}

async fn login_policy(
    state: &AppState,
    Named { id, mount }: Named,
    policy: Option<Map<String, Value>>,
    out: &mut (dyn Write + Send),
) -> Result<(), CliError> {
    let client = match policy {
        Some(object) => {
            let policy = LoginPolicy::read(mount, &object)?;
            let set = move |client: &mut Client| {
                client.registration.login_policy = policy;
                Ok(())
            };
            management::edit(state, &Actor::command(), mount, &id, set).await?
        }
        None => crate::clients::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?,
    };
    Ok(writeln!(out, "{:#}", json!(client.login_policy()))?)
}

async fn enrollment_policy(
    state: &AppState,
    EnrollmentPolicyArgs { client: Named { id, mount }, policy }: EnrollmentPolicyArgs,
    out: &mut (dyn Write + Send),
) -> Result<(), CliError> {
    let client = match policy {
        Some(object) => {
            let policy = EnrollmentPolicy::read(&object)?;
            let set = move |client: &mut Client| {
                client.registration.enrollment_policy = policy;
                Ok(())
            };
            management::edit(state, &Actor::command(), mount, &id, set).await?
        }
        None => crate::clients::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?,
    };
    Ok(writeln!(out, "{:#}", json!(client.enrollment_policy.clone().unwrap_or_default()))?)
}

async fn change_metadata(
    state: &AppState,
    MetadataArgs { client: Named { id, mount }, metadata }: MetadataArgs,
    out: &mut (dyn Write + Send),
) -> Result<(), CliError> {
    if !mount.dialect().client_metadata {
        return Err(CliError::NoMetadata);
    }
    let before = crate::clients::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?;
    let client = match metadata {
        Some(object) => {
            let fields = Fields { metadata: Some(object), ..Fields::default() };
            let change = Change { fields, ..Change::default() };
            management::change(state, &Actor::command(), mount, &id, change, false).await?
        }
        None => before.clone(),
    };
    writeln!(out, "{:#}", Value::Object(metadata::write(&client)))?;
    if client.secret != before.secret
        && let Some(secret) = management::secret_of(state, &client)?
    {
        writeln!(out, "client secret: {}", secret.as_str())?;
    }
    Ok(())
}

async fn set_status(
    state: &AppState,
    Named { id, mount }: Named,
    status: Status,
    out: &mut (dyn Write + Send),
) -> Result<(), CliError> {
    let set = move |client: &mut Client| {
        client.status = status;
        Ok(())
    };
    let client = management::edit(state, &Actor::command(), mount, &id, set).await?;
    Ok(writeln!(out, "{} on {} is {}", client.id, mount.name(), client.status.name())?)
}

async fn keys(state: &AppState, args: KeysArgs, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let KeysArgs { client: Named { id, mount }, jwk, new_key, algorithm, retire } = args;
    let mut client = crate::clients::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?;
    if jwk.is_some() || new_key.is_some() || retire.is_some() {
        if !mount.dialect().key_roll_over {
            return Err(ManagementError::KeysAreFixed.into());
        }
        let KeySource::Keys(known) = &client.keys else { return Err(CliError::KeysElsewhere) };
        let mut set: Vec<Value> =
            known.iter().filter(|key| Some(key.thumbprint()) != retire).map(|key| json!(key)).collect();
        if retire.is_some() && set.len() == known.len() {
            return Err(CliError::NoSuchKey);
        }
        match (&jwk, &new_key) {
            (Some(file), _) => set.push(key_file::read(file)?.into()),
            (None, Some(file)) => set.push(key_file::make(file, algorithm.on(mount))?.into()),
            (None, None) => {}
        }
        let mut jwks = Map::new();
        jwks.insert("keys".into(), set.into());
        client =
            management::set_keys(state, &Actor::command(), mount, &id, &Keys { jwks: Some(jwks), ..Keys::default() })
                .await?;
    }
    list_keys(&client, out)
}

fn list_keys(client: &Client, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    match &client.keys {
        KeySource::Keys(keys) => {
            for key in keys {
                writeln!(out, "key {}", key.thumbprint())?;
            }
        }
        KeySource::Uri(uri) => writeln!(out, "keys at {uri}")?,
    }
    Ok(())
}
