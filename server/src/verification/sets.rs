//! Named sets of attributes: OSIA's own, and those of the configuration.

use super::model::{OutputAttributeSet, OutputBiometric};
use super::names::{IDENTIFIER, PORTRAIT, claim_of};
use crate::clients::set_scope;
use crate::config::{AttributeSet, Verification};
use crate::enrollment::model::{BiometricSubType, BiometricType};

/// OSIA's reserved names.
const RESERVED: [&str; 3] = ["DEFAULT_SET_01", "DEFAULT_SET_02", "DEFAULT_SET_EIDAS"];

/// What a named set tells.
pub(super) struct Set(AttributeSet);

impl Set {
    /// The set of this name; `None` where there is none.
    pub(super) fn named(config: &Verification, name: &str) -> Option<Self> {
        config.sets.get(name).cloned().or_else(|| reserved(name)).map(Self)
    }

    /// Its claims, all but the caller's own pseudonym.
    pub(super) fn claims(&self) -> impl Iterator<Item = String> + '_ {
        let names = self.0.biographic.iter().chain(&self.0.contact).filter(|name| *name != IDENTIFIER);
        names.map(|name| claim_of(name)).chain(self.0.portrait.then(|| PORTRAIT.to_owned()))
    }

    /// As a request that names them all.
    pub(super) fn wanted(self) -> OutputAttributeSet {
        let portrait = OutputBiometric {
            biometric_type: Some(BiometricType::Face),
            biometric_sub_type: Some(BiometricSubType::Portrait),
            biometric_data_fields: Vec::new(),
        };
        OutputAttributeSet {
            output_biographic_data: self.0.biographic,
            output_biometric_data: if self.0.portrait { vec![portrait] } else { Vec::new() },
            output_credential_data: Vec::new(),
            output_contact_data: self.0.contact,
        }
    }
}

/// The sets that scopes of a client name.
pub(super) fn of_scopes(config: &Verification, scopes: &[String]) -> Vec<Set> {
    let names = RESERVED.into_iter().chain(config.sets.keys().map(String::as_str));
    names.filter(|name| scopes.contains(&set_scope(name))).filter_map(|name| Set::named(config, name)).collect()
}

/// OSIA's own sets (Third Party Services, functional description).
fn reserved(name: &str) -> Option<AttributeSet> {
    let (biographic, portrait): (&[&str], bool) = match name {
        "DEFAULT_SET_01" => (&["firstName", "lastName", "dateOfBirth", "placeOfBirth"], false),
        "DEFAULT_SET_02" => (&["firstName", "lastName", "dateOfBirth", "placeOfBirth"], true),
        "DEFAULT_SET_EIDAS" => (
            &[
                "firstName",
                "lastName",
                "dateOfBirth",
                IDENTIFIER,
                "birthName",
                "placeOfBirth",
                "gender",
                "currentAddress",
            ],
            false,
        ),
        _ => return None,
    };
    let biographic = biographic.iter().map(|name| (*name).to_owned()).collect();
    Some(AttributeSet { biographic, contact: Vec::new(), portrait })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OSIA-IDU-02.
    #[test]
    fn osia_idu_02_reserved_sets_are_osias_and_may_be_replaced() {
        let mut config = Verification::default();
        let of =
            |config: &Verification, name: &str| Set::named(config, name).map(|set| set.claims().collect::<Vec<_>>());
        assert_eq!(of(&config, "DEFAULT_SET_01").unwrap(), ["given_name", "family_name", "birthdate", "birthplace"]);
        assert!(of(&config, "DEFAULT_SET_02").unwrap().contains(&"picture".to_owned()));
        assert!(!of(&config, "DEFAULT_SET_EIDAS").unwrap().iter().any(|claim| claim.contains(IDENTIFIER)));
        assert_eq!(of(&config, "OTHER"), None);
        let own = AttributeSet { contact: vec!["email".into()], ..AttributeSet::default() };
        config.sets = [("DEFAULT_SET_01".to_owned(), own.clone()), ("OTHER".to_owned(), own)].into();
        assert_eq!(of(&config, "DEFAULT_SET_01").unwrap(), ["email"]);
        let scopes = ["id.OTHER.read".to_owned(), "id.NOWHERE.read".to_owned(), "id.read".to_owned()];
        assert_eq!(of_scopes(&config, &scopes).len(), 1);
    }
}
