//! `oauth-details`: a login begins.

use axum::extract::State;
use protocol::linked::ClientName;
use sha2::{Digest, Sha256};

use super::super::asked::Asked;
use super::super::bodies::{OAuthDetails, OAuthDetailsRequest, OAuthDetailsRequestV2, ParOAuthDetailsRequest};
use super::super::request::Prompt;
use super::super::{auth_factors, begin, configs};
use crate::clients::{Client, NO_LANGUAGE};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply};
use crate::risk::Origin;
use crate::state::AppState;

/// What the versions of the API differ in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    /// The name is text.
    One,
    /// The name is by language, and there are scopes of credentials.
    Two,
}

/// `POST authorization/oauth-details`.
///
/// # Errors
/// Every fault that the checks find; 403 without CSRF token.
pub async fn v1(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    from: Origin,
    Body(request): Body<OAuthDetailsRequest>,
) -> Result<Reply, ApiError> {
    start(&state, mount, &browser, from, &request.into(), Version::One).await
}

/// `POST authorization/v2/oauth-details` and `v3`.
///
/// # Errors
/// As [`v1`].
pub async fn v2(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    from: Origin,
    Body(request): Body<OAuthDetailsRequestV2>,
) -> Result<Reply, ApiError> {
    start(&state, mount, &browser, from, &request.into(), Version::Two).await
}

/// `POST authorization/par-oauth-details`: no request was ever pushed here, so that no `requestUri` is known.
///
/// # Errors
/// `invalid_client_id` where the client is missing, else `invalid_request`; 403 without CSRF token.
pub async fn par(_: Browser, Body(request): Body<ParOAuthDetailsRequest>) -> Result<Reply, ApiError> {
    let blank = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().is_empty();
    let code = if blank(&request.client_id) { Code::InvalidClientId } else { Code::InvalidRequest };
    Err(code.into())
}

async fn start(
    state: &AppState,
    mount: Mount,
    browser: &Browser,
    from: Origin,
    asked: &Asked,
    version: Version,
) -> Result<Reply, ApiError> {
    let checked = begin::check(state, mount, asked, from).await?;
    let minted = begin::mint(state);
    let request = &checked.request;
    if request.prompts(Prompt::None) {
        // Whoever calls this shows a page.
        return Err(Code::InvalidPrompt.into());
    }
    let reply = Reply::of(&OAuthDetails {
        transaction_id: minted.text.clone(),
        client_name: name(&checked.client, version),
        logo_url: checked.client.registration.logo_uri.clone(),
        auth_factors: auth_factors::offered(request, mount.dialect()),
        authorize_scopes: request.authorize_scopes.clone(),
        essential_claims: request.essential_claims(),
        voluntary_claims: request.voluntary_claims(),
        credential_scopes: (version == Version::Two).then(Vec::new),
        configs: configs(state, &checked.client),
        redirect_uri: request.redirect_uri.clone(),
    })?;
    let hash = protocol::base64url::encode(Sha256::digest(reply.text()));
    begin::write(state, mount, browser, &checked, minted, hash).await?;
    Ok(reply)
}

fn name(client: &Client, version: Version) -> ClientName {
    let names = &client.registration.name;
    match version {
        Version::One => ClientName::Plain(names.get(NO_LANGUAGE).cloned().unwrap_or_default()),
        Version::Two => ClientName::ByLanguage(names.clone()),
    }
}
