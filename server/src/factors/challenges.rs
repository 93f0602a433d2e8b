//! `challengeList`: which types, formats and lengths are taken, and what each fault is called (facts §1.2, §1.4).
//!
//! eSignet fixes one format and length per type. GovStack's document names four formats, of which any may stand beside
//! any type, and fixes no length: there a PIN of four digits is a wrong PIN, not a malformed one.
//! Types of the protocol that this server does not check (`BIO`, `PWD`, `KBI`) are refused like unknown ones.

use protocol::linked::Challenge;
use protocol::wla::{MAX_CHALLENGE_BYTES, MIN_CHALLENGE_BYTES};

use super::model::OtpFor;
use crate::acr::Factor;
use crate::dialect::Dialect;
use crate::error::{ApiError, Code};

/// Challenges in one request (facts §1.2).
const MOST: usize = 5;
/// Digits of a PIN.
pub(super) const PIN_DIGITS: usize = 6;
/// The longest OTP or PIN looked at where the dialect fixes no length.
const LONGEST_SHORT: usize = 64;
/// GovStack's formats.
const FORMATS: [&str; 4] = ["alpha-numeric", "jwt", "encoded-json", "number"];
/// Where faults of the list are, as a path.
const PATH: Option<&str> = Some("request.challengeList");

/// The one `format` that goes with a factor.
fn format(factor: Factor) -> &'static str {
    match factor {
        Factor::Otp => "alpha-numeric",
        Factor::Pin => "number",
        Factor::Wla => "jwt",
    }
}

/// One challenge of the right shape.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// Its factor.
    pub factor: Factor,
    /// OTP, PIN or token.
    pub value: &'a str,
}

/// The faults of one request, several of which may be told together.
pub(crate) type Faults = Vec<(Code, Option<&'static str>)>;

/// Reads a challenge list, so that a caller can hold its factors against those offered.
///
/// # Errors
/// All faults of the list: `invalid_no_of_challenges`, `invalid_auth_factor_type`, `invalid_challenge`,
/// `invalid_challenge_format`, `invalid_challenge_length`; `auth_factor_mismatch` where a factor is given twice.
/// Binding has `invalid_auth_factor_type_or_challenge_format` and its own `invalid_challenge`.
pub fn read<'a>(
    dialect: &Dialect,
    purpose: OtpFor,
    otp_digits: u8,
    list: &'a [Challenge],
) -> Result<Vec<Given<'a>>, ApiError> {
    let mut faults = Faults::new();
    let given = collect(dialect, purpose, otp_digits, list, &mut faults);
    if faults.is_empty() { Ok(given) } else { Err(ApiError::Refused(faults)) }
}

/// As [`read`], adding to faults found elsewhere in the request.
pub(crate) fn collect<'a>(
    dialect: &Dialect,
    purpose: OtpFor,
    otp_digits: u8,
    list: &'a [Challenge],
    faults: &mut Faults,
) -> Vec<Given<'a>> {
    if list.is_empty() || list.len() > MOST {
        faults.push((Code::InvalidNoOfChallenges, PATH));
        return Vec::new();
    }
    let mut given = Vec::with_capacity(list.len());
    for challenge in list {
        match one(dialect, purpose, otp_digits, challenge) {
            Ok(one) => given.push(one),
            Err(code) => {
                if !faults.contains(&(code, PATH)) {
                    faults.push((code, PATH));
                }
            }
        }
    }
    let twice = |factor| given.iter().filter(|one: &&Given<'_>| one.factor == factor).count() > 1;
    if [Factor::Otp, Factor::Pin, Factor::Wla].into_iter().any(twice) {
        // Two PINs in one request would be two guesses for one.
        faults.push((Code::AuthFactorMismatch, PATH));
    }
    given
}

fn one<'a>(dialect: &Dialect, purpose: OtpFor, otp_digits: u8, challenge: &'a Challenge) -> Result<Given<'a>, Code> {
    let binding = purpose == OtpFor::Binding;
    let kind = challenge.auth_factor_type.as_str();
    let factor = match Factor::named(kind) {
        // A wallet does not vouch for another wallet.
        Some(Factor::Wla) if binding => return Err(Code::InvalidChallengeFormatForFactor),
        Some(factor) => factor,
        None if binding && matches!(kind, "BIO" | "PWD" | "KBI") => return Err(Code::InvalidChallengeFormatForFactor),
        None => return Err(Code::InvalidAuthFactorType),
    };
    let value = challenge.challenge.as_str();
    if value.trim().is_empty() {
        return Err(if binding { Code::InvalidBindingChallenge } else { Code::InvalidChallenge });
    }
    let free = dialect.free_challenge_formats && factor != Factor::Wla;
    let format_ok = challenge.format == format(factor) || free && FORMATS.contains(&challenge.format.as_str());
    if !format_ok {
        return Err(if binding { Code::InvalidChallengeFormatForFactor } else { Code::InvalidChallengeFormat });
    }
    let allowed = match factor {
        Factor::Wla => MIN_CHALLENGE_BYTES..=MAX_CHALLENGE_BYTES,
        _ if free => 1..=LONGEST_SHORT,
        Factor::Otp => usize::from(otp_digits)..=usize::from(otp_digits),
        Factor::Pin => PIN_DIGITS..=PIN_DIGITS,
    };
    if !allowed.contains(&value.chars().count()) {
        return Err(if binding { Code::InvalidBindingChallenge } else { Code::InvalidChallengeLength });
    }
    Ok(Given { factor, value })
}

