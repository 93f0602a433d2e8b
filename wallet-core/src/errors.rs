//! The one error an app sees, and the one table from inner errors to it.

use crate::exchange::ExchangeError;
use crate::ports::{KeyError, RngError, TransportError};
use crate::store::StoreError;
use serde::{Deserialize, Serialize};

/// What went wrong. Stable: an app may switch on it; a new SDK version may add codes, never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum ErrorCode {
    /// An argument cannot be right (empty, too long, no such id).
    InvalidInput,
    /// The scanned text is no login link.
    InvalidLink,
    /// The link's time is over: scan the next code.
    LinkExpired,
    /// The link names a server this wallet is not bound to. Nothing was sent to it.
    UnknownServer,
    /// Several bindings fit the link: the app must name one.
    BindingChoiceNeeded,
    /// There is no such binding.
    NotBound,
    /// The server knows the key already, for this or another person.
    AlreadyBound,
    /// The call does not fit the session's state.
    WrongState,
    /// Another call on this session is still running.
    Busy,
    /// The session was cancelled by the app.
    Cancelled,
    /// The citizen dismissed the device's prompt.
    PromptDismissed,
    /// The code was used or is unknown: scan the next code.
    LinkCodeRefused,
    /// The login is over on the server: finished, expired or ended from the other side.
    LoginEnded,
    /// The relying party asks for a factor beside the bound key, which this wallet has not.
    FactorUnsupported,
    /// The number shown in the browser must be typed.
    NumberNeeded,
    /// The number typed was not the one in the browser: the login is over.
    NumberWrong,
    /// The relying party takes no login from here: this browser or place, or from another device at all.
    LoginNotAllowed,
    /// OTP, PIN or wallet token was refused.
    AuthenticationFailed,
    /// Too many attempts: the server refuses this person for a while.
    AttemptsExceeded,
    /// The server accepts no login by this key any more: bind again.
    BindingEnded,
    /// The answer was lost: the other side may have taken the step. Look at the browser.
    OutcomeUnknown,
    /// No network, or the server cannot be reached.
    Offline,
    /// The server did not answer in time.
    Timeout,
    /// The server's certificate was refused.
    UntrustedConnection,
    /// The address is not `https`.
    InsecureAddress,
    /// The server is overloaded or broken (HTTP 429 or 5xx).
    ServerUnavailable,
    /// The server said no; its own code is in the details.
    ServerRefused,
    /// The server's answer does not follow the protocol.
    UnexpectedAnswer,
    /// The text is no credential that this wallet reads.
    InvalidCredential,
    /// The credential is encrypted for somebody else.
    CredentialEncrypted,
    /// The passphrase is not the one of this backup.
    BackupPassphraseWrong,
    /// The file is no backup, or was damaged.
    BackupDamaged,
    /// The backup was made by a newer version of the app.
    BackupTooNew,
    /// The key or the store is locked: the citizen must authenticate.
    Locked,
    /// The key is gone for good: bind again.
    KeyInvalidated,
    /// The device cannot make or use such a key.
    KeyUnsupported,
    /// The key store failed.
    KeyStoreFailed,
    /// The store's key is gone for good: the wallet must be reset.
    StoreLost,
    /// The store was damaged or tampered with.
    StoreCorrupt,
    /// The store is open already, here or in another process.
    StoreInUse,
    /// The store was written by a newer version of the app.
    StoreTooNew,
    /// The store cannot be read or written (disk full, no right).
    StoreFailed,
    /// The operating system gave no randomness.
    NoRandomness,
    /// There is not enough memory, or a fault of the wallet itself, caught on its way out of the library: Kotlin and Swift say so where a call panicked.
    Internal,
}

/// Whether and when the same call may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Retry {
    /// Not with these arguments in this state.
    Never,
    /// At once, if the citizen wishes.
    Now,
    /// After the citizen unlocked the device or the key.
    AfterAuthentication,
    /// After a while.
    Later,
}

/// What a developer may want to know beside the code. No personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ErrorDetails {
    /// The server's `errorCode`, where it sent one of the usual form (letters, digits, `-`, `_`).
    pub server_code: Option<String>,
    /// The HTTP status, where it was not 200.
    pub http_status: Option<u16>,
}

/// The error of every call of the wallet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum WalletError {
    /// The call did not do what it says.
    #[error("{code:?}")]
    Failed {
        /// What went wrong.
        code: ErrorCode,
        /// Whether the same call may succeed.
        retry: Retry,
        /// More for a developer.
        details: ErrorDetails,
    },
}

impl WalletError {
    /// What went wrong.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        let Self::Failed { code, .. } = self;
        *code
    }

    /// Whether the same call may succeed.
    #[must_use]
    pub fn retry(&self) -> Retry {
        let Self::Failed { retry, .. } = self;
        *retry
    }

    /// More for a developer.
    #[must_use]
    pub fn details(&self) -> &ErrorDetails {
        let Self::Failed { details, .. } = self;
        details
    }
}

