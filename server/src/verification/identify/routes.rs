//! `/v1/identify`.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::store;
use super::task::{self, Search};
use crate::access::Caller;
use crate::audit::{Actor, Event, EventKind};
use crate::clients::Client;
use crate::clock::Millis;
use crate::ids::Kind;
use crate::osia::{Parameters, Refusal, Strict, Transaction};
use crate::state::AppState;
use crate::verification::compare::Supplied;
use crate::verification::model::{AttributeSet, ToldAttributes};
use crate::verification::permission;
use crate::verification::protected;
use crate::verification::sets::Set;

/// Who is sought.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentifyRequest {
    /// What is known of the person: every attribute must be that of an entry.
    #[schemars(with = "AttributeSet")]
    pub attribute_set: Value,
    /// The named set that is told of each who is found.
    pub output_attribute_set_name: String,
}

/// What both calls take from the query.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentifyQuery {
    /// The caller's own name for what it does, 1 to 256 characters.
    pub transaction_id: String,
}

/// A search that is not done yet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskId {
    /// Names it.
    pub task_id: String,
}

/// `POST /v1/identify`: those of the watch list of whom all of it is true; 202 where the list is long.
///
/// # Errors
/// [`Refusal`]: 400, 401, 403 also where nobody is identified here, 415, 503.
pub async fn post(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Extension(actor): Extension<Actor>,
    parameters: Parameters,
    Strict(request): Strict<IdentifyRequest>,
) -> Result<Response, Refusal> {
    let transaction = parameters.transaction()?;
    let gallery = on(&state)?.to_owned();
    let client = permission::client(&state, &caller).await?;
    let supplied = Supplied::read(protected::open(&state, &client, request.attribute_set).await?)?;
    let set = request.output_attribute_set_name;
    if Set::named(&state.config.verification, &set).is_none() {
        return Err(Refusal::bad("outputAttributeSetName names no set of this server"));
    }
    let Some(sought) = supplied.sought()? else {
        // A value that no attribute can have.
        note(&state, &client, actor, &transaction, None, None).await?;
        return Ok(Json(Vec::<ToldAttributes>::new()).into_response());
    };
    let search = Search { gallery, sought, set };
    if search.size(&state).await? <= i64::from(state.config.verification.identify.at_once) {
        let found = search.run(&state).await?;
        note(&state, &client, actor, &transaction, None, None).await?;
        return Ok(Json(found).into_response());
    }
    let id = state.next_id();
    let begun = search.seal(&state, id)?;
    note(&state, &client, actor, &transaction, Some(id), Some(begun)).await?;
    tokio::spawn(go_on(state.clone(), id));
    let task = TaskId { task_id: state.ids.name(Kind::IdentifyTask, id) };
    Ok((StatusCode::ACCEPTED, Json(task)).into_response())
}

/// `GET /v1/identify/{taskID}`: 204 while it is running.
///
/// # Errors
/// [`Refusal`]: 400, 401, 403, 404 for anything but a task of the caller's own, 503.
pub async fn result(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Extension(actor): Extension<Actor>,
    Path(task_id): Path<String>,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    let transaction = parameters.transaction()?;
    on(&state)?;
    let client = permission::client(&state, &caller).await?;
    let id = state.ids.named(Kind::IdentifyTask, &task_id).ok_or(Refusal::NotFound)?;
    match task::result(&state, &client, id).await?.ok_or(Refusal::NotFound)? {
        Some(found) => {
            note(&state, &client, actor, &transaction, Some(id), None).await?;
            Ok(Json(found).into_response())
        }
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// The list that is searched.
fn on(state: &AppState) -> Result<&str, Refusal> {
    let gallery = state.config.verification.identify.gallery.as_deref();
    gallery.ok_or(Refusal::Forbidden("nobody is identified here"))
}

/// Writes the call down, with the task that it begins, where it begins one.
async fn note(
    state: &AppState,
    client: &Client,
    actor: Actor,
    transaction: &Transaction,
    task: Option<i64>,
    begun: Option<Vec<u8>>,
) -> Result<(), Refusal> {
    let (inner, mount, client_id) = (state.clone(), client.mount, client.id.clone());
    let kept = Millis::from(state.config.verification.identify.kept_seconds) * 1000;
    let (expires_at, transaction) = (state.clock.now() + kept, transaction.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let (Some(id), Some(content)) = (task, begun) {
                    store::begin(tx, id, mount.name(), &client_id, &content, expires_at).await?;
                }
                let event = Event::new(EventKind::WatchListSearched, mount).client(&client_id).by(&actor);
                let event = event.traced(&transaction.0);
                let event = task.map_or(event, |id| event.object(id));
                inner.audit.record(tx, event).await
            })
        })
        .await
        .map_err(Refusal::from)
}

/// Runs a task that was just begun. Where it fails it is begun again later; see [`task::tend`].
async fn go_on(state: AppState, id: i64) {
    let now = state.clock.now();
    let task = state.store.read(move |tx| Box::pin(store::task(tx, id, now))).await;
    let done = match task {
        Ok(Some(task)) => task::run(&state, task).await,
        Ok(None) => Ok(()),
        Err(error) => Err(crate::registry::Fault::from(error)),
    };
    if let Err(error) = done {
        tracing::error!(%error, "a watch list could not be searched; it is tried again");
    }
}
