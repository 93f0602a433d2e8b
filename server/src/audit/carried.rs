//! Events and cases on their way to another instance. There the same person has another keyed hash, so that it is the
//! person's primary key that travels.

use serde::{Deserialize, Serialize};

use super::{Audit, store};
use crate::clock::Millis;
use crate::store::{StoreError, Tx};

/// An event as it lies, with the person in place of the keyed hash.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key; holds the moment.
    pub id: i64,
    /// What.
    pub kind: String,
    /// Where.
    pub mount: String,
    /// For which client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// About whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<i64>,
    /// In which login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<i64>,
    /// About which thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<i64>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// About which enrollment, by its client's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrollment: Option<String>,
}

/// Keyed hashes of what an event is about, in place of which other names travel.
#[derive(Clone, Default)]
pub struct About {
    /// Of the person.
    pub subject: Option<Vec<u8>>,
    /// Of the enrollment's id.
    pub enrollment: Option<Vec<u8>>,
}

/// A case as it lies, with the person in place of the keyed hash.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedCase {
    /// Primary key; holds the moment.
    pub id: i64,
    /// Where the login began.
    pub mount: String,
    /// Who asked for it.
    pub client_id: String,
    /// Whose it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<i64>,
    /// The login.
    pub transaction_id: i64,
    /// What opened it.
    pub cause: String,
    /// What the citizen said.
    pub reason: String,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Millis>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// With what result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
}

/// Events with primary keys above `after`, at most `most`, each with the keyed hashes of what it is about.
///
/// # Errors
/// [`StoreError`].
pub async fn carry(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<(Carried, About)>, StoreError> {
    let rows = store::after(tx, after, most).await?;
    let carried = rows.into_iter().map(|(row, enrollment)| {
        let event = Carried {
            id: row.id,
            kind: row.kind,
            mount: row.mount,
            client_id: row.client_id,
            person: None,
            transaction_id: row.transaction_id,
            object_id: row.object_id,
            reason: row.reason,
            actor: row.actor,
            enrollment: None,
        };
        (event, About { subject: row.subject, enrollment })
    });
    Ok(carried.collect())
}

/// Writes an event as another instance had it, under the keyed hashes that person and enrollment have here.
///
/// # Errors
/// [`StoreError`].
pub async fn settle(audit: &Audit, tx: &mut Tx, carried: &Carried) -> Result<(), StoreError> {
    let subject = carried.person.map(|person| audit.subject(person));
    let enrollment = carried.enrollment.as_deref().map(|id| audit.enrollment(id));
    store::insert_as_it_was(tx, carried, subject, enrollment).await
}

/// Cases with primary keys above `after`, at most `most`, each with the keyed hash of its person.
///
/// # Errors
/// [`StoreError`].
pub async fn carry_cases(
    tx: &mut Tx,
    after: i64,
    most: i64,
) -> Result<Vec<(CarriedCase, Option<Vec<u8>>)>, StoreError> {
    let rows = store::cases(tx, after, None, most).await?;
    let carried = rows.into_iter().map(|row| {
        let case = CarriedCase {
            id: row.id,
            mount: row.mount,
            client_id: row.client_id,
            person: None,
            transaction_id: row.transaction_id,
            cause: row.cause,
            reason: row.reason,
            closed_at: row.closed_at,
            closed_by: row.closed_by,
            resolution: row.resolution,
        };
        (case, row.subject)
    });
    Ok(carried.collect())
}

/// Writes a case as another instance had it, under the keyed hash that its person has here.
///
/// # Errors
/// [`StoreError`].
pub async fn settle_case(tx: &mut Tx, carried: &CarriedCase, subject: Option<Vec<u8>>) -> Result<(), StoreError> {
    store::insert_case_as_it_was(tx, carried, subject).await
}

/// Primary keys and keyed hashes of the events of one kind between two primary keys, at most `most`; those about nobody
/// are left out.
///
/// # Errors
/// [`StoreError`].
pub async fn subjects(
    tx: &mut Tx,
    kind: super::EventKind,
    after: i64,
    before: i64,
    most: i64,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    store::subjects(tx, kind.name(), after, before, most).await
}
