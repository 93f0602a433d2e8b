//! JSON bodies of the linked-authorization API, both versions, under `<issuer>/linked-authorization/`.
//!
//! Traps of the wire, kept as they are: link-transaction *answers* `linkTransactionId`, every later call *takes* the
//! same value as `linkedTransactionId`, send-otp takes it as `transactionId`, and link-auth-code takes the link code
//! as `linkedCode`.
//!
//! Members of requests that are missing or `null` read as blank (see [`crate::lenient`]).

mod transaction;

pub use transaction::{
    AuthFactor, ClientName, Configs, LinkTransaction, LinkTransactionRequest, TesseraConfig, WalletHint,
};

use serde::{Deserialize, Serialize};

use crate::lenient::null_as_default;

/// Declares bodies with the derives they all have.
macro_rules! bodies {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })+) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(default, deserialize_with = "null_as_default")]
                pub $field: $kind,
            )*
        }

        crate::redact::redacted_debug!($name);
    )+};
}

bodies! {
    /// `link-code`: the browser asks for a code to show.
    LinkCodeRequest {
        /// The browser's transaction.
        transaction_id: String,
    }

    /// Answer of `link-code`.
    LinkCode {
        /// The browser's transaction.
        transaction_id: String,
        /// The code for the QR, or its current frame.
        link_code: String,
        /// When the code, or the frame, expires: `yyyy-MM-ddTHH:mm:ss.SSSZ`.
        expire_date_time: String,
    }

    /// `link-status` (long poll): has a wallet taken the code?
    LinkStatusRequest {
        /// The browser's transaction.
        transaction_id: String,
        /// The code shown, or any frame of it.
        link_code: String,
    }

    /// Answer of `link-status`.
    LinkStatus {
        /// The browser's transaction; eSignet leaves it out.
        transaction_id: String,
        /// `LINKED`.
        link_status: String,
        /// Milliseconds since the epoch, as text; eSignet leaves it out.
        linked_date_time: String,
        /// The number to type into the wallet, where number matching is on. Ours.
        #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
        match_number: Option<String>,
        /// `denied` where the citizen said no. Ours.
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<String>,
    }

    /// `link-events` (server-sent events): how does the login go on? Ours.
    LinkEventsRequest {
        /// The browser's transaction.
        transaction_id: String,
        /// The code that the page shows already: none is made in its place while it is good. May be blank.
        link_code: String,
    }

    /// Event `frame` of `link-events`: what to show from now on. Ours.
    FrameEvent {
        /// The code for the QR, or its current frame.
        link_code: String,
        /// When it can no longer be claimed: `yyyy-MM-ddTHH:mm:ss.SSSZ`.
        expire_date_time: String,
        /// What the QR code holds.
        deep_link: String,
        /// The QR code.
        svg: String,
    }

    /// Event `state` of `link-events`. Ours.
    StateEvent {
        /// `waiting`, `scanned`, `authenticated`; at the end `approved`, `denied`, `expired` or `over`.
        state: String,
        /// The number to type into the wallet, where number matching is on.
        #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
        match_number: Option<String>,
    }

    /// `link-auth-code` (long poll): has the citizen consented?
    LinkAuthCodeRequest {
        /// The browser's transaction.
        transaction_id: String,
        /// The link code, under its other name.
        linked_code: String,
    }

    /// Answer of `link-auth-code`: what the browser takes to the relying party.
    LinkAuthCode {
        /// `nonce` of the authorization request.
        #[serde(skip_serializing_if = "Option::is_none")]
        nonce: Option<String>,
        /// `state` of the authorization request.
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<String>,
        /// The authorization code.
        code: String,
        /// Where to take it.
        redirect_uri: String,
    }

    /// `send-otp`: the wallet asks for an OTP to the person.
    SendOtpRequest {
        /// The linked transaction id, under its third name.
        transaction_id: String,
        /// UIN or another identifier of the person.
        individual_id: String,
        /// `email`, `phone`; one or both.
        otp_channels: Vec<String>,
    }

    /// Answer of `send-otp`.
    SendOtp {
        /// As in the request.
        transaction_id: String,
        /// Where the OTP went, masked.
        #[serde(skip_serializing_if = "Option::is_none")]
        masked_email: Option<String>,
        /// Where the OTP went, masked.
        #[serde(skip_serializing_if = "Option::is_none")]
        masked_mobile: Option<String>,
    }

    /// What a person proves himself with.
    Challenge {
        /// `WLA`, `OTP`, `PIN`, `PWD`, `BIO`, `KBI`.
        auth_factor_type: String,
        /// The OTP, PIN, token …
        challenge: String,
        /// `jwt` for WLA, `alpha-numeric` for OTP, `number` for PIN …
        format: String,
    }

    /// `authenticate` and `v2/authenticate`.
    AuthenticateRequest {
        /// `linkTransactionId` of link-transaction.
        linked_transaction_id: String,
        /// UIN or another identifier of the person.
        individual_id: String,
        /// One to five.
        challenge_list: Vec<Challenge>,
    }

    /// Answer of `authenticate` and `v2/authenticate`.
    Authenticate {
        /// As in the request.
        linked_transaction_id: String,
        /// The same under the name GovStack's harness reads.
        #[serde(skip_serializing_if = "Option::is_none")]
        link_transaction_id: Option<String>,
        /// v2 only: whether consent is still to be asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        consent_action: Option<ConsentAction>,
        /// Same device only, where no consent is to be asked: see [`Consent::redirect_uri`]. Ours.
        #[serde(skip_serializing_if = "Option::is_none")]
        redirect_uri: Option<String>,
    }

    /// `consent` and `v2/consent`.
    ConsentRequest {
        /// `linkTransactionId` of link-transaction.
        linked_transaction_id: String,
        /// Claims accepted: all essential ones and any voluntary ones.
        accepted_claims: Vec<String>,
        /// Authorize scopes permitted.
        permitted_authorize_scopes: Vec<String>,
        /// v2: the two-part signature of [`crate::consent`].
        #[serde(skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
        /// The consent statement of [`crate::consent`], a compact JWS. Ours.
        #[serde(skip_serializing_if = "Option::is_none")]
        consent_statement: Option<String>,
    }

    /// Answer of `consent` and `v2/consent`.
    Consent {
        /// As in the request.
        linked_transaction_id: String,
        /// Same device only: where the wallet goes next, a link to the browser that began. Ours.
        #[serde(skip_serializing_if = "Option::is_none")]
        redirect_uri: Option<String>,
        /// Names the receipt, where a statement was sent; see [`crate::consents`]. Ours.
        #[serde(skip_serializing_if = "Option::is_none")]
        consent_id: Option<String>,
    }

    /// `POST /wallet/deny`: the citizen says no. The transaction id alone is the right to say it. Ours.
    DenyRequest {
        /// `linkTransactionId` of link-transaction.
        linked_transaction_id: String,
        /// Why, if told.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<DenyReason>,
    }

    /// Answer of `/wallet/deny`.
    Deny {
        /// As in the request.
        linked_transaction_id: String,
    }

    /// `POST /wallet/report`: something is wrong with a login, also with one that this wallet approved. Signed by the
    /// key that approved. Ours.
    ReportRequest {
        /// `linkTransactionId` of link-transaction.
        linked_transaction_id: String,
        /// Why, if told.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<DenyReason>,
    }

    /// Answer of `/wallet/report`: what the login yielded is revoked, and somebody will look at it.
    Report {
        /// As in the request.
        linked_transaction_id: String,
    }
}

/// Whether the wallet must still send consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ConsentAction {
    /// Consent is to be sent.
    #[serde(rename = "CAPTURE")]
    Capture,
    /// An earlier consent covers it; the login is complete.
    #[serde(rename = "NOCAPTURE")]
    NoCapture,
}

/// Why a citizen denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DenyReason {
    /// He did not start this login.
    NotMe,
    /// He did, and does not want to go on.
    ChangedMind,
    /// Something looks wrong.
    Suspicious,
}

/// `linkStatus` once a wallet has taken the code.
pub const LINKED: &str = "LINKED";

#[cfg(test)]
mod tests;
