//! Comparing biometrics with an ABIS that answers at once or calls back (OSIA ABIS 1.6.0, callbacks).
//!
//! Each question has an address of its own to be answered at: a secret that is good once. Where no answer comes, the ABIS is
//! asked how far it is, and asked again where it has lost the question.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use schemars::JsonSchema;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::abis::answer::{self, Progress};
use super::abis::{AbisError, Client, Reply};
use super::model::{Task, Waiting};
use super::sealed;
use super::store::calls::{self as store, CallRow};
use super::work::{self, WorkError};
use crate::config::Abis;
use crate::ids::{Kind, Minted};
use crate::osia::{Parameters, Refusal, body};
use crate::registry::{Fault, PersonId};
use crate::state::AppState;
use crate::store::StoreError;
use crate::wait;

/// Media type by which an ABIS says that it could not.
const ERROR: &str = "application/error+json";
/// The path of an address to be answered at, before its secret.
const PATH: &str = "identity/abis/";

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Put the biometrics into the gallery.
    Put,
    /// Who else has them?
    Identify,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Identify => "identify",
        }
    }
}

/// Whoever else has biometrics, with scores; `None` where the ABIS answers later: then the task is due again when it calls back.
pub(super) async fn compare(
    state: &AppState,
    abis: &Abis,
    task: &Task<Waiting>,
    biometrics: &[Value],
) -> Result<Option<Vec<(PersonId, f64)>>, WorkError> {
    let client = Client::new(&state.fetch, &state.ids, abis, &task.content.transaction);
    let asking = Asking { state, abis, client, task, biometrics };
    if asking.answer(Step::Put).await?.is_none() {
        return Ok(None);
    }
    let Some(answer) = asking.answer(Step::Identify).await? else { return Ok(None) };
    match asking.client.candidates(task.person, &answer) {
        Ok(candidates) => Ok(Some(candidates)),
        Err(error) => {
            // Read again it would be as strange: all is asked anew.
            let enrollment = task.enrollment;
            state.store.write(move |tx| Box::pin(async move { store::close(tx, enrollment).await })).await?;
            Err(error.into())
        }
    }
}

struct Asking<'s> {
    state: &'s AppState,
    abis: &'s Abis,
    client: Client<'s>,
    task: &'s Task<Waiting>,
    biometrics: &'s [Value],
}

impl Asking<'_> {
    /// The answer to a question; `None` where it comes later.
    async fn answer(&self, step: Step) -> Result<Option<Zeroizing<Vec<u8>>>, WorkError> {
        let task = self.task.enrollment;
        let found = self.state.store.read(move |tx| Box::pin(store::find(tx, task, step.name()))).await;
        let found: Option<CallRow> = found?;
        match found {
            Some(call) => match self.known(call).await? {
                Known::Answered(answer) => Ok(Some(answer)),
                Known::Awaited => Ok(None),
                Known::Lost => self.ask(step).await,
            },
            None => self.ask(step).await,
        }
    }

    /// What is known of a question that was asked.
    async fn known(&self, call: CallRow) -> Result<Known, WorkError> {
        match (call.answered_at, call.answer, call.remote) {
            (Some(_), Some(sealed), _) => {
                let answer = sealed::open_answer(self.state, call.id, &sealed).map_err(Fault::from)?;
                Ok(Known::Answered(answer))
            }
            (Some(_), None, _) => {
                self.end(call.id).await?;
                Err(AbisError::Failed.into())
            }
            (None, _, None) => Ok(Known::Lost),
            (None, _, Some(remote)) => {
                if self.state.clock.now() < call.asked_at + i64::from(self.abis.callback_seconds) * 1000 {
                    return Ok(Known::Awaited);
                }
                match self.client.progress(&remote).await? {
                    Progress::Pending => Ok(Known::Awaited),
                    Progress::Undelivered => {
                        self.client.redeliver(&remote).await?;
                        Ok(Known::Awaited)
                    }
                    Progress::Over => Ok(Known::Lost),
                }
            }
        }
    }

    /// Asks. The address to be answered at is written down first: the answer may be quicker than we are.
    async fn ask(&self, step: Step) -> Result<Option<Zeroizing<Vec<u8>>>, WorkError> {
        let call = match &self.abis.callback {
            Some(origin) => Some(self.begin(origin, step).await?),
            None => None,
        };
        let callback = call.as_ref().map(|(_, url)| url);
        let encounter = work::encounter(self.state, self.task);
        let reply = match step {
            Step::Put => {
                if self.task.content.claim.is_some() {
                    // What the identity said before it was changed.
                    self.client.remove(self.task.person, &encounter).await?;
                }
                self.client.put(self.task.person, &encounter, self.biometrics, callback).await?
            }
            Step::Identify => self.client.identify(self.biometrics, callback).await?,
        };
        match (reply, call) {
            (Reply::Now(answer), call) => {
                if let (Step::Put, Some((id, _))) = (step, &call) {
                    // It stays, so that it is not put again for the next question's sake.
                    self.keep(*id, &answer).await?;
                }
                Ok(Some(Zeroizing::new(answer)))
            }
            (Reply::Later(remote), Some((id, _))) => {
                let noted =
                    self.state.store.write(move |tx| Box::pin(async move { store::took(tx, id, &remote).await }));
                noted.await?;
                Ok(None)
            }
            (Reply::Later(_), None) => Err(AbisError::Later.into()),
        }
    }

    async fn begin(&self, origin: &Url, step: Step) -> Result<(i64, Url), WorkError> {
        let state = self.state;
        let Minted { id, text, secret_hash } = state.mint(Kind::AbisAnswer);
        let url = origin.join(PATH).and_then(|path| path.join(&text)).map_err(|_| AbisError::Strange)?;
        let (task, now) = (self.task.enrollment, state.clock.now());
        let begun = state.store.write(move |tx| {
            Box::pin(async move { store::begin(tx, (id, &secret_hash), (task, step.name()), now).await })
        });
        begun.await?;
        Ok((id, url))
    }

    async fn keep(&self, id: i64, answer: &[u8]) -> Result<(), WorkError> {
        let sealed = sealed::answer(self.state, id, answer).map_err(Fault::from)?;
        let now = self.state.clock.now();
        let kept = self.state.store.write(move |tx| Box::pin(async move { store::keep(tx, id, &sealed, now).await }));
        Ok(kept.await?)
    }

    async fn end(&self, id: i64) -> Result<(), StoreError> {
        self.state.store.write(move |tx| Box::pin(async move { store::end(tx, id).await })).await
    }
}

