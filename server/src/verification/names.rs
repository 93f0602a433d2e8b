//! Which claim an attribute of a request is.

pub(super) use crate::claims::osia::CREDENTIALS;
use crate::claims::{YES_NO, is_known, osia};

/// OSIA's name of the caller's own pseudonym for a person, among the attributes that are read.
pub(super) const IDENTIFIER: &str = "identifier";
/// The claim that a portrait is told by.
pub(super) const PORTRAIT: &str = "picture";

/// What the registry calls an attribute: its claim, by OSIA's name (`firstName`) or its own (`given_name`, `age_over_18`);
/// what has no claim is kept under its OSIA name.
#[must_use]
pub fn claim_of(name: &str) -> String {
    if is_known(name) || YES_NO.contains(&name) { name.to_owned() } else { osia::attribute(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_known_by_osias_names_and_by_those_of_claims() {
        for (name, claim) in [
            ("firstName", "given_name"),
            ("given_name", "given_name"),
            ("dateOfBirth", "birthdate"),
            ("age_over_18", "age_over_18"),
            ("birthdate_matches", "birthdate_matches"),
            ("phone1", "phone_number"),
            ("picture", "picture"),
            ("individual_id", "individual_id"),
            ("spouseName", "osia.spouseName"),
        ] {
            assert_eq!(claim_of(name), claim);
        }
    }
}
