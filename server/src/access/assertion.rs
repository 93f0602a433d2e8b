//! The claims of a client assertion (RFC 7523 §3, OpenID Connect Core §9), judged without a database.

use serde::{Deserialize, Deserializer};

use crate::clients::Audience as Allowed;

/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 10;
/// Longest `jti` taken, in bytes.
const LONGEST_JTI: usize = 512;

/// What is read. A member given twice, or of another type, makes the assertion unreadable.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    aud: Audience,
    #[serde(deserialize_with = "numeric_date")]
    exp: i64,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    iat: Option<i64>,
    pub(super) jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    /// One audience and it is ours: an assertion for several servers is one that the others could use here.
    fn is_one_of(&self, expected: &Expected<'_>) -> bool {
        let ours = |audience: &String| audience == expected.issuer || expected.endpoints.contains(audience);
        match self {
            Self::One(one) => ours(one),
            Self::Many(many) => matches!(many.as_slice(), [one] if ours(one)),
        }
    }
}

/// Seconds since 1970, with or without a fraction (RFC 7519 §2).
pub(super) fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and what is out of bounds is refused later")]
    let floor = |value: f64| value.floor() as i64;
    number.as_i64().or_else(|| number.as_f64().map(floor)).ok_or_else(|| serde::de::Error::custom("not a time"))
}

fn optional_numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    numeric_date(deserializer).map(Some)
}

/// What an assertion is held against; times in seconds.
pub(super) struct Expected<'a> {
    /// The client that its signature was checked for.
    pub(super) client_id: &'a str,
    /// The issuer of the mount.
    pub(super) issuer: &'a str,
    /// The mount's endpoints that clients authenticate at.
    pub(super) endpoints: &'a [String],
    /// Which of them the client's policy takes.
    pub(super) allowed: Allowed,
    /// Now.
    pub(super) now: i64,
    /// How far in the future it may end: how long its `jti` must be remembered.
    pub(super) longest: i64,
}

impl Claims {
    /// Until when a second use must be noticed, in seconds; or what is wrong, for the client's developer.
    pub(super) fn check(&self, expected: &Expected<'_>) -> Result<i64, &'static str> {
        let now = expected.now;
        if self.iss != expected.client_id || self.sub != expected.client_id {
            return Err("iss and sub must both be the client_id");
        }
        match expected.allowed {
            Allowed::Issuer if !matches!(&self.aud, Audience::One(one) if one == expected.issuer) => {
                return Err("aud must be the issuer, as a string");
            }
            Allowed::IssuerOrEndpoint if !self.aud.is_one_of(expected) => {
                return Err("aud must be the issuer or the token endpoint, and nothing else");
            }
            Allowed::Issuer | Allowed::IssuerOrEndpoint => {}
        }
        if self.exp.saturating_add(LEEWAY) <= now {
            return Err("exp has passed");
        }
        if self.exp > now.saturating_add(expected.longest).saturating_add(LEEWAY) {
            return Err("exp is too far in the future");
        }
        if self.nbf.is_some_and(|nbf| nbf > now.saturating_add(LEEWAY)) {
            return Err("nbf is in the future");
        }
        if self.iat.is_some_and(|iat| iat > now.saturating_add(LEEWAY)) {
            return Err("iat is in the future");
        }
        if self.jti.is_empty() || self.jti.len() > LONGEST_JTI {
            return Err("jti must be there, 512 bytes at most");
        }
        Ok(self.exp.saturating_add(LEEWAY))
    }
}

/// Whether `typ` is none, or one that a client assertion may have (RFC 8725 §3.11; draft rfc7523bis).
pub(super) fn typ_fits(typ: Option<&str>) -> bool {
    let typ = typ.map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("client-authentication+jwt"))
}
