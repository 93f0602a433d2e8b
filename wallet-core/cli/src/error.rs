//! What went wrong, in words for the one at the terminal.

use wallet_core::{ErrorCode, Retry, WalletError};
use wallet_host::{PictureError, TransportSetupError};

/// Why a command did not do what it says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The wallet refused.
    #[error("{}", words(.0))]
    Wallet(#[from] WalletError),
    /// The picture gives no link.
    #[error("{0}")]
    Picture(#[from] PictureError),
    /// The transport cannot be set up.
    #[error("{0}")]
    Setup(#[from] TransportSetupError),
    /// A file of the home folder, or a file named.
    #[error("{what}: {cause}")]
    File {
        /// What it is.
        what: &'static str,
        /// The system's words.
        cause: std::io::Error,
    },
    /// Standard input or output.
    #[error("the terminal: {0}")]
    Terminal(std::io::Error),
    /// An id, or the beginning of one, that fits none or several.
    #[error("{0}")]
    Choice(&'static str),
}

impl CliError {
    /// For `map_err` on file operations.
    pub(crate) fn file(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |cause| Self::File { what, cause }
    }
}

fn words(error: &WalletError) -> String {
    let mut text = format!("{} [{:?}]", sentence(error.code()), error.code());
    if let Some(code) = &error.details().server_code {
        text.push_str(&format!(" (the server said {code})"));
    }
    if let Some(status) = error.details().http_status {
        text.push_str(&format!(" (HTTP {status})"));
    }
    match error.retry() {
        Retry::Never => {}
        Retry::Now => text.push_str("; you may try again"),
        Retry::AfterAuthentication => text.push_str("; unlock and try again"),
        Retry::Later => text.push_str("; try again later"),
    }
    text
}

fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidInput => "that cannot be right: no such id, claim or scope, or a text empty or too long",
        ErrorCode::InvalidLink => "this is no login link",
        ErrorCode::LinkExpired => "the link has expired: scan the next code",
        ErrorCode::UnknownServer => "the link is of a server this wallet is not bound to; nothing was sent",
        ErrorCode::BindingChoiceNeeded => "several bindings serve this link: name one with --binding",
        ErrorCode::NotBound => "there is no such binding",
        ErrorCode::AlreadyBound => "the server knows this key already",
        ErrorCode::WrongState => "the session is past this step",
        ErrorCode::LinkCodeRefused => "the code was used or is unknown: scan the next code",
        ErrorCode::LoginEnded => "the login is over: finished, expired, or ended from the other side",
        ErrorCode::NumberNeeded => "type the number the browser shows with --number",
        ErrorCode::NumberWrong => "that was not the number in the browser: the login is over, begin again there",
        ErrorCode::LoginNotAllowed => "the relying party takes no login from this place, browser or device",
        ErrorCode::AuthenticationFailed => "the proof was refused",
        ErrorCode::AttemptsExceeded => "too many attempts",
        ErrorCode::BindingEnded => "the server takes no logins by this key any more: bind again",
        ErrorCode::OutcomeUnknown => "the answer was lost; look at the browser",
        ErrorCode::Offline => "the server cannot be reached",
        ErrorCode::Timeout => "the server did not answer in time",
        ErrorCode::UntrustedConnection => "the server's certificate is not trusted (see --ca)",
        ErrorCode::InsecureAddress => "the address is not https (see --loopback-http)",
        ErrorCode::ServerUnavailable => "the server is overloaded or broken",
        ErrorCode::ServerRefused => "the server refused",
        ErrorCode::UnexpectedAnswer => "the server's answer does not follow the protocol",
        ErrorCode::InvalidCredential => "this is no credential that the wallet reads",
        ErrorCode::CredentialEncrypted => "the credential is encrypted for somebody else",
        ErrorCode::BackupPassphraseWrong => "that is not the passphrase of this backup",
        ErrorCode::BackupDamaged => "this is no backup, or it is damaged",
        ErrorCode::BackupTooNew => "a newer version made this backup",
        ErrorCode::StoreInUse => "another process has this wallet open",
        ErrorCode::StoreTooNew => "a newer version wrote this wallet",
        ErrorCode::StoreLost => "the key of the store is gone",
        ErrorCode::StoreCorrupt => "the store is damaged",
        _ => "it did not succeed",
    }
}

#[cfg(test)]
mod tests {
    use wallet_core::ErrorDetails;

    use super::*;

    #[test]
    fn says_code_and_what_the_server_said() {
        let error = WalletError::Failed {
            code: ErrorCode::ServerRefused,
            retry: Retry::Later,
            details: ErrorDetails { server_code: Some("invalid_identifier".into()), http_status: None },
        };
        let text = CliError::from(error).to_string();
        assert_eq!(text, "the server refused [ServerRefused] (the server said invalid_identifier); try again later");
    }
}
