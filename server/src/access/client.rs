//! Client authentication (RFC 6749 §2.3, OpenID Connect Core §9, RFC 7523): by the one method that the client registered,
//! held to the rules of its policy.

use std::sync::Arc;

use axum::http::HeaderMap;
use protocol::jws::{Algorithm, Jws};
use zeroize::Zeroizing;

use super::assertion::{Claims, Expected, typ_fits};
use super::form::Form;
use super::offered::Offered;
use super::secret_jwt::SecretJwt;
use crate::clients::{self, AuthMethod, Client};
use crate::dialect::Mount;
use crate::error::{OAuthError, TokenFault};
use crate::grants::Assertion;
use crate::state::AppState;
use crate::store::StoreError;

/// `client_assertion_type` (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Told for an unknown client and for a wrong signature alike.
const UNPROVEN: &str = "unknown client, or the signature of the client assertion does not hold";
/// Told for an unknown client and for a wrong secret alike.
const WRONG_SECRET: &str = "unknown client, or not its secret, or not the method it is registered for";

/// A client that proved who it is, as its registration says.
pub struct Proven {
    /// Who.
    pub client: Arc<Client>,
    /// What it proved it with.
    pub proof: Proof,
}

/// What a client proved with who it is.
#[derive(Debug)]
#[must_use]
pub enum Proof {
    /// An assertion. Whether that was used before is found when it is taken, and whoever answers must take it.
    Assertion(Assertion),
    /// Its secret.
    Secret,
    /// Nothing: it is registered as one that keeps no secret.
    Public,
}

impl Proof {
    /// The assertion, to be taken with what it asks for.
    #[must_use]
    pub fn into_assertion(self) -> Option<Assertion> {
        match self {
            Self::Assertion(assertion) => Some(assertion),
            Self::Secret | Self::Public => None,
        }
    }

    /// Takes the assertion, where there is one and nothing else is to be written. `false` where it was taken before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn spend(self, state: &AppState) -> Result<bool, StoreError> {
        match self.into_assertion() {
            Some(assertion) => assertion.spend(state).await,
            None => Ok(true),
        }
    }
}

/// The client that sends this form, proven by the method it registered.
///
/// Refused: two methods at once, a method other than the registered one, an assertion that is unreadable or for somebody
/// else, a signature of an algorithm that its policy or registration does not name or of a key that is not the client's.
/// An unknown client costs as much time as a wrong signature or secret.
///
/// # Errors
/// [`OAuthError`] in the mount's words; `temporarily_unavailable` where the database does not answer.
pub async fn client(state: &AppState, mount: Mount, headers: &HeaderMap, form: &Form) -> Result<Proven, OAuthError> {
    match Offered::read(mount, headers, form)? {
        Offered::Nothing { client_id } => by_nothing(state, mount, client_id).await,
        Offered::Secret { method, client_id, secret } => by_secret(state, mount, method, &client_id, &secret).await,
        Offered::Assertion(token) => match SecretJwt::parse(token) {
            Some(jwt) => by_secret_jwt(state, mount, form, &jwt).await,
            None => by_signature(state, mount, form, token).await,
        },
    }
}

/// The refusal of an assertion that was taken before.
#[must_use]
pub fn used_before(mount: Mount) -> OAuthError {
    mount.dialect().oauth(TokenFault::ClientAuthentication, "the client assertion was used before")
}

async fn by_nothing(state: &AppState, mount: Mount, id: &str) -> Result<Proven, OAuthError> {
    let client = clients::find(state, mount, id).await?.filter(|client| may(client, AuthMethod::None));
    let refuse = || mount.dialect().oauth(TokenFault::NoClientAuthentication, "a client assertion is needed");
    Ok(Proven { client: client.ok_or_else(refuse)?, proof: Proof::Public })
}

async fn by_secret(
    state: &AppState,
    mount: Mount,
    method: AuthMethod,
    id: &str,
    secret: &str,
) -> Result<Proven, OAuthError> {
    let client = clients::find(state, mount, id).await?.filter(|client| may(client, method));
    let kept = client.as_ref().and_then(|client| client.secret.as_ref());
    let right = clients::is_secret(&state.secrets, mount, id, kept, secret);
    let client = client.filter(|_| right);
    let refuse = || mount.dialect().oauth(TokenFault::ClientAuthentication, WRONG_SECRET);
    Ok(Proven { client: client.ok_or_else(refuse)?, proof: Proof::Secret })
}

