//! `tessera client add`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

use super::{Algorithm, CliError, Named, list_keys, object, pair};
use crate::acr::Acr;
use crate::audit::Actor;
use crate::clients::key_file;
use crate::clients::machine_scopes::{MACHINE_SCOPES, is_machine_scope};
use crate::clients::management;
use crate::clients::model::{AuthMethod, GrantType};
use crate::clients::profile::Profile;
use crate::clients::requests::{Create, Fields, Keys};
use crate::state::AppState;

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
    /// A claim that it may ask for, such as `name` or `email`; also by the calls that a client makes for itself.
    #[arg(long)]
    claim: Vec<String>,
    /// How people may prove who they are: linked-wallet, generated-code, static-code, linked-wallet-static-code
    /// [default: the first three].
    #[arg(long)]
    acr: Vec<String>,
    /// A grant that it may use; several are named one by one, such as `authorization_code` and `refresh_token`.
    #[arg(long, value_enum, default_value = "authorization_code")]
    grant: Vec<GrantType>,
    /// A scope of its own tokens (grant client_credentials); that of a named attribute set is `id.NAME.read`.
    #[arg(long, value_parser = machine_scope)]
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
    /// The rules it is held to [default: those of its mount]: `fapi2` on the mount op.
    #[arg(long)]
    profile: Option<Profile>,
    /// How it proves who it is; other than private_key_jwt on the mounts op and bankid only.
    #[arg(long, value_enum, default_value = "private_key_jwt")]
    auth_method: AuthMethod,
    /// Metadata by the names of OpenID Connect Registration and RFC 7591, as JSON (mounts op and bankid):
    /// `{"backchannel_logout_uri":"https://shop.example/logout","subject_type":"public"}`.
    #[arg(long, value_name = "JSON", value_parser = object)]
    metadata: Option<Map<String, Value>>,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    algorithm: Algorithm,
}

/// Where the key is.
#[derive(Debug, Args)]
#[group(multiple = false)]
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

pub(super) async fn add(state: &AppState, args: &Add, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let Named { id, mount } = &args.client;
    let acts_for_itself = args.grant.contains(&GrantType::ClientCredentials);
    if acts_for_itself == args.scope.is_empty() {
        return Err(CliError::ScopesWithoutGrant);
    }
    if args.grant.contains(&GrantType::RefreshToken) && !args.grant.contains(&GrantType::AuthorizationCode) {
        return Err(CliError::RefreshAlone);
    }
    let Key { jwk, new_key, jwks_uri } = &args.key;
    let named =
        args.metadata.as_ref().is_some_and(|named| named.contains_key("jwks") || named.contains_key("jwks_uri"));
    let without = jwk.is_none() && new_key.is_none() && jwks_uri.is_none() && !named;
    if args.auth_method == AuthMethod::PrivateKeyJwt && without {
        return Err(CliError::NoKey);
    }
    let request = request(args, !args.grant.contains(&GrantType::AuthorizationCode))?;
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
    if let Some(secret) = management::secret_of(state, &client)? {
        writeln!(out, "client secret: {}", secret.as_str())?;
    }
    Ok(())
}

/// The request that this command stands for, so that both ways have the same rules.
fn request(args: &Add, machine: bool) -> Result<Create, CliError> {
    let Key { jwk, new_key, jwks_uri } = &args.key;
    let public_key = match (jwk, new_key) {
        (Some(file), _) => Some(key_file::read(file)?),
        (None, Some(file)) => Some(key_file::make(file, args.algorithm.on(args.client.mount))?),
        (None, None) => None,
    };
    let enc_public_key = args.enc_jwk.as_deref().map(key_file::read).transpose()?;
    let id = &args.client.id;
    let acrs: Vec<String> = if args.acr.is_empty() && !machine {
        [Acr::LinkedWallet, Acr::GeneratedCode, Acr::StaticCode].iter().map(ToString::to_string).collect()
    } else {
        args.acr.iter().map(|name| full_acr(name)).collect()
    };
    // The grant of machines is no request's to ask for: `management` gives it with its scopes.
    let persons = args.grant.iter().filter(|grant| **grant != GrantType::ClientCredentials);
    let grants = persons.map(|grant| grant.name().to_owned()).collect();
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
            grant_types: Some(grants),
            client_auth_methods: Some(vec![args.auth_method.name().into()]),
            additional_config: args.additional_config.clone(),
            id_token_signed_response_alg: args.id_token_alg.clone(),
            enc_public_key: enc_public_key.map(Some),
            login_policy: args.login_policy.clone().map(Some),
            profile: args.profile.map(|profile| profile.name().into()),
            metadata: metadata(args),
        },
    })
}

/// The method stands in the metadata too: a machine's request has no other place for it.
fn metadata(args: &Add) -> Option<Map<String, Value>> {
    let mut members = args.metadata.clone().unwrap_or_default();
    if args.client.mount.dialect().client_metadata && args.auth_method != AuthMethod::PrivateKeyJwt {
        let method = Value::from(args.auth_method.name());
        members.entry("token_endpoint_auth_method").or_insert(method);
    }
    (!members.is_empty()).then_some(members)
}

/// Reads `--scope`.
fn machine_scope(name: &str) -> Result<String, String> {
    if is_machine_scope(name) {
        return Ok(name.to_owned());
    }
    Err(format!("one of {}, or id.NAME.read for an attribute set", MACHINE_SCOPES.join(", ")))
}

/// `linked-wallet` stands for its full name.
fn full_acr(name: &str) -> String {
    let bare = Acr::ALL.into_iter().find(|acr| acr.bare() == name);
    bare.map_or_else(|| name.to_owned(), |acr| acr.to_string())
}