impl From<ErrorCode> for WalletError {
    fn from(code: ErrorCode) -> Self {
        Self::Failed { code, retry: retry_of(code), details: ErrorDetails::default() }
    }
}

/// The retry that goes with each code.
fn retry_of(code: ErrorCode) -> Retry {
    use ErrorCode as C;
    match code {
        C::Busy
        | C::PromptDismissed
        | C::NumberNeeded
        | C::AuthenticationFailed
        | C::BackupPassphraseWrong
        | C::Offline
        | C::Timeout => Retry::Now,
        C::Locked => Retry::AfterAuthentication,
        C::AttemptsExceeded | C::ServerUnavailable | C::StoreInUse | C::StoreFailed | C::NoRandomness => Retry::Later,
        _ => Retry::Never,
    }
}

impl From<KeyError> for WalletError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Locked => ErrorCode::Locked,
            KeyError::Cancelled => ErrorCode::PromptDismissed,
            // A key the device no longer has cannot come back either.
            KeyError::Invalidated | KeyError::NotFound => ErrorCode::KeyInvalidated,
            KeyError::Unsupported => ErrorCode::KeyUnsupported,
            KeyError::AlreadyExists | KeyError::Failed { .. } => ErrorCode::KeyStoreFailed,
        }
        .into()
    }
}

impl From<TransportError> for WalletError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Offline | TransportError::Failed { .. } => ErrorCode::Offline,
            TransportError::Timeout => ErrorCode::Timeout,
            TransportError::Tls => ErrorCode::UntrustedConnection,
            TransportError::TooLarge => ErrorCode::UnexpectedAnswer,
            TransportError::Cancelled => ErrorCode::Cancelled,
        }
        .into()
    }
}

impl From<StoreError> for WalletError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Wrap(KeyError::Locked) => ErrorCode::Locked,
            StoreError::Wrap(KeyError::Cancelled) => ErrorCode::PromptDismissed,
            StoreError::Wrap(KeyError::Invalidated | KeyError::NotFound) => ErrorCode::StoreLost,
            StoreError::Wrap(KeyError::Unsupported) => ErrorCode::KeyUnsupported,
            StoreError::Wrap(KeyError::AlreadyExists | KeyError::Failed { .. }) => ErrorCode::KeyStoreFailed,
            StoreError::InUse => ErrorCode::StoreInUse,
            StoreError::TooNew => ErrorCode::StoreTooNew,
            StoreError::Corrupt => ErrorCode::StoreCorrupt,
            StoreError::Io => ErrorCode::StoreFailed,
            StoreError::NoRandomness => ErrorCode::NoRandomness,
        }
        .into()
    }
}

impl From<RngError> for WalletError {
    fn from(_: RngError) -> Self {
        ErrorCode::NoRandomness.into()
    }
}

impl From<ExchangeError> for WalletError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Transport(error) => error.into(),
            ExchangeError::InsecureAddress => ErrorCode::InsecureAddress.into(),
            ExchangeError::UnexpectedAnswer { status } => with_status(ErrorCode::UnexpectedAnswer, status),
            ExchangeError::Unavailable { status } => with_status(ErrorCode::ServerUnavailable, Some(status)),
            ExchangeError::Refused { code } => {
                let outer = code_of_server_error(&code);
                let details = ErrorDetails { server_code: Some(code), http_status: None };
                Self::Failed { code: outer, retry: retry_of(outer), details }
            }
        }
    }
}

fn with_status(code: ErrorCode, http_status: Option<u16>) -> WalletError {
    WalletError::Failed { code, retry: retry_of(code), details: ErrorDetails { server_code: None, http_status } }
}

/// The servers' codes, eSignet's and GovStack's alike, as the app sees them.
fn code_of_server_error(code: &str) -> ErrorCode {
    match code {
        "invalid_link_code" => ErrorCode::LinkCodeRefused,
        "invalid_transaction" | "invalid_transaction_id" => ErrorCode::LoginEnded,
        "number_matching_required" => ErrorCode::NumberNeeded,
        "number_mismatch" => ErrorCode::NumberWrong,
        "cross_device_refused" => ErrorCode::LoginNotAllowed,
        "auth_failed" | "invalid_wla_token" | "invalid_challenge" | "invalid_auth_challenge" => {
            ErrorCode::AuthenticationFailed
        }
        "no_attempts_left" | "individual_id_blocked" | "too_early_attempt" => ErrorCode::AttemptsExceeded,
        "binding_ended"
        | "binding_not_found"
        | "unbound_auth_factor"
        | "invalid_wallet_token"
        | "IDA-KBT-001"
        | "IDA-MPA-034" => ErrorCode::BindingEnded,
        "duplicate_public_key" | "IDA-IKB-003" => ErrorCode::AlreadyBound,
        _ => ErrorCode::ServerRefused,
    }
}
