//! `/inbox/requests`: a relying party asks a person for consent, and looks how it went.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Asked, Open, Outcome};
use super::{ask, read, store};
use crate::access::Caller;
use crate::audit::{Event, EventKind};
use crate::clock::Millis;
use crate::consents;
use crate::http::envelope::format_time;
use crate::ids::Kind;
use crate::osia::{Refusal, Strict};
use crate::registry::Fault;
use crate::state::AppState;
use crate::verification::claim_of;
use crate::verification::identifier::{self, IdentifierType};
use crate::verification::permission::{self, Claims};

/// Attributes of one question at most.
const MOST: usize = 50;
/// Characters of a purpose at most.
const LONGEST_PURPOSE: usize = 200;
/// Seconds that a question can be answered at least.
const SHORTEST: u32 = 60;

/// What a relying party asks. Its `Debug` shows nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AskRequest {
    /// By what it names the person.
    pub identifier: String,
    /// `uin` (default), `token` or `credentialNumber`.
    #[serde(default)]
    pub identifier_type: Option<String>,
    /// What it wants to be told, 1 to 50 names: OSIA's (`firstName`) or those of claims (`given_name`, `birthdate_matches`).
    pub attributes: Vec<String>,
    /// What it wants that for, 1 to 200 characters: the person reads it.
    pub purpose: String,
    /// Seconds for which the question can be answered, from 60; the server's own limit where absent, and at most.
    #[serde(default)]
    pub expires_in_seconds: Option<u32>,
}

/// A question was asked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Asking {
    /// Names the question.
    pub request_id: String,
    /// Until when it can be answered, RFC 3339.
    pub expire_date_time: String,
}

/// How a question stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Standing {
    /// It can be answered.
    Open,
    /// The person agreed, and has not withdrawn.
    Agreed,
    /// The person agreed, and the consent has ended since.
    Withdrawn,
    /// The person said no.
    Declined,
    /// It was taken back.
    TakenBack,
    /// Nobody answered.
    Expired,
}

/// A question and how it stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AskedQuestion {
    /// Names the question.
    pub request_id: String,
    /// How it stands.
    pub status: Standing,
    /// What the person agreed to, by the names that were asked for; none unless `status` is `AGREED`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted_attributes: Vec<String>,
    /// When it was asked, RFC 3339.
    pub asked_date_time: String,
    /// Until when it can be answered, RFC 3339.
    pub expire_date_time: String,
    /// When it ended, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_date_time: Option<String>,
}

/// `POST /inbox/requests`.
///
/// # Errors
/// [`Refusal`]: 400, 401, 403 for attributes that the client is not registered for, 404 for an unknown identifier, 409 where a
/// question to this person is open, 415, 429 after a no and where the person has many open, 503.
pub async fn post(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Strict(request): Strict<AskRequest>,
) -> Result<(StatusCode, Json<Asking>), Refusal> {
    let kind = IdentifierType::named(request.identifier_type.as_deref())?;
    let longest = state.config.inbox.question_hours.saturating_mul(3600);
    let lasts = request.expires_in_seconds.unwrap_or(longest);
    if !(SHORTEST.min(longest)..=longest).contains(&lasts) {
        return Err(Refusal::bad(format!("expiresInSeconds must be a number from {SHORTEST} to {longest}")));
    }
    if !is_shown(&request.purpose) {
        return Err(Refusal::bad("purpose must have 1 to 200 characters that can be shown"));
    }
    if !(1..=MOST).contains(&request.attributes.len()) {
        return Err(Refusal::bad("attributes must have 1 to 50 names"));
    }
    let client = permission::client(&state, &caller).await?;
    let named = |name: &String| Asked { claim: claim_of(name), name: name.clone() };
    let asked: Vec<Asked> = request.attributes.iter().map(named).collect();
    let policy = Claims::of_policy(&state, &client);
    if !asked.iter().all(|asked| policy.may_ask(&asked.claim)) {
        return Err(Refusal::Forbidden("the client is not registered for these attributes"));
    }
    let person = identifier::person(&state, &client, kind, &request.identifier).await?;
    let purpose = request.purpose.trim().to_owned();
    let written = ask::ask(&state, &client, person, asked, purpose, Millis::from(lasts) * 1000).await?;
    let asking = Asking {
        request_id: state.ids.name(Kind::Question, written.id),
        expire_date_time: format_time(written.expires_at),
    };
    Ok((StatusCode::CREATED, Json(asking)))
}

