//! Client management over HTTP (GovStack's and eSignet's `client-mgmt`). Who may call is checked before: `routes.rs`
//! demands a bearer token with the scope.

use axum::Extension;
use axum::extract::{Path, State};

use super::management;
use super::model::KeySource;
use super::requests::{Change, Create, Details, Keys, Registered, Removed, Renewed, Replaced};
use crate::audit::Actor;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;

/// `POST /client-mgmt/{oidc-client, oauth-client, client}`.
///
/// # Errors
/// The codes of eSignet's table; `duplicate_client_id`, `duplicate_public_key`.
pub async fn create(
    State(state): State<AppState>,
    mount: Mount,
    Extension(by): Extension<Actor>,
    Body(request): Body<Create>,
) -> Result<Reply, ApiError> {
    let client = management::create(&state, &by, mount, &request).await?;
    let secret = management::secret_of(&state, &client)?.map(|secret| secret.to_string());
    Reply::of(&Registered { client_secret: secret, ..Registered::of(&client) })
}

/// `POST /client-mgmt/client/{client_id}/secret`: a new secret, where the mount has clients with secrets.
///
/// # Errors
/// `invalid_client_id`; `invalid_client_auth` for a client that authenticates without one.
pub async fn renew_secret(
    State(state): State<AppState>,
    mount: Mount,
    Extension(by): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Reply, ApiError> {
    let secret = management::renew_secret(&state, &by, mount, &id).await?;
    Reply::of(&Renewed { client_id: id, client_secret: secret.to_string() })
}

/// `PUT /client-mgmt/{oidc-client, oauth-client, client}/{client_id}`.
///
/// # Errors
/// `invalid_client_id` for an unknown one, and the codes of eSignet's table.
pub async fn replace(
    State(state): State<AppState>,
    mount: Mount,
    Extension(by): Extension<Actor>,
    Path(id): Path<String>,
    Body(request): Body<Change>,
) -> Result<Reply, ApiError> {
    Reply::of(&Registered::of(&management::change(&state, &by, mount, &id, request, true).await?))
}

/// `PUT /client-mgmt/oidc-client`, with the id in the body, as GovStack's text has it (its interface file has it in the path).
///
/// # Errors
/// As [`replace`].
pub async fn replace_named(
    State(state): State<AppState>,
    mount: Mount,
    Extension(by): Extension<Actor>,
    Body(request): Body<Change>,
) -> Result<Reply, ApiError> {
    let id = request.client_id.clone().ok_or(ApiError::Refused(vec![(Code::InvalidClientId, Some("clientId"))]))?;
    Reply::of(&Registered::of(&management::change(&state, &by, mount, &id, request, true).await?))
}

/// `PATCH /client-mgmt/client/{client_id}`.
///
/// # Errors
/// As [`replace`], for what it names.
pub async fn patch(
    State(state): State<AppState>,
    mount: Mount,
    Extension(by): Extension<Actor>,
    Path(id): Path<String>,
    Body(request): Body<Change>,
) -> Result<Reply, ApiError> {
    Reply::of(&Registered::of(&management::change(&state, &by, mount, &id, request, false).await?))
}

/// `GET /client-mgmt/client/{client_id}`.
///
/// # Errors
/// `invalid_client_id` for an unknown one.
pub async fn show(State(state): State<AppState>, mount: Mount, Path(id): Path<String>) -> Result<Reply, ApiError> {
    let client = super::find_any(&state, mount, &id).await?.ok_or(Code::InvalidClientId)?;
    Reply::of(&Details::of(&client))
}

/// `DELETE /client-mgmt/client/{client_id}`.
///
/// # Errors
/// `invalid_client_id` for an unknown one.
pub async fn remove(
    State(state): State<AppState>,
    mount: Mount,
    Extension(by): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Reply, ApiError> {
    management::remove(&state, &by, mount, &id).await?;
    Reply::of(&Removed { client_id: id })
}

/// `POST /client-mgmt/client/{client_id}/keys`: replaces the signature keys. Not on GovStack's mount.
///
/// # Errors
/// `invalid_client_id`, `invalid_public_key`, `invalid_uri`, `duplicate_public_key`.
pub async fn set_keys(
    State(state): State<AppState>,
    mount: Mount,
    Extension(by): Extension<Actor>,
    Path(id): Path<String>,
    Body(request): Body<Keys>,
) -> Result<Reply, ApiError> {
    let client = management::set_keys(&state, &by, mount, &id, &request).await?;
    let thumbprints = match &client.keys {
        KeySource::Keys(keys) => keys.iter().map(protocol::jwk::Jwk::thumbprint).collect(),
        KeySource::Uri(_) => Vec::new(),
    };
    Reply::of(&Replaced { client_id: client.id, thumbprints })
}
