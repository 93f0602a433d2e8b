//! How persons come to be: numbers that name them, and by what the same person is known again (docs/identity.md).

use serde::{Deserialize, Serialize};
use url::Url;

use super::ConfigError;

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// Digits of a UIN, the check digit included: 8 to 32.
    pub uin_digits: u8,
    /// The last digit of UINs and virtual ids.
    pub check_digit: CheckDigit,
    /// Digits of a virtual id, the check digit included: 8 to 32.
    pub virtual_digits: u8,
    /// Days that a virtual id is good for, where whoever asks for one does not say; 0: until it is revoked.
    pub virtual_days: u32,
    /// By what the same person is known again: each a list of attributes that only one person has together.
    pub unique: Vec<UniqueKey>,
    /// The trust framework by which documents of enrollments prove what they say; it must be one of
    /// `assurance.trust_frameworks` to be told to relying parties. Without, documents prove nothing.
    pub trust_framework: Option<String>,
    /// Where biometrics are compared; without, they are not.
    pub abis: Option<Abis>,
}

/// Which check digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckDigit {
    /// Finds every wrong digit and every two that changed places.
    Verhoeff,
    /// Finds every wrong digit and most that changed places.
    Luhn,
    /// None: the last digit is like the others.
    None,
}

/// Attributes that only one person has together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UniqueKey {
    /// Claim names, or OSIA names behind `osia.`.
    pub attributes: Vec<String>,
    /// Whether those who are nearly alike count too: another spelling, a slip in the date.
    #[serde(default = "yes")]
    pub fuzzy: bool,
    /// How alike each attribute must be then, in hundredths: 50 to 100.
    #[serde(default = "usual_likeness")]
    pub likeness: u8,
}

fn yes() -> bool {
    true
}

fn usual_likeness() -> u8 {
    85
}

/// An Automated Biometric Identification System that speaks OSIA ABIS 1.6.0.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Abis {
    /// Before `/v1/…`. On a closed network `fetch_allow` and `fetch_ca` say that it may be reached.
    pub url: Url,
    /// The bearer token that it demands.
    #[serde(default)]
    pub token: Option<String>,
    /// The gallery in which persons are.
    #[serde(default = "usual_gallery")]
    pub gallery: String,
    /// The score from which a candidate may be the same person; the ABIS's own where absent.
    #[serde(default)]
    pub threshold: Option<u32>,
    /// Seconds that it has for an answer.
    #[serde(default = "usual_patience")]
    pub seconds: u64,
    /// Where it reaches this server: scheme, host and port. With it, it may answer later, by calling back; without, it must
    /// answer at once.
    #[serde(default)]
    pub callback: Option<Url>,
    /// Seconds after which one that has not called back is asked how far it is, again and again.
    #[serde(default = "usual_callback_patience")]
    pub callback_seconds: u32,
}

fn usual_gallery() -> String {
    "PERSONS".into()
}

fn usual_patience() -> u64 {
    30
}

fn usual_callback_patience() -> u32 {
    60
}

impl Default for Identity {
    fn default() -> Self {
        let birth = ["given_name", "family_name", "birthdate"].map(String::from).to_vec();
        Self {
            uin_digits: 10,
            check_digit: CheckDigit::Verhoeff,
            virtual_digits: 16,
            virtual_days: 0,
            unique: vec![UniqueKey { attributes: birth, fuzzy: true, likeness: usual_likeness() }],
            trust_framework: None,
            abis: None,
        }
    }
}

impl Identity {
    /// Refuses what cannot work.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refuse = |key, reason| Err(ConfigError::Refused { key, reason });
        if !(8..=32).contains(&self.uin_digits) {
            return refuse("identity.uin_digits", "8 to 32: fewer can be guessed");
        }
        if !(8..=32).contains(&self.virtual_digits) {
            return refuse("identity.virtual_digits", "8 to 32: fewer can be guessed");
        }
        if self.unique.len() > 8 || self.unique.iter().any(|key| !(1..=6).contains(&key.attributes.len())) {
            return refuse("identity.unique", "at most 8 keys, each of 1 to 6 attributes");
        }
        if self.unique.iter().any(|key| !(50..=100).contains(&key.likeness)) {
            return refuse("identity.unique", "likeness is 50 to 100");
        }
        match &self.abis {
            Some(abis) if !matches!(abis.url.scheme(), "http" | "https") || abis.url.query().is_some() => {
                refuse("identity.abis.url", "http or https, without a query")
            }
            Some(abis) if abis.callback.as_ref().is_some_and(|url| !is_origin(url)) => {
                refuse("identity.abis.callback", "scheme, host and port alone, http or https")
            }
            Some(abis) if abis.callback_seconds == 0 => refuse("identity.abis.callback_seconds", "at least one second"),
            Some(abis) if abis.gallery.is_empty() || abis.gallery.contains(['/', '?', '#']) => {
                refuse("identity.abis.gallery", "a name without / ? #")
            }
            _ => Ok(()),
        }
    }

    /// For printing: what could open something is left out.
    pub(super) fn without_secrets(mut self) -> Self {
        if let Some(token) = self.abis.as_mut().and_then(|abis| abis.token.as_mut()) {
            *token = "…".into();
        }
        self
    }
}

fn is_origin(url: &Url) -> bool {
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    matches!(url.scheme(), "http" | "https") && bare
}