/// Whether a text can be shown to a person: something, of no more than 200 characters, none of which controls how others are
/// shown.
fn is_shown(purpose: &str) -> bool {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    !purpose.trim().is_empty() && purpose.chars().count() <= LONGEST_PURPOSE && !purpose.contains(steers)
}

/// A question of the caller's own, and its row.
async fn own(state: &AppState, caller: &Caller, request_id: &str) -> Result<(Open, store::Row), Refusal> {
    let id = state.ids.named(Kind::Question, request_id).ok_or(Refusal::NotFound)?;
    let row = state.store.read(move |tx| Box::pin(store::find(tx, id))).await?;
    let row = row.filter(|row| row.client_mount == caller.mount.name() && row.client_id == caller.client_id);
    let row = row.ok_or(Refusal::NotFound)?;
    Ok((read(state, &row)?, row))
}

/// `GET /inbox/requests/{request_id}`.
///
/// # Errors
/// [`Refusal`]: 401, 403, 404 for anything but a question of the caller's own, 503.
pub async fn get(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(request_id): Path<String>,
) -> Result<Json<AskedQuestion>, Refusal> {
    let (question, row) = own(&state, &caller, &request_id).await?;
    let now = state.clock.now();
    let mut accepted_attributes = Vec::new();
    let status = match row.outcome.as_deref().map(Outcome::named) {
        None if question.expires_at > now => Standing::Open,
        None | Some(Some(Outcome::Expired)) => Standing::Expired,
        Some(Some(Outcome::Declined)) => Standing::Declined,
        Some(Some(Outcome::TakenBack)) => Standing::TakenBack,
        Some(Some(Outcome::Agreed)) => {
            let receipt = receipt(&state, &question, row.receipt_id).await?;
            match receipt.filter(|receipt| receipt.stands(now)) {
                Some(receipt) => {
                    let is_accepted = |asked: &&Asked| receipt.claims.contains(&asked.claim);
                    let accepted = question.asked.iter().filter(is_accepted);
                    accepted_attributes.extend(accepted.map(|asked| asked.name.clone()));
                    Standing::Agreed
                }
                None => Standing::Withdrawn,
            }
        }
        Some(None) => return Err(Refusal::Unavailable),
    };
    let ended_at = row.ended_at.or((status == Standing::Expired).then_some(question.expires_at));
    Ok(Json(AskedQuestion {
        request_id,
        status,
        accepted_attributes,
        asked_date_time: format_time(state.ids.made_at(question.id)),
        expire_date_time: format_time(question.expires_at),
        ended_date_time: ended_at.map(format_time),
    }))
}

async fn receipt(state: &AppState, question: &Open, id: Option<i64>) -> Result<Option<consents::Receipt>, Fault> {
    let Some(id) = id else { return Ok(None) };
    let (inner, person) = (state.clone(), question.person);
    state.store.read(move |tx| Box::pin(async move { consents::find(&inner, tx, person, id).await })).await
}

/// `DELETE /inbox/requests/{request_id}`: the relying party does not want to know any more.
///
/// # Errors
/// [`Refusal`]: 401, 403, 404 for anything but a question of the caller's own, 409 where it has ended, 503.
pub async fn delete(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(request_id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let (question, _) = own(&state, &caller, &request_id).await?;
    let (inner, now) = (state.clone(), state.clock.now());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !store::end(tx, question.id, Outcome::TakenBack, None, now).await? {
                    return Err(Refusal::Conflict("the question has ended"));
                }
                let event = Event::new(EventKind::QuestionTakenBack, question.mount).client(&question.client_id);
                inner.audit.record(tx, event.person(question.person.0).object(question.id)).await?;
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_cannot_steer_what_is_shown() {
        assert!(is_shown("Pour votre dossier médical") && is_shown(&"é".repeat(200)));
        for bad in ["", "  ", "a\u{202e}b", "a\nb", &"é".repeat(201)] {
            assert!(!is_shown(bad), "{bad:?}");
        }
    }
}
