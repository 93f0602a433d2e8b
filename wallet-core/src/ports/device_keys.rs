//! Keys that never leave the device.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Signature algorithms a wallet key may have. Source: `RFC 7518 §3.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum KeyAlgorithm {
    /// ECDSA on P-256 with SHA-256: every native key.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 on RSA-2048: eSignet 1.x servers take nothing else.
    Rs256,
}

/// Where the private key lives, from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum KeySecurityLevel {
    /// In a file or in memory of the process.
    Software,
    /// In a trusted execution environment (Android TEE).
    TrustedEnvironment,
    /// In a processor of its own (StrongBox, Secure Enclave).
    SecureElement,
}

/// What security level a new key must or should reach.
///
/// `Prefer` falls back to the next lower level that works; the level reached stands in
/// [`KeyInfo::security_level`] and is never claimed higher than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SecurityLevelRule {
    /// This level or a stronger one, else [`KeyError::Unsupported`].
    Require {
        /// The lowest level accepted.
        level: KeySecurityLevel,
    },
    /// This level if the device has it, else the best it has.
    Prefer {
        /// The level asked for.
        level: KeySecurityLevel,
    },
}

/// When the citizen must prove presence (biometrics or device code) for a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum UserAuthentication {
    /// Never by the key itself.
    None,
    /// For every use; one `sign_batch` is one use.
    EveryUse,
    /// Once, then free for some time.
    ValidFor {
        /// Seconds from the authentication.
        seconds: u32,
    },
}

/// How a key is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct KeyOptions {
    /// The signature algorithm.
    pub algorithm: KeyAlgorithm,
    /// The security level to reach.
    pub security_level: SecurityLevelRule,
    /// When the key asks for the citizen.
    pub user_authentication: UserAuthentication,
    /// Challenge of a server that wants the key attested. Android fixes it when the key is made,
    /// so it is given here and read back by [`DeviceKeys::attest`].
    pub attestation_challenge: Option<Vec<u8>>,
}

/// A public key as numbers: big-endian unsigned bytes. A leading zero byte is accepted (Java's
/// `BigInteger` writes one), missing ones too. Source: `RFC 7518 §6.2.1, §6.3.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum DevicePublicKey {
    /// A point on P-256.
    P256 {
        /// The x coordinate.
        x: Vec<u8>,
        /// The y coordinate.
        y: Vec<u8>,
    },
    /// An RSA key.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The public exponent.
        e: Vec<u8>,
    },
}

/// What is known of a key that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct KeyInfo {
    /// The name the wallet gave it.
    pub alias: String,
    /// The signature algorithm.
    pub algorithm: KeyAlgorithm,
    /// The public key.
    pub public_key: DevicePublicKey,
    /// The security level really reached.
    pub security_level: KeySecurityLevel,
    /// When the key asks for the citizen.
    pub user_authentication: UserAuthentication,
}

/// Evidence by the device's maker that a key lives in its hardware.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct KeyAttestation {
    /// The kind of evidence, e.g. `android-key` or `apple-appattest`.
    pub format: String,
    /// DER certificates, leaf first; empty where the format has none.
    pub certificates: Vec<Vec<u8>>,
    /// The evidence where it is not a certificate (App Attest: its CBOR object).
    pub statement: Option<Vec<u8>>,
}

/// Why the citizen is asked to unlock a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SigningPurpose {
    /// Bind this phone to a server.
    Binding,
    /// Log in at a relying party.
    Login,
    /// List, rename, renew or revoke bound phones.
    ManageDevices,
    /// List or withdraw consents.
    ManageConsents,
    /// Report a login.
    ReportLogin,
}

/// What a prompt may show when a key asks for the citizen.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct SigningPrompt {
    /// Why.
    pub purpose: SigningPurpose,
    /// For whom: the verified name of the relying party, or the server's address.
    pub audience: Option<String>,
}

crate::redact::redacted_debug!(SigningPrompt);

/// Why a key operation did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum KeyError {
    /// The device or the key is locked: the citizen must authenticate, then the same call works.
    #[error("the key is locked")]
    Locked,
    /// The citizen dismissed the prompt.
    #[error("the prompt was dismissed")]
    Cancelled,
    /// The key is gone for good (new fingerprint enrolled, screen lock removed): bind again.
    #[error("the key was invalidated by the device")]
    Invalidated,
    /// No key has this alias.
    #[error("there is no such key")]
    NotFound,
    /// A key of this alias exists already.
    #[error("there is such a key already")]
    AlreadyExists,
    /// The device cannot do this at all: algorithm, security level, attestation.
    #[error("the device does not support this")]
    Unsupported,
    /// Anything else. The detail helps a developer; it is not logged by the wallet.
    #[error("the key store failed")]
    Failed {
        /// The platform's own words.
        detail: String,
    },
}

#[cfg(feature = "uniffi")]
impl From<uniffi::UnexpectedUniFFICallbackError> for KeyError {
    // The reason holds the app's stack trace in Kotlin: it must go nowhere.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { detail: "unexpected exception in the key store".into() }
    }
}

/// The device's keys: made, used and deleted by alias; the wallet touches no alias but its own.
///
/// Signatures are in the form of JWS: ECDSA as `r || s`, 64 bytes (`RFC 7518 §3.4`); RSA as the
/// PKCS #1 signature. A platform that answers ECDSA in DER converts it with
/// [`crate::ports::ecdsa_signature_from_der`].
#[cfg_attr(feature = "uniffi", uniffi::export(rust, foreign))]
#[async_trait]
pub trait DeviceKeys: Send + Sync {
    /// Makes a key.
    ///
    /// Errors: `AlreadyExists`, `Unsupported` (algorithm, or the level required), `Locked`, `Failed`.
    async fn create(&self, alias: String, options: KeyOptions) -> Result<KeyInfo, KeyError>;

    /// Tells what is known of a key. Errors: `NotFound`, `Invalidated`, `Failed`.
    async fn info(&self, alias: String) -> Result<KeyInfo, KeyError>;

    /// Evidence for the challenge given at creation.
    ///
    /// `client_data_hash` (32 bytes) stands for that challenge and this key together. A maker whose evidence is about a
    /// key of its own (App Attest) is given it to sign: `attestKey(_:clientDataHash:)`. Android's evidence holds key and
    /// challenge already and leaves it aside. Source: `docs/attestation.md`.
    ///
    /// Errors: `Unsupported` where the device makes none, `NotFound`, `Failed`.
    async fn attest(&self, alias: String, client_data_hash: Vec<u8>) -> Result<KeyAttestation, KeyError>;

    /// Signs the message (not its digest).
    ///
    /// Errors: `Locked`, `Cancelled`, `Invalidated`, `NotFound`, `Failed`.
    async fn sign(&self, alias: String, message: Vec<u8>, prompt: SigningPrompt) -> Result<Vec<u8>, KeyError>;

    /// Signs several messages under one prompt; signatures in the order of the messages, all or none.
    ///
    /// Errors: as [`DeviceKeys::sign`].
    async fn sign_batch(
        &self,
        alias: String,
        messages: Vec<Vec<u8>>,
        prompt: SigningPrompt,
    ) -> Result<Vec<Vec<u8>>, KeyError>;

    /// Deletes a key. A key that is not there is no error. Errors: `Failed`.
    async fn delete(&self, alias: String) -> Result<(), KeyError>;
}
