//! Why a command about a client failed, and what to do about it.

use crate::clients::enrollment_policy::NotAnEnrollmentPolicy;
use crate::clients::key_file::KeyFileError;
use crate::clients::login_policy::NotAPolicy;
use crate::clients::management::ManagementError;
use crate::store::StoreError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Client management.
    #[error(transparent)]
    Management(#[from] ManagementError),
    /// A key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// `keys --retire` of a key that the client has not.
    #[error("the client has no key with this thumbprint")]
    NoSuchKey,
    /// `keys` of a client that publishes its keys.
    #[error("the client publishes its keys itself")]
    KeysElsewhere,
    /// `--scope` without the grant that uses it, or the grant without a scope.
    #[error("--scope and --grant client_credentials go together")]
    ScopesWithoutGrant,
    /// `add` of a client that is to go on where no login begins.
    #[error("--grant refresh_token goes with --grant authorization_code: it continues a login")]
    RefreshAlone,
    /// `notify` with an address that nothing is posted to.
    #[error("nothing is posted there: https to a public host is needed")]
    Address,
    /// `policy` with what is none.
    #[error(transparent)]
    Policy(#[from] NotAPolicy),
    /// `enrollment-policy` with what is none.
    #[error(transparent)]
    EnrollmentPolicy(#[from] NotAnEnrollmentPolicy),
    /// `add` of a client that signs, without its key.
    #[error("name the client's key: --jwk, --new-key or --jwks-uri")]
    NoKey,
    /// `metadata` on a mount whose clients have none.
    #[error("clients of this mount have no such metadata")]
    NoMetadata,
    /// The output.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        ManagementError::from(error).into()
    }
}
