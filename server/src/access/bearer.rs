//! Bearer tokens (RFC 6750), from the header only: a token in a URL would end up in logs.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::audit::Actor;
use crate::clients;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::grants::{self, Grant};
use crate::state::AppState;

/// A client acting for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The issuer of its token.
    pub mount: Mount,
    /// Its id.
    pub client_id: String,
}

/// How an access token was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential<'h> {
    /// `Authorization: Bearer …`: whoever has it may use it.
    Bearer(&'h str),
    /// `Authorization: DPoP …`: a proof of its key goes with it (RFC 9449 §7.1).
    DPoP(&'h str),
}

impl<'h> Credential<'h> {
    /// The token, however it was sent.
    #[must_use]
    pub fn token(self) -> &'h str {
        match self {
            Self::Bearer(token) | Self::DPoP(token) => token,
        }
    }

    /// Whether a proof goes with it.
    #[must_use]
    pub fn is_dpop(self) -> bool {
        matches!(self, Self::DPoP(_))
    }
}

/// The access token of the `Authorization` header; `None` where there is none, more than one header, or another scheme.
#[must_use]
pub fn credential(headers: &HeaderMap) -> Option<Credential<'_>> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    if token.is_empty() {
        None
    } else if scheme.eq_ignore_ascii_case("Bearer") {
        Some(Credential::Bearer(token))
    } else {
        scheme.eq_ignore_ascii_case("DPoP").then_some(Credential::DPoP(token))
    }
}

/// The token of `Authorization: Bearer …`; `None` where there is none, more than one header, or another scheme.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    match credential(headers)? {
        Credential::Bearer(token) => Some(token),
        Credential::DPoP(_) => None,
    }
}

/// The client whose own token this request bears, where the token was issued by this mount and has one of the scopes. What
/// belongs to the whole host is no issuer's: there a token of any of them will do.
///
/// # Errors
/// [`ApiError::Unauthorized`] for no token, a bad one, one that is bound to a key, one of another mount, a person's one, or one
/// of a client that is no longer active; [`ApiError::Forbidden`] where it has none of the scopes.
pub async fn require_scope(
    state: &AppState,
    mount: Mount,
    headers: &HeaderMap,
    scopes: &[&str],
) -> Result<Caller, ApiError> {
    let token = bearer(headers).ok_or(ApiError::Unauthorized)?;
    let token = grants::access_token(state, token).await?.ok_or(ApiError::Unauthorized)?;
    if token.dpop_jkt.is_some() {
        return Err(ApiError::Unauthorized);
    }
    let Grant::Client { scopes: have } = token.grant else { return Err(ApiError::Unauthorized) };
    let foreign = Mount::ALL_ISSUERS.contains(&mount) && token.mount != mount;
    if foreign || clients::find(state, token.mount, &token.client_id).await?.is_none() {
        return Err(ApiError::Unauthorized);
    }
    if !have.iter().any(|have| scopes.contains(&have.as_str())) {
        return Err(ApiError::Forbidden);
    }
    Ok(Caller { mount: token.mount, client_id: token.client_id })
}

/// Lets a request through to a route that demands a scope (`http::openapi::Doc::scope`), as [`require_scope`] says; the
/// handler finds the [`Caller`] among the request's extensions, and the [`Actor`] that events name.
pub async fn demand(
    State((state, scopes)): State<(AppState, &'static [&'static str])>,
    mount: Mount,
    mut request: Request,
    next: Next,
) -> Response {
    match require_scope(&state, mount, request.headers(), scopes).await {
        Ok(caller) => {
            request.extensions_mut().insert(Actor::client(caller.mount, &caller.client_id));
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}
