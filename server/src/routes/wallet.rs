//! What our own wallet calls.

use protocol::binding::{
    Binding, BindingChallenge, BindingChallengeRequest, BindingOtp, BindingOtpRequest, BindingRequest,
};
use protocol::consents;
use protocol::devices::{DeviceId, List, ListRequest, RenameRequest, RenewRequest, Renewal, RevokeRequest};
use protocol::inbox as questions;
use protocol::linked::{Deny, DenyRequest, Report, ReportRequest};

use crate::http::openapi::{Routes, doc};
use crate::{account, binding, inbox, linked};

/// What our own wallet calls, under `/wallet`.
pub(super) fn wallet() -> Routes {
    Routes::new()
        .post("/deny", linked::deny::post, doc("The citizen says no").envelope::<DenyRequest, Deny>())
        .post(
            "/report",
            linked::report::post,
            doc("The citizen reports a login, also after having approved it")
                .wallet()
                .envelope::<ReportRequest, Report>(),
        )
        .post(
            "/binding-otp",
            binding::native::otp,
            doc("An OTP for binding").envelope::<BindingOtpRequest, BindingOtp>(),
        )
        .post(
            "/binding-challenge",
            binding::native::challenge,
            doc("What the proof of a key must repeat").envelope::<BindingChallengeRequest, BindingChallenge>(),
        )
        .post(
            "/binding",
            binding::native::binding,
            doc("A wallet's key becomes a factor of a person").envelope::<BindingRequest, Binding>(),
        )
        .post(
            "/consents/list",
            account::wallet::list,
            doc("What a person agreed to").wallet().envelope::<consents::ListRequest, consents::List>(),
        )
        .post(
            "/consents/withdraw",
            account::wallet::withdraw,
            doc("Withdraws what was agreed to with a relying party")
                .wallet()
                .envelope::<consents::WithdrawRequest, consents::Withdrawn>(),
        )
        .post(
            "/inbox/list",
            inbox::wallet::list,
            doc("Questions of relying parties to a person")
                .wallet()
                .envelope::<questions::ListRequest, questions::List>(),
        )
        .post(
            "/inbox/answer",
            inbox::wallet::answer,
            doc("Answers one: a consent, or a no")
                .maybe_wallet()
                .envelope::<questions::AnswerRequest, questions::Answered>(),
        )
        .post(
            "/devices/list",
            binding::devices::list,
            doc("A person's wallets").wallet().envelope::<ListRequest, List>(),
        )
        .post(
            "/devices/rename",
            binding::devices::rename,
            doc("Names a wallet").wallet().envelope::<RenameRequest, DeviceId>(),
        )
        .post(
            "/devices/revoke",
            binding::devices::revoke,
            doc("Revokes a wallet for good").wallet().envelope::<RevokeRequest, DeviceId>(),
        )
        .post(
            "/devices/renew",
            binding::devices::renew,
            doc("A new certificate for the caller's key").wallet().envelope::<RenewRequest, Renewal>(),
        )
}
