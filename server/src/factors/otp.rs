//! One-time passwords: made, stored as keyed hash, sent.

use super::challenges::{Faults, is_identifier};
use super::model::{Channel, Masked, OtpFor};
use super::{attempts, delivery, mask, store};
use crate::clock::{Millis, Rng, random};
use crate::error::{ApiError, Code};
use crate::registry::{self, PersonId};
use crate::secrets::Purpose;
use crate::state::AppState;

/// The window of `limits.otps_per_person`.
const WINDOW: Millis = 600_000;

/// Sends a one-time password to a person, over the channels named (`email`, `phone`).
///
/// The answer is of the same looks and takes the same time whether or not there is such a person or such an address
/// (case E4): what is delivered is delivered after it.
///
/// # Errors
/// `invalid_identifier` (binding: `invalid_individual_id`) for a blank or malformed one, `invalid_otp_channel` for none,
/// an unknown one or one that the configured delivery does not reach, `no_attempts_left` where this transaction had all
/// its OTPs or guesses, `individual_id_blocked` where the person had or is locked out, `send_otp_failed` while the
/// delivery is known to fail.
pub async fn send_otp(
    state: &AppState,
    purpose: OtpFor,
    individual_id: &str,
    channels: &[String],
) -> Result<Masked, ApiError> {
    let channels = read_channels(state, purpose, individual_id, channels)?;
    if delivery::is_failing(state) {
        return Err(Code::SendOtpFailed.into());
    }
    let person = registry::find(state, individual_id).await?;
    let text = digits(&*state.rng, state.config.otp.digits);
    let now = state.clock.now();
    let stored = store::StoredOtp {
        purpose: purpose.key(),
        person: row(person),
        mac: mac(state, purpose, person, &text),
        expires_at: now + Millis::from(state.config.lifetimes.otp) * 1000,
    };
    let limits = &state.config.limits;
    let (per_transaction, per_person) = (i64::from(limits.otps_per_transaction), i64::from(limits.otps_per_person));
    let guesses = (i64::from(limits.attempts_per_transaction), i64::from(limits.attempts));
    let someone = attempts::person_key(state, person, individual_id);
    let transaction_window = Millis::from(state.config.lifetimes.transaction + state.config.lifetimes.linked) * 1000;
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                attempts::require_open(tx, purpose, &someone, now, guesses).await?;
                if purpose != OtpFor::Binding {
                    let sent = format!("s:{}", purpose.key());
                    if !store::count_sent(tx, &sent, now, transaction_window, per_transaction).await? {
                        return Err(Code::NoAttemptsLeft.into());
                    }
                }
                if !store::count_sent(tx, &format!("s:{someone}"), now, WINDOW, per_person).await? {
                    return Err(ApiError::from(Code::IndividualIdBlocked));
                }
                Ok(store::put_otp(tx, stored).await?)
            })
        })
        .await?;
    // Asked for nobody too, who has none: the answer must not come sooner.
    let contacts = registry::contacts(state, person.unwrap_or(PersonId(0))).await?;
    let masked = Masked {
        email: channels.contains(&Channel::Email).then(|| match &contacts.email {
            Some(address) => mask::email(address),
            None => mask::decoy_email(&state.secrets, individual_id),
        }),
        phone: channels.contains(&Channel::Phone).then(|| match &contacts.phone {
            Some(number) => mask::phone(number),
            None => mask::decoy_phone(&state.secrets, individual_id),
        }),
    };
    let to = |channel, address: Option<String>| {
        let asked = channels.contains(&channel);
        address
            .filter(|_| asked)
            .map(|to| delivery::Message::new(state, channel, to, &text, contacts.language.as_deref()))
    };
    let messages = [to(Channel::Email, contacts.email.clone()), to(Channel::Phone, contacts.phone.clone())];
    delivery::send(state, messages.into_iter().flatten().collect());
    Ok(masked)
}

fn read_channels(
    state: &AppState,
    purpose: OtpFor,
    individual_id: &str,
    channels: &[String],
) -> Result<Vec<Channel>, ApiError> {
    let mut faults = Faults::new();
    if !is_identifier(individual_id) {
        faults.push((purpose.bad_identifier(), None));
    }
    let reached = delivery::channels(&state.config.otp.delivery);
    let known = |name: &String| reached.iter().copied().find(|channel| channel.name() == name.as_str());
    let read: Option<Vec<Channel>> = channels.iter().map(known).collect();
    match read {
        Some(read) if !read.is_empty() && faults.is_empty() => Ok(read),
        Some(read) if !read.is_empty() => Err(ApiError::Refused(faults)),
        _ => {
            faults.push((Code::InvalidOtpChannel, None));
            Err(ApiError::Refused(faults))
        }
    }
}

/// The `person` column: 0 for an identifier that nobody has, whose password is stored like any other and never taken.
pub(super) fn row(person: Option<PersonId>) -> i64 {
    person.map_or(0, |person| person.0)
}

/// What is stored: bound to purpose and person, so that it is worth nothing elsewhere (case E3).
pub(super) fn mac(state: &AppState, purpose: OtpFor, person: Option<PersonId>, text: &str) -> Vec<u8> {
    let row = row(person).to_be_bytes();
    state.secrets.mac(Purpose::Otp, &[purpose.key().as_bytes(), &row, text.as_bytes()])
}

/// That many random digits. The remainder's bias is below 10^-9 for the ten digits allowed at most.
fn digits(rng: &dyn Rng, count: u8) -> String {
    let number = u64::from_le_bytes(random(rng)) % 10u64.pow(u32::from(count));
    format!("{number:0width$}", width = usize::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::System;

    #[test]
    fn digits_are_as_many_as_asked() {
        for count in [6, 8, 10] {
            let text = digits(&System, count);
            assert!(text.len() == usize::from(count) && text.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
