//! What discovery says of verified claims (OpenID Connect for Identity Assurance 1.0 §9): the operator's own words.

use serde_json::{Value, json};

use crate::claims::YES_NO;
use crate::config::Assurance;
use crate::dialect::Dialect;

/// Claims that are made here or say how to reach a person: nobody verifies them by evidence.
const NOT_VERIFIED: [&str; 10] = [
    "profile",
    "website",
    "picture",
    "individual_id",
    "registration_type",
    "updated_at",
    "locale",
    "zoneinfo",
    "email_verified",
    "phone_number_verified",
];

/// Adds the members, where the mount tells verified claims and the operator names a trust framework.
pub(super) fn describe(document: &mut Value, dialect: &Dialect, assurance: &Assurance) {
    if !dialect.verified_claims || assurance.trust_frameworks.is_empty() {
        return;
    }
    let verifiable = |name: &&str| !NOT_VERIFIED.contains(name) && !YES_NO.contains(name);
    let claims: Vec<&str> = dialect.claims.iter().copied().filter(verifiable).collect();
    document["verified_claims_supported"] = json!(true);
    document["trust_frameworks_supported"] = json!(assurance.trust_frameworks);
    document["claims_in_verified_claims_supported"] = json!(claims);
    let lists = [
        ("evidence_supported", &assurance.evidence),
        ("documents_supported", &assurance.documents),
        ("documents_check_methods_supported", &assurance.check_methods),
        ("electronic_records_supported", &assurance.electronic_records),
    ];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        document[name] = json!(list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Mount;

    #[test]
    fn what_nobody_names_is_not_promised() {
        let of = |mount: Mount, assurance: &Assurance| {
            let mut document = json!({});
            describe(&mut document, mount.dialect(), assurance);
            document
        };
        assert_eq!(of(Mount::Op, &Assurance::default()), json!({}));
        let named = Assurance {
            trust_frameworks: vec!["national_id".into()],
            evidence: vec!["document".into()],
            documents: vec!["idcard".into()],
            ..Assurance::default()
        };
        let told = of(Mount::Op, &named);
        assert_eq!(told["verified_claims_supported"], true);
        assert_eq!(told["trust_frameworks_supported"], json!(["national_id"]));
        assert_eq!(
            (&told["evidence_supported"], &told["documents_supported"]),
            (&json!(["document"]), &json!(["idcard"]))
        );
        assert_eq!(told["claims_in_verified_claims_supported"][0], "name");
        assert!(told.get("electronic_records_supported").is_none());
        assert_eq!(of(Mount::GovStack, &named), json!({}));
        assert_eq!(of(Mount::ESignet, &named), json!({}));
    }
}
