//! Authentication context class references: which factors a login must show. Known by two prefixes, eSignet's and
//! GovStack's; both are read everywhere, and what is told is told in the mount's own.
//!
//! Only classes whose every factor exists here can be read: biometrics, knowledge, password and ID token cannot.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::dialect::Dialect;

/// eSignet's prefix; also the one in the database.
const ESIGNET: &str = "mosip:idp:acr:";
/// GovStack's prefix.
const GOVSTACK: &str = "idbb:acr:";

/// One proof that a person gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Factor {
    /// A code that the person knows.
    Pin,
    /// A code sent to the person.
    Otp,
    /// A token signed by the person's bound wallet key.
    Wla,
}

impl Factor {
    /// `authFactorType` of a challenge, on every mount.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pin => "PIN",
            Self::Otp => "OTP",
            Self::Wla => "WLA",
        }
    }

    /// Reads [`Factor::name`]; exact, as in eSignet.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Pin, Self::Otp, Self::Wla].into_iter().find(|factor| factor.name() == name)
    }

    /// `type` in `authFactors`, where GovStack calls the wallet by another name than in challenges.
    #[must_use]
    pub fn listed(self, dialect: &Dialect) -> &'static str {
        match self {
            Self::Wla => dialect.wallet_factor,
            _ => self.name(),
        }
    }
}

/// A class of authentication: the factors that must all be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Acr {
    /// `static-code`: PIN.
    StaticCode,
    /// `generated-code`: OTP.
    GeneratedCode,
    /// `linked-wallet`: WLA.
    LinkedWallet,
    /// `linked-wallet-static-code`: WLA and PIN (GovStack's).
    LinkedWalletStaticCode,
}

impl Acr {
    /// All of them, weakest first.
    pub const ALL: [Self; 4] =
        [Self::StaticCode, Self::GeneratedCode, Self::LinkedWallet, Self::LinkedWalletStaticCode];

    /// Its name without a prefix.
    #[must_use]
    pub fn bare(self) -> &'static str {
        match self {
            Self::StaticCode => "static-code",
            Self::GeneratedCode => "generated-code",
            Self::LinkedWallet => "linked-wallet",
            Self::LinkedWalletStaticCode => "linked-wallet-static-code",
        }
    }

    /// Reads it with either prefix. `None` for unknown ones and for those whose factors do not exist here.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bare = text.strip_prefix(ESIGNET).or_else(|| text.strip_prefix(GOVSTACK))?;
        Self::ALL.into_iter().find(|acr| acr.bare() == bare)
    }

    /// Its full name on a mount. What a relying party asked for is echoed as asked instead.
    #[must_use]
    pub fn name(self, dialect: &Dialect) -> String {
        format!("{}{}", dialect.acr_prefix, self.bare())
    }

    /// The factors that must all be shown.
    #[must_use]
    pub fn factors(self) -> &'static [Factor] {
        match self {
            Self::StaticCode => &[Factor::Pin],
            Self::GeneratedCode => &[Factor::Otp],
            Self::LinkedWallet => &[Factor::Wla],
            Self::LinkedWalletStaticCode => &[Factor::Wla, Factor::Pin],
        }
    }

    /// Whether exactly these factors, in any order, make this class.
    #[must_use]
    pub fn made_of(self, shown: &[Factor]) -> bool {
        let needed = self.factors();
        needed.len() == shown.len() && needed.iter().all(|factor| shown.contains(factor))
    }
}

impl fmt::Display for Acr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ESIGNET}{}", self.bare())
    }
}

impl Serialize for Acr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Acr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| D::Error::custom("unknown authentication context class"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Mount;

    #[test]
    fn both_prefixes_name_the_same_class_and_each_mount_tells_its_own() {
        for acr in Acr::ALL {
            for mount in Mount::ISSUERS {
                assert_eq!(Acr::read(&acr.name(mount.dialect())), Some(acr));
            }
        }
        assert_eq!(Acr::LinkedWallet.name(Mount::GovStack.dialect()), "idbb:acr:linked-wallet");
        assert_eq!(Acr::LinkedWallet.name(Mount::ESignet.dialect()), "mosip:idp:acr:linked-wallet");
    }

    #[test]
    fn classes_whose_factors_do_not_exist_are_not_read() {
        for text in [
            "mosip:idp:acr:biometrics",
            "mosip:idp:acr:knowledge",
            "mosip:idp:acr:password",
            "mosip:idp:acr:id-token",
            "idbb:acr:biometrics-generated-code",
            "static-code",
            "MOSIP:idp:acr:static-code",
            "",
        ] {
            assert_eq!(Acr::read(text), None, "{text}");
        }
    }

    #[test]
    fn all_factors_of_a_class_must_be_shown_and_no_others() {
        assert!(Acr::LinkedWalletStaticCode.made_of(&[Factor::Pin, Factor::Wla]));
        assert!(!Acr::LinkedWalletStaticCode.made_of(&[Factor::Wla]));
        assert!(!Acr::LinkedWalletStaticCode.made_of(&[Factor::Wla, Factor::Wla]));
        assert!(!Acr::GeneratedCode.made_of(&[Factor::Otp, Factor::Pin]));
    }

    #[test]
    fn the_wallet_factor_has_its_mounts_name_in_lists_only() {
        assert_eq!(Factor::Wla.listed(Mount::GovStack.dialect()), "Wallet");
        assert_eq!(Factor::Wla.listed(Mount::ESignet.dialect()), "WLA");
        assert_eq!(Factor::named("WLA"), Some(Factor::Wla));
        assert_eq!(Factor::named("Wallet"), None);
        assert_eq!(Factor::named("BIO"), None);
    }
}
