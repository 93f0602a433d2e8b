//! The claims about persons that this server knows, and the scopes that ask for them (OpenID Connect Core §5.1, §5.4).

pub mod bankid;

/// GovStack's list: the enumeration of its interface file.
pub const GOVSTACK: &[&str] = &[
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "preferred_username",
    "nickname",
    "gender",
    "birthdate",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "picture",
    "address",
    "locale",
    "zoneinfo",
];

/// GovStack's and eSignet's together.
pub const ALL: &[&str] = &[
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "preferred_username",
    "nickname",
    "gender",
    "birthdate",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "picture",
    "address",
    "locale",
    "zoneinfo",
    "individual_id",
    "registration_type",
    "updated_at",
];

/// Scopes that ask for claims, `openid` first.
pub const SCOPES: &[&str] = &["openid", "profile", "email", "phone", "address"];

/// A scope that asks for claims, and where they are told.
#[derive(Debug, PartialEq, Eq)]
pub struct ClaimScope {
    /// The scope.
    pub name: &'static str,
    /// What it asks for in userinfo.
    pub userinfo: &'static [&'static str],
    /// What it asks for at the endpoint for the extended claims, where there is one.
    pub profile: &'static [&'static str],
}

impl ClaimScope {
    const fn of_userinfo(name: &'static str, userinfo: &'static [&'static str]) -> Self {
        Self { name, userinfo, profile: &[] }
    }
}

const EMAIL: ClaimScope = ClaimScope::of_userinfo("email", &["email", "email_verified"]);
const PHONE: ClaimScope = ClaimScope::of_userinfo("phone", &["phone_number", "phone_number_verified"]);
const ADDRESS: ClaimScope = ClaimScope::of_userinfo("address", &["address"]);

/// In eSignet and GovStack, where `profile` asks for mail, phone and address too.
pub const ESIGNET_SCOPES: &[ClaimScope] = &[
    ClaimScope::of_userinfo(
        "profile",
        &[
            "name",
            "address",
            "gender",
            "birthdate",
            "picture",
            "email",
            "phone_number",
            "phone_number_verified",
            "registration_type",
            "updated_at",
        ],
    ),
    EMAIL,
    PHONE,
    ADDRESS,
];

/// By the standard (OpenID Connect Core §5.4), as far as the claims are known here.
pub const STANDARD_SCOPES: &[ClaimScope] = &[
    ClaimScope::of_userinfo(
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "picture",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    EMAIL,
    PHONE,
    ADDRESS,
];

/// Whether any issuer knows the claim.
#[must_use]
pub fn is_known(name: &str) -> bool {
    ALL.contains(&name) || bankid::CLAIMS.contains(&name)
}

/// A claim's name without a language tag: `name` of `name#fr` (OpenID Connect Core §5.2).
#[must_use]
pub fn untagged(name: &str) -> &str {
    name.split_once('#').map_or(name, |(bare, _)| bare)
}
