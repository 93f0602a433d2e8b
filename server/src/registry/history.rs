//! What was done to a person: who did it, when, why, upon which evidence, and what an attribute was before and after
//! (GS-AUD-01a). Written in the write that does it, sealed, and never changed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::model::{Fault, PersonId};
use super::store::history as store;
use crate::audit::Actor;
use crate::clock::Millis;
use crate::secrets::{Column, Key, Purpose, SecretError, number};
use crate::state::AppState;
use crate::store::Tx;

/// Characters of a reason at most.
const LONGEST_REASON: usize = 1000;

/// A reason as it is kept, without white space around it: 1 to 1000 characters that can be shown, line breaks among them.
/// `None` where it is not so.
#[must_use]
pub fn reason(text: &str) -> Option<&str> {
    let text = text.trim();
    let strange = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    ((1..=LONGEST_REASON).contains(&text.chars().count()) && !text.contains(strange)).then_some(text)
}

/// Who answers for what is done to a person, and why. Its `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Because {
    /// Who: `command`, mount and id of a client with a colon between, or what an operator calls himself.
    pub by: String,
    /// Why, in words for people; empty where nobody said.
    pub why: String,
    /// The caller's own name for the call that it was part of (OSIA `transactionId`).
    pub transaction: Option<String>,
}

impl std::fmt::Debug for Because {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Because")
    }
}

impl Because {
    /// A client or the operator, with a reason.
    #[must_use]
    pub fn of(actor: &Actor, why: impl Into<String>) -> Self {
        Self { by: actor.name().to_owned(), why: why.into(), transaction: None }
    }

    /// The same, in a call of this `transactionId`.
    #[must_use]
    pub fn within(self, transaction: &str) -> Self {
        Self { transaction: Some(transaction.to_owned()), ..self }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The person came into the registry.
    Added,
    /// Attributes changed.
    Changed,
    /// The person may not log in any more.
    Disabled,
    /// The person may log in again.
    Enabled,
    /// A virtual id was given out.
    IdentifierIssued,
    /// A virtual id was revoked.
    IdentifierRevoked,
    /// The population registry's record of the person has another status, or the person died; whether that keeps the person
    /// from logging in is an entry of its own.
    StatusChanged,
}

/// An attribute that is other than before. Its `Debug` shows the name only.
#[derive(Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AttributeChange {
    /// Its name, with a language tag where it has one.
    pub attribute: String,
    /// What it was; absent where it was not known, and where a person was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What it is; absent where it is known no more, and where a person was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl std::fmt::Debug for AttributeChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.attribute)
    }
}

/// A document that a change was made upon. Its `Debug` shows the kind only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What kind of document it is (OSIA `documentType`).
    pub kind: String,
    /// The document (OSIA `DocumentData`).
    pub document: Value,
}

impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.kind)
    }
}

/// One thing that was done to a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its primary key.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// What.
    pub action: Action,
    /// Who and why.
    pub because: Because,
    /// Which attributes.
    pub changes: Vec<AttributeChange>,
    /// Primary keys of the evidence, and what kind of document each is.
    pub evidence: Vec<(i64, String)>,
}

/// What is sealed of an entry.
#[derive(Serialize, Deserialize)]
struct Record {
    action: Action,
    by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    why: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transaction: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<AttributeChange>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<(i64, String)>,
}

fn context(table: &str, id: i64) -> Vec<u8> {
    format!("{table}/{id}").into_bytes()
}

/// What lies sealed of histories, to be sealed anew.
pub const SEALED_HISTORY: &[Column] = &[
    Column {
        table: "person_history",
        key: &[Key::Number("id")],
        column: "sealed",
        purpose: Purpose::Biographics,
        context: |key| context("person_history", number(key, 0)),
    },
    Column {
        table: "person_evidence",
        key: &[Key::Number("id")],
        column: "sealed",
        purpose: Purpose::Biographics,
        context: |key| context("person_evidence", number(key, 0)),
    },
];

fn seal<T: Serialize>(state: &AppState, table: &str, id: i64, value: &T) -> Result<Vec<u8>, SecretError> {
    let clear = Zeroizing::new(serde_json::to_vec(value).map_err(|_| SecretError::Sealed)?);
    state.secrets.seal(Purpose::Biographics, &context(table, id), &clear, &*state.rng)
}