async fn by_secret_jwt(state: &AppState, mount: Mount, form: &Form, jwt: &SecretJwt<'_>) -> Result<Proven, OAuthError> {
    let refuse = |description| mount.dialect().oauth(TokenFault::ClientAuthentication, description);
    let claims: Option<Claims> = jwt.claims();
    let claims = claims.ok_or_else(|| refuse("a claim of the client assertion is missing or malformed"))?;
    let addressed = typ_fits(jwt.typ.as_deref()) && form.get("client_id").is_none_or(|id| id == claims.sub);
    let client = clients::find(state, mount, &claims.sub).await?;
    let client = client.filter(|client| may(client, AuthMethod::ClientSecretJwt));
    let secret = match client.as_ref().and_then(|client| client.secret.as_ref()) {
        Some(kept) => kept.open(&state.secrets, mount, &claims.sub)?,
        // As long as a secret of ours, so that the check takes as long.
        None => Zeroizing::new("-".repeat(64)),
    };
    let holds = jwt.holds(secret.as_bytes());
    let client = client.filter(|client| {
        let registered = client.token_endpoint_auth_mac_alg;
        let alg = registered.map_or_else(|| client.policy().mac_algorithms.contains(&jwt.alg), |alg| alg == jwt.alg);
        holds && addressed && alg && client.secret.is_some()
    });
    let client = client.ok_or_else(|| refuse(UNPROVEN))?;
    proven(state, mount, client, &claims)
}

async fn by_signature(state: &AppState, mount: Mount, form: &Form, token: &str) -> Result<Proven, OAuthError> {
    let refuse = |description| mount.dialect().oauth(TokenFault::ClientAuthentication, description);
    let jws = Jws::parse(token).map_err(|_| refuse("the client assertion cannot be read"))?;
    if !typ_fits(jws.header().typ.as_deref()) {
        return Err(refuse("typ of the client assertion is of another kind of token"));
    }
    let claims: Claims = jws.claims().map_err(|_| refuse("a claim of the client assertion is missing or malformed"))?;
    if form.get("client_id").is_some_and(|id| id != claims.sub) {
        return Err(refuse("client_id is not the sub of the client assertion"));
    }
    let Some(client) = clients::find(state, mount, &claims.sub).await? else {
        state.keys.spend_a_check(&jws);
        return Err(refuse(UNPROVEN));
    };
    if !may(&client, AuthMethod::PrivateKeyJwt) {
        return Err(refuse("the client is not registered for private_key_jwt"));
    }
    let keys = clients::signature_keys(state, &client, jws.header().kid.as_deref()).await;
    let keys = keys.map_err(|_| refuse("the client's published keys cannot be had"))?;
    let registered = client.token_endpoint_auth_signing_alg;
    let allowed: &[Algorithm] = registered.as_ref().map_or(client.policy().client_algorithms, std::slice::from_ref);
    state.keys.verify_parsed(&keys, allowed, &jws).map_err(|_| refuse(UNPROVEN))?;
    proven(state, mount, client, &claims)
}

/// Whether the client is registered for the method and its policy still allows it.
fn may(client: &Client, method: AuthMethod) -> bool {
    client.auth_methods.contains(&method) && client.policy().auth_methods.contains(&method)
}

/// The claims of an assertion whose signature holds.
fn proven(state: &AppState, mount: Mount, client: Arc<Client>, claims: &Claims) -> Result<Proven, OAuthError> {
    let expected = Expected {
        client_id: &client.id,
        issuer: &state.issuer(mount),
        endpoints: &endpoints(state, mount),
        allowed: client.policy().assertion_audience,
        now: state.clock.now().div_euclid(1000),
        longest: i64::from(state.config.lifetimes.assertion),
    };
    let until = claims.check(&expected);
    let until = until.map_err(|why| mount.dialect().oauth(TokenFault::ClientAuthentication, why))?;
    let assertion = Assertion::new(client.mount, &client.id, &claims.jti, until);
    Ok(Proven { client, proof: Proof::Assertion(assertion) })
}

/// The endpoints that an assertion may be addressed to, as written in discovery.
fn endpoints(state: &AppState, mount: Mount) -> Vec<String> {
    // Where eSignet's issuer is the bare host, its token endpoint is still at its prefix too, as eSignet names it.
    let places = [state.issuer(mount), format!("{}{}", state.config.origin(), mount.prefix())];
    let dialect = mount.dialect();
    let paths = || dialect.token_paths.iter().copied().chain(dialect.par_path);
    places.iter().flat_map(|place| paths().map(move |path| format!("{place}{path}"))).collect()
}
