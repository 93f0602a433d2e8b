//! The wallet of Tessera: a citizen's phone holds keys, is bound to servers, and logs in by QR.
//!
//! Nothing here touches the platform: keys, HTTP, the wrap of the data key and the log come in
//! through the traits of [`ports`], so that the operating system decides about hardware, prompts,
//! certificates and proxies, and every test can play it.
//!
//! 1. [`Wallet::open`] with a [`WalletConfig`] and the platform's [`WalletPorts`].
//! 2. [`Wallet::begin_binding`], once per server and person: [`BindingSession`].
//! 3. [`Wallet::begin_login`] with what the camera read ([`decode_qr`]): [`LoginSession`], whose
//!    [`LoginReview`] the citizen approves or denies.
//! 4. [`Wallet::add_credential`] with a code that holds a credential, shown by [`Wallet::credential`] without a network.
//!
//! Types that hold personal data or secrets have a `Debug` that tells the type's name only; Kotlin's
//! `toString()` and Swift's `debugDescription` are that `Debug`.
//!
//! Every error is a [`WalletError`] with a closed [`ErrorCode`] and a [`Retry`].
#![cfg_attr(not(feature = "uniffi"), deny(unsafe_code))]

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();

mod activity;
mod backup;
mod bound;
mod certificate;
mod credentials;
mod devices;
mod errors;
mod exchange;
mod inbox;
mod parts;
pub mod ports;
mod qr;
mod receipts;
mod redact;
mod reports;
mod sessions;
mod store;
mod wallet;

pub use activity::{ActivityEntry, ActivityKind};
pub use backup::{BackupHeader, BackupSettings, BindAgain, RestoredBackup, inspect_backup};
pub use bound::{Binding, BindingProfile};
pub use credentials::{
    Credential, CredentialClaim, CredentialDetails, CredentialDoubt, CredentialImage, CredentialIssuer, CredentialType,
    CredentialVerification,
};
pub use devices::{AttestedSecurity, Device};
pub use errors::{ErrorCode, ErrorDetails, Retry, WalletError};
pub use inbox::ConsentQuestion;
pub use parts::WalletConfig;
pub use qr::decode_qr;
pub use receipts::{ConsentReceipt, ReceiptState};
pub use sessions::{
    BindingFactor, BindingRequest, BindingServer, BindingSession, BindingStage, DenialReason, LoginChannel,
    LoginChoices, LoginOutcome, LoginReview, LoginSession, LoginStage, OtpChannel, OtpDelivery, PartnerAccess,
    RelyingParty, RequestedClaim, SessionKind, UnfinishedSession, UnverifiedOrigin,
};
pub use wallet::{Wallet, WalletPorts};
