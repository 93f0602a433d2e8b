//! What a phone's maker must say about a key that is bound: `docs/attestation.md`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ConfigError, Mode};

/// Whether attestations are asked for, and which hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attestation {
    /// Whether.
    pub policy: AttestationPolicy,
    /// Android key attestation; refused where this is absent.
    pub android: Option<AndroidKey>,
    /// Apple's App Attest; refused where this is absent.
    pub apple: Option<AppAttest>,
}

/// See [`Attestation::policy`]. It is about `/wallet/binding`: the compatible calls have no place for an attestation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttestationPolicy {
    /// Not looked at, and nothing is recorded.
    #[default]
    Off,
    /// Checked where one is sent; then it must hold.
    WhenOffered,
    /// A key without one is not bound.
    Required,
}

/// Android key attestation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AndroidKey {
    /// PEM files with the root certificates of Google's hardware attestation.
    pub roots: Vec<PathBuf>,
    /// Google's status list of revoked attestation keys, as JSON. It is read again when the file changes.
    pub revoked: Option<PathBuf>,
    /// The wallet's apps. Nobody else's app may bind a key.
    pub apps: Vec<AndroidApp>,
    /// The least that is taken.
    #[serde(default)]
    pub least_level: AndroidLevel,
    /// Whether the phone must have started an operating system that its maker signed, with a locked boot loader.
    #[serde(default = "yes")]
    pub verified_boot: bool,
    /// SHA-256 in hex of other systems' verified boot keys that are taken too, on a locked boot loader.
    #[serde(default)]
    pub boot_keys: Vec<String>,
    /// Whether the key must ask for the citizen (fingerprint, face, device code) itself.
    #[serde(default)]
    pub user_authentication: bool,
}

/// An Android app.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AndroidApp {
    /// Its package name.
    pub package: String,
    /// SHA-256 in hex of the certificates it may be signed with.
    pub signing_digests: Vec<String>,
}

/// Where a key lives, from weak to strong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AndroidLevel {
    /// In the operating system.
    Software,
    /// In a trusted execution environment.
    #[default]
    Hardware,
    /// In a processor of its own.
    Strongbox,
}

/// Apple's App Attest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppAttest {
    /// PEM files with Apple's App Attestation root.
    pub roots: Vec<PathBuf>,
    /// The wallet's app ids: `TEAMID.bundle.identifier`.
    pub apps: Vec<String>,
    /// Whether builds of developers are taken too. Never in production.
    #[serde(default)]
    pub development: bool,
}

fn yes() -> bool {
    true
}

/// Reads 64 digits of hex, colons between them allowed, as tools print digests.
#[must_use]
pub fn sha256_from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    let mut bytes = [0; 32];
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

impl Attestation {
    /// # Errors
    /// [`ConfigError::Refused`] where a policy could not be kept, or would let any app pass.
    pub(super) fn check(&self, mode: Mode) -> Result<(), ConfigError> {
        let refuse = |key, reason| Err(ConfigError::Refused { key, reason });
        if self.policy != AttestationPolicy::Off && self.android.is_none() && self.apple.is_none() {
            return refuse("binding.attestation.policy", "say whose: add `android`, `apple` or both");
        }
        if let Some(android) = &self.android {
            if android.roots.is_empty() {
                return refuse("binding.attestation.android.roots", "name the PEM file of Google's roots");
            }
            if android.apps.is_empty() || android.apps.iter().any(|app| app.signing_digests.is_empty()) {
                return refuse("binding.attestation.android.apps", "name package and signing digests of each app");
            }
            let digests = android.apps.iter().flat_map(|app| &app.signing_digests);
            if !digests.chain(&android.boot_keys).all(|text| sha256_from_hex(text).is_some()) {
                return refuse("binding.attestation.android", "digests and boot keys are SHA-256: 64 digits of hex");
            }
        }
        if let Some(apple) = &self.apple {
            if apple.roots.is_empty() {
                return refuse("binding.attestation.apple.roots", "name the PEM file of Apple's root");
            }
            if apple.apps.is_empty() {
                return refuse("binding.attestation.apple.apps", "name TEAMID.bundle.identifier of each app");
            }
            if apple.development && mode == Mode::Production {
                return refuse("binding.attestation.apple.development", "builds of developers are not for production");
            }
        }
        Ok(())
    }
}
