//! `POST` introspection endpoint (RFC 7662): what a token is good for, as JSON or as a signed JWT (RFC 9701).
//!
//! A client looks into its own tokens. A resource server that is to look into those of others is registered with the scope
//! [`INTROSPECT`]. To all others, and for a token that is not good, the answer is that it is not, and nothing else.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{self, Form, Proof, Proven};
use crate::audit::{Event, EventKind};
use crate::clients::{self, Client, INTROSPECT};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::error::{OAuthError, TokenFault};
use crate::grants::{self, AccessToken, Approval, Grant, RefreshToken};
use crate::keys::KeyError;
use crate::registry::{self, PersonId};
use crate::state::AppState;
use crate::store::StoreError;

/// `typ` of the signed answer (RFC 9701 §5).
const TYP: &str = "token-introspection+jwt";
/// Its media type (§4).
const SIGNED: &str = "application/token-introspection+jwt";
/// Its media type in the words of Bank iD's file.
const JWT: &str = "application/jwt";

/// The form, for the API document; read by [`Form`]. The client authenticates as at the token endpoint.
#[derive(Deserialize, JsonSchema)]
pub struct TokenQuery {
    /// An access token or a refresh token.
    pub token: String,
    /// `access_token` or `refresh_token`. Tokens say themselves which they are.
    pub token_type_hint: Option<String>,
    /// Where the client says who it is by nothing else.
    pub client_id: Option<String>,
    /// The client's secret, where it is registered for `client_secret_post`.
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    pub client_assertion_type: Option<String>,
    /// A JWT signed by a key of the client, or by its secret (RFC 7523).
    pub client_assertion: Option<String>,
}

/// What a token is good for (RFC 7662 §2.2). Where it is good for nothing, `active` alone.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Introspection {
    /// Whether it is good.
    pub active: bool,
    /// Scopes, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whom it was given to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `Bearer` or `DPoP`, of access tokens only; at Bank iD's mount `access_token` or `refresh_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// When it ends, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// When it was given, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// The person, as the client knows him; of a client's own token the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The key that it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// RFC 7800 §3, RFC 9449 §6.2.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Confirmation {
    /// RFC 7638 thumbprint of the key.
    pub jkt: String,
}

/// Claims of the signed answer (RFC 9701 §5).
#[derive(Serialize)]
struct Signed<'a> {
    iss: String,
    aud: &'a str,
    iat: i64,
    token_introspection: Introspection,
}

/// Looks into a token for a client that proves who it is.
///
/// # Errors
/// [`OAuthError`] in the mount's words; a client that proves it by nothing is refused.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, OAuthError> {
    let dialect = mount.dialect();
    let Proven { client, proof } = access::client(&state, mount, &headers, &form).await?;
    if matches!(proof, Proof::Public) {
        return Err(dialect.oauth(TokenFault::ClientAuthentication, "the client does not prove who it is"));
    }
    if !proof.spend(&state).await? {
        return Err(access::used_before(mount));
    }
    let token = form.require(dialect, "token", "token is missing")?;
    let found = look(&state, mount, &client, token).await?;
    answer(&state, mount, &headers, &client, found)
}

async fn look(state: &AppState, mount: Mount, asks: &Client, token: &str) -> Result<Introspection, OAuthError> {
    let may = |holder: &str| asks.id == holder || asks.scopes.iter().any(|scope| scope == INTROSPECT);
    if let Some(token) = grants::access_token(state, token).await? {
        if token.mount == mount && may(&token.client_id) {
            let about = match &token.grant {
                Grant::Login(approval) => Some((approval.person, approval.login)),
                Grant::Client { .. } => None,
            };
            let found = access(state, token).await?;
            note(state, asks, &found, about).await?;
            return Ok(found);
        }
    } else if let Some(token) = grants::refresh_token(state, token).await?
        && token.mount == mount
        && may(&token.client_id)
    {
        let about = Some((token.approval.person, token.approval.login));
        let found = refresh(state, token).await?;
        note(state, asks, &found, about).await?;
        return Ok(found);
    }
    Ok(Introspection::default())
}

/// Writes down that a resource server learnt something of a client that is not itself. What a client asks about its own
/// tokens tells it nothing new.
async fn note(
    state: &AppState,
    asks: &Client,
    found: &Introspection,
    about: Option<(PersonId, Option<i64>)>,
) -> Result<(), OAuthError> {
    if found.client_id.as_ref().is_none_or(|holder| *holder == asks.id) {
        return Ok(());
    }
    let (audit, mount, id) = (state.audit.clone(), asks.mount, asks.id.clone());
    let written: Result<(), StoreError> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let event = Event::new(EventKind::TokenIntrospected, mount).client(&id);
                let event = about.map_or(event, |(person, _)| event.person(person.0));
                let login = about.and_then(|(_, login)| login);
                audit.record(tx, login.map_or(event, |login| event.login(login))).await
            })
        })
        .await;
    Ok(written?)
}