fn open<T: for<'de> Deserialize<'de>>(state: &AppState, table: &str, id: i64, sealed: &[u8]) -> Result<T, SecretError> {
    let clear = state.secrets.open(Purpose::Biographics, &context(table, id), sealed)?;
    serde_json::from_slice(&clear).map_err(|_| SecretError::Sealed)
}

/// Every attribute that is other than before, with its values.
pub(super) fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<AttributeChange> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let other = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    other
        .map(|name| AttributeChange {
            attribute: name.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        })
        .collect()
}

/// The attributes that a person came with, by name: their values are the person's own row, or the `before` of what changed
/// since.
pub(super) fn named(attributes: &Map<String, Value>) -> Vec<AttributeChange> {
    attributes.keys().map(|name| AttributeChange { attribute: name.clone(), before: None, after: None }).collect()
}

/// Writes an entry, in the transaction of what it tells of.
pub(super) async fn record(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    action: Action,
    because: &Because,
    changes: Vec<AttributeChange>,
    evidence: &[Evidence],
) -> Result<(), Fault> {
    let moment = (state.next_id(), state.clock.now());
    write(state, tx, person, moment, (action, because), changes, evidence).await
}

/// Writes an entry under a primary key and at a time of its own: as it was in another instance.
pub(super) async fn write(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    (id, at): (i64, Millis),
    (action, because): (Action, &Because),
    changes: Vec<AttributeChange>,
    evidence: &[Evidence],
) -> Result<(), Fault> {
    let pieces: Vec<(i64, &Evidence)> = evidence.iter().map(|one| (state.next_id(), one)).collect();
    let Because { by, why, transaction } = because.clone();
    let named = pieces.iter().map(|(id, one)| (*id, one.kind.clone())).collect();
    let record = Record { action, by, why, transaction, changes, evidence: named };
    store::insert(tx, id, person, at, &seal(state, "person_history", id, &record)?).await?;
    for (piece, one) in pieces {
        store::insert_evidence(tx, piece, person, id, &seal(state, "person_evidence", piece, one)?).await?;
    }
    Ok(())
}

/// What was done to a person, oldest first: at most `most` entries after the one with primary key `after` (0: from the
/// beginning). For those who may see it only; that they saw it is theirs to note (GS-AUD-01b).
///
/// # Errors
/// [`Fault`] where the database does not answer or an entry does not open.
pub async fn history(state: &AppState, person: PersonId, after: i64, most: u32) -> Result<Vec<Entry>, Fault> {
    let rows =
        state.store.read(move |tx| Box::pin(async move { store::of(tx, person, after, most.into()).await })).await?;
    let rows: Vec<store::Row> = rows;
    rows.into_iter().map(|row| entry(state, row)).collect()
}

fn entry(state: &AppState, row: store::Row) -> Result<Entry, Fault> {
    let record: Record = open(state, "person_history", row.id, &row.sealed)?;
    let because = Because { by: record.by, why: record.why, transaction: record.transaction };
    let Record { action, changes, evidence, .. } = record;
    Ok(Entry { id: row.id, at: row.at, action, because, changes, evidence })
}

/// The same of all entries of a person, in the caller's transaction.
pub(super) async fn all_within(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<Vec<Entry>, Fault> {
    let rows = store::of(tx, person, 0, i64::MAX).await?;
    rows.into_iter().map(|row| entry(state, row)).collect()
}

/// A document in the caller's transaction.
pub(super) async fn evidence_within(state: &AppState, tx: &mut Tx, id: i64) -> Result<Option<Evidence>, Fault> {
    let row = store::evidence(tx, id).await?;
    Ok(row.map(|(_, sealed)| open(state, "person_evidence", id, &sealed)).transpose()?)
}

/// A document that a change was made upon, with whose it is; `None` where there is none of this primary key.
///
/// # Errors
/// As [`history`].
pub async fn evidence(state: &AppState, id: i64) -> Result<Option<(PersonId, Evidence)>, Fault> {
    let row = state.store.read(move |tx| Box::pin(async move { store::evidence(tx, id).await })).await?;
    let row: Option<(i64, Vec<u8>)> = row;
    row.map(|(person, sealed)| Ok((PersonId(person), open(state, "person_evidence", id, &sealed)?))).transpose()
}
