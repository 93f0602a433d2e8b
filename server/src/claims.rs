//! The claims about persons that this server knows, and the scopes that ask for them (OpenID Connect Core §5.1, §5.4).

pub mod bankid;
pub mod birth;
pub mod countries;
pub mod osia;

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

/// What is answered by yes or no, so that the attribute itself need not be told (GS-VER-05, GS-PRI-01b): whether the
/// person is of an age, and whether an attribute is one of the values that the request names.
pub const YES_NO: &[&str] = &[
    "age_over_13",
    "age_over_14",
    "age_over_15",
    "age_over_16",
    "age_over_18",
    "age_over_21",
    "age_over_25",
    "age_over_60",
    "age_over_65",
    "age_over_67",
    "name_matches",
    "given_name_matches",
    "family_name_matches",
    "birthdate_matches",
    "gender_matches",
    "email_matches",
    "phone_number_matches",
    "individual_id_matches",
];

/// GovStack's and eSignet's together, the pages of a person (OpenID Connect Core §5.1), and those answered by yes or no.
pub const STANDARD: &[&str] = &{
    let mut names = [""; ALL.len() + PAGES.len() + YES_NO.len()];
    let (attributes, answered) = names.split_at_mut(ALL.len() + PAGES.len());
    let (known, pages) = attributes.split_at_mut(ALL.len());
    known.copy_from_slice(ALL);
    pages.copy_from_slice(&PAGES);
    answered.copy_from_slice(YES_NO);
    names
};

/// Addresses of pages about a person, and of their own making.
pub const PAGES: [&str; 2] = ["profile", "website"];

/// The age that a claim asks about, in years: `age_over_18`. It is true from that birthday on (ISO/IEC 18013-5 §7.2.5).
#[must_use]
pub fn age_asked(name: &str) -> Option<u8> {
    name.strip_prefix("age_over_").filter(|_| YES_NO.contains(&name)).and_then(|years| years.parse().ok())
}

/// The claim that another one asks to be compared and not told: `birthdate` of `birthdate_matches`.
#[must_use]
pub fn compared(name: &str) -> Option<&str> {
    name.strip_suffix("_matches").filter(|_| YES_NO.contains(&name))
}

/// Scopes that ask for claims, `openid` first.
pub const SCOPES: &[&str] = &["openid", "profile", "email", "phone", "address"];

/// Those of the standard mount, where relying parties may ask for access while the person is away as well (OpenID Connect
/// Core §11).
pub const OP_SCOPES: &[&str] = &["openid", "profile", "email", "phone", "address", "offline_access"];

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
            "profile",
            "website",
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
    ALL.contains(&name) || PAGES.contains(&name) || bankid::CLAIMS.contains(&name)
}

/// A claim's name without a language tag: `name` of `name#fr` (OpenID Connect Core §5.2).
#[must_use]
pub fn untagged(name: &str) -> &str {
    name.split_once('#').map_or(name, |(bare, _)| bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_answered_by_yes_or_no_is_read_from_its_name() {
        assert_eq!((age_asked("age_over_18"), age_asked("age_over_19"), age_asked("age")), (Some(18), None, None));
        assert_eq!((compared("name_matches"), compared("picture_matches")), (Some("name"), None));
        for name in YES_NO {
            assert_ne!(age_asked(name).is_some(), compared(name).is_some(), "{name}");
            assert!(STANDARD.contains(name) && !ALL.contains(name));
            assert!(compared(name).is_none_or(|attribute| ALL.contains(&attribute)));
        }
        assert!(ALL.iter().chain(&PAGES).all(|name| STANDARD.contains(name)));
        assert!(PAGES.iter().all(|name| is_known(name) && !ALL.contains(name)));
    }
}