/// What is known of a question.
enum Known {
    Answered(Zeroizing<Vec<u8>>),
    Awaited,
    Lost,
}

/// The query of a call back.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a query, which osia::Parameters reads")]
pub struct CalledBack {
    /// That of the call.
    transaction_id: String,
    /// The ABIS's own name for the call.
    task_id: String,
}

/// `POST /identity/abis/{secret}?transactionId=&taskId=`: what an ABIS calls back. An answer is taken once.
///
/// # Errors
/// 403 where nobody waits for an answer there, or has it already; 400 where it is not JSON.
pub async fn callback(
    State(state): State<AppState>,
    Path(secret): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
    sent: Bytes,
) -> Result<StatusCode, Refusal> {
    const NOBODY: Refusal = Refusal::Forbidden("nobody waits for an answer here");
    parameters.transaction()?;
    parameters.needed("taskId")?;
    let opened = state.ids.open(Kind::AbisAnswer, &secret).ok_or(NOBODY)?;
    let (id, hash) = (opened.id, opened.secret_hash());
    let known = hash.clone();
    let step = state.store.read(move |tx| Box::pin(async move { store::step_of(tx, id, &known).await })).await;
    let step: Option<String> = step?;
    let step = step.ok_or(NOBODY)?;
    let answer = answer_of(&headers, &sent, step == Step::Put.name())?;
    let sealed = answer.map(|answer| sealed::answer(&state, id, answer)).transpose()?;
    let now = state.clock.now();
    let taken: Option<i64> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let taken = store::answer(tx, (id, &hash), sealed.as_deref(), now).await?;
                if taken.is_some() {
                    tx.wake(wait::enrollments());
                }
                Ok::<_, StoreError>(taken)
            })
        })
        .await?;
    taken.map(|_| StatusCode::NO_CONTENT).ok_or(NOBODY)
}

/// The answer in a body; `None` where the ABIS says that it could not.
fn answer_of<'b>(headers: &HeaderMap, sent: &'b [u8], put: bool) -> Result<Option<&'b [u8]>, Refusal> {
    let kind = body::media_type(headers);
    if kind != "application/json" && kind != ERROR {
        return Err(Refusal::MediaType);
    }
    answer::called_back(sent, kind == ERROR, put).map_err(|_| Refusal::bad("the body must be JSON (RFC 8259)"))
}
