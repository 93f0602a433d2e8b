//! Changing what is known of a person upon evidence, and reading what was changed (GS-IDM-02, GS-AUD-01).

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Path, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::calls::{self, Call};
use crate::audit::EventKind;
use crate::claims::{osia, untagged};
use crate::enrollment::model::{DocumentData, DocumentPart};
use crate::http::envelope::format_time;
use crate::ids::Kind;
use crate::osia::{Refusal, Strict};
use crate::registry::{self, Action, AttributeChange, Change, Entry, Evidence};
use crate::state::AppState;

/// Documents of one change at most.
const MOST_DOCUMENTS: usize = 10;
/// Entries of a page.
const PAGE: u32 = 100;

/// What is to change, and what proves it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeRequest {
    /// UIN or another identifier.
    individual_id: String,
    /// New or other values, by OSIA name or claim name.
    #[serde(default)]
    set: Map<String, Value>,
    /// Attributes that are known no more, by OSIA name or claim name.
    #[serde(default)]
    unset: Vec<String>,
    /// Why, in words for people: 1 to 1000 characters.
    reason: String,
    /// Documents that prove it, by value: at least one.
    #[serde(default)]
    evidence: Vec<DocumentData>,
}

/// What changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeAnswer {
    /// Claims that are other than before.
    changed: Vec<String>,
}

/// `POST /identity/person/change`.
///
/// # Errors
/// 400 without a document or a reason, where nothing is named or something twice, and for a value that has not the form of
/// its claim; 404 where nobody has the identifier.
pub async fn change(
    State(state): State<AppState>,
    call: Call,
    Strict(request): Strict<ChangeRequest>,
) -> Result<Json<ChangeAnswer>, Refusal> {
    let reason = calls::reason(&request.reason)?;
    let evidence = evidence(request.evidence)?;
    let set = request.set.into_iter().map(|(name, value)| attribute(&name, value)).collect::<Result<_, _>>()?;
    let unset = request.unset.iter().map(|name| key(name)).collect();
    let (set, unset) = once(set, unset)?;
    let person = calls::person(&state, &request.individual_id).await?;
    let change = Change { set, unset, because: call.because(reason), ..Change::default() };
    let (inner, trace) = (state.clone(), call.trace());
    let changed: Result<Vec<String>, Refusal> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let changed = registry::change_with_evidence(&inner, tx, person, change, evidence).await?;
                trace.record(&inner, tx, EventKind::PersonChanged, Some(person), None).await?;
                Ok(changed)
            })
        })
        .await;
    Ok(Json(ChangeAnswer { changed: changed? }))
}

/// What an attribute is called in the registry, its language tag kept.
fn key(name: &str) -> String {
    match name.split_once('#') {
        Some((bare, tag)) if osia::to_claim(bare).is_some() => format!("{}#{tag}", osia::attribute(bare)),
        _ if name.starts_with(osia::FURTHER) => name.to_owned(),
        _ => osia::attribute(name),
    }
}

fn attribute(name: &str, value: Value) -> Result<(String, Value), Refusal> {
    let key = key(name);
    if key.starts_with(osia::FURTHER) {
        return Ok((key, value));
    }
    match osia::claim_value(untagged(&key), &value) {
        Some(value) => Ok((key, value)),
        None => Err(Refusal::bad(format!("set.{key} has not the form of this claim"))),
    }
}

/// What is set and unset, each attribute once: of two values for one, whichever came last would win unseen.
fn once(set: Vec<(String, Value)>, unset: Vec<String>) -> Result<(Map<String, Value>, Vec<String>), Refusal> {
    let mut named = BTreeSet::new();
    if !set.iter().map(|(name, _)| name).chain(&unset).all(|name| named.insert(name)) {
        return Err(Refusal::bad("name each attribute once, by one of its names, in set or in unset"));
    }
    if named.is_empty() {
        return Err(Refusal::bad("set or unset must name an attribute"));
    }
    Ok((set.into_iter().collect(), unset))
}

/// Whether a part holds a document: base64, or a Verifiable Credential, which is text.
fn holds_a_document(part: &DocumentPart) -> bool {
    let Some(data) = part.data.as_deref().filter(|data| !data.is_empty()) else { return false };
    let media = part.mime_type.as_deref().unwrap_or_default();
    media.starts_with("application/vc") || STANDARD.decode(data).is_ok()
}

