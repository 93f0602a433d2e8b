//! Clients that register themselves and look after their registration (RFC 7591, RFC 7592), as far as the room of clients
//! goes; who may call is asked above.

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::cache::Cache;
use super::management::{self, ManagementError};
use super::metadata::{self, NotMetadata, Reader};
use super::model::{AuthMethod, Client, GrantType, NO_LANGUAGE, Status};
use super::profile::Profile;
use super::registration::{Registration, ResponseType};
use super::secret::RegistrationAccess;
use crate::acr::Acr;
use crate::audit::Actor;
use crate::clock::random;
use crate::config::Mode;
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::state::AppState;
use crate::store::StoreError;

/// Why a client may not register itself so.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Its metadata.
    #[error(transparent)]
    Metadata(#[from] NotMetadata),
    /// No such client, or not its token.
    #[error("the registration access token is not this client's")]
    NotItsToken,
    /// The database, or the secret file.
    #[error("the registration cannot be kept at the moment")]
    Unavailable,
}

impl From<ManagementError> for RegistrationError {
    fn from(error: ManagementError) -> Self {
        if matches!(error, ManagementError::Unknown) {
            return Self::NotItsToken;
        }
        tracing::error!(%error, "a client could not register itself");
        Self::Unavailable
    }
}

impl From<StoreError> for RegistrationError {
    fn from(error: StoreError) -> Self {
        ManagementError::from(error).into()
    }
}

/// A client, its secret where it has one, and the token that it manages its registration with.
pub struct SelfRegistered {
    client: Client,
    secret: Option<Zeroizing<String>>,
    access_token: String,
    /// In seconds.
    issued_at: i64,
}

impl SelfRegistered {
    fn of(state: &AppState, client: Client, access_token: String) -> Result<Self, RegistrationError> {
        let secret = management::secret_of(state, &client)?;
        let issued_at = state.ids.made_at(client.row).div_euclid(1000);
        Ok(Self { client, secret, access_token, issued_at })
    }

    /// The client information response (RFC 7591 §3.2.1, RFC 7592 §3). `endpoint` is where clients register.
    #[must_use]
    pub fn answer(&self, endpoint: &str) -> Map<String, Value> {
        let mut members = metadata::write(&self.client);
        // The profile is the operator's to choose, and no word of the standards.
        members.remove("profile");
        let id = &self.client.id;
        members.insert("client_id".into(), json!(id));
        members.insert("client_id_issued_at".into(), json!(self.issued_at));
        if let Some(secret) = &self.secret {
            members.insert("client_secret".into(), json!(secret.as_str()));
            members.insert("client_secret_expires_at".into(), json!(0));
        }
        members.insert("registration_access_token".into(), json!(self.access_token));
        members.insert("registration_client_uri".into(), json!(format!("{endpoint}/{id}")));
        members
    }
}

/// Registers a client by its metadata, under an id and with a secret that this server makes.
///
/// # Errors
/// [`RegistrationError`].
pub async fn register(
    state: &AppState,
    mount: Mount,
    sent: &Map<String, Value>,
) -> Result<SelfRegistered, RegistrationError> {
    let id = protocol::base64url::encode(random::<16>(&*state.rng));
    let (mut registration, relying_party_id) = read(state, mount, &id, sent).await?;
    let (access, access_token) = RegistrationAccess::make(state);
    registration.registration_access = Some(access);
    let row = state.next_id();
    let mut client = Client { row, id, mount, relying_party_id, status: Status::Active, registration };
    management::with_secret(state, &mut client)?;
    let client = management::insert(state, &Actor::itself(), client).await?;
    SelfRegistered::of(state, client, access_token)
}

/// What is registered about the client whose token this is.
///
/// # Errors
/// [`RegistrationError`].
pub async fn show(
    state: &AppState,
    mount: Mount,
    id: &str,
    access_token: &str,
) -> Result<SelfRegistered, RegistrationError> {
    let client = of_token(state, mount, id, access_token).await?;
    SelfRegistered::of(state, client, access_token.to_owned())
}

