//! What a policy makes of what was found.

use serde::{Deserialize, Serialize};

use crate::clients::{CrossDevice, Limits, LoginPolicy, NumberMatching};
use crate::error::{ApiError, Code};

/// What was found about a login in which a wallet on another device answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Whether browser and wallet seem to be in one place; absent where nobody can tell.
    pub near: Option<bool>,
    /// Whether the person has logged in with this browser before; absent while it is not known who it is.
    pub known_browser: Option<bool>,
    /// Whether a second wallet tried to claim the code.
    pub scanned_twice: bool,
    /// Whether very many logins come from the browser's network.
    pub crowded: bool,
    /// Whether the browser has proved a first factor in this login. It makes no login less risky: it may have been phished.
    #[serde(default)]
    pub first_factor: bool,
}

impl Findings {
    /// Whether the login is risky: anything but a known browser beside the wallet, in which nothing else looks odd.
    #[must_use]
    pub fn risky(&self) -> bool {
        self.near != Some(true) || self.known_browser != Some(true) || self.scanned_twice || self.crowded
    }
}

/// Why a policy does not admit a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Wallets on other devices never log in here.
    CrossDevice,
    /// Browser and wallet are not near.
    NotNear,
    /// The person has not used this browser before.
    UnknownBrowser,
    /// The browser has proved no first factor in this login.
    NoFirstFactor,
    /// The browser has proved the first factor of another person.
    OtherPerson,
    /// A number is to be typed, which this wallet cannot.
    CannotMatch,
}

impl Refusal {
    /// In one word, for the audit.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::CrossDevice => "cross_device",
            Self::NotNear => "not_near",
            Self::UnknownBrowser => "unknown_browser",
            Self::NoFirstFactor => "no_first_factor",
            Self::OtherPerson => "other_person",
            Self::CannotMatch => "cannot_match",
        }
    }

    /// What a wallet is told.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::CannotMatch => Code::NumberMatchingRequired,
            _ => Code::CrossDeviceRefused,
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        refusal.code().into()
    }
}

/// Whether a wallet on another device may go on, and whether the citizen must type the page's number (`true`).
///
/// `can_match`: the wallet can ask for the number. Who the person is may not be known yet: then a browser that must be known
/// is for the caller to ask about later.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn admit(policy: &LoginPolicy, findings: &Findings, can_match: bool) -> Result<bool, Refusal> {
    match policy.cross_device {
        CrossDevice::Deny => return Err(Refusal::CrossDevice),
        CrossDevice::Near if findings.near != Some(true) => return Err(Refusal::NotNear),
        CrossDevice::KnownBrowser if findings.known_browser == Some(false) => return Err(Refusal::UnknownBrowser),
        CrossDevice::AfterFirstFactor if !findings.first_factor => return Err(Refusal::NoFirstFactor),
        _ => {}
    }
    let number = match policy.number_matching {
        NumberMatching::Off => false,
        NumberMatching::Risky => findings.risky(),
        NumberMatching::On => true,
    };
    if number && !can_match { Err(Refusal::CannotMatch) } else { Ok(number) }
}

