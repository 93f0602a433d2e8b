//! What the bound key signs to log in: the token, and the consent.

use super::review::Agreed;
use super::state::Asked;
use crate::bound::{self, BindingProfile, BindingRecord};
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::ports::{SigningPrompt, SigningPurpose};
use protocol::consent::{self, Statement};
use protocol::jws::SigningInput;
use protocol::wla::{self, LegacyClaims, NativeClaims};
use serde::{Deserialize, Serialize};

/// `iss` of legacy tokens; no server checks it.
const LEGACY_ISSUER: &str = "tessera-wallet";
/// Lifetime of legacy tokens, in seconds. They are bound to no login, so they are short.
const LEGACY_LIFE_S: i64 = 120;
/// MOSIP IDA refuses an `iat` in its future, be it by a second.
const LEGACY_BACKDATE_S: i64 = 2;

/// The consent as signed: kept until the server has it, so that no second prompt is needed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SignedConsent {
    pub(crate) agreed: Agreed,
    /// eSignet's two-part signature.
    pub(crate) signature: String,
    /// Our statement; with native bindings only.
    pub(crate) statement: Option<String>,
    /// The key that signed it, as a JWK.
    #[serde(default)]
    pub(crate) public_key: Option<String>,
}

crate::redact::redacted_debug!(SignedConsent);

/// Signs token and consent under one prompt.
pub(super) async fn token_and_consent(
    parts: &Parts,
    bound: &BindingRecord,
    asked: &Asked,
    agreed: Agreed,
) -> Result<(String, SignedConsent), WalletError> {
    let token = token_input(parts, bound, asked, agreed.number.as_deref())?;
    let detached = consent::detached_signing_input(
        bound.jws_algorithm(),
        &bound.certificate_thumbprint,
        &agreed.claims,
        &agreed.scopes,
    )
    .map_err(|_| ErrorCode::InvalidInput)?;
    let statement = match bound.profile {
        BindingProfile::Native => Some(statement_input(parts, bound, asked, &agreed)?),
        BindingProfile::Esignet => None,
    };
    let inputs: Vec<&SigningInput> = [&token, &detached].into_iter().chain(statement.as_ref()).collect();
    let signatures = bound.sign(parts, &inputs, prompt(asked)).await?;
    let signed = |at: usize| signatures.get(at).ok_or(ErrorCode::KeyStoreFailed);
    let public_key = bound::jwk_of(&parts.keys.info(bound.key_alias.clone()).await?.public_key)?.canonical();
    let consent = SignedConsent {
        agreed,
        public_key: Some(public_key),
        signature: detached.attach_detached(signed(1)?),
        statement: match &statement {
            Some(input) => Some(input.attach(signed(2)?)),
            None => None,
        },
    };
    Ok((token.attach(signed(0)?), consent))
}

/// Signs a new token for a login that was approved before.
pub(super) async fn token(
    parts: &Parts,
    bound: &BindingRecord,
    asked: &Asked,
    number: Option<&str>,
) -> Result<String, WalletError> {
    let input = token_input(parts, bound, asked, number)?;
    let signatures = bound.sign(parts, &[&input], prompt(asked)).await?;
    Ok(input.attach(signatures.first().ok_or(ErrorCode::KeyStoreFailed)?))
}

fn prompt(asked: &Asked) -> SigningPrompt {
    SigningPrompt { purpose: SigningPurpose::Login, audience: Some(asked.review.relying_party.name.clone()) }
}

/// The form of the token follows the binding, never the server's wish: a native key signs the
/// native form only.
fn token_input(
    parts: &Parts,
    bound: &BindingRecord,
    asked: &Asked,
    number: Option<&str>,
) -> Result<SigningInput, WalletError> {
    let now = parts.exchange.now(&bound.server)?.epoch_seconds();
    let algorithm = bound.jws_algorithm();
    let input = match bound.profile {
        BindingProfile::Native => {
            let claims = NativeClaims {
                iss: bound.key_thumbprint.clone(),
                sub: bound.individual_id.clone(),
                aud: asked.review.issuer.clone(),
                nonce: asked.nonce.clone().ok_or(ErrorCode::UnexpectedAnswer)?,
                txn: asked.link_transaction_id.clone(),
                jti: parts.random_id()?,
                iat: now,
                exp: now.saturating_add(wla::MAX_LIFE_S),
                match_number: number.map(str::to_owned),
            };
            wla::native_signing_input(algorithm, Some(&bound.certificate_thumbprint), &claims)
        }
        BindingProfile::Esignet => {
            let claims = LegacyClaims {
                iss: LEGACY_ISSUER.to_owned(),
                sub: bound.individual_id.clone(),
                aud: bound.legacy_audience.clone().ok_or(ErrorCode::StoreCorrupt)?,
                iat: now.saturating_sub(LEGACY_BACKDATE_S),
                exp: now.saturating_add(LEGACY_LIFE_S),
            };
            wla::legacy_signing_input(algorithm, &bound.certificate_thumbprint, &claims)
        }
    };
    input.map_err(|_| ErrorCode::InvalidInput.into())
}

fn statement_input(
    parts: &Parts,
    bound: &BindingRecord,
    asked: &Asked,
    agreed: &Agreed,
) -> Result<SigningInput, WalletError> {
    let statement = Statement {
        iss: bound.key_thumbprint.clone(),
        aud: asked.review.issuer.clone(),
        txn: asked.link_transaction_id.clone(),
        client_id: asked.client_id.clone(),
        client_name: asked.review.relying_party.name.clone(),
        claims: agreed.claims.clone(),
        scopes: agreed.scopes.clone(),
        iat: parts.exchange.now(&bound.server)?.epoch_seconds(),
        jti: parts.random_id()?,
    };
    consent::statement_signing_input(bound.jws_algorithm(), &statement).map_err(|_| ErrorCode::InvalidInput.into())
}
