//! Requests by a bound wallet: the `Tessera-Wallet` header, a JWS by the bound key over URL, time and body, good once.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Request};
use protocol::claim_time::DEFAULT_SKEW_S;
use protocol::consent::STATEMENT_PROFILE;
use protocol::jws::Jws;
use protocol::wallet_request::{Claims, HEADER_NAME, PROFILE, check};
use serde::de::DeserializeOwned;

use super::model::BoundKey;
use super::store::{self, Named, Standing};
use super::wla::token_hash;
use crate::error::{ApiError, Code};
use crate::http::envelope;
use crate::registry;
use crate::state::AppState;

/// Longest header taken, in bytes: an RSA-8192 signature and room for a long URL.
const LONGEST: usize = 4096;

/// The `request` of an envelope, and the key that signed for it. The key is live, and its person active.
pub struct Signed<T> {
    /// Who calls.
    pub key: BoundKey,
    /// What for.
    pub request: T,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Signed<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        envelope::require_json(&parts.headers)?;
        let url = match OriginalUri::from_request_parts(&mut parts, state).await {
            Ok(OriginalUri(uri)) => format!("{}{}", state.config.origin(), uri.path()),
        };
        let token = parts.headers.get(HEADER_NAME).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let bytes = Bytes::from_request(Request::from_parts(parts, body), state).await;
        let bytes = bytes.map_err(|_| ApiError::Malformed)?;
        let token = token.ok_or(Code::InvalidWalletToken)?;
        let key = caller(state, &token, &url, &bytes).await?;
        Ok(Self { key, request: envelope::read(&bytes, state.clock.now())? })
    }
}

/// The key that signed a header for this request.
///
/// # Errors
/// `binding_ended` where the header is good and its key is bound no more, `invalid_wallet_token` whatever else is wrong with
/// it.
async fn caller(state: &AppState, token: &str, url: &str, body: &[u8]) -> Result<BoundKey, ApiError> {
    let refused = || ApiError::from(Code::InvalidWalletToken);
    let jws = Jws::parse_within(token, LONGEST).map_err(|_| refused())?;
    jws.require(&PROFILE).map_err(|_| refused())?;
    let (key, standing) = signer(state, &jws).await?;
    let now = state.clock.now();
    let claims: Claims = jws.claims().map_err(|_| refused())?;
    check(&claims, url, body, now.div_euclid(1000), DEFAULT_SKEW_S).map_err(|_| refused())?;
    require_bound(state, &key, standing).await?;
    let hash = token_hash(&["request", &key.thumbprint, &claims.jti]);
    let until = (claims.exp + DEFAULT_SKEW_S) * 1000;
    let id = key.id;
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !store::take_token(tx, &hash, until).await? {
                    return Err(ApiError::from(Code::InvalidWalletToken));
                }
                // Revoked in the meantime?
                if store::touch(tx, id, now).await? { Ok(()) } else { Err(Code::BindingEnded.into()) }
            })
        })
        .await?;
    Ok(key)
}

/// The key that signed a consent statement, where the statement alone says who calls. That it says what the call says, and
/// that it is taken once, is the caller's to check.
///
/// # Errors
/// As of a header: `binding_ended`, `invalid_wallet_token`.
pub async fn stated_by(state: &AppState, statement: &str) -> Result<BoundKey, ApiError> {
    let refused = || ApiError::from(Code::InvalidWalletToken);
    let jws = Jws::parse(statement).map_err(|_| refused())?;
    jws.require(&STATEMENT_PROFILE).map_err(|_| refused())?;
    let (key, standing) = signer(state, &jws).await?;
    require_bound(state, &key, standing).await?;
    Ok(key)
}

/// The key that a JWS names, where it signed it.
async fn signer(state: &AppState, jws: &Jws) -> Result<(BoundKey, Standing), ApiError> {
    let refused = || ApiError::from(Code::InvalidWalletToken);
    let named = Named::Thumbprint(jws.header().kid.clone().ok_or_else(refused)?);
    let now = state.clock.now();
    let found = state.store.read(|tx| Box::pin(store::find(tx, named, now))).await?;
    let (key, standing) = found.ok_or_else(refused)?;
    if key.alg != jws.header().alg || state.keys.check(jws, &key.jwk).is_err() {
        return Err(refused());
    }
    Ok((key, standing))
}

/// Whether the key may speak for its person.
async fn require_bound(state: &AppState, key: &BoundKey, standing: Standing) -> Result<(), ApiError> {
    // The key's own end first: so says the phone of somebody who was erased.
    if standing == Standing::Ended {
        return Err(Code::BindingEnded.into());
    }
    if registry::is_active(state, key.person).await? { Ok(()) } else { Err(Code::InvalidWalletToken.into()) }
}
