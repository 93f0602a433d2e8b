//! What our own wallet calls: `/wallet/binding-otp`, `/wallet/binding-challenge`, `/wallet/binding`. No partner, no
//! backend between wallet and server; instead the wallet must prove that it holds the key.

use axum::extract::State;
use protocol::binding::{
    Binding, BindingChallenge, BindingChallengeRequest, BindingOtp, BindingOtpRequest, BindingRequest,
};
use protocol::timestamp::Timestamp;

use super::bind::{Wish, bind};
use super::model::Profile;
use super::{names, proof};
use crate::clock::Millis;
use crate::config::Config;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::factors::{self, OtpFor};
use crate::http::envelope::{Body, Reply};
use crate::ids::Kind;
use crate::state::AppState;

/// `POST /wallet/binding-otp`.
///
/// # Errors
/// See `factors::send_otp`.
pub async fn otp(State(state): State<AppState>, Body(request): Body<BindingOtpRequest>) -> Result<Reply, ApiError> {
    Reply::of(&send_otp(&state, &request).await?)
}

/// Sends an OTP for binding, for whichever path. No path demands a captcha, so `captchaToken` promises nothing and is
/// not looked at.
pub(super) async fn send_otp(state: &AppState, request: &BindingOtpRequest) -> Result<BindingOtp, ApiError> {
    let masked = factors::send_otp(state, OtpFor::Binding, &request.individual_id, &request.otp_channels).await?;
    Ok(BindingOtp { masked_email: masked.email, masked_mobile: masked.phone })
}

/// `POST /wallet/binding-challenge`.
///
/// # Errors
/// A fault of the store.
pub async fn challenge(
    State(state): State<AppState>,
    Body(BindingChallengeRequest {}): Body<BindingChallengeRequest>,
) -> Result<Reply, ApiError> {
    let (challenge, expires_at) = proof::challenge(&state).await?;
    Reply::of(&BindingChallenge {
        challenge,
        expire_date_time: timestamp(expires_at)?,
        issuer: state.config.origin().into(),
    })
}

/// `POST /wallet/binding`.
///
/// # Errors
/// See `bind`; `invalid_proof` where there is none, `invalid_device_name`.
pub async fn binding(State(state): State<AppState>, Body(request): Body<BindingRequest>) -> Result<Reply, ApiError> {
    let device_name = names::check(&request.device_name)?;
    if request.proof.is_empty() {
        return Err(Code::InvalidProof.into());
    }
    let wish = Wish {
        mount: Mount::Wallet,
        profile: Profile::Native,
        individual_id: &request.individual_id,
        challenges: &request.challenge_list,
        public_key: &request.public_key,
        proof: Some(&request.proof),
        attestation: request.attestation.as_ref(),
        device_name,
    };
    let bound = bind(&state, &wish).await?;
    Reply::of(&Binding {
        wallet_user_id: names::wallet_user_id(&state, Mount::Wallet, bound.person, &bound.jwk)?,
        device_id: state.ids.name(Kind::Device, bound.id),
        expire_date_time: timestamp(bound.certified.expires_at)?,
        certificate: bound.certified.chain,
        issuers: issuers(&state.config),
        issuer: state.config.origin().into(),
    })
}

/// The issuers that links to this server may name.
fn issuers(config: &Config) -> Vec<String> {
    let served = Mount::ALL_ISSUERS.into_iter().filter(|mount| config.mounts.serves(*mount));
    served.map(|mount| config.issuer(mount)).collect()
}

/// A time as the wire writes it.
pub(super) fn timestamp(at: Millis) -> Result<Timestamp, ApiError> {
    Timestamp::from_epoch_ms(at).map_err(|_| Code::KeyBindingFailed.into())
}
