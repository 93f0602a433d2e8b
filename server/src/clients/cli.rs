//! `tessera client …`: the logic; `main` parses the arguments and opens the state.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use url::Url;

use super::key_file::{self, KeyAlgorithm, KeyFileError};
use super::login_policy::{LoginPolicy, NotAPolicy};
use super::management::{self, ManagementError};
use super::model::{Client, GrantType, KeySource, MACHINE_SCOPES, Status};
use super::requests::{Change, Create, Details, Fields, Keys};
use crate::acr::Acr;
use crate::audit::Actor;
use crate::dialect::Mount;
use crate::state::AppState;
use crate::store::StoreError;

/// Relying parties and machines that may call this server.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Register a client.
    ///
    /// A relying party: `tessera client add shop --mount op --name Shop --logo https://shop.example/logo.png
    /// --redirect-uri https://shop.example/cb --claim name --claim email --new-key shop.jwk`.
    /// A machine that registers clients over HTTP: `tessera client add office --mount op --grant client_credentials
    /// --scope add_oidc_client --scope update_oidc_client --new-key office.jwk`.
    Add(Box<Add>),
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
    /// Print where a client is told that claims changed, or set it (docs/bankid.md).
    Notify(NotifyArgs),
}

/// Which client.
#[derive(Debug, Args)]
pub struct Named {
    /// Its id.
    #[arg(allow_hyphen_values = true)]
    id: String,
    /// Its mount: govstack, esignet or op.
    #[arg(long, value_parser = issuer)]
    mount: Mount,
}

/// See [`ClientCommand::Add`].
#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    client: Named,
    /// Its name, as people see it [default: the id].
    #[arg(long)]
    name: Option<String>,
    /// Its name in a language, as ISO639-3=NAME: `--name-in fra=Boutique`.
    #[arg(long, value_name = "LANGUAGE=NAME", value_parser = pair)]
    name_in: Vec<(String, String)>,
    /// Whose application it is; persons have one pseudonym per relying party [default: the id].
    #[arg(long)]
    relying_party_id: Option<String>,
    /// Its logo, for the login and consent pages.
    #[arg(long)]
    logo: Option<String>,
    /// Where browsers may be sent back to; compared byte for byte, up to five.
    #[arg(long)]
    redirect_uri: Vec<String>,
    /// A claim that it may ask for, such as `name` or `email`.
    #[arg(long)]
    claim: Vec<String>,
    /// How people may prove who they are: linked-wallet, generated-code, static-code, linked-wallet-static-code
    /// [default: the first three].
    #[arg(long)]
    acr: Vec<String>,
    /// A grant that it may use.
    #[arg(long, value_enum, default_value = "authorization_code")]
    grant: Vec<GrantType>,
    /// A scope of its own tokens (grant client_credentials).
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(MACHINE_SCOPES))]
    scope: Vec<String>,
    /// eSignet's `additionalConfig`, as JSON: `{"require_pkce":true}`.
    #[arg(long, value_parser = object)]
    additional_config: Option<Map<String, Value>>,
    /// What it asks of logins by QR code, as JSON; what is left out is as on the mount:
    /// `{"rotation":"strict","number_matching":"on","cross_device":"near"}`.
    #[arg(long, value_name = "JSON", value_parser = object)]
    login_policy: Option<Map<String, Value>>,
    /// What its ID tokens and signed userinfo are signed with: `RS256` on the eSignet mount (PS256 by default) for relying
    /// parties of eSignet before 1.8, or on the standard mount (ES256 by default).
    #[arg(long, value_name = "ALG")]
    id_token_alg: Option<String>,
    /// File with the RSA key (JWK) for encrypted userinfo; its private part is not read.
    #[arg(long, value_name = "FILE")]
    enc_jwk: Option<PathBuf>,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    algorithm: Algorithm,
}

/// Where the key is.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Key {
    /// File with its signature key (JWK); the private part is not read.
    #[arg(long, value_name = "FILE")]
    jwk: Option<PathBuf>,
    /// Make a signature key and write its private JWK to this new file.
    #[arg(long, value_name = "FILE")]
    new_key: Option<PathBuf>,
    /// Where the client publishes its signature keys.
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
}