/// Documents with what is in them: a reference could lead to something else tomorrow.
fn evidence(documents: Vec<DocumentData>) -> Result<Vec<Evidence>, Refusal> {
    if documents.is_empty() || documents.len() > MOST_DOCUMENTS {
        return Err(Refusal::bad("evidence must hold 1 to 10 documents that prove the change"));
    }
    documents
        .into_iter()
        .map(|document| {
            if !document.parts.iter().all(holds_a_document) {
                return Err(Refusal::bad("each part of evidence must hold its data by value, in base64"));
            }
            let kind = document.document_type.name().to_owned();
            let document = serde_json::to_value(document).map_err(|_| Refusal::Unavailable)?;
            Ok(Evidence { kind, document })
        })
        .collect()
}

/// Whose history, and which part of it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HistoryRequest {
    /// UIN or another identifier.
    individual_id: String,
    /// After this entry.
    #[serde(default)]
    after: Option<String>,
    /// Entries at most: 100, where it is left out, and at most.
    #[serde(default)]
    limit: Option<u32>,
}

/// A person's history, oldest first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryAnswer {
    /// What was done.
    entries: Vec<EntryView>,
    /// Where to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// One thing that was done.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    /// Its name.
    history_id: String,
    /// When.
    date_time: String,
    /// What.
    action: Action,
    /// Who: `command`, mount and id of a client with a colon between, or what an operator calls himself.
    by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
    /// The `transactionId` of the call that it was part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<String>,
    /// Which attributes, with what they were and are.
    changes: Vec<AttributeChange>,
    /// Upon which documents.
    evidence: Vec<EvidenceView>,
}

/// A document that a change was made upon.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceView {
    /// Its name.
    evidence_id: String,
    /// What kind of document it is.
    document_type: String,
}

/// `POST /identity/person/history` (GS-AUD-01a). The read is written down before it is answered (GS-AUD-01b).
///
/// # Errors
/// 404 where nobody has the identifier; 400 for an unknown `after`.
pub async fn history(
    State(state): State<AppState>,
    call: Call,
    Strict(request): Strict<HistoryRequest>,
) -> Result<Json<HistoryAnswer>, Refusal> {
    let named = |name: String| state.ids.named(Kind::History, &name).ok_or_else(|| Refusal::bad("after is not known"));
    let after = request.after.map(named).transpose()?.unwrap_or(0);
    let limit = request.limit.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(Refusal::bad("limit must be 1 to 100"));
    }
    let person = calls::person(&state, &request.individual_id).await?;
    call.note(&state, EventKind::HistoryRead, Some(person), None).await?;
    let entries = registry::history(&state, person, after, limit).await?;
    let full = u32::try_from(entries.len()).is_ok_and(|found| found == limit);
    let after = entries.last().filter(|_| full).map(|entry| state.ids.name(Kind::History, entry.id));
    Ok(Json(HistoryAnswer { entries: entries.into_iter().map(|entry| view(&state, entry)).collect(), after }))
}

fn view(state: &AppState, entry: Entry) -> EntryView {
    let Entry { id, at, action, because, changes, evidence } = entry;
    let evidence = evidence
        .into_iter()
        .map(|(id, document_type)| EvidenceView { evidence_id: state.ids.name(Kind::Evidence, id), document_type });
    EntryView {
        history_id: state.ids.name(Kind::History, id),
        date_time: format_time(at),
        action,
        by: because.by,
        reason: because.why,
        transaction_id: because.transaction,
        changes,
        evidence: evidence.collect(),
    }
}

/// `GET /identity/evidence/{evidenceId}`: the document that a change was made upon (GS-IDM-02b).
///
/// # Errors
/// 404 for an unknown name.
pub async fn document(
    State(state): State<AppState>,
    call: Call,
    Path(evidence_id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let id = state.ids.named(Kind::Evidence, &evidence_id).ok_or(Refusal::NotFound)?;
    let (person, evidence) = registry::evidence(&state, id).await?.ok_or(Refusal::NotFound)?;
    call.note(&state, EventKind::HistoryRead, Some(person), None).await?;
    Ok(Json(evidence.document))
}
