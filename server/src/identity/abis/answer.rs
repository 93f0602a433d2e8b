//! What an ABIS answers, as far as it is read (OSIA ABIS 1.6.0). It is another's: nothing of it is believed but its form.

use serde::Deserialize;
use serde_json::Value;

use super::AbisError;
use crate::ids::{Ids, Kind};
use crate::registry::PersonId;

/// Characters of the name that an ABIS gives a call that it answers later, at most.
const LONGEST_TASK: usize = 256;
/// What an ABIS says where an encounter is there already: an earlier attempt got as far as this.
const THERE_ALREADY: i64 = 409;

/// How far an ABIS is with a call that it answers later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It will call back.
    Pending,
    /// It could not reach us, and tries no more unless it is told to.
    Undelivered,
    /// It knows of no such call, or believes that it is answered.
    Over,
}

/// A candidate, as far as it is needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    person_id: String,
    score: f64,
}

/// The candidates of an answer to `identify` whose names are of this server, each with its score, of `least` or more.
///
/// # Errors
/// [`AbisError::Strange`].
pub fn candidates(ids: &Ids, least: Option<f64>, answer: &[u8]) -> Result<Vec<(PersonId, f64)>, AbisError> {
    let candidates: Vec<Candidate> = read(answer)?;
    let high = candidates.into_iter().filter(|one| least.is_none_or(|least| one.score >= least));
    let known = high.filter_map(|one| Some((PersonId(ids.named(Kind::Person, &one.person_id)?), one.score)));
    Ok(known.collect())
}

/// The name of a call that is answered later.
///
/// # Errors
/// [`AbisError::Strange`] also for one that is empty or has more than 256 characters.
pub fn task(answer: &[u8]) -> Result<String, AbisError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Task {
        task_id: String,
    }
    let Task { task_id } = read(answer)?;
    let sane = (1..=LONGEST_TASK).contains(&task_id.chars().count());
    if sane { Ok(task_id) } else { Err(AbisError::Strange) }
}

/// What a comparison of one with one gives.
///
/// # Errors
/// [`AbisError::Strange`].
pub fn decision(answer: &[u8]) -> Result<bool, AbisError> {
    #[derive(Deserialize)]
    struct Verdict {
        decision: bool,
    }
    read(answer).map(|Verdict { decision }| decision)
}

/// How far it is with a call, by the status and body of its answer.
///
/// # Errors
/// [`AbisError::Refused`], [`AbisError::Strange`].
pub fn progress(status: u16, answer: &[u8]) -> Result<Progress, AbisError> {
    match (status, read::<String>(answer).unwrap_or_default().as_str()) {
        (200, "PENDING" | "RESPONSE_SCHEDULED" | "RESPONSE_RETRY") => Ok(Progress::Pending),
        (200, "RESPONSE_ERROR") => Ok(Progress::Undelivered),
        (200, "COMPLETED") | (404, _) => Ok(Progress::Over),
        (200, _) => Err(AbisError::Strange),
        (status, _) => Err(AbisError::Refused(status)),
    }
}

/// The answer in the body of a call back; `None` where it says that it could not. `failed`: whether the body is an error;
/// `put`: whether biometrics were to be put into the gallery.
///
/// # Errors
/// [`AbisError::Strange`] for what is no JSON.
pub fn called_back(sent: &[u8], failed: bool, put: bool) -> Result<Option<&[u8]>, AbisError> {
    let value: Value = read(sent)?;
    if !failed {
        return Ok(Some(sent));
    }
    let there_already = put && value["code"].as_i64() == Some(THERE_ALREADY);
    Ok(there_already.then_some(&b"{}"[..]))
}

fn read<'a, T: Deserialize<'a>>(answer: &'a [u8]) -> Result<T, AbisError> {
    serde_json::from_slice(answer).map_err(|_| AbisError::Strange)
}
