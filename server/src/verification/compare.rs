//! Attributes that a caller supplies, held against what is known.

use serde_json::{Map, Value};

use super::credential;
use super::model::{AttributeSet, CredentialData};
use super::names::{CREDENTIALS, PORTRAIT, claim_of};
use super::permission::Claims;
use crate::claims::{osia, untagged};
use crate::identity::{abis, biometrics};
use crate::osia::{Refusal, Transaction, repeated};
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
    /// Faces, as an ABIS takes them.
    faces: Vec<Value>,
}

impl Supplied {
    /// Reads a set.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where it has nothing to compare, a value that is `null`, too much, or biometrics that are not compared
    /// here.
    pub(super) fn read(set: AttributeSet) -> Result<Self, Refusal> {
        let faces = faces(set.biometric_data)?;
        let count = set.biographic_data.len() + set.contact_data.len() + set.credential_data.len() + faces.len();
        if count == 0 || count > MOST {
            return Err(Refusal::bad(format!(
                "supply 1 to {MOST} attributes, in biographicData, contactData, credentialData and biometricData together"
            )));
        }
        if !set.credential_data.iter().all(credential::says_something) {
            return Err(Refusal::bad("credentialData: say something of each document"));
        }
        let mut supplied = Self { names: Vec::new(), claims: Vec::new(), credentials: set.credential_data, faces };
        for (name, value) in set.biographic_data.into_iter().chain(set.contact_data) {
            if value.is_null() {
                return Err(Refusal::bad(format!("{} is null: leave out what is not to be compared", repeated(&name))));
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
        if !supplied.faces.is_empty() {
            supplied.names.push("biometricData".into());
        }
        Ok(supplied)
    }

    /// Whether there is what it takes to compare all of it.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for a face, where there is no ABIS.
    pub(super) fn can_be_compared(&self, state: &AppState) -> Result<(), Refusal> {
        if self.faces.is_empty() || state.config.identity.abis.is_some() {
            return Ok(());
        }
        Err(Refusal::bad("biometricData is not compared here: there is no ABIS; leave it out"))
    }

    /// Whether all of it may be compared.
    pub(super) fn is_within(&self, claims: &Claims) -> bool {
        self.compared().iter().all(|claim| claims.may_compare(claim))
    }

    /// The claims that are compared.
    pub(super) fn compared(&self) -> Vec<String> {
        let others = [(CREDENTIALS, self.credentials.is_empty()), (PORTRAIT, self.faces.is_empty())];
        let others = others.into_iter().filter(|(_, none)| !none).map(|(claim, _)| claim.to_owned());
        self.claims.iter().map(|(claim, _)| claim.clone()).chain(others).collect()
    }

    /// What is to be sought, by claims; `None` where a value is one that nobody can have.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for documents, by which nobody is sought.
    pub(super) fn sought(self) -> Result<Option<Vec<(String, Value)>>, Refusal> {
        if !self.credentials.is_empty() {
            return Err(Refusal::bad("nobody is sought by credentialData; leave it out"));
        }
        if !self.faces.is_empty() {
            return Err(Refusal::bad("nobody is sought by biometricData; leave it out"));
        }
        Ok(self.claims.into_iter().map(|(claim, value)| Some((claim, value?))).collect())
    }

    /// Whether all of it is right of a person (GS-VAP-02).
    ///
    /// # Errors
    /// [`Refusal::Unavailable`], also where the ABIS does not tell now.
    pub(super) async fn is_right(
        &self,
        state: &AppState,
        person: PersonId,
        transaction: &Transaction,
    ) -> Result<bool, Refusal> {
        let mut values = Vec::with_capacity(self.claims.len());
        for (claim, value) in &self.claims {
            let Some(value) = value else { return Ok(false) };
            values.push((claim.clone(), value.clone()));
        }
        if !registry::matches(state, person, &values).await? {
            return Ok(false);
        }
        if !self.credentials.is_empty() {
            let known = registry::claims(state, person, &[CREDENTIALS.to_owned()], &[]).await?;
            let cards = known.get(CREDENTIALS).unwrap_or(&Value::Null);
            if !self.credentials.iter().all(|described| credential::is_held(cards, described)) {
                return Ok(false);
            }
        }
        let (Some(abis), false) = (&state.config.identity.abis, self.faces.is_empty()) else { return Ok(true) };
        let client = abis::Client::new(&state.fetch, &state.ids, abis, &transaction.0);
        client.verify(person, &self.faces).await.map_err(|error| {
            tracing::warn!(%error, "a face could not be compared");
            Refusal::Unavailable
        })
    }
}

/// The faces among biometrics, as an ABIS takes them. Only faces: what a person agrees to (`picture`) says nothing of others.
fn faces(captured: Vec<Map<String, Value>>) -> Result<Vec<Value>, Refusal> {
    if captured.iter().any(|one| one.get("biometricType").and_then(Value::as_str) != Some("FACE")) {
        return Err(Refusal::bad("of biometricData only FACE is compared here; leave out the others"));
    }
    let all: Vec<Value> = captured.into_iter().map(Value::Object).collect();
    let faces = biometrics::for_abis(&all);
    if faces.len() < all.len() {
        return Err(Refusal::bad("each of biometricData must be as OSIA's schema has it, with an image or a template"));
    }
    Ok(faces)
}
