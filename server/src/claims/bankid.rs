//! Claims and scopes of Bank iD's profile (its interface file 2.0.2; docs/bankid.md).

use super::ClaimScope;

/// The scope by which a relying party asks to be told when claims change; the citizen permits it.
pub const NOTIFICATION: &str = "notification.claims_updated";

/// The scope that adds `verified_claims` to the extended claims.
pub const VERIFICATION: &str = "profile.verification";

/// The claim that holds what was verified; part of the extended claims, made from the person's evidence.
pub const VERIFIED_CLAIMS: &str = "verified_claims";

/// Every claim of the profile that a client may be registered for.
pub const CLAIMS: &[&str] = &[
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "title_prefix",
    "title_suffix",
    "gender",
    "birthdate",
    "age",
    "majority",
    "date_of_death",
    "birthnumber",
    "birthplace",
    "birthcountry",
    "primary_nationality",
    "nationalities",
    "maritalstatus",
    "addresses",
    "idcards",
    "paymentAccounts",
    "paymentAccountsDetails",
    "pep",
    "limited_legal_capacity",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "zoneinfo",
    "locale",
    "updated_at",
    VERIFIED_CLAIMS,
];

/// What each scope asks for, at the two endpoints.
pub const SCOPES: &[ClaimScope] = &[
    ClaimScope {
        name: "profile.name",
        userinfo: &["name", "given_name", "family_name", "middle_name", "nickname", "preferred_username"],
        profile: &["given_name", "family_name", "middle_name", "nickname", "preferred_username"],
    },
    ClaimScope { name: "profile.gender", userinfo: &["gender"], profile: &["gender"] },
    ClaimScope { name: "profile.birthdate", userinfo: &["birthdate"], profile: &["birthdate", "age", "date_of_death"] },
    ClaimScope { name: "profile.email", userinfo: &["email", "email_verified"], profile: &["email"] },
    ClaimScope {
        name: "profile.phonenumber",
        userinfo: &["phone_number", "phone_number_verified"],
        profile: &["phone_number"],
    },
    ClaimScope { name: "profile.zoneinfo", userinfo: &["zoneinfo"], profile: &[] },
    ClaimScope { name: "profile.locale", userinfo: &["locale"], profile: &[] },
    ClaimScope { name: "profile.updatedat", userinfo: &["updated_at"], profile: &["updated_at"] },
    of_profile("profile.titles", &["title_prefix", "title_suffix"]),
    of_profile("profile.birthnumber", &["birthnumber"]),
    of_profile(
        "profile.birthplaceNationality",
        &["birthplace", "birthcountry", "primary_nationality", "nationalities"],
    ),
    of_profile("profile.maritalstatus", &["maritalstatus"]),
    of_profile("profile.addresses", &["addresses"]),
    of_profile("profile.idcards", &["idcards"]),
    of_profile("profile.paymentAccounts", &["paymentAccounts", "paymentAccountsDetails"]),
    of_profile("profile.legalstatus", &["majority", "pep", "limited_legal_capacity"]),
    of_profile(VERIFICATION, &[VERIFIED_CLAIMS]),
];

/// Scopes named in discovery: those above, and the technical ones. Those of signing are not served.
pub const NAMED: &[&str] = &[
    "openid",
    "profile.name",
    "profile.gender",
    "profile.birthdate",
    "profile.email",
    "profile.phonenumber",
    "profile.zoneinfo",
    "profile.locale",
    "profile.updatedat",
    "profile.titles",
    "profile.birthnumber",
    "profile.birthplaceNationality",
    "profile.maritalstatus",
    "profile.addresses",
    "profile.idcards",
    "profile.paymentAccounts",
    "profile.legalstatus",
    VERIFICATION,
    NOTIFICATION,
    "offline_access",
];

const fn of_profile(name: &'static str, profile: &'static [&'static str]) -> ClaimScope {
    ClaimScope { name, userinfo: &[], profile }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_of_a_scope_can_be_registered_and_every_scope_is_named() {
        for ClaimScope { name, userinfo, profile } in SCOPES {
            assert!(NAMED.contains(name), "{name}");
            for claim in userinfo.iter().chain(*profile) {
                assert!(CLAIMS.contains(claim), "{claim}");
            }
        }
        for claim in CLAIMS {
            assert!(
                SCOPES.iter().any(|scope| scope.userinfo.contains(claim) || scope.profile.contains(claim)),
                "{claim}"
            );
        }
    }

    /// BID-128-02, BID-124-03.
    #[test]
    fn bid_128_02_what_was_verified_is_no_claim_of_userinfo() {
        assert!(SCOPES.iter().all(|scope| !scope.userinfo.contains(&VERIFIED_CLAIMS)));
        let addresses = SCOPES.iter().find(|scope| scope.name == "profile.addresses").unwrap();
        assert_eq!((addresses.userinfo, addresses.profile), (&[][..], &["addresses"][..]));
    }
}
