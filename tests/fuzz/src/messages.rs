//! Links, bodies and times, as phones and servers send them to each other.

use protocol::envelope::Response;
use protocol::link::Link;
use protocol::linked as body;
use protocol::timestamp::Timestamp;
use protocol::{base64url, binding, devices};
use serde::Serialize;
use serde::de::DeserializeOwned;
use server::http::envelope;

use crate::choice;

/// A deep link, as scanned.
pub fn link(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(link) = Link::parse(text)
        && let Ok(written) = link.to_uri("tessera://wla-auth")
    {
        assert!(Link::parse(&written).expect("what is written can be read") == link);
    }
}

/// Reads a body as the server does; what was read is written and read again.
fn taken<T: DeserializeOwned + Serialize>(data: &[u8], now: i64) {
    let _ = envelope::read::<T>(data, now);
    if let Ok(read) = serde_json::from_slice::<T>(data) {
        let written = serde_json::to_vec(&read).expect("what was read can be written");
        serde_json::from_slice::<T>(&written).expect("what is written can be read");
    }
}

/// Bodies of requests.
pub fn bodies(data: &[u8]) {
    const EACH: &[fn(&[u8], i64)] = &[
        taken::<body::LinkCodeRequest>,
        taken::<body::LinkStatusRequest>,
        taken::<body::LinkAuthCodeRequest>,
        taken::<body::LinkTransactionRequest>,
        taken::<body::SendOtpRequest>,
        taken::<body::AuthenticateRequest>,
        taken::<body::ConsentRequest>,
        taken::<body::DenyRequest>,
        taken::<binding::BindingOtpRequest>,
        taken::<binding::BindingChallengeRequest>,
        taken::<binding::BindingRequest>,
        taken::<binding::WalletBindingRequest>,
        taken::<devices::ListRequest>,
        taken::<devices::RenameRequest>,
        taken::<devices::RevokeRequest>,
        taken::<devices::RenewRequest>,
    ];
    let Some((at, rest)) = choice(data, EACH.len()) else { return };
    // 2026-01-05T10:00:00Z, which the corpus' envelopes say.
    EACH[at](rest, 1_767_607_200_000);
}

fn answered<T: DeserializeOwned + Serialize>(data: &[u8]) {
    if let Ok(answer) = serde_json::from_slice::<Response<T>>(data) {
        let _ = answer.server_time();
        let _ = answer.into_result();
    }
}

/// Bodies of answers, as a wallet reads them from a server.
pub fn answers(data: &[u8]) {
    const EACH: &[fn(&[u8])] = &[
        answered::<body::LinkCode>,
        answered::<body::LinkStatus>,
        answered::<body::LinkAuthCode>,
        answered::<body::LinkTransaction>,
        answered::<body::SendOtp>,
        answered::<body::Authenticate>,
        answered::<body::Consent>,
        answered::<body::Deny>,
        answered::<binding::BindingOtp>,
        answered::<binding::BindingChallenge>,
        answered::<binding::Binding>,
        answered::<binding::WalletBinding>,
        answered::<devices::List>,
        answered::<devices::DeviceId>,
        answered::<devices::Renewal>,
    ];
    let Some((at, rest)) = choice(data, EACH.len()) else { return };
    EACH[at](rest);
}

/// Times and base64url.
pub fn texts(data: &[u8]) {
    if let Ok(bytes) = base64url::decode(data) {
        // One spelling per value, so that nothing can be told apart by how it is written.
        assert_eq!(base64url::encode(bytes).as_bytes(), data);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(at) = text.parse::<Timestamp>() {
        assert_eq!(at.to_string().parse::<Timestamp>(), Ok(at));
        assert_eq!(Timestamp::from_epoch_ms(at.epoch_ms()), Ok(at));
    }
    if let Some(at) = envelope::parse_time(text) {
        assert_eq!(envelope::parse_time(&envelope::format_time(at)), Some(at));
    }
}
