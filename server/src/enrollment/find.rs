//! `POST /v1/enrollments`: findEnrollments (OSIA-ENR-07).
//!
//! All expressions must hold, each for some value of its attribute. Enrollments come in the order in which they were made.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use serde_json::Value;

use super::attributes::{self, Attribute, Group, STATUS, Wanted};
use super::call::Call;
use super::fault::Fault;
use super::index::{self, Lookup};
use super::model::Status;
use super::read::{self, NO_STORE};
use super::sealed;
use super::store::search::{self, Candidate};
use crate::audit::EventKind;
use crate::osia::{Expression, MOST_EXPRESSIONS, Page, Refusal, Strict, body};
use crate::secrets::Hash;
use crate::state::AppState;
use crate::store::StoreError;

/// Enrollments of a page, where the caller does not say, and at most.
const PAGE: u32 = 100;
const LONGEST_PAGE: u32 = 1000;
/// Bytes of a search at most.
const LARGEST: usize = 256 * 1024;
/// Candidates looked at in one go.
const BATCH: i64 = 200;
/// Values counted, to tell which of them few enrollments have.
const COUNTED: i64 = 1000;

/// The enrollments of the caller's service that meet all expressions. The answer is written while the enrollments are read,
/// so that a page of portraits is never held whole.
///
/// # Errors
/// [`Refusal`].
pub async fn post(
    State(state): State<AppState>,
    call: Call,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let page = call.parameters.page(PAGE, LONGEST_PAGE)?;
    let sent = body::json(&headers, body, &["application/json"], LARGEST).await?;
    let expressions = match sent {
        Some(bytes) => Strict::<Vec<Expression>>::read(&bytes)?.0,
        None => Vec::new(),
    };
    if expressions.len() > MOST_EXPRESSIONS {
        return Err(Refusal::bad(format!("a search has at most {MOST_EXPRESSIONS} expressions")));
    }
    let found = matching(&state, &call, &expressions, page).await?;
    let inner = state.clone();
    state
        .store
        .write(move |tx| Box::pin(async move { call.record(&inner, tx, EventKind::EnrollmentsFound, None).await }))
        .await?;
    Ok(answer(state, found))
}

/// The rows of a page.
async fn matching(state: &AppState, call: &Call, expressions: &[Expression], page: Page) -> Result<Vec<i64>, Refusal> {
    let source = Source::choose(state, call, expressions).await?;
    let (mut skip, limit) = (page.offset, usize::try_from(page.limit).unwrap_or(usize::MAX));
    let mut found = Vec::new();
    let mut after = i64::MIN;
    while found.len() < limit {
        let candidates = source.next(state, after).await?;
        let Some(last) = candidates.last() else { break };
        after = last.row;
        for candidate in candidates {
            if !meets(state, expressions, &candidate)? {
                continue;
            }
            if skip > 0 {
                skip -= 1;
            } else if found.len() < limit {
                found.push(candidate.row);
            }
        }
    }
    Ok(found)
}

/// Where candidates come from.
enum Source {
    /// Those with a value, and maybe another one.
    Equal(Hash, Option<Hash>),
    /// Those with an attribute in some buckets.
    Between { name: Hash, buckets: (i64, i64) },
    /// All of the service, with one status or either.
    All { service: String, statuses: Vec<Status> },
}

impl Source {
    /// The narrowest one: the value that the fewest enrollments have, else a range, else all of them.
    async fn choose(state: &AppState, call: &Call, expressions: &[Expression]) -> Result<Self, StoreError> {
        let lookups = expressions.iter().filter_map(|expression| index::lookup(state, &call.service, expression));
        let (mut equal, mut between) = (Vec::new(), None);
        for lookup in lookups {
            match lookup {
                Lookup::Equal(hash) => {
                    let counted = hash.clone();
                    let read = state.store.read(move |tx| {
                        Box::pin(async move {
                            let mut sum = 0;
                            for hash in counted.each() {
                                sum += search::count_equal(tx, hash, COUNTED).await?;
                            }
                            Ok::<_, StoreError>(sum)
                        })
                    });
                    equal.push((read.await?, hash));
                }
                Lookup::Between { name, from, to } => between = Some((name, (from, to))),
            }
        }
        equal.sort();
        equal.dedup();
        let mut equal = equal.into_iter().map(|(_, hash)| hash);
        if let Some(rarest) = equal.next() {
            return Ok(Self::Equal(rarest, equal.next()));
        }
        Ok(match between {
            Some((name, buckets)) => Self::Between { name, buckets },
            None => Self::All { service: call.service.name().to_owned(), statuses: statuses(expressions) },
        })
    }

