//! Binding as wallets of others do it, through their backends: GovStack's `/binding-otp` and `/wallet-binding`, eSignet's
//! `/binding/*`. A proof of the key is taken when sent; its absence is recorded, for policies to refuse such keys.

use axum::extract::State;
use axum::http::HeaderMap;
use protocol::binding::{BindingOtpRequest, WalletBinding, WalletBindingRequest};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::bind::{Wish, bind};
use super::model::Profile;
use super::names;
use super::native::{send_otp, timestamp};
use crate::access;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;

/// What a wallet is bound as.
const FACTOR: &str = "WLA";
/// What a wallet will sign.
const FORMAT: &str = "jwt";

/// `POST binding-otp`, `POST binding/binding-otp` and `POST binding/v2/binding-otp`.
///
/// # Errors
/// 401 and 403 for the bearer token (`send_binding_otp`), `required_header_missing`; see `factors::send_otp`.
pub async fn otp(
    State(state): State<AppState>,
    mount: Mount,
    headers: HeaderMap,
    Body(request): Body<BindingOtpRequest>,
) -> Result<Reply, ApiError> {
    partner(&state, mount, &headers, "send_binding_otp").await?;
    Reply::of(&send_otp(&state, &request).await?)
}

/// `POST wallet-binding` and `POST binding/wallet-binding`.
///
/// # Errors
/// 401 and 403 for the bearer token (`wallet_binding`), `required_header_missing`, `invalid_auth_factor_type`,
/// `invalid_challenge_format`; see `bind`.
pub async fn wallet_binding(
    State(state): State<AppState>,
    mount: Mount,
    headers: HeaderMap,
    Body(request): Body<WalletBindingRequest>,
) -> Result<Reply, ApiError> {
    partner(&state, mount, &headers, "wallet_binding").await?;
    if request.auth_factor_type != FACTOR {
        return Err(Code::InvalidAuthFactorType.into());
    }
    if request.format != FORMAT {
        return Err(Code::InvalidChallengeFormatForFactor.into());
    }
    let wish = Wish {
        mount,
        profile: Profile::Legacy,
        individual_id: &request.individual_id,
        challenges: &request.challenge_list,
        public_key: &request.public_key,
        proof: request.proof.as_deref(),
        attestation: None,
        device_name: "",
    };
    let bound = bind(&state, &wish).await?;
    Reply::of(&WalletBinding {
        wallet_user_id: names::wallet_user_id(&state, mount, bound.person, &bound.jwk)?,
        expire_date_time: timestamp(bound.certified.expires_at)?,
        certificate: bound.certified.chain,
    })
}

/// Lets a wallet's backend in: by bearer token where the configuration demands one, and by the two headers, which must
/// name a partner of the configuration where it has any.
async fn partner(state: &AppState, mount: Mount, headers: &HeaderMap, scope: &str) -> Result<(), ApiError> {
    let binding = &state.config.binding;
    if binding.require_bearer {
        access::require_scope(state, mount, headers, &[scope]).await?;
    }
    let header =
        |name| headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.trim().is_empty());
    let (Some(id), Some(key)) = (header("partner-id"), header("partner-api-key")) else {
        return Err(Code::RequiredHeaderMissing.into());
    };
    if binding.partners.is_empty() {
        return Ok(());
    }
    let given: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
    let known = binding.partners.get(id).map_or("", String::as_str).to_ascii_lowercase();
    if bool::from(known.as_bytes().ct_eq(given.as_bytes())) { Ok(()) } else { Err(ApiError::Unauthorized) }
}
