//! Integrity and encryption of enrollments (OSIA-INT, OSIA-ENC): what every one goes through before it is written. What came
//! encrypted is written as it came. Nobody is enrolled whose birth lies ahead.

use futures::future::BoxFuture;
use serde_json::Value;
use zeroize::Zeroizing;

use super::buffer::{self, Piece};
use super::call::Call;
use super::model::{Enrollment, Status};
use super::name::EnrollmentId;
use super::service::Service;
use crate::clients;
use crate::osia::{Refusal, birth};
use crate::protection::{Buffers, Reason, buffer_in_clear, verify_enrollment};
use crate::state::AppState;

/// The buffers of one enrollment. Nothing else is ever read for it.
struct Own<'s> {
    state: &'s AppState,
    service: &'s Service,
    id: &'s EnrollmentId,
}

impl Buffers for Own<'_> {
    fn piece<'a>(&'a self, url: &'a str, number: u32) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, Reason>> {
        Box::pin(async move {
            match buffer::piece(self.state, self.service, self.id, url, number).await {
                Ok(Piece::Bytes(bytes)) => Ok(Some(bytes)),
                Ok(Piece::End) => Ok(None),
                Ok(Piece::Unknown) => Err(Reason::Reference),
                Err(error) => {
                    tracing::error!(%error, "a buffer could not be read");
                    Err(Reason::Unavailable)
                }
            }
        })
    }
}

/// Whether the blocks of an enrollment hold, its client's policy is met, and what is encrypted is what the schema has in its
/// place, with no date of birth in the future. Where it is to be finalized, encrypted buffers must be there and open: until then they may come later.
///
/// Signatures are by the caller, but for blocks that stand in `before`, the enrollment as it lies: another client of the
/// service may go on with it, and theirs were checked when they came.
///
/// # Errors
/// [`Refusal::Bad`] naming what does not; [`Refusal::Unauthorized`] where the client is gone; [`Refusal::TooLarge`] for an
/// encrypted buffer of more than 32 MiB; [`Refusal::Unavailable`].
pub(super) async fn check(
    state: &AppState,
    call: &Call,
    id: &EnrollmentId,
    enrollment: &Enrollment,
    before: Option<&Enrollment>,
    status: Status,
) -> Result<(), Refusal> {
    let client = clients::find(state, call.caller.mount, &call.caller.client_id).await?.ok_or(Refusal::Unauthorized)?;
    let now = state.clock.now();
    birth::refuse(enrollment.biographic_data.as_ref(), now)?;
    if client.enrollment_policy.is_none() && !has_blocks(enrollment) {
        return Ok(());
    }
    let mut document = serde_json::to_value(enrollment).map_err(|_| Refusal::Unavailable)?;
    // The path's id, said or not, so that a block may cover it; what is said of the status is not the client's to say.
    document["enrollmentId"] = Value::from(id.as_str());
    if let Some(members) = document.as_object_mut() {
        members.remove("status");
    }
    let own = Own { state, service: &call.service, id };
    let before = before.map(serde_json::to_value).transpose().map_err(|_| Refusal::Unavailable)?;
    let clear = verify_enrollment(state, &client, &document, before.as_ref(), &own).await?;
    if status == Status::Finalized {
        for url in clear.encrypted_buffers() {
            let opened = buffer_in_clear(&state.keys, &clear, &own, url).await;
            opened.map_err(|reason| reason.at("an encrypted buffer"))?;
        }
    }
    let read = Enrollment::from_value(clear.document);
    let read = read.map_err(|fault| Refusal::bad(format!("in the clear: {fault}")))?;
    birth::refuse(read.biographic_data.as_ref(), now)
}

fn has_blocks(enrollment: &Enrollment) -> bool {
    let in_biometrics =
        enrollment.biometric_data.iter().flatten().any(|data| data.encryption.is_some() || data.integrity.is_some());
    let in_documents = enrollment.document_data.iter().flatten().any(|document| {
        document.integrity.is_some()
            || document.parts.iter().any(|part| part.encryption.is_some() || part.integrity.is_some())
    });
    enrollment.encryption.is_some() || enrollment.integrity.is_some() || in_biometrics || in_documents
}
