//! The two kinds of errors that leave this server: codes in the JSON envelope, and OAuth errors (RFC 6749 §5.2).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::secrets::SecretError;
use crate::store::StoreError;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// An error of the JSON APIs. Names are eSignet's; a mount may rename some (`Dialect::code`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* #[doc = concat!("`", $name, "`")] $variant,)* }

        impl Code {
            /// All of them, for documents.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// eSignet's name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

codes! {
    AuthFactorMismatch = "auth_factor_mismatch",
    AuthFailed = "auth_failed",
    /// Binding only: the person's factor is wrong.
    BindingAuthFailed = "auth_failed",
    /// A wallet's key proved itself, and was revoked or has expired: binding again helps, nothing else does.
    BindingEnded = "binding_ended",
    /// The client's policy does not let a wallet on another device log in here.
    CrossDeviceRefused = "cross_device_refused",
    DuplicateClientId = "duplicate_client_id",
    DuplicatePublicKey = "duplicate_public_key",
    IndividualIdBlocked = "individual_id_blocked",
    InvalidAcceptedClaim = "invalid_accepted_claim",
    InvalidAcr = "invalid_acr",
    InvalidAdditionalConfig = "invalid_additional_config",
    InvalidAlgorithm = "invalid_algorithm",
    InvalidAttestation = "invalid_attestation",
    InvalidAuthFactorType = "invalid_auth_factor_type",
    /// Binding only: the pair of factor and format is not served.
    InvalidChallengeFormatForFactor = "invalid_auth_factor_type_or_challenge_format",
    /// Binding only: the challenge is blank or of the wrong length.
    InvalidBindingChallenge = "invalid_challenge",
    InvalidCaptcha = "invalid_captcha",
    InvalidChallenge = "invalid_challenge",
    InvalidChallengeFormat = "invalid_challenge_format",
    InvalidChallengeLength = "invalid_challenge_length",
    InvalidClaim = "invalid_claim",
    InvalidClientAuth = "invalid_client_auth",
    InvalidClientId = "invalid_client_id",
    /// A member of `metadata` is malformed, not supported, or contradicts another.
    InvalidClientMetadata = "invalid_client_metadata",
    InvalidClientName = "invalid_client_name",
    InvalidClientNameLength = "invalid_client_name_length",
    InvalidClientNameValue = "invalid_client_name_value",
    InvalidConsentId = "invalid_consent_id",
    InvalidDeviceId = "invalid_device_id",
    InvalidDeviceName = "invalid_device_name",
    InvalidDisplay = "invalid_display",
    InvalidIdTokenHint = "invalid_id_token_hint",
    InvalidIdentifier = "invalid_identifier",
    InvalidIndividualId = "invalid_individual_id",
    InvalidInput = "invalid_input",
    InvalidLanguageCode = "invalid_language_code",
    InvalidLinkCode = "invalid_link_code",
    InvalidLoginPolicy = "invalid_login_policy",
    InvalidNoOfChallenges = "invalid_no_of_challenges",
    InvalidOtpChannel = "invalid_otp_channel",
    InvalidPathFragment = "invalid_path_fragment",
    InvalidPermittedScope = "invalid_permitted_scope",
    InvalidPkceChallenge = "invalid_pkce_challenge",
    InvalidPrompt = "invalid_prompt",
    InvalidProof = "invalid_proof",
    InvalidPublicKey = "invalid_public_key",
    /// Not a question to this person that can still be answered.
    InvalidQuestionId = "invalid_question_id",
    InvalidRedirectUri = "invalid_redirect_uri",
    InvalidRequest = "invalid_request",
    InvalidResponseType = "invalid_response_type",
    InvalidRpId = "invalid_rp_id",
    InvalidScope = "invalid_scope",
    InvalidSignatureFormat = "invalid_signature_format",
    InvalidStatus = "invalid_status",
    InvalidTransaction = "invalid_transaction",
    /// The id is blank or not one of ours by its looks.
    InvalidTransactionId = "invalid_transaction_id",
    InvalidUri = "invalid_uri",
    InvalidVerifiedClaims = "invalid_verified_claims",
    InvalidWalletToken = "invalid_wallet_token",
    KeyBindingFailed = "key_binding_failed",
    LinkCodeLimitReached = "link_code_limit_reached",
    NoAcrRegistered = "no_acr_registered",
    NoAttemptsLeft = "no_attempts_left",
    /// The number typed is not the one shown; the login is over.
    NumberMismatch = "number_mismatch",
    /// The client's policy wants a number to be typed, which the wallet cannot or did not.
    NumberMatchingRequired = "number_matching_required",
    RequiredHeaderMissing = "required_header_missing",
    ResponseTimeout = "response_timeout",
    SendOtpFailed = "send_otp_failed",
    UnknownError = "unknown_error",
    UnsupportedGrantType = "unsupported_grant_type",
    UnsupportedPkceChallengeMethod = "unsupported_pkce_challenge_method",
    UsePkce = "use_pkce",
    VerificationIncomplete = "verification_incomplete",
}

/// Why a call of a JSON API is refused. Rendered by `http::envelope` in the mount's dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The request is at fault: one code, or several from validation, each with the field's path where there is one.
    #[error("refused: {0:?}")]
    Refused(Vec<(Code, Option<&'static str>)>),
    /// As `Refused`, with a typed `response` beside the code, where the dialect has room for one (a denied login).
    #[error("ended: {code:?}")]
    Ended {
        /// The code.
        code: Code,
        /// `response.state`.
        state: &'static str,
    },
    /// The request cannot be read: 400.
    #[error("the request is not the JSON that is expected here")]
    Malformed,
    /// No or no good bearer token: 401.
    #[error("a bearer token is needed")]
    Unauthorized,
    /// Not allowed, or a CSRF token is missing or foreign: 403.
    #[error("not allowed")]
    Forbidden,
    /// No such thing: 404.
    #[error("not found")]
    NotFound,
    /// Too many requests: 429, with seconds to wait.
    #[error("too many requests")]
    TooMany(u32),
    /// The store or a gateway does not answer: 503.
    #[error("temporarily unavailable")]
    Unavailable,
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self::Refused(vec![(code, None)])
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::Unavailable
    }
}

impl From<SecretError> for ApiError {
    fn from(error: SecretError) -> Self {
        tracing::error!(%error, "a sealed value failed");
        Self::Unavailable
    }
}

impl IntoResponse for ApiError {
    /// Leaves the body to `http::envelope::render`, which knows the mount and the time.
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An OAuth error: `{"error", "error_description"}`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {description}")]
pub struct OAuthError {
    /// HTTP status.
    pub status: StatusCode,
    /// Registered code.
    pub error: &'static str,
    /// For the client's developer; holds no personal data.
    pub description: &'static str,
}

impl OAuthError {
    /// With status 400.
    #[must_use]
    pub fn bad(error: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description }
    }

    /// `invalid_client` with 401 (RFC 6749 §5.2).
    #[must_use]
    pub fn client(description: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, error: "invalid_client", description }
    }

    /// The store does not answer.
    #[must_use]
    pub fn unavailable() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            error: "temporarily_unavailable",
            description: "try again in a moment",
        }
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::unavailable()
    }
}

