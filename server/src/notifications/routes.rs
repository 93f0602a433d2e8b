//! The calls of OSIA's notification interface, and those for dead letters. Who may call is checked before: `routes.rs`
//! demands a bearer token with the scope.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::{Extension, Json};
use schemars::JsonSchema;

use super::address::Protocol;
use super::dead_letters::{self, DeadLetter, Reader};
use super::policy::Policy;
use super::subscriptions::{self, Subscription, Wanted};
use super::topics::{self, Remover, Topic};
use crate::access::Caller;
use crate::osia::{Parameters, Refusal};
use crate::state::AppState;

/// Media types of what is published. OSIA's file says `plain/text`, which is none that is registered.
const TEXTS: [&str; 3] = ["plain/text", "text/plain", "application/json"];
/// Bytes of what is published at most.
const LARGEST: usize = 256 * 1024;
/// Dead letters of one page, where the caller does not say, and at most.
const PAGE: (u32, u32) = (100, 1000);

/// Parameters of `POST /v1/topics`.
#[derive(JsonSchema)]
pub struct TopicQuery {
    /// The topic's name.
    #[expect(dead_code, reason = "for the document of all routes")]
    name: String,
}

/// Parameters of `POST /v1/topics/{uuid}/publish`.
#[derive(JsonSchema)]
pub struct PublishQuery {
    /// The subject of the message.
    #[expect(dead_code, reason = "for the document of all routes")]
    subject: Option<String>,
}

/// Parameters of `POST /v1/subscriptions`.
#[derive(JsonSchema)]
pub struct SubscribeQuery {
    /// The name of the topic, or its unique id.
    #[expect(dead_code, reason = "for the document of all routes")]
    topic: String,
    /// How messages are sent: `http` where it is left out.
    #[expect(dead_code, reason = "for the document of all routes")]
    protocol: Option<Protocol>,
    /// Where messages are sent: an https URL, or a mail address.
    #[expect(dead_code, reason = "for the document of all routes")]
    address: String,
    /// `countdown,max`: seconds from one attempt to the next, and how many there are after the first, -1 without end.
    /// 3600,168 where it is left out.
    #[expect(dead_code, reason = "for the document of all routes")]
    policy: Option<String>,
}

/// Parameters of `GET /v1/subscriptions/confirm`.
#[derive(JsonSchema)]
pub struct ConfirmQuery {
    /// What the address was sent.
    #[expect(dead_code, reason = "for the document of all routes")]
    token: String,
}

/// Parameters of `GET /notifications/dead-letters`.
#[derive(JsonSchema)]
pub struct DeadLettersQuery {
    /// How many to leave out at the beginning: 0, where it is left out.
    #[expect(dead_code, reason = "for the document of all routes")]
    offset: Option<u32>,
    /// How many at most: 100, where it is left out; 1000 at most.
    #[expect(dead_code, reason = "for the document of all routes")]
    limit: Option<u32>,
}

/// `POST /v1/topics` (OSIA `createTopic`).
///
/// # Errors
/// [`Refusal`]
pub async fn create_topic(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    query: Parameters,
) -> Result<Json<Topic>, Refusal> {
    let name = query.needed("name")?.to_owned();
    topics::create(&state, caller, name).await.map(Json)
}

/// `GET /v1/topics` (OSIA `listTopics`).
///
/// # Errors
/// [`Refusal`]
pub async fn list_topics(State(state): State<AppState>) -> Result<Json<Vec<Topic>>, Refusal> {
    Ok(Json(topics::list(&state).await?.into_iter().map(Topic::from).collect()))
}

