//! Questions on their way to another instance: open ones are answered there, and a no holds there too.

use serde::{Deserialize, Serialize};

use super::model::{Asked, Content, Outcome};
use super::store::Row;
use super::store::carried as rows;
use super::{context, holder};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::osia::Refusal;
use crate::registry::{Fault, PersonId};
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A question, whole.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key: its public names are made of it.
    pub id: i64,
    /// The issuer of the client that asks.
    pub mount: Mount,
    /// The client that asks.
    pub client_id: String,
    /// Who is asked.
    pub person: PersonId,
    /// What for.
    pub asked: Vec<CarriedAsked>,
    /// Why, in the client's words.
    pub purpose: String,
    /// Until when it can be answered, in milliseconds since 1970.
    pub expires_at: Millis,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Millis>,
    /// How: `agreed`, `declined`, `taken_back` or `expired`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Primary key of the receipt of a yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<i64>,
}

/// An attribute that is asked for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedAsked {
    /// As the relying party calls it.
    pub name: String,
    /// The claim that it is.
    pub claim: String,
}

const CORRUPT: StoreError = StoreError::Corrupt { what: "question" };

/// Questions with primary keys above `after`, in their order, at most `most`; those that ended too.
///
/// # Errors
/// [`Fault`].
pub async fn carry(state: &AppState, after: i64, most: u32) -> Result<Vec<Carried>, Fault> {
    let rows = state.store.read(move |tx| Box::pin(async move { rows::after(tx, after, most.into()).await })).await?;
    let rows: Vec<Row> = rows;
    rows.into_iter()
        .map(|row| {
            let clear = state.secrets.open(Purpose::Consents, &context(row.id), &row.content)?;
            let Content { person, asked, purpose } = serde_json::from_slice(&clear).map_err(|_| CORRUPT)?;
            let asked = asked.into_iter().map(|Asked { name, claim }| CarriedAsked { name, claim }).collect();
            Ok(Carried {
                id: row.id,
                mount: Mount::named(&row.client_mount).ok_or(CORRUPT)?,
                client_id: row.client_id,
                person,
                asked,
                purpose,
                expires_at: row.expires_at,
                ended_at: row.ended_at,
                outcome: row.outcome,
                receipt: row.receipt_id,
            })
        })
        .collect()
}

/// Writes a question as another instance had it.
///
/// # Errors
/// [`Refusal::Bad`] where it is malformed, or the client has two open to one person.
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Refusal> {
    let Carried { id, person, expires_at, ended_at, .. } = *carried;
    let ended = carried.outcome.as_deref().map(Outcome::named);
    if matches!(ended, Some(None)) || ended.is_some() != ended_at.is_some() {
        return Err(Refusal::bad("a question's end is malformed"));
    }
    let asked = carried.asked.iter().map(|one| Asked { name: one.name.clone(), claim: one.claim.clone() });
    let content = Content { person, asked: asked.collect(), purpose: carried.purpose.clone() };
    let clear = serde_json::to_vec(&content).map_err(|_| CORRUPT)?;
    let row = Row {
        id,
        client_mount: carried.mount.name().to_owned(),
        client_id: carried.client_id.clone(),
        content: state.secrets.seal(Purpose::Consents, &context(id), &clear, &*state.rng)?,
        expires_at,
        ended_at,
        outcome: carried.outcome.clone(),
        receipt_id: carried.receipt,
    };
    let asked = rows::insert(tx, &row, &holder(state, person)).await?;
    if asked { Ok(()) } else { Err(Refusal::bad("a client has two open questions to one person")) }
}