impl From<SecretError> for OAuthError {
    fn from(error: SecretError) -> Self {
        tracing::error!(%error, "a sealed value failed");
        Self::unavailable()
    }
}

/// Why the token endpoint refuses. What it is called, and with which status, is the mount's (`Dialect::oauth`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// Not a form, or a parameter is given twice.
    Malformed,
    /// The body is of another media type than a form.
    MediaType,
    /// A parameter is missing.
    Missing,
    /// The client does not say who it is.
    NoClientAuthentication,
    /// The client does not prove who it is.
    ClientAuthentication,
    /// `client_assertion_type` is not the one for JWTs.
    AssertionType,
    /// No such grant here.
    GrantType,
    /// The client may not use this grant.
    GrantNotAllowed,
    /// The code or refresh token is unknown, expired, used, or another client's.
    Code,
    /// `redirect_uri` is not the one of the request.
    RedirectUri,
    /// `code_verifier` does not fit the request's challenge.
    CodeVerifier,
    /// The client may not have this scope.
    Scope,
    /// The proof of a key is missing or does not hold (RFC 9449 §5).
    Proof,
    /// The proof must repeat a nonce of ours (RFC 9449 §8).
    ProofNonce,
}

impl TokenFault {
    /// Status and code of RFC 6749 §5.2.
    #[must_use]
    pub fn rfc(self) -> (u16, &'static str) {
        match self {
            Self::MediaType => (415, "invalid_request"),
            Self::Malformed | Self::Missing => (400, "invalid_request"),
            Self::NoClientAuthentication | Self::ClientAuthentication | Self::AssertionType => (401, "invalid_client"),
            Self::GrantType => (400, "unsupported_grant_type"),
            Self::GrantNotAllowed => (400, "unauthorized_client"),
            Self::Code | Self::RedirectUri | Self::CodeVerifier => (400, "invalid_grant"),
            Self::Scope => (400, "invalid_scope"),
            Self::Proof => (400, "invalid_dpop_proof"),
            Self::ProofNonce => (400, "use_dpop_nonce"),
        }
    }
}

#[derive(Serialize)]
struct OAuthBody {
    error: &'static str,
    error_description: &'static str,
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = OAuthBody { error: self.error, error_description: self.description };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}