async fn access(state: &AppState, token: AccessToken) -> Result<Introspection, OAuthError> {
    let Some(holder) = clients::find(state, token.mount, &token.client_id).await? else {
        return Ok(Introspection::default());
    };
    let (scope, sub) = match &token.grant {
        Grant::Client { scopes } => (scopes.join(" "), token.client_id.clone()),
        Grant::Login(approval) => match subject(state, &holder, approval).await? {
            Some(subject) => (scope_of(approval), subject),
            None => return Ok(Introspection::default()),
        },
    };
    Ok(Introspection {
        token_type: Some(match token.dpop_jkt {
            _ if token.mount.dialect().token_kinds => "access_token",
            Some(_) => "DPoP",
            None => "Bearer",
        }),
        ..living(state, token.mount, token.client_id, (token.issued_at, token.expires_at), scope, sub, token.dpop_jkt)
    })
}

async fn refresh(state: &AppState, token: RefreshToken) -> Result<Introspection, OAuthError> {
    let Some(holder) = clients::find(state, token.mount, &token.client_id).await? else {
        return Ok(Introspection::default());
    };
    let Some(sub) = subject(state, &holder, &token.approval).await? else { return Ok(Introspection::default()) };
    let scope = scope_of(&token.approval);
    let times = (token.issued_at, token.expires_at);
    Ok(Introspection {
        token_type: token.mount.dialect().token_kinds.then_some("refresh_token"),
        ..living(state, token.mount, token.client_id, times, scope, sub, token.dpop_jkt)
    })
}

fn living(
    state: &AppState,
    mount: Mount,
    client_id: String,
    (from, until): (Millis, Millis),
    scope: String,
    sub: String,
    jkt: Option<String>,
) -> Introspection {
    Introspection {
        active: true,
        scope: Some(scope),
        client_id: Some(client_id),
        token_type: None,
        exp: Some(until.div_euclid(1000)),
        iat: Some(from.div_euclid(1000)),
        sub: Some(sub),
        iss: Some(state.issuer(mount)),
        cnf: jkt.map(|jkt| Confirmation { jkt }),
    }
}

fn scope_of(approval: &Approval) -> String {
    approval.scopes.iter().chain(&approval.permitted_scopes).map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The person, as the token's holder knows him; `None` for one who is not active any more.
async fn subject(state: &AppState, holder: &Client, approval: &Approval) -> Result<Option<String>, OAuthError> {
    if !registry::is_active(state, approval.person).await? {
        return Ok(None);
    }
    Ok(Some(registry::subject_for(state, approval.person, holder.sector()).await?))
}

/// The media type of a signed answer, where the request accepts one that this mount has. Bank iD's file has a JWT of the
/// answer's own members; here they are RFC 9701's, one level down, so that nobody takes the answer for an ID token.
fn accepted(headers: &HeaderMap, mount: Mount) -> Option<&'static str> {
    let known: &[&'static str] = if mount.dialect().token_kinds { &[SIGNED, JWT] } else { &[SIGNED] };
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).find_map(|media| {
        let media = media.split(';').next().unwrap_or_default().trim();
        known.iter().find(|known| media.eq_ignore_ascii_case(known)).copied()
    })
}

/// As JSON, or signed where the client asks for that or registered an algorithm for it (RFC 9701 §4, §6).
fn answer(
    state: &AppState,
    mount: Mount,
    headers: &HeaderMap,
    client: &Client,
    found: Introspection,
) -> Result<Response, OAuthError> {
    let registered = client.introspection_signed_response_alg.map(|_| SIGNED);
    let mut response = if let Some(media) = accepted(headers, mount).or(registered) {
        let alg = client.introspection_signed_response_alg.or_else(|| client.signed_with());
        let signed = Signed {
            iss: state.issuer(mount),
            aud: &client.id,
            iat: state.clock.now().div_euclid(1000),
            token_introspection: found,
        };
        let token = state.keys.sign_jwt(alg.ok_or(KeyError::Crypto("choosing an algorithm"))?, TYP, &signed)?;
        ([(header::CONTENT_TYPE, media)], token).into_response()
    } else {
        Json(found).into_response()
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}