/// The limits of what a login yields in which a wallet on another device answered: the stricter ones where it is risky.
#[must_use]
pub fn limits(policy: &LoginPolicy, findings: &Findings) -> Limits {
    let always = policy.cross_device_limits.clone().unwrap_or_default();
    match &policy.risky_limits {
        Some(risky) if findings.risky() => always.and(risky),
        _ => always,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: Findings = Findings {
        near: Some(true),
        known_browser: Some(true),
        scanned_twice: false,
        crowded: false,
        first_factor: false,
    };

    fn policy(cross_device: CrossDevice, number_matching: NumberMatching) -> LoginPolicy {
        LoginPolicy { cross_device, number_matching, ..LoginPolicy::default() }
    }

    #[test]
    fn anything_odd_is_risky() {
        assert!(!GOOD.risky());
        for odd in [
            Findings { near: Some(false), ..GOOD },
            Findings { near: None, ..GOOD },
            Findings { known_browser: Some(false), ..GOOD },
            Findings { known_browser: None, ..GOOD },
            Findings { scanned_twice: true, ..GOOD },
            Findings { crowded: true, ..GOOD },
            Findings { near: None, first_factor: true, ..GOOD },
        ] {
            assert!(odd.risky(), "{odd:?}");
        }
    }

    #[test]
    fn each_rule_refuses_what_it_is_for_and_nothing_else() {
        let off = NumberMatching::Off;
        let far = Findings { near: Some(false), ..GOOD };
        let nobody_can_tell = Findings { near: None, ..GOOD };
        let unknown = Findings { known_browser: Some(false), ..GOOD };
        for (rule, findings, expected) in [
            (CrossDevice::Allow, Findings::default(), Ok(false)),
            (CrossDevice::Near, GOOD, Ok(false)),
            (CrossDevice::Near, far, Err(Refusal::NotNear)),
            (CrossDevice::Near, nobody_can_tell, Err(Refusal::NotNear)),
            (CrossDevice::Near, unknown, Ok(false)),
            (CrossDevice::KnownBrowser, far, Ok(false)),
            (CrossDevice::KnownBrowser, unknown, Err(Refusal::UnknownBrowser)),
            (CrossDevice::KnownBrowser, Findings { known_browser: None, ..GOOD }, Ok(false)),
            (CrossDevice::AfterFirstFactor, GOOD, Err(Refusal::NoFirstFactor)),
            (CrossDevice::AfterFirstFactor, Findings { first_factor: true, ..far }, Ok(false)),
            (CrossDevice::Deny, GOOD, Err(Refusal::CrossDevice)),
        ] {
            assert_eq!(admit(&policy(rule, off), &findings, false), expected, "{rule:?} {findings:?}");
        }
    }

    #[test]
    fn a_number_is_asked_for_as_the_policy_says() {
        let far = Findings { near: Some(false), ..GOOD };
        let cannot = Err(Refusal::CannotMatch);
        for (matching, findings, with, without) in [
            (NumberMatching::Off, far, Ok(false), Ok(false)),
            (NumberMatching::Risky, GOOD, Ok(false), Ok(false)),
            (NumberMatching::Risky, far, Ok(true), cannot),
            (NumberMatching::On, GOOD, Ok(true), cannot),
        ] {
            let policy = policy(CrossDevice::Allow, matching);
            assert_eq!(admit(&policy, &findings, true), with, "{matching:?}");
            assert_eq!(admit(&policy, &findings, false), without, "{matching:?}");
        }
    }

    fn some_limits() -> impl Strategy<Value = Option<Limits>> {
        let scopes = proptest::option::of(proptest::collection::vec("[a-c]", 0..3));
        let claims = proptest::option::of(proptest::collection::vec("[a-c]", 0..3));
        let limits = (scopes, claims, proptest::option::of(1_u32..100));
        proptest::option::of(limits.prop_map(|(scopes, claims, token_seconds)| Limits {
            scopes,
            claims,
            token_seconds,
        }))
    }

    proptest! {
        /// A risky login never yields more than one that is not, and neither more than either of the two limits.
        #[test]
        fn risk_never_widens(across in some_limits(), risky in some_limits(), name in "[a-c]") {
            let policy = LoginPolicy {
                cross_device_limits: across.clone(),
                risky_limits: risky.clone(),
                ..LoginPolicy::default()
            };
            let (plain, odd) = (limits(&policy, &GOOD), limits(&policy, &Findings::default()));
            prop_assert_eq!(&plain, &across.unwrap_or_default());
            let risky = risky.unwrap_or_default();
            for stricter in [&plain, &risky] {
                prop_assert!(!odd.allows_scope(&name) || stricter.allows_scope(&name));
                prop_assert!(!odd.allows_claim(&name) || stricter.allows_claim(&name));
                let life = |limits: &Limits| limits.token_seconds.unwrap_or(u32::MAX);
                prop_assert!(life(&odd) <= life(stricter));
            }
        }
    }
}
