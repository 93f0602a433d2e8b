//! Client authentication by `private_key_jwt` (OpenID Connect Core §9, RFC 7523), the only method there is.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use protocol::jws::Jws;

use super::assertion::{Claims, Expected, typ_fits};
use super::form::Form;
use crate::clients::{self, AuthMethod, Client};
use crate::dialect::{Dialect, Mount};
use crate::error::{OAuthError, TokenFault};
use crate::grants::Assertion;
use crate::keys::UNDERSTOOD;
use crate::state::AppState;

/// `client_assertion_type` (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// A client that proved who it is.
pub struct Proven {
    /// Who.
    pub client: Arc<Client>,
    /// What it proved it with. Whether that was used before is found when it is taken.
    pub assertion: Assertion,
}

/// The client that sends this form, proven by an assertion, which whoever answers must take.
///
/// Refused: two methods at once, a secret, an assertion that is unreadable or for somebody else, a signature of an
/// algorithm other than ES256, EdDSA, PS256 or RS256 or of a key that is not the client's. An unknown client costs as
/// much time as a wrong signature.
///
/// # Errors
/// [`OAuthError`] in the mount's words; `temporarily_unavailable` where the database does not answer.
pub async fn client(state: &AppState, mount: Mount, headers: &HeaderMap, form: &Form) -> Result<Proven, OAuthError> {
    let dialect = mount.dialect();
    let refuse = |description| dialect.oauth(TokenFault::ClientAuthentication, description);
    let token = assertion(dialect, headers, form)?;
    let jws = Jws::parse(token).map_err(|_| refuse("the client assertion cannot be read"))?;
    if !typ_fits(jws.header().typ.as_deref()) {
        return Err(refuse("typ of the client assertion is of another kind of token"));
    }
    let claims: Claims = jws.claims().map_err(|_| refuse("a claim of the client assertion is missing or malformed"))?;
    if form.get("client_id").is_some_and(|id| id != claims.sub) {
        return Err(refuse("client_id is not the sub of the client assertion"));
    }
    let unproven = "unknown client, or the signature of the client assertion does not hold";
    let Some(client) = clients::find(state, mount, &claims.sub).await? else {
        state.keys.spend_a_check(&jws);
        return Err(refuse(unproven));
    };
    if !client.auth_methods.contains(&AuthMethod::PrivateKeyJwt) {
        return Err(refuse("the client is not registered for private_key_jwt"));
    }
    let keys = clients::signature_keys(state, &client, jws.header().kid.as_deref()).await;
    let keys = keys.map_err(|_| refuse("the client's published keys cannot be had"))?;
    state.keys.verify_parsed(&keys, &UNDERSTOOD, &jws).map_err(|_| refuse(unproven))?;
    let expected = Expected {
        client_id: &client.id,
        audiences: &audiences(state, mount),
        now: state.clock.now().div_euclid(1000),
        longest: i64::from(state.config.lifetimes.assertion),
    };
    let until = claims.check(&expected).map_err(refuse)?;
    let assertion = Assertion::new(client.mount, &client.id, &claims.jti, until);
    Ok(Proven { client, assertion })
}

/// The refusal of an assertion that was taken before.
#[must_use]
pub fn used_before(mount: Mount) -> OAuthError {
    mount.dialect().oauth(TokenFault::ClientAuthentication, "the client assertion was used before")
}

/// The one assertion of a request that uses no other method (RFC 6749 §2.3: not more than one).
fn assertion<'f>(dialect: &Dialect, headers: &HeaderMap, form: &'f Form) -> Result<&'f str, OAuthError> {
    let (kind, token) = (form.get("client_assertion_type"), form.get("client_assertion"));
    let others =
        usize::from(headers.contains_key(header::AUTHORIZATION)) + usize::from(form.get("client_secret").is_some());
    match (kind, token, others) {
        (None, None, 0) => Err(dialect.oauth(TokenFault::NoClientAuthentication, "a client assertion is needed")),
        (None, None, 1) => {
            Err(dialect.oauth(TokenFault::ClientAuthentication, "clients authenticate with private_key_jwt"))
        }
        (_, _, 1..) => Err(dialect.oauth(TokenFault::Malformed, "more than one way of client authentication")),
        (Some(kind), _, 0) if kind != ASSERTION_TYPE => {
            Err(dialect.oauth(TokenFault::AssertionType, "client_assertion_type is not known"))
        }
        (Some(_), Some(token), 0) => Ok(token),
        (None, Some(_), 0) => {
            Err(dialect.oauth(TokenFault::NoClientAuthentication, "client_assertion_type is missing"))
        }
        (Some(_), None, 0) => Err(dialect.oauth(TokenFault::NoClientAuthentication, "client_assertion is missing")),
    }
}

/// What an assertion may be addressed to: the issuer, or one of its token endpoints, as written in discovery.
fn audiences(state: &AppState, mount: Mount) -> Vec<String> {
    let (issuer, origin) = (state.issuer(mount), state.config.origin());
    // Where eSignet's issuer is the bare host, its token endpoint is still at its prefix too, as eSignet names it.
    let places = [issuer.clone(), format!("{origin}{}", mount.prefix())];
    let paths = mount.dialect().token_paths;
    let endpoints = places.iter().flat_map(|place| paths.iter().map(move |path| format!("{place}{path}")));
    endpoints.chain([issuer.clone()]).collect()
}
