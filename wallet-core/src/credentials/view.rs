//! Credentials as an app shows them. The shapes hold for every type of credential; a new type adds a
//! [`CredentialType`] and names of claims, nothing else.

use serde::{Deserialize, Serialize};

/// What kind of credential it is. A new version of the SDK may add types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum CredentialType {
    /// An identity in a QR code: MOSIP's Claim 169 (CWT in COSE_Sign1). Bound to no device.
    Claim169,
}

/// A credential, as a list shows it.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct Credential {
    /// Names the credential in other calls: a hash of its content.
    pub id: String,
    /// What kind it is.
    pub credential_type: CredentialType,
    /// Whom or what it is about: a person's full name, else the identifier; nothing where it tells neither.
    pub title: Option<String>,
    /// The issuer as the credential names it; only a word while the credential is not verified.
    pub issuer: Option<String>,
    /// What the app calls the issuer ([`crate::CredentialIssuer::name`]), where the issuer's signature holds.
    pub issuer_name: Option<String>,
    /// When it was issued, in milliseconds since 1970.
    pub issued_at_ms: Option<i64>,
    /// From when it is valid, in milliseconds since 1970.
    pub valid_from_ms: Option<i64>,
    /// Until when it is valid, in milliseconds since 1970.
    pub valid_until_ms: Option<i64>,
    /// When it was added to this wallet, in milliseconds since 1970.
    pub added_at_ms: i64,
    /// Whether it stands, as of now.
    pub verification: CredentialVerification,
}

/// Whether a credential stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum CredentialVerification {
    /// Signed by a pinned issuer, and valid now.
    Verified,
    /// It does not stand.
    NotVerified {
        /// All reasons.
        doubts: Vec<CredentialDoubt>,
    },
}

/// Why a credential does not stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum CredentialDoubt {
    /// Nobody signed it.
    Unsigned,
    /// It is signed in a way this wallet cannot check.
    UnsupportedAlgorithm,
    /// Its issuer is none of [`crate::WalletConfig::credential_issuers`], or it names none.
    UnknownIssuer,
    /// Its issuer is known, and has no such key.
    UnknownKey,
    /// The certificates it brings along lead to no authority of its issuer, or are not valid now.
    UntrustedCertificate,
    /// The signature is not its issuer's, or what was signed has been changed.
    BadSignature,
    /// Its time has not come.
    NotYetValid,
    /// Its time is over.
    Expired,
}

/// A credential with all that it says.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct CredentialDetails {
    /// What a list shows of it.
    pub credential: Credential,
    /// What it says, in an order for people.
    pub claims: Vec<CredentialClaim>,
    /// The portrait, where it has one that apps can show.
    pub photo: Option<CredentialImage>,
}

/// One thing that a credential says.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct CredentialClaim {
    /// Its name, in letters and underscores, for the app to put into the citizen's language. Claim 169: `full_name`,
    /// `secondary_full_name`, `first_name`, `middle_name`, `last_name`, `id`, `date_of_birth`, `gender`, `nationality`,
    /// `address`, `email`, `phone`, `marital_status`, `guardian`, `legal_status`, `country_of_issuance`,
    /// `location_code`, `language`, `secondary_language`, `version`, `biometrics`.
    pub name: String,
    /// Its value as text. Dates are `YYYY-MM-DD` where the issuer wrote a whole date; `gender` is `male`, `female` or
    /// `other`; `marital_status` is `unmarried`, `married` or `divorced`; `address` has lines; `biometrics` names
    /// what there is (`face`, `right_thumb`, …), separated by blanks.
    pub value: String,
}

/// A picture.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct CredentialImage {
    /// `image/jpeg`, `image/png`, `image/webp`, `image/avif` or `image/jp2`.
    pub media_type: String,
    /// The image file.
    pub data: Vec<u8>,
}

crate::redact::redacted_debug!(Credential, CredentialDetails, CredentialClaim, CredentialImage);
