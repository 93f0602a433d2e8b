//! What was verified of a person: by which rules, when, by whom, and which attributes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::model::{AddError, Fault, PersonId};
use super::{sealed, store};
use crate::claims::untagged;
use crate::state::AppState;

/// The framework of Czech banks: the law against money laundering. Its process is the bank that looked at the person.
pub const CZ_AML: &str = "cz_aml";
/// Verifications of one person at most.
const MOST: usize = 10;
/// Bytes of evidence and process at most, as JSON.
const LARGEST: usize = 16 * 1024;
/// Types of evidence (OpenID Identity Assurance §5.4).
const EVIDENCE: [&str; 4] = ["document", "electronic_record", "vouch", "electronic_signature"];

/// One process in which a person's attributes were verified. Its `Debug` shows the framework only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// The rules that it followed.
    pub trust_framework: String,
    /// When, as RFC 3339 writes it, with `Z` or an offset that has a colon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Which process; with [`CZ_AML`] the identification number of the bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_process: Option<String>,
    /// How sure one may be, in the words of the framework.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance_level: Option<String>,
    /// How that assurance was reached (OpenID Identity Assurance §5.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance_process: Option<Map<String, Value>>,
    /// What was looked at, as OpenID Identity Assurance §5.4 writes it: objects, each with its `type`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Value>,
    /// Attributes that it verified, without language tags. An attribute that changes is verified no more.
    pub claims: Vec<String>,
}

impl std::fmt::Debug for Verification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a verification by {}", self.trust_framework)
    }
}

impl Verification {
    /// `verification` as OpenID Identity Assurance writes it.
    pub(super) fn told(&self) -> Map<String, Value> {
        let mut told = Map::from_iter([("trust_framework".to_owned(), self.trust_framework.as_str().into())]);
        let texts = [
            ("assurance_level", &self.assurance_level),
            ("time", &self.time),
            ("verification_process", &self.verification_process),
        ];
        told.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.as_deref()?.into()))));
        if let Some(process) = &self.assurance_process {
            told.insert("assurance_process".into(), process.clone().into());
        }
        if !self.evidence.is_empty() {
            told.insert("evidence".into(), self.evidence.clone().into());
        }
        told
    }

    /// Whether it holds for a claim: one that was verified, or that is computed from one.
    #[must_use]
    pub fn covers(&self, claim: &str) -> bool {
        let source = match untagged(claim) {
            "age" | "majority" => "birthdate",
            name => name,
        };
        self.claims.iter().any(|name| name == source)
    }
}

/// What was verified of a person, in the order in which it was written down; nothing of an unknown one.
///
/// # Errors
/// [`Fault`] where the database does not answer or a value does not open.
pub async fn verifications(state: &AppState, person: PersonId) -> Result<Vec<Verification>, Fault> {
    let row = state.store.read(move |tx| Box::pin(async move { store::verifications(tx, person).await })).await?;
    let opened = row.map(|row: Vec<u8>| sealed::open_verifications(state, person, &row)).transpose()?;
    Ok(opened.unwrap_or_default())
}

/// Holds verifications against their form, and against what is known of the person.
pub(super) fn check(verifications: &[Verification], attributes: &Map<String, Value>) -> Result<(), AddError> {
    let refuse = |reason| Err(AddError::Invalid { member: "verifications".into(), reason });
    if verifications.len() > MOST {
        return refuse("more than ten");
    }
    for one in verifications {
        let Verification { trust_framework, time, verification_process, evidence, claims, .. } = one;
        if trust_framework.trim().is_empty() {
            return refuse("trust_framework is needed");
        }
        if time.as_deref().is_some_and(|time| OffsetDateTime::parse(time, &Rfc3339).is_err()) {
            return refuse("time is not one of RFC 3339, such as 2015-04-05T14:31:22+02:00");
        }
        let number = |process: &String| !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
        if trust_framework == CZ_AML && !verification_process.as_ref().is_some_and(number) {
            return refuse("verification_process must be the identification number of the bank, with cz_aml");
        }
        if !evidence.iter().all(|one| one["type"].as_str().is_some_and(|kind| EVIDENCE.contains(&kind))) {
            return refuse("evidence must be objects, each with a `type` of OpenID Identity Assurance §5.4");
        }
        if Value::Object(one.told()).to_string().len() > LARGEST {
            return refuse("is longer than 16 KiB");
        }
        let known = |claim: &String| attributes.keys().any(|name| untagged(name) == claim);
        if claims.is_empty() || !claims.iter().all(known) {
            return refuse("claims must name attributes of the person");
        }
    }
    Ok(())
}

/// Seconds since 1970 of an RFC 3339 time.
pub(super) fn moment(text: &str) -> Option<i64> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
}

/// Takes changed attributes out; a verification of nothing is none.
pub(super) fn without(verifications: Vec<Verification>, changed: &[String]) -> Vec<Verification> {
    let left = |mut one: Verification| {
        one.claims.retain(|claim| !changed.contains(claim));
        (!one.claims.is_empty()).then_some(one)
    };
    verifications.into_iter().filter_map(left).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn aml(change: impl FnOnce(&mut Verification)) -> Verification {
        let mut one = Verification {
            trust_framework: CZ_AML.into(),
            time: Some("2015-04-05T14:31:22+02:00".into()),
            verification_process: Some("45244782".into()),
            assurance_level: None,
            assurance_process: None,
            evidence: Vec::new(),
            claims: vec!["birthdate".into(), "name".into()],
        };
        change(&mut one);
        one
    }

    /// BID-VFC-04, BID-VFC-05, BID-VFC-06, BID-1112-01.
    #[test]
    fn bid_vfc_04_a_verification_says_by_which_rules_when_and_by_whom() {
        let attributes = json!({ "birthdate": "1990-02-28", "name#cs": "Jan" });
        let good = |one: Verification| check(&[one], attributes.as_object().unwrap()).is_ok();
        assert!(good(aml(|_| ())));
        assert!(good(aml(|one| one.time = None)));
        assert!(good(aml(|one| one.time = Some("2020-02-09T18:43:26.000Z".into()))));
        assert!(!good(aml(|one| one.time = Some("2015-04-05T14:31:22+0200".into()))));
        assert!(!good(aml(|one| one.verification_process = None)));
        assert!(!good(aml(|one| one.verification_process = Some("our branch".into()))));
        assert!(!good(aml(|one| one.trust_framework = " ".into())));
        assert!(!good(aml(|one| one.claims.push("email".into()))));
        assert!(!good(aml(|one| one.claims.clear())));
        assert!(good(aml(|one| one.evidence = vec![json!({ "type": "document" })])));
        assert!(!good(aml(|one| one.evidence = vec![json!({ "type": "rumour" })])));
        assert!(!good(aml(|one| one.evidence = vec![json!({ "type": "document", "x": "x".repeat(20_000) })])));
        assert!(check(&vec![aml(|_| ()); 11], attributes.as_object().unwrap()).is_err());
    }

    #[test]
    fn what_changes_is_verified_no_more_and_what_is_computed_goes_with_its_source() {
        let both = aml(|_| ());
        assert!(both.covers("age") && both.covers("majority") && both.covers("name#cs") && !both.covers("email"));
        let left = without(vec![both.clone()], &["birthdate".into(), "age".into()]);
        assert_eq!(left[0].claims, ["name"]);
        assert!(!left[0].covers("age"));
        assert!(without(vec![both], &["birthdate".into(), "name".into()]).is_empty());
    }
}
