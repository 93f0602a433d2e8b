//! `send-otp`: the wallet asks for an OTP to the person, good for this login only (E3).

use axum::extract::State;
use protocol::linked::{SendOtp, SendOtpRequest};

use super::access;
use crate::authorization::Stage;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::factors::{self, OtpFor};
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;

/// `POST linked-authorization/send-otp`. An unknown person is answered like a known one (E4).
///
/// # Errors
/// `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over, not waiting for a proof),
/// `invalid_identifier`, `invalid_otp_channel`, `send_otp_failed`, `no_attempts_left`, `individual_id_blocked`.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    Body(request): Body<SendOtpRequest>,
) -> Result<Reply, ApiError> {
    let id = access::open_linked(&state, &request.transaction_id)?;
    let in_read = state.clone();
    let linked = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let linked = access::of_wallet(&in_read, tx, Some(mount), &id).await?;
                match linked.transaction.stage {
                    Stage::Linked(_) => Ok(linked.id),
                    _ => Err(ApiError::from(Code::InvalidTransaction)),
                }
            })
        })
        .await?;
    let purpose = OtpFor::Linked(linked);
    let masked = factors::send_otp(&state, purpose, &request.individual_id, &request.otp_channels).await?;
    Reply::of(&SendOtp {
        transaction_id: request.transaction_id,
        masked_email: masked.email,
        masked_mobile: masked.phone,
    })
}
