//! The Automated Biometric Identification System: who else has these biometrics (OSIA ABIS 1.6.0).
//!
//! An enrollment's biometrics are put into the gallery first, under the person who may be made of it, and looked for
//! afterwards: of two enrollments of one person at the same time, each is found by the other.

use std::time::Duration;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::config::Abis;
use crate::http::fetch::{Fetch, FetchError};
use crate::ids::{Ids, Kind};
use crate::registry::PersonId;

/// Candidates asked for at most.
const CANDIDATES: u32 = 20;
/// Bytes of an answer at most.
const LARGEST: usize = 256 * 1024;

/// Why biometrics could not be compared. The enrollment waits, and it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AbisError {
    /// It could not be reached.
    #[error("the ABIS: {0}")]
    Fetch(#[from] FetchError),
    /// It refused.
    #[error("the ABIS refused with status {0}")]
    Refused(u16),
    /// It would answer later, by a callback: this client needs the answer at once.
    #[error("the ABIS answers by callback; set it to answer at once")]
    Later,
    /// Its answer is not what OSIA describes.
    #[error("the ABIS answered with something else than OSIA ABIS describes")]
    Strange,
}

/// A candidate, as far as it is needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    person_id: String,
    score: f64,
}

/// Speaks to one ABIS.
pub struct Client<'s> {
    fetch: &'s Fetch,
    ids: &'s Ids,
    abis: &'s Abis,
    transaction: &'s str,
}

impl<'s> Client<'s> {
    /// In calls of this `transactionId`.
    #[must_use]
    pub fn new(fetch: &'s Fetch, ids: &'s Ids, abis: &'s Abis, transaction: &'s str) -> Self {
        Self { fetch, ids, abis, transaction }
    }

    fn url(&self, path: &[&str]) -> Result<Url, AbisError> {
        let mut url = self.abis.url.clone();
        {
            let mut segments = url.path_segments_mut().map_err(|()| AbisError::Fetch(FetchError::Forbidden))?;
            segments.pop_if_empty().push("v1").extend(path);
        }
        url.query_pairs_mut().append_pair("transactionId", self.transaction);
        Ok(url)
    }

    async fn ask<T: Serialize + Sync>(
        &self,
        method: Method,
        url: &Url,
        body: Option<&T>,
    ) -> Result<(u16, Vec<u8>), AbisError> {
        let bounds = (LARGEST, Duration::from_secs(self.abis.seconds));
        let answer = self.fetch.exchange(method, url, self.abis.token.as_deref(), body, bounds).await?;
        if answer.0 == 202 { Err(AbisError::Later) } else { Ok(answer) }
    }

    /// Puts biometrics into the gallery, as the person's encounter of this name. What is there already stays.
    ///
    /// # Errors
    /// [`AbisError`].
    pub async fn put(&self, person: PersonId, encounter: &str, biometrics: &[Value]) -> Result<(), AbisError> {
        let name = self.ids.name(Kind::Person, person.0);
        let url = self.url(&["persons", &name, "encounters", encounter])?;
        let body = json!({
            "encounterId": encounter, "status": "ACTIVE", "encounterType": "ENROLLMENT",
            "galleries": [self.abis.gallery], "biometricData": biometrics
        });
        match self.ask(Method::POST, &url, Some(&body)).await?.0 {
            // 409: an earlier attempt got as far as this.
            200 | 409 => Ok(()),
            status => Err(AbisError::Refused(status)),
        }
    }

    /// Who in the gallery has these biometrics, other than the person who was put there with them; with the score of each.
    ///
    /// # Errors
    /// [`AbisError`].
    pub async fn identify(&self, except: PersonId, biometrics: &[Value]) -> Result<Vec<(PersonId, f64)>, AbisError> {
        let mut url = self.url(&["identify", &self.abis.gallery])?;
        url.query_pairs_mut().append_pair("maxNbCand", &CANDIDATES.to_string());
        if let Some(threshold) = self.abis.threshold {
            url.query_pairs_mut().append_pair("threshold", &threshold.to_string());
        }
        let body = json!({ "filter": {}, "biometricData": biometrics });
        let (status, answer) = self.ask(Method::POST, &url, Some(&body)).await?;
        if status != 200 {
            return Err(AbisError::Refused(status));
        }
        let candidates: Vec<Candidate> = serde_json::from_slice(&answer).map_err(|_| AbisError::Strange)?;
        let low = self.abis.threshold.map(f64::from);
        let known = candidates.into_iter().filter(|one| low.is_none_or(|low| one.score >= low)).filter_map(|one| {
            let person = self.ids.named(Kind::Person, &one.person_id).map(PersonId)?;
            Some((person, one.score))
        });
        Ok(known.filter(|(person, _)| *person != except).collect())
    }

    /// Takes a person's encounter out of the gallery. One that is not there is no fault.
    ///
    /// # Errors
    /// [`AbisError`].
    pub async fn remove(&self, person: PersonId, encounter: &str) -> Result<(), AbisError> {
        let name = self.ids.name(Kind::Person, person.0);
        let url = self.url(&["persons", &name, "encounters", encounter])?;
        match self.ask::<Value>(Method::DELETE, &url, None).await?.0 {
            200 | 204 | 404 => Ok(()),
            status => Err(AbisError::Refused(status)),
        }
    }
}