    /// Some candidates whose rows are above `after`, in that order; none where there are no more.
    async fn next(&self, state: &AppState, after: i64) -> Result<Vec<Candidate>, StoreError> {
        match self {
            Self::Equal(hash, other) => {
                let (hash, other) = (hash.clone(), other.clone());
                let read = state.store.read(move |tx| {
                    Box::pin(async move {
                        let mut found = Vec::new();
                        // All that an enrollment is found by is made under one secret.
                        let mut others = other.iter().flat_map(Hash::each);
                        for hash in hash.each() {
                            found.extend(search::equal(tx, hash, others.next(), after, BATCH).await?);
                        }
                        Ok::<_, StoreError>(found)
                    })
                });
                Ok(batch(read.await?))
            }
            Self::Between { name, buckets } => {
                let (name, buckets) = (name.clone(), *buckets);
                let read = state.store.read(move |tx| {
                    Box::pin(async move {
                        let mut found = Vec::new();
                        for name in name.each() {
                            found.extend(search::between(tx, name, buckets, after, BATCH).await?);
                        }
                        Ok::<_, StoreError>(found)
                    })
                });
                Ok(batch(read.await?))
            }
            Self::All { service, statuses } => {
                let (service, statuses) = (service.clone(), statuses.clone());
                let read = state.store.read(move |tx| {
                    Box::pin(async move {
                        let mut found = Vec::new();
                        for status in statuses {
                            found.extend(search::all(tx, &service, status, after, BATCH).await?);
                        }
                        Ok::<_, StoreError>(found)
                    })
                });
                Ok(batch(read.await?))
            }
        }
    }
}

/// A batch of what was found in several places: what is beyond the batch of one may lie between what is beyond another's.
fn batch(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by_key(|candidate| candidate.row);
    found.truncate(usize::try_from(BATCH).unwrap_or(usize::MAX));
    found
}

/// The statuses that meet all expressions about the status.
fn statuses(expressions: &[Expression]) -> Vec<Status> {
    let about = expressions.iter().filter(|expression| Wanted::read(&expression.attribute_name).is_status());
    let about: Vec<_> = about.collect();
    let meets = |status: &Status| about.iter().all(|expression| expression.holds(&Value::from(status.name())));
    Status::ALL.iter().copied().filter(meets).collect()
}

/// Whether an enrollment meets all expressions.
fn meets(state: &AppState, expressions: &[Expression], candidate: &Candidate) -> Result<bool, Refusal> {
    if expressions.is_empty() {
        return Ok(true);
    }
    let record = sealed::open_record(state, candidate.row, &candidate.record)?;
    let id = sealed::open_name(state, candidate.row, &candidate.name)?;
    let mut known = attributes::of(id.as_str(), &record.enrollment)?;
    known.extend(record.documents);
    known.push(Attribute {
        group: Group::Enrollment,
        name: STATUS.to_owned(),
        value: Value::from(candidate.status.name()),
    });
    Ok(expressions.iter().all(|expression| {
        let wanted = Wanted::read(&expression.attribute_name);
        known.iter().any(|attribute| wanted.is(attribute) && index::holds(expression, &attribute.value))
    }))
}

/// A JSON array of enrollments, each read when its turn comes. One that was deleted meanwhile is left out; where one cannot
/// be read the answer breaks off, so that nobody takes it for whole.
fn answer(state: AppState, rows: Vec<i64>) -> Response {
    let enrollments = stream::unfold((state, rows.into_iter(), true), |(state, mut rows, first)| async move {
        loop {
            let row = rows.next()?;
            match text(&state, row).await {
                Ok(Some(text)) => {
                    let text = if first { text } else { [b",".as_slice(), &text].concat() };
                    return Some((Ok(text), (state, rows, false)));
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "an enrollment could not be read");
                    let broken = std::io::Error::other("an enrollment could not be read");
                    return Some((Err(broken), (state, Vec::new().into_iter(), false)));
                }
            }
        }
    });
    let bracket = |text: &'static [u8]| stream::once(async move { Ok::<_, std::io::Error>(text.to_vec()) });
    let body = Body::from_stream(bracket(b"[").chain(enrollments).chain(bracket(b"]")));
    (NO_STORE, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn text(state: &AppState, row: i64) -> Result<Option<Vec<u8>>, Fault> {
    let Some(read) = read::load(state, row).await? else { return Ok(None) };
    let text = serde_json::to_vec(&read.enrollment).map_err(|_| StoreError::Corrupt { what: "enrollment" })?;
    Ok(Some(text))
}
