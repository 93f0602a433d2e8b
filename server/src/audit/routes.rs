//! Reading events and cases over HTTP, under `/audit`: for machine clients of any issuer, each with a scope of its own
//! (`routes.rs` demands it). Every read is an event itself (GS-AUD-01b).

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Audit, Case, Cause, Closing, Event, EventKind, Filter, Found, Outcome};
use crate::access::Caller;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::envelope::{Body, Reply, format_time, parse_time};
use crate::registry;
use crate::state::AppState;
use crate::store::StoreError;

/// Events or cases of one page, where the caller does not say.
const PAGE: u32 = 100;
/// At most.
const LONGEST_PAGE: u32 = 1000;

/// What to look for. Members left out do not narrow.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct EventsQuery {
    /// Not before, `yyyy-MM-ddTHH:mm:ss.SSSZ`.
    from: Option<String>,
    /// Before, `yyyy-MM-ddTHH:mm:ss.SSSZ`.
    to: Option<String>,
    /// Of one kind.
    kind: Option<EventKind>,
    /// Of one client.
    client_id: Option<String>,
    /// At one issuer.
    mount: Option<Mount>,
    /// Of one login, as events name it.
    login: Option<String>,
    /// After the page that ended with this cursor.
    cursor: Option<String>,
    /// At most so many: 100, where it is left out; 1000 at most.
    limit: Option<u32>,
}

/// Events about one person, or of one call of an OSIA interface, or about one enrollment (GS-ENR-08). In a body, so that no
/// identifier stands in a URL. A person alone, or one or both of the others.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonEventsRequest {
    /// UIN or another identifier.
    individual_id: Option<String>,
    /// `transactionId` of the call.
    transaction_id: Option<String>,
    /// The client's own id of the enrollment.
    enrollment_id: Option<String>,
    /// What else to look for.
    #[serde(default)]
    filter: EventsQuery,
}

/// One event.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    /// Its name.
    event_id: String,
    /// When.
    date_time: String,
    /// What.
    kind: EventKind,
    /// How it went.
    outcome: Outcome,
    /// Where.
    mount: Mount,
    /// For which client; of `case_closed` and `audit_read`, by which.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// About whom: the same text for the same person, and nothing else of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// In which login.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<String>,
    /// About which key (its `deviceId`), link or case.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// By whom, of changes of clients: `command`, or mount and id of the client whose token it was, with a colon between.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
}

/// A page of events, oldest first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventsPage {
    /// They.
    events: Vec<EventView>,
    /// Where to go on; absent at the end. A page may be empty and still have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// Which cases.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct CasesQuery {
    /// Only open ones, or only closed ones.
    open: Option<bool>,
    /// After this case.
    cursor: Option<String>,
    /// At most so many: 100, where it is left out; 1000 at most.
    limit: Option<u32>,
}

/// One case.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaseView {
    /// Its name.
    case_id: String,
    /// When it was opened.
    opened_date_time: String,
    /// What opened it.
    cause: Cause,
    /// What the citizen said.
    reason: String,
    /// Where the login began.
    mount: Mount,
    /// Who asked for it.
    client_id: String,
    /// The login, as events name it.
    login: String,
    /// Whose it was, as events name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_date_time: Option<String>,
    /// By which client.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<String>,
    /// With what result.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<String>,
}

/// Cases, oldest first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CasesPage {
    /// They.
    cases: Vec<CaseView>,
    /// Where to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// What came out of a case.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Nobody meant harm.
    Harmless,
    /// It was an attack.
    Attack,
    /// It cannot be told.
    Unclear,
}

impl Resolution {
    fn name(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Attack => "attack",
            Self::Unclear => "unclear",
        }
    }
}

/// Closes a case.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloseRequest {
    /// What came out of it.
    resolution: Resolution,
}

/// A case that was closed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Closed {
    /// Its name.
    case_id: String,
}

fn page_size(limit: Option<u32>) -> Result<u32, ApiError> {
    match limit.unwrap_or(PAGE) {
        limit @ 1..=LONGEST_PAGE => Ok(limit),
        _ => Err(Code::InvalidInput.into()),
    }
}

fn time(text: Option<&str>) -> Result<Option<Millis>, ApiError> {
    text.map(|text| parse_time(text).ok_or_else(|| Code::InvalidInput.into())).transpose()
}

fn filter(query: EventsQuery) -> Result<Filter, ApiError> {
    Ok(Filter {
        from: time(query.from.as_deref())?,
        to: time(query.to.as_deref())?,
        kind: query.kind,
        client_id: query.client_id,
        mount: query.mount,
        login: query.login,
        person: None,
        traced: None,
        enrollment: None,
        cursor: query.cursor,
        limit: page_size(query.limit)?,
    })
}

