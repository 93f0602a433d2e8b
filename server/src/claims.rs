//! The claims about persons that this server knows, and the scopes that ask for them (OpenID Connect Core §5.1, §5.4).

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

/// What `profile` asks for in eSignet and GovStack: mail, phone and address too.
pub const ESIGNET_PROFILE: &[&str] = &[
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
];

/// What `profile` asks for by the standard (OpenID Connect Core §5.4), as far as it is known here.
pub const STANDARD_PROFILE: &[&str] = &[
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
];

/// What a scope asks for. `profile` is the list of the mount's dialect. Empty for scopes that ask for no claims.
#[must_use]
pub fn of_scope(profile: &'static [&'static str], scope: &str) -> &'static [&'static str] {
    match scope {
        "profile" => profile,
        "email" => &["email", "email_verified"],
        "phone" => &["phone_number", "phone_number_verified"],
        "address" => &["address"],
        _ => &[],
    }
}

/// A claim's name without a language tag: `name` of `name#fr` (OpenID Connect Core §5.2).
#[must_use]
pub fn untagged(name: &str) -> &str {
    name.split_once('#').map_or(name, |(bare, _)| bare)
}