/// Replaces all of a client's metadata by what it sends (RFC 7592 §2.2). Id, secret and token stay, as long as the client
/// authenticates with a secret.
///
/// # Errors
/// [`RegistrationError`].
pub async fn replace(
    state: &AppState,
    mount: Mount,
    id: &str,
    access_token: &str,
    sent: &Map<String, Value>,
) -> Result<SelfRegistered, RegistrationError> {
    let known = of_token(state, mount, id, access_token).await?;
    let secret = management::secret_of(state, &known)?;
    if sent.get("client_id") != Some(&json!(id)) {
        return Err(NotMetadata::of("client_id", "the client's own must be repeated").into());
    }
    let repeated = sent.get("client_secret").is_none_or(|sent| secret.as_ref().is_some_and(|own| *sent == **own));
    if !repeated {
        return Err(NotMetadata::of("client_secret", "it is this server's to choose; repeat it or leave it out").into());
    }
    for member in
        ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"]
    {
        if sent.contains_key(member) {
            return Err(NotMetadata::of(member, "it may not be sent").into());
        }
    }
    let (registration, relying_party_id) = read(state, mount, id, sent).await?;
    let opened = state.ids.open(Kind::Registration, access_token).ok_or(RegistrationError::NotItsToken)?;
    let own_state = state.clone();
    let by = Actor::itself();
    let edited = management::edit(state, &by, mount, id, move |client| {
        let before = std::mem::replace(&mut client.registration, registration);
        // Between the look and this write the client may have been removed and its token with it.
        if !before.registration_access.as_ref().is_some_and(|access| access.is(&opened)) {
            return Err(ManagementError::Unknown);
        }
        client.relying_party_id = relying_party_id;
        client.registration.registration_access = before.registration_access;
        client.registration.secret = before.secret;
        management::with_secret(&own_state, client)
    });
    let client = edited.await?;
    SelfRegistered::of(state, client, access_token.to_owned())
}

/// Removes a client at its own wish, and all it could do with it (RFC 7592 §2.3).
///
/// # Errors
/// [`RegistrationError`].
pub async fn withdraw(state: &AppState, mount: Mount, id: &str, access_token: &str) -> Result<(), RegistrationError> {
    of_token(state, mount, id, access_token).await?;
    management::remove(state, &Actor::itself(), mount, id).await?;
    state.kept.get::<Cache>().forget(mount, id);
    Ok(())
}

/// The active client of this id whose token this is; always from the database.
async fn of_token(state: &AppState, mount: Mount, id: &str, access_token: &str) -> Result<Client, RegistrationError> {
    let opened = state.ids.open(Kind::Registration, access_token).ok_or(RegistrationError::NotItsToken)?;
    let client = super::find_any(state, mount, id).await?.filter(|client| client.status == Status::Active);
    let its = |client: &Client| client.registration_access.as_ref().is_some_and(|access| access.is(&opened));
    client.filter(its).ok_or(RegistrationError::NotItsToken)
}

/// The registration that metadata stands for, with the defaults of OpenID Connect Registration §2, and its relying party.
async fn read(
    state: &AppState,
    mount: Mount,
    id: &str,
    sent: &Map<String, Value>,
) -> Result<(Registration, String), NotMetadata> {
    let profile = Profile::of_mount(mount).first().copied().unwrap_or_default();
    let (dialect, policy) = (mount.dialect(), profile.policy());
    let signing = state.config.signs_with(mount);
    let wanted = &state.config.registration.claims;
    let claims = dialect.claims.iter().filter(|claim| wanted.is_empty() || wanted.iter().any(|known| known == *claim));
    let mut registration = Registration {
        user_claims: claims.map(|claim| (*claim).to_owned()).collect(),
        acrs: Acr::ALL.to_vec(),
        grant_types: vec![GrantType::AuthorizationCode],
        response_types: vec![ResponseType::Code],
        auth_methods: vec![AuthMethod::ClientSecretBasic],
        id_token_alg: Some(protocol::jws::Algorithm::Rs256).filter(|alg| signing.contains(alg)),
        profile,
        ..Registration::default()
    };
    let plain_http = state.config.mode == Mode::Development;
    Reader { signing: &signing, policy, fetch: &state.fetch, plain_http }.read(sent, &mut registration)?;
    if registration.grant_types.contains(&GrantType::ClientCredentials) {
        return Err(NotMetadata::of("grant_types", "client_credentials is for clients that the operator registers"));
    }
    metadata::check(&registration, policy)?;
    let sector = metadata::sector(&state.fetch, &registration, sent.contains_key("subject_type")).await?;
    if !registration.name.contains_key(NO_LANGUAGE) {
        let name = sector.clone().unwrap_or_else(|| id.to_owned());
        registration.name.insert(NO_LANGUAGE.to_owned(), name);
    }
    // What no operator wrote is never taken for a relying party of an operator's.
    let relying_party_id = sector.map_or_else(|| format!("client:{id}"), |host| format!("sector:{host}"));
    Ok((registration, relying_party_id))
}