/// Whether a text can be an identifier of a person at all: not blank, not endless, no spaces and no control characters.
/// Whether there is such a person is never told.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    const LONGEST: usize = 128;
    !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Mount;

    fn challenge(kind: &str, value: &str, format: &str) -> Challenge {
        Challenge { auth_factor_type: kind.into(), challenge: value.into(), format: format.into() }
    }

    fn codes(mount: Mount, purpose: OtpFor, list: &[Challenge]) -> Vec<&'static str> {
        match read(mount.dialect(), purpose, 6, list) {
            Ok(_) => Vec::new(),
            Err(ApiError::Refused(faults)) => faults.iter().map(|(code, _)| mount.dialect().code(*code)).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_factor_has_one_format_and_length() {
        let login = OtpFor::Transaction(1);
        let of =
            |kind: &str, value: &str, format: &str| codes(Mount::ESignet, login, &[challenge(kind, value, format)]);
        assert!(of("OTP", "123456", "alpha-numeric").is_empty());
        assert!(of("PIN", "123456", "number").is_empty());
        assert!(of("WLA", &"a".repeat(100), "jwt").is_empty());
        assert!(of("WLA", &"a".repeat(4096), "jwt").is_empty());
        assert_eq!(of("OTP", "123456", "number"), ["invalid_challenge_format"]);
        assert_eq!(of("PIN", "123456", "alpha-numeric"), ["invalid_challenge_format"]);
        assert_eq!(of("PIN", "12345", "number"), ["invalid_challenge_length"]);
        assert_eq!(of("OTP", "1234567", "alpha-numeric"), ["invalid_challenge_length"]);
        assert_eq!(of("WLA", &"a".repeat(99), "jwt"), ["invalid_challenge_length"]);
        assert_eq!(of("WLA", &"a".repeat(4097), "jwt"), ["invalid_challenge_length"]);
        assert_eq!(of("OTP", " ", "alpha-numeric"), ["invalid_challenge"]);
        for kind in ["KBI", "BIO", "PWD", "IDT", "otp", ""] {
            assert_eq!(of(kind, "x", "alpha-numeric"), ["invalid_auth_factor_type"], "{kind}");
        }
    }

    #[test]
    fn one_to_five_and_each_factor_once() {
        let otp = || challenge("OTP", "123456", "alpha-numeric");
        let login = OtpFor::Linked(1);
        assert_eq!(codes(Mount::ESignet, login, &[]), ["invalid_no_of_challenges"]);
        assert_eq!(codes(Mount::ESignet, login, &[(); 6].map(|()| otp())), ["invalid_no_of_challenges"]);
        assert_eq!(codes(Mount::ESignet, login, &[otp(), otp()]), ["auth_factor_mismatch"]);
        assert!(codes(Mount::ESignet, login, &[otp(), challenge("PIN", "123456", "number")]).is_empty());
        let two = [challenge("OTP", "", "alpha-numeric"), challenge("XYZ", "1", "number")];
        assert_eq!(codes(Mount::ESignet, login, &two), ["invalid_challenge", "invalid_auth_factor_type"]);
    }

    #[test]
    fn govstack_fixes_neither_format_nor_length() {
        let login = OtpFor::Linked(1);
        for format in FORMATS {
            assert!(codes(Mount::GovStack, login, &[challenge("PIN", "9999", format)]).is_empty(), "{format}");
        }
        assert_eq!(codes(Mount::GovStack, login, &[challenge("PIN", "9999", "x")]), ["invalid_challenge_format"]);
        assert_eq!(codes(Mount::GovStack, login, &[challenge("WLA", "9999", "number")]), ["invalid_challenge_format"]);
    }

    /// GS-WAL-07: the codes of binding, on both mounts.
    #[test]
    fn gs_wal_07_binding_has_codes_of_its_own() {
        let both = |list: &[Challenge]| {
            [codes(Mount::GovStack, OtpFor::Binding, list), codes(Mount::ESignet, OtpFor::Binding, list)]
        };
        let pair = "invalid_auth_factor_type_or_challenge_format";
        assert_eq!(both(&[challenge("OTP", "123456", "xyz")]), [["unsupported_challenge_format"], [pair]]);
        assert_eq!(both(&[challenge("BIO", "123456", "encoded-json")]), [["unsupported_challenge_format"], [pair]]);
        assert_eq!(both(&[challenge("OTP", "", "alpha-numeric")]), [["invalid_auth_challenge"], ["invalid_challenge"]]);
        assert_eq!(both(&[challenge("WLA", &"a".repeat(200), "jwt")]), [["unsupported_challenge_format"], [pair]]);
    }

    #[test]
    fn identifiers_are_only_refused_for_their_looks() {
        for good in ["8267411571", "+91 9".replace(' ', "").as_str(), "anna@example.org", "Ζωή"] {
            assert!(is_identifier(good), "{good}");
        }
        for bad in ["", " ", "a b", "a\n", "a\0", &"1".repeat(129)] {
            assert!(!is_identifier(bad), "{bad:?}");
        }
    }
}
