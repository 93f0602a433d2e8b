//! The Automated Biometric Identification System: who else has these biometrics (OSIA ABIS 1.6.0).
//!
//! An enrollment's biometrics are put into the gallery first, under the person who may be made of it, and looked for
//! afterwards: of two enrollments of one person at the same time, each is found by the other.

pub mod answer;

use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
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
    /// It would answer later, where it was not told whom.
    #[error("the ABIS answers later: set identity.abis.callback to where it reaches this server")]
    Later,
    /// It called back to say that it could not.
    #[error("the ABIS called back: it could not do what it was asked")]
    Failed,
    /// Its answer is not what OSIA describes.
    #[error("the ABIS answered with something else than OSIA ABIS describes")]
    Strange,
}

/// What became of a call.
pub(super) enum Reply {
    /// It is answered.
    Now(Vec<u8>),
    /// It will be, by a call back; this is its name there.
    Later(String),
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
        Ok(self.fetch.exchange(method, url, self.abis.token.as_deref(), body, bounds).await?)
    }

    /// A call that may be answered later where it says whom (`callback`). `good`: statuses of a good answer.
    async fn call(&self, mut url: Url, body: &Value, callback: Option<&Url>, good: &[u16]) -> Result<Reply, AbisError> {
        if let Some(callback) = callback {
            url.query_pairs_mut().append_pair("callback", callback.as_str());
        }
        match self.ask(Method::POST, &url, Some(body)).await? {
            (202, _) if callback.is_none() => Err(AbisError::Later),
            (202, answer) => answer::task(&answer).map(Reply::Later),
            (status, answer) if good.contains(&status) => Ok(Reply::Now(answer)),
            (status, _) => Err(AbisError::Refused(status)),
        }
    }

    /// Puts biometrics into the gallery, as the person's encounter of this name. What is there already stays.
    ///
    /// # Errors
    /// [`AbisError`].
    pub(super) async fn put(
        &self,
        person: PersonId,
        encounter: &str,
        biometrics: &[Value],
        callback: Option<&Url>,
    ) -> Result<Reply, AbisError> {
        let name = self.ids.name(Kind::Person, person.0);
        let url = self.url(&["persons", &name, "encounters", encounter])?;
        let body = json!({
            "encounterId": encounter, "status": "ACTIVE", "encounterType": "ENROLLMENT",
            "galleries": [self.abis.gallery], "biometricData": biometrics
        });
        // 409: an earlier attempt got as far as this.
        self.call(url, &body, callback, &[200, 409]).await
    }

    /// Asks who in the gallery has these biometrics; [`Client::candidates`] reads the answer.
    ///
    /// # Errors
    /// [`AbisError`].
    pub(super) async fn identify(&self, biometrics: &[Value], callback: Option<&Url>) -> Result<Reply, AbisError> {
        let mut url = self.url(&["identify", &self.abis.gallery])?;
        url.query_pairs_mut().append_pair("maxNbCand", &CANDIDATES.to_string());
        if let Some(threshold) = self.abis.threshold {
            url.query_pairs_mut().append_pair("threshold", &threshold.to_string());
        }
        let body = json!({ "filter": {}, "biometricData": biometrics });
        self.call(url, &body, callback, &[200]).await
    }

    /// The candidates of an answer, other than the person who was put there with these biometrics; with the score of each.
    ///
    /// # Errors
    /// [`AbisError::Strange`].
    pub(super) fn candidates(&self, except: PersonId, answer: &[u8]) -> Result<Vec<(PersonId, f64)>, AbisError> {
        let mut candidates = answer::candidates(self.ids, self.abis.threshold.map(f64::from), answer)?;
        candidates.retain(|(person, _)| *person != except);
        Ok(candidates)
    }

    /// Whether biometrics are a person's own; `false` of a person of whom the gallery has none. The answer is needed at once.
    ///
    /// # Errors
    /// [`AbisError`].
    pub async fn verify(&self, person: PersonId, biometrics: &[Value]) -> Result<bool, AbisError> {
        let name = self.ids.name(Kind::Person, person.0);
        let mut url = self.url(&["verify", &self.abis.gallery, &name])?;
        if let Some(threshold) = self.abis.threshold {
            url.query_pairs_mut().append_pair("threshold", &threshold.to_string());
        }
        let body = json!({ "biometricData": biometrics });
        match self.call(url, &body, None, &[200]).await {
            Ok(Reply::Now(answer)) => answer::decision(&answer),
            Ok(Reply::Later(_)) => Err(AbisError::Later),
            Err(AbisError::Refused(404)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// How far it is with a call that it answers later.
    ///
    /// # Errors
    /// [`AbisError`].
    pub(super) async fn progress(&self, task: &str) -> Result<answer::Progress, AbisError> {
        let url = self.url(&["tasks", task, "status"])?;
        let (status, answer) = self.ask::<Value>(Method::GET, &url, None).await?;
        answer::progress(status, &answer)
    }

    /// Has it call back once more.
    ///
    /// # Errors
    /// [`AbisError`].
    pub(super) async fn redeliver(&self, task: &str) -> Result<(), AbisError> {
        let url = self.url(&["tasks", task, "redeliver"])?;
        match self.ask::<Value>(Method::POST, &url, None).await?.0 {
            // 404: it is forgotten there, which the next look at its progress tells as well.
            204 | 404 => Ok(()),
            status => Err(AbisError::Refused(status)),
        }
    }

    /// Takes a person's encounter out of the gallery. One that is not there is no fault; one that it takes out later is as good
    /// as gone.
    ///
    /// # Errors
    /// [`AbisError`].
    pub async fn remove(&self, person: PersonId, encounter: &str) -> Result<(), AbisError> {
        let name = self.ids.name(Kind::Person, person.0);
        let url = self.url(&["persons", &name, "encounters", encounter])?;
        match self.ask::<Value>(Method::DELETE, &url, None).await?.0 {
            200 | 202 | 204 | 404 => Ok(()),
            status => Err(AbisError::Refused(status)),
        }
    }
}
