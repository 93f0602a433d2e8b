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

/// The token of `Authorization: Bearer …`; `None` where there is none, more than one header, or another scheme.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

/// The client whose own token this request bears, where the token was issued by this mount and has the scope. What belongs
/// to the whole host is no issuer's: there a token of any of them will do.
///
/// # Errors
/// [`ApiError::Unauthorized`] for no token, a bad one, one of another mount, a person's one, or one of a client that is
/// no longer active; [`ApiError::Forbidden`] where the scope is missing.
pub async fn require_scope(
    state: &AppState,
    mount: Mount,
    headers: &HeaderMap,
    scope: &str,
) -> Result<Caller, ApiError> {
    let token = bearer(headers).ok_or(ApiError::Unauthorized)?;
    let token = grants::access_token(state, token).await?.ok_or(ApiError::Unauthorized)?;
    let Grant::Client { scopes } = token.grant else { return Err(ApiError::Unauthorized) };
    let foreign = Mount::ALL_ISSUERS.contains(&mount) && token.mount != mount;
    if foreign || clients::find(state, token.mount, &token.client_id).await?.is_none() {
        return Err(ApiError::Unauthorized);
    }
    if !scopes.iter().any(|have| have == scope) {
        return Err(ApiError::Forbidden);
    }
    Ok(Caller { mount: token.mount, client_id: token.client_id })
}

/// Lets a request through to a route that demands a scope (`http::openapi::Doc::scope`), as [`require_scope`] says; the
/// handler finds the [`Caller`] among the request's extensions, and the [`Actor`] that events name.
pub async fn demand(
    State((state, scope)): State<(AppState, &'static str)>,
    mount: Mount,
    mut request: Request,
    next: Next,
) -> Response {
    match require_scope(&state, mount, request.headers(), scope).await {
        Ok(caller) => {
            request.extensions_mut().insert(Actor::client(caller.mount, &caller.client_id));
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}