/// For `--new-key`.
#[derive(Debug, Args)]
struct Algorithm {
    /// With which algorithm the new key signs.
    #[arg(long = "alg", value_enum, default_value = "ES256")]
    of_new_key: KeyAlgorithm,
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

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Client management.
    #[error(transparent)]
    Management(#[from] ManagementError),
    /// A key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// `keys --retire` of a key that the client has not.
    #[error("the client has no key with this thumbprint")]
    NoSuchKey,
    /// `keys` of a client that publishes its keys.
    #[error("the client publishes its keys itself")]
    KeysElsewhere,
    /// `--scope` without the grant that uses it, or the grant without a scope.
    #[error("--scope and --grant client_credentials go together")]
    ScopesWithoutGrant,
    /// `notify` with an address that nothing is posted to.
    #[error("nothing is posted there: https to a public host is needed")]
    Address,
    /// `policy` with what is none.
    #[error(transparent)]
    Policy(#[from] NotAPolicy),
    /// The output.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        ManagementError::from(error).into()
    }
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
        ClientCommand::Add(args) => add(state, &args, out).await,
        ClientCommand::List { mount } => {
            for client in management::list(state, mount).await? {
                let grants: Vec<&str> = client.grant_types.iter().map(|grant| grant.name()).collect();
                let (mount, status) = (client.mount.name(), client.status.name());
                writeln!(out, "{mount}\t{}\t{status}\t{}\t{}", client.id, grants.join(","), client.name_in(""))?;
            }
            Ok(())
        }
        ClientCommand::Show(Named { id, mount }) => {
            let client = super::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?;
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
        ClientCommand::Notify(args) => notify(state, args, out).await,
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
        super::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?
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
        None => super::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?,
    };
    Ok(writeln!(out, "{:#}", json!(client.login_policy()))?)
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

async fn add(state: &AppState, args: &Add, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let Named { id, mount } = &args.client;
    let acts_for_itself = args.grant.contains(&GrantType::ClientCredentials);
    if acts_for_itself == args.scope.is_empty() {
        return Err(CliError::ScopesWithoutGrant);
    }
    let request = request(args, acts_for_itself)?;
    let client = if args.grant.contains(&GrantType::AuthorizationCode) {
        management::create_with(state, &Actor::command(), *mount, &request, args.scope.clone()).await
    } else {
        management::create_machine(state, &Actor::command(), *mount, &request, args.scope.clone()).await
    };
    let client = match (client, &args.key.new_key) {
        (Ok(client), _) => client,
        (Err(error), Some(file)) => {
            // It was made a moment ago and belongs to no client.
            let _ = std::fs::remove_file(file);
            return Err(error.into());
        }
        (Err(error), None) => return Err(error.into()),
    };
    writeln!(out, "registered {id} on {} (issuer {})", mount.name(), state.issuer(*mount))?;
    list_keys(&client, out)?;
    if let Some(file) = &args.key.new_key {
        writeln!(out, "private key: {}", file.display())?;
    }
    Ok(())
}

/// The request that this command stands for, so that both ways have the same rules.
fn request(args: &Add, machine: bool) -> Result<Create, CliError> {
    let Key { jwk, new_key, jwks_uri } = &args.key;
    let public_key = match (jwk, new_key) {
        (Some(file), _) => Some(key_file::read(file)?),
        (None, Some(file)) => Some(key_file::make(file, args.algorithm.of_new_key)?),
        (None, None) => None,
    };
    let enc_public_key = args.enc_jwk.as_deref().map(key_file::read).transpose()?;
    let id = &args.client.id;
    let acrs: Vec<String> = if args.acr.is_empty() && !machine {
        [Acr::LinkedWallet, Acr::GeneratedCode, Acr::StaticCode].iter().map(ToString::to_string).collect()
    } else {
        args.acr.iter().map(|name| full_acr(name)).collect()
    };
    Ok(Create {
        client_id: Some(id.clone()),
        relying_party_id: Some(args.relying_party_id.clone().unwrap_or_else(|| id.clone())),
        keys: Keys { public_key, jwks: None, jwks_uri: jwks_uri.clone() },
        fields: Fields {
            client_name: Some(args.name.clone().unwrap_or_else(|| id.clone())),
            client_name_lang_map: Some(args.name_in.iter().cloned().collect()),
            user_claims: Some(args.claim.clone()),
            auth_context_refs: Some(acrs),
            logo_uri: args.logo.clone(),
            redirect_uris: Some(args.redirect_uri.clone()),
            grant_types: Some(vec![GrantType::AuthorizationCode.name().into()]),
            client_auth_methods: Some(vec!["private_key_jwt".into()]),
            additional_config: args.additional_config.clone(),
            id_token_signed_response_alg: args.id_token_alg.clone(),
            enc_public_key: enc_public_key.map(Some),
            login_policy: args.login_policy.clone().map(Some),
        },
    })
}

/// `linked-wallet` stands for its full name.
fn full_acr(name: &str) -> String {
    let bare = Acr::ALL.into_iter().find(|acr| acr.bare() == name);
    bare.map_or_else(|| name.to_owned(), |acr| acr.to_string())
}

async fn keys(state: &AppState, args: KeysArgs, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let KeysArgs { client: Named { id, mount }, jwk, new_key, algorithm, retire } = args;
    let mut client = super::find_any(state, mount, &id).await?.ok_or(ManagementError::Unknown)?;
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
            (None, Some(file)) => set.push(key_file::make(file, algorithm.of_new_key)?.into()),
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
