//! `/wallet/inbox/*`: a person's wallets pull the questions, and answer.

use axum::extract::{FromRequest, Request, State};
use protocol::consent::StatementExpected;
use protocol::inbox::{AnswerRequest, Answered as AnsweredQuestion, List, ListRequest, Question};
use protocol::wallet_request::HEADER_NAME;

use super::model::{Answered, Open, Outcome};
use super::{holder, read, store};
use crate::audit::{Event, EventKind};
use crate::binding::{self, BoundKey, Signed};
use crate::clients::{self, Client};
use crate::clock::Millis;
use crate::consents::{self, NewReceipt};
use crate::error::{ApiError, Code};
use crate::http::envelope::{Body, Reply, timestamp};
use crate::ids::Kind;
use crate::registry::{PersonId, subjects};
use crate::state::AppState;

/// `POST /wallet/inbox/list`: questions that can be answered, oldest first. Those of clients that are not active are left out.
///
/// # Errors
/// `invalid_wallet_token`, `binding_ended`.
pub async fn list(State(state): State<AppState>, caller: Signed<ListRequest>) -> Result<Reply, ApiError> {
    let ListRequest {} = caller.request;
    let (holder, now) = (holder(&state, caller.key.person), state.clock.now());
    let rows = state.store.read(move |tx| Box::pin(async move { store::open_of(tx, &holder, now).await })).await?;
    let mut questions = Vec::with_capacity(rows.len());
    for row in &rows {
        let open = read(&state, row)?;
        let Some(client) = clients::find(&state, open.mount, &open.client_id).await? else { continue };
        questions.push(Question {
            question_id: state.ids.name(Kind::Question, open.id),
            // Without a language: the name that is in none.
            client_name: client.name_in("").to_owned(),
            issuer: state.issuer(open.mount),
            claims: open.claims(),
            asked_date_time: timestamp(state.ids.made_at(open.id))?,
            expire_date_time: timestamp(open.expires_at)?,
            client_id: open.client_id,
            purpose: open.purpose,
        });
    }
    Reply::of(&List { questions })
}

/// An answer, and the key that it is of. A yes needs no header: its statement is by the same key and says all that the call
/// says, so that a key that asks its citizen at every use asks once.
pub struct Answering {
    key: BoundKey,
    request: AnswerRequest,
}

impl FromRequest<AppState> for Answering {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        if request.headers().contains_key(HEADER_NAME) {
            let Signed { key, request } = Signed::from_request(request, state).await?;
            return Ok(Self { key, request });
        }
        let Body(request): Body<AnswerRequest> = Body::from_request(request, state).await?;
        // Of a no nothing else is signed: whoever has seen any statement of the key could say it.
        let yes = !request.accepted_claims.is_empty();
        let statement = request.consent_statement.as_deref().filter(|_| yes).ok_or(Code::InvalidWalletToken)?;
        Ok(Self { key: binding::stated_by(state, statement).await?, request })
    }
}

/// `POST /wallet/inbox/answer`: a yes to some of the claims, with the wallet's statement over them, or a no. A question is
/// answered once.
///
/// # Errors
/// `invalid_question_id` for anything but a question to this person that can be answered, `invalid_accepted_claim`,
/// `invalid_signature_format` where the statement is missing or does not hold, `invalid_client_id` where the relying party is
/// not active any more, `invalid_wallet_token`, `binding_ended`.
pub async fn answer(State(state): State<AppState>, caller: Answering) -> Result<Reply, ApiError> {
    let Answering { key, request } = caller;
    let question = open(&state, key.person, &request.question_id).await?;
    let client = clients::find(&state, question.mount, &question.client_id).await?.ok_or(Code::InvalidClientId)?;
    let answered = question.answer(&request.accepted_claims).map_err(|_| Code::InvalidAcceptedClaim)?;
    if !is_stated(&state, &key, &client, &answered, &request) {
        return Err(Code::InvalidSignatureFormat.into());
    }
    let statement = request.consent_statement.filter(|_| answered.outcome() == Outcome::Agreed);
    let minutes = client.registration.additional.consent_expire_in_mins;
    let receipt = write(&state, &key, &client, answered, statement, minutes).await?;
    let consent_id = receipt.map(|receipt| state.ids.name(Kind::Consent, receipt));
    Reply::of(&AnsweredQuestion { question_id: request.question_id, consent_id })
}

/// The question of this name, where it is to this person and can be answered.
async fn open(state: &AppState, person: PersonId, question_id: &str) -> Result<Open, ApiError> {
    let refused = || ApiError::from(Code::InvalidQuestionId);
    let id = state.ids.named(Kind::Question, question_id).ok_or_else(refused)?;
    let row = state.store.read(move |tx| Box::pin(store::find(tx, id))).await?;
    let row = row.filter(|row| row.ended_at.is_none() && row.expires_at > state.clock.now()).ok_or_else(refused)?;
    Some(read(state, &row)?).filter(|question| question.person == person).ok_or_else(refused)
}

/// Whether the wallet's statement says exactly what is agreed to; a no needs none.
fn is_stated(state: &AppState, key: &BoundKey, client: &Client, answered: &Answered, request: &AnswerRequest) -> bool {
    if answered.outcome() == Outcome::Declined {
        return true;
    }
    let names: Vec<&str> = client.registration.name.values().map(String::as_str).collect();
    let expected = StatementExpected {
        thumbprint: &key.thumbprint,
        issuer: &state.issuer(client.mount),
        txn: &request.question_id,
        client_id: &client.id,
        client_names: &names,
        claims: &answered.accepted,
        scopes: &[],
    };
    let statement = request.consent_statement.as_deref();
    statement.is_some_and(|statement| binding::is_stated(state, key, statement, &expected))
}

/// Ends the question, and writes the receipt of a yes; gives its id.
async fn write(
    state: &AppState,
    key: &BoundKey,
    client: &Client,
    answered: Answered,
    statement: Option<String>,
    minutes: Option<u32>,
) -> Result<Option<i64>, ApiError> {
    let (inner, key, sector) = (state.clone(), key.id, client.sector().to_owned());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (now, outcome) = (inner.clock.now(), answered.outcome());
                let Answered { question, accepted } = answered;
                // Revoked since it signed: then it agrees to nothing any more.
                if !binding::is_live(tx, question.person, key, now).await? {
                    return Err(ApiError::from(Code::BindingEnded));
                }
                let receipt = match outcome {
                    Outcome::Agreed => {
                        let receipt = NewReceipt {
                            mount: question.mount,
                            client_id: question.client_id.clone(),
                            person: question.person,
                            transaction: question.id,
                            claims: accepted,
                            scopes: Vec::new(),
                            signed: consents::Signed { key: Some(key), statement, signature: None },
                            rests_on: None,
                            expires_at: minutes.map(|minutes| now + Millis::from(minutes) * 60_000),
                        };
                        Some(consents::record(&inner, tx, receipt).await?)
                    }
                    _ => None,
                };
                if !store::end(tx, question.id, outcome, receipt, now).await? {
                    return Err(Code::InvalidQuestionId.into());
                }
                let event = match receipt {
                    Some(receipt) => {
                        subjects::told(&inner, tx, question.person, &sector).await?;
                        Event::new(EventKind::ConsentGiven, question.mount).object(receipt)
                    }
                    None => Event::new(EventKind::QuestionDeclined, question.mount).object(question.id),
                };
                inner.audit.record(tx, event.client(&question.client_id).person(question.person.0)).await?;
                Ok(receipt)
            })
        })
        .await
}
