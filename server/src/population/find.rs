//! Persons by what one of their identities says (OSIA population registry 1.5.0, `findPersons`).
//!
//! Equality is indexed: the database is asked for identities that have the keyed hashes of two of the values. Everything
//! else, and what is left of the expressions, is decided here upon the opened identity, in the order in which identities
//! were made. A search without any equality opens every identity.

use std::collections::HashSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use schemars::JsonSchema;
use serde::Serialize;

use super::call::Call;
use super::model::RecordStatus;
use super::record::Content;
use super::{mirror, persons, sealed, store};
use crate::osia::{Expression, MOST_EXPRESSIONS, Operand, Operator, Page, Refusal, Strict};
use crate::registry::{self, PersonId};
use crate::state::AppState;

/// Identities read at once.
const BATCH: i64 = 500;
/// Rounds of bringing persons up to date before a search, at most.
const ROUNDS: u32 = 10;
/// Persons in an answer, where the caller does not say, and at most.
const USUAL: u32 = 100;
const MOST: u32 = 1000;

/// What is looked for.
pub struct Search<'s> {
    /// Attributes that must have these values, as `written` writes them.
    pub equal: Vec<(String, String)>,
    /// What an identity must be like.
    pub fits: &'s (dyn Fn(&Content) -> bool + Send + Sync),
    /// Only reference identities.
    pub reference: bool,
    /// Only of persons whose record is in use.
    pub active: bool,
    /// Only members of this gallery.
    pub gallery: Option<String>,
    /// Each person once, however many identities fit.
    pub group: bool,
    /// Which part of what is found.
    pub page: Page,
}

/// An identity that was found.
pub struct Found {
    /// Whose.
    pub person: PersonId,
    /// The person's id.
    pub person_id: String,
    /// The identity's id.
    pub identity_id: String,
    /// What it says.
    pub content: Content,
}

/// Looks for identities, in the order in which they were made.
///
/// # Errors
/// [`Refusal::Unavailable`].
pub async fn search(state: &AppState, search: Search<'_>) -> Result<Vec<Found>, Refusal> {
    for _ in 0..ROUNDS {
        if mirror::catch_up(state).await? == 0 {
            break;
        }
    }
    let mut found = Vec::new();
    if search.page.limit == 0 {
        return Ok(found);
    }
    let mut hashes = search.equal.iter().map(|(name, value)| sealed::attribute_hash(&state.secrets, name, value));
    let hashes = hashes.next().map(|one| {
        let other = hashes.next().unwrap_or_else(|| one.clone());
        (one, other)
    });
    let (mut after, mut skipped, mut seen) = (0, 0, HashSet::new());
    loop {
        let (hashes, gallery) = (hashes.clone(), search.gallery.clone());
        let narrow = store::Narrow { reference: search.reference, active: search.active, gallery };
        let rows = state
            .store
            .read(move |tx| {
                Box::pin(async move {
                    match &hashes {
                        Some((one, other)) => {
                            let mut found = Vec::new();
                            // All that an identity is searched by is made under one secret.
                            for both in one.each().zip(other.each()) {
                                found.extend(store::with_hashes(tx, both, after, &narrow, BATCH).await?);
                            }
                            // What is beyond the batch of one secret may lie between what is beyond the other's.
                            found.sort_by_key(|row| row.id);
                            found.truncate(usize::try_from(BATCH).unwrap_or(usize::MAX));
                            Ok(found)
                        }
                        None => store::every(tx, after, &narrow, BATCH).await,
                    }
                })
            })
            .await;
        let rows: Vec<store::Listed> = rows?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = last.id;
        let more = i64::try_from(rows.len()) == Ok(BATCH);
        for row in rows {
            let content = sealed::open_content(state, row.id, &row.content)?;
            if !(search.fits)(&content) || search.group && !seen.insert(row.person) {
                continue;
            }
            if search.active && !is_in_use(state, PersonId(row.person)).await? {
                continue;
            }
            if skipped < search.page.offset {
                skipped += 1;
                continue;
            }
            let person = PersonId(row.person);
            found.push(Found {
                person,
                person_id: sealed::open_person_name(state, person, &row.person_name)?,
                identity_id: sealed::open_name(state, row.id, &row.name)?,
                content,
            });
            if found.len() >= search.page.limit as usize {
                return Ok(found);
            }
        }
        if !more {
            return Ok(found);
        }
        // A long search lets others have their turn.
        tokio::task::yield_now().await;
    }
}

/// Whether a person's record is in use, also by the operator's word.
async fn is_in_use(state: &AppState, person: PersonId) -> Result<bool, Refusal> {
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let may_log_in = registry::is_active_within(tx, person).await?;
                let row = store::person(tx, person).await?;
                Ok(row.is_some_and(|row| persons::shown(&row, may_log_in) == RecordStatus::Active))
            })
        })
        .await
}

/// A person who was found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FoundPerson {
    /// The person's id.
    person_id: String,
    /// The identity's id; absent where matching identities are grouped.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_id: Option<String>,
}

/// Expressions of a body that may be absent.
///
/// # Errors
/// [`Refusal::MediaType`], [`Refusal::Bad`].
pub fn expressions(headers: &HeaderMap, body: &Bytes) -> Result<Vec<Expression>, Refusal> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::MediaType);
    }
    let Strict(expressions) = Strict::<Vec<Expression>>::read(body)?;
    if expressions.len() > MOST_EXPRESSIONS {
        return Err(Refusal::bad(format!("{MOST_EXPRESSIONS} expressions are taken at most")));
    }
    Ok(expressions)
}

/// How the value of an expression is written in the index.
#[must_use]
pub fn operand_written(operand: &Operand) -> Option<String> {
    serde_json::to_value(operand).ok().as_ref().and_then(sealed::written)
}

/// Whether an identity meets an expression. What it does not say meets none.
#[must_use]
pub fn meets(content: &Content, expression: &Expression) -> bool {
    content.attribute(&expression.attribute_name).is_some_and(|value| expression.holds(&value))
}

/// `POST /v1/persons`: who has an identity that meets all expressions; everybody where there are none.
///
/// # Errors
/// [`Refusal::Bad`].
pub async fn post(
    State(state): State<AppState>,
    call: Call,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Vec<FoundPerson>>, Refusal> {
    let expressions = expressions(&headers, &body)?;
    let group = call.parameters.boolean("group", false)?;
    let reference = call.parameters.boolean("reference", false)?;
    let gallery = call.parameters.one("gallery")?.map(str::to_owned);
    let page = call.parameters.page(USUAL, MOST)?;
    let equal = expressions
        .iter()
        .filter(|expression| expression.operator == Operator::Equal)
        .filter_map(|one| Some((one.attribute_name.clone(), operand_written(&one.value)?)));
    let equal = equal.collect();
    let fits = |content: &Content| expressions.iter().all(|expression| meets(content, expression));
    let wanted = Search { equal, fits: &fits, reference, active: false, gallery, group, page };
    let found = search(&state, wanted).await?;
    call.record_read(&state, None, "persons_found").await?;
    let told = found.into_iter().map(|Found { person_id, identity_id, .. }| FoundPerson {
        person_id,
        identity_id: (!group).then_some(identity_id),
    });
    Ok(Json(told.collect()))
}
