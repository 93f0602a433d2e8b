//! Attributes that a caller supplies, held against what is known.

use serde_json::Value;

use super::credential;
use super::model::{AttributeSet, CredentialData};
use super::names::{CREDENTIALS, claim_of};
use super::permission::Claims;
use crate::claims::{osia, untagged};
use crate::osia::Refusal;
use crate::registry::{self, PersonId};
use crate::state::AppState;

/// Attributes supplied at once at most.
const MOST: usize = 100;

/// What a caller supplies, by claims.
pub(super) struct Supplied {
    /// Names as they were supplied, in their order; documents as `credentialData`.
    pub(super) names: Vec<String>,
    claims: Vec<(String, Option<Value>)>,
    credentials: Vec<CredentialData>,
}

impl Supplied {
    /// Reads a set.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where it has nothing to compare, a value that is `null`, too much, or biometrics, which are not
    /// compared here.
    pub(super) fn read(set: AttributeSet) -> Result<Self, Refusal> {
        if !set.biometric_data.is_empty() {
            return Err(Refusal::bad("biometricData is not compared here; leave it out"));
        }
        let count = set.biographic_data.len() + set.contact_data.len() + set.credential_data.len();
        if count == 0 || count > MOST {
            return Err(Refusal::bad("supply 1 to 100 attributes"));
        }
        if !set.credential_data.iter().all(credential::says_something) {
            return Err(Refusal::bad("say something of each credential"));
        }
        let mut supplied = Self { names: Vec::new(), claims: Vec::new(), credentials: set.credential_data };
        for (name, value) in set.biographic_data.into_iter().chain(set.contact_data) {
            if value.is_null() {
                return Err(Refusal::bad("an attribute is null; leave out what is not to be compared"));
            }
            let claim = claim_of(&name);
            // A value that the claim cannot have is nobody's.
            let value = osia::claim_value(untagged(&claim), &value);
            supplied.names.push(name);
            supplied.claims.push((claim, value));
        }
        if !supplied.credentials.is_empty() {
            supplied.names.push("credentialData".into());
        }
        Ok(supplied)
    }

    /// Whether all of it may be compared.
    pub(super) fn is_within(&self, claims: &Claims) -> bool {
        self.claims.iter().all(|(claim, _)| claims.may_compare(claim))
            && (self.credentials.is_empty() || claims.may_compare(CREDENTIALS))
    }

    /// What is to be sought, by claims; `None` where a value is one that nobody can have.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for documents, by which nobody is sought.
    pub(super) fn sought(self) -> Result<Option<Vec<(String, Value)>>, Refusal> {
        if !self.credentials.is_empty() {
            return Err(Refusal::bad("nobody is sought by credentialData; leave it out"));
        }
        Ok(self.claims.into_iter().map(|(claim, value)| Some((claim, value?))).collect())
    }

    /// Whether all of it is right of a person (GS-VAP-02).
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(super) async fn is_right(&self, state: &AppState, person: PersonId) -> Result<bool, Refusal> {
        let mut values = Vec::with_capacity(self.claims.len());
        for (claim, value) in &self.claims {
            let Some(value) = value else { return Ok(false) };
            values.push((claim.clone(), value.clone()));
        }
        if !registry::matches(state, person, &values).await? {
            return Ok(false);
        }
        if self.credentials.is_empty() {
            return Ok(true);
        }
        let known = registry::claims(state, person, &[CREDENTIALS.to_owned()], &[]).await?;
        let cards = known.get(CREDENTIALS).unwrap_or(&Value::Null);
        Ok(self.credentials.iter().all(|described| credential::is_held(cards, described)))
    }
}