/// `GET /audit/events`.
///
/// # Errors
/// `invalid_request` for unknown or malformed parameters, `invalid_input` for a time or limit out of range.
pub async fn events(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    query: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Reply, ApiError> {
    let Query(query) = query.map_err(|_| ApiError::Malformed)?;
    answer(&state, caller, filter(query)?).await
}

/// `POST /audit/events/search`: about one person, call or enrollment.
///
/// # Errors
/// As [`events`]. A person whom nobody knows has no events.
pub async fn search(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<PersonEventsRequest>,
) -> Result<Reply, ApiError> {
    let wanted = filter(request.filter)?;
    let PersonEventsRequest { individual_id, transaction_id: traced, enrollment_id: enrollment, .. } = request;
    match (individual_id, traced.is_some() || enrollment.is_some()) {
        (Some(id), false) => match registry::find_any(&state, id.trim()).await? {
            Some((person, _)) => answer(&state, caller, Filter { person: Some(person.0), ..wanted }).await,
            None => {
                note(&state, caller, None).await?;
                Reply::of(&EventsPage { events: Vec::new(), cursor: None })
            }
        },
        (None, true) => answer(&state, caller, Filter { traced, enrollment, ..wanted }).await,
        _ => Err(ApiError::Malformed),
    }
}

async fn answer(state: &AppState, caller: Caller, filter: Filter) -> Result<Reply, ApiError> {
    note(state, caller, filter.person).await?;
    let audit = state.audit.clone();
    let page = state.store.read(move |tx| Box::pin(async move { audit.events(tx, &filter).await })).await;
    let page = page.map_err(|error: StoreError| ApiError::from(error))?;
    Reply::of(&EventsPage { events: page.events.into_iter().map(view).collect(), cursor: page.cursor })
}

/// Writes down who reads, before they do.
async fn note(state: &AppState, caller: Caller, person: Option<i64>) -> Result<(), StoreError> {
    let audit = state.audit.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let event = Event::new(EventKind::AuditRead, caller.mount).client(&caller.client_id);
                let event = person.map_or(event, |person| event.person(person));
                audit.record(tx, event).await
            })
        })
        .await
}

fn view(event: Found) -> EventView {
    EventView {
        event_id: event.id,
        date_time: format_time(event.at),
        kind: event.kind,
        outcome: event.outcome,
        mount: event.mount,
        client_id: event.client_id,
        subject: event.subject,
        login: event.login,
        object: event.object,
        reason: event.reason,
        actor: event.actor,
    }
}

/// `GET /audit/cases`.
///
/// # Errors
/// As [`events`].
pub async fn cases(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    query: Result<Query<CasesQuery>, QueryRejection>,
) -> Result<Reply, ApiError> {
    let Query(query) = query.map_err(|_| ApiError::Malformed)?;
    let limit = page_size(query.limit)?;
    note(&state, caller, None).await?;
    let audit: std::sync::Arc<Audit> = state.audit.clone();
    let cases = state
        .store
        .read(move |tx| Box::pin(async move { audit.cases(tx, query.cursor.as_deref(), query.open, limit).await }))
        .await;
    let cases: Vec<Case> = cases.map_err(|error: StoreError| ApiError::from(error))?;
    let full = cases.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let cursor = cases.last().filter(|_| full).map(|case| case.id.clone());
    Reply::of(&CasesPage { cases: cases.into_iter().map(case_view).collect(), cursor })
}

fn case_view(case: Case) -> CaseView {
    CaseView {
        case_id: case.id,
        opened_date_time: format_time(case.opened_at),
        cause: case.cause,
        reason: case.reason,
        mount: case.mount,
        client_id: case.client_id,
        login: case.login,
        subject: case.subject,
        closed_date_time: case.closed_at.map(format_time),
        closed_by: case.closed_by,
        resolution: case.resolution,
    }
}

/// `POST /audit/cases/{case_id}/close`.
///
/// # Errors
/// 404 for an unknown case, `invalid_status` for one that is closed already.
pub async fn close(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(case_id): Path<String>,
    Body(request): Body<CloseRequest>,
) -> Result<Reply, ApiError> {
    let (audit, name) = (state.audit.clone(), case_id.clone());
    let closing = state
        .store
        .write(move |tx| {
            Box::pin(async move { audit.close_case(tx, &name, &caller.client_id, request.resolution.name()).await })
        })
        .await;
    match closing.map_err(|error: StoreError| ApiError::from(error))? {
        Closing::Closed => Reply::of(&Closed { case_id }),
        Closing::ClosedBefore => Err(Code::InvalidStatus.into()),
        Closing::Unknown => Err(ApiError::NotFound),
    }
}