/// `DELETE /v1/topics/{uuid}` (OSIA `deleteTopic`).
///
/// # Errors
/// [`Refusal`]
pub async fn delete_topic(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(uuid): Path<String>,
) -> Result<StatusCode, Refusal> {
    let by = Remover::client(&state, caller).await?;
    topics::remove(&state, by, uuid).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/topics/{uuid}/publish` (OSIA `publish`). The body is UTF-8; besides `plain/text`, as OSIA's file has it,
/// `text/plain` and `application/json` are taken.
///
/// # Errors
/// [`Refusal`]
pub async fn publish(
    State(state): State<AppState>,
    Path(uuid): Path<String>,
    query: Parameters,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !TEXTS.iter().any(|text| kind.eq_ignore_ascii_case(text)) {
        return Err(Refusal::MediaType);
    }
    if body.len() > LARGEST {
        return Err(Refusal::TooLarge);
    }
    if body.is_empty() {
        return Err(Refusal::bad("a message is needed"));
    }
    let text = std::str::from_utf8(&body).map_err(|_| Refusal::bad("the message must be UTF-8"))?.to_owned();
    let subject = query.one("subject")?.map(str::to_owned);
    topics::publish(&state, uuid, subject, text).await?;
    Ok(StatusCode::OK)
}

/// `POST /v1/subscriptions` (OSIA `subscribe`).
///
/// # Errors
/// [`Refusal`]
pub async fn subscribe(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    query: Parameters,
) -> Result<Json<Subscription>, Refusal> {
    let protocol = Protocol::read(query.one("protocol")?)?;
    let wanted = Wanted {
        topic: query.needed("topic")?.to_owned(),
        protocol,
        address: protocol.address(&state, query.needed("address")?)?,
        policy: query.one("policy")?.map(Policy::read).transpose()?,
    };
    subscriptions::subscribe(&state, caller, wanted).await.map(Json)
}

/// `GET /v1/subscriptions` (OSIA `listSubscription`): those of the caller's relying party.
///
/// # Errors
/// [`Refusal`]
pub async fn list_subscriptions(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<Subscription>>, Refusal> {
    subscriptions::list(&state, &caller).await.map(Json)
}

/// `DELETE /v1/subscriptions/{uuid}` (OSIA `unsubscribe`).
///
/// # Errors
/// [`Refusal`]
pub async fn unsubscribe(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(uuid): Path<String>,
) -> Result<StatusCode, Refusal> {
    subscriptions::unsubscribe(&state, caller, uuid).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/subscriptions/confirm` (OSIA `confirm`).
///
/// # Errors
/// [`Refusal`]
pub async fn confirm(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    query: Parameters,
) -> Result<StatusCode, Refusal> {
    subscriptions::confirm(&state, caller, query.needed("token")?).await?;
    Ok(StatusCode::OK)
}

/// `GET /notifications/dead-letters`.
///
/// # Errors
/// [`Refusal`]
pub async fn dead_letters(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    query: Parameters,
) -> Result<Json<Vec<DeadLetter>>, Refusal> {
    let page = query.page(PAGE.0, PAGE.1)?;
    let reader = Reader::client(&state, caller).await?;
    let rows = dead_letters::list(&state, &reader, page).await?;
    Ok(Json(rows.iter().map(|row| dead_letters::view(&state, row, None)).collect()))
}

/// `GET /notifications/dead-letters/{id}`.
///
/// # Errors
/// [`Refusal`]
pub async fn dead_letter(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<DeadLetter>, Refusal> {
    let reader = Reader::client(&state, caller).await?;
    let (row, message) = dead_letters::show(&state, reader, &id).await?;
    Ok(Json(dead_letters::view(&state, &row, message)))
}

/// `POST /notifications/dead-letters/{id}/resend`.
///
/// # Errors
/// [`Refusal`]
pub async fn resend(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let reader = Reader::client(&state, caller).await?;
    dead_letters::resend(&state, reader, &[id]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /notifications/dead-letters/{id}`.
///
/// # Errors
/// [`Refusal`]
pub async fn remove_dead_letter(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let reader = Reader::client(&state, caller).await?;
    dead_letters::remove(&state, reader, &[id]).await?;
    Ok(StatusCode::NO_CONTENT)
}
