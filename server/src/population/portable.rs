//! What the population registry keeps of a person, for an export and the import of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::mirror;
use super::model::{PhysicalStatus, RecordStatus};
use super::record::Given;
use super::{sealed, store};
use crate::clock::Millis;
use crate::osia::Refusal;
use crate::registry::{self, PersonId};
use crate::state::AppState;
use crate::store::Tx;

/// A person's record and identities.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kept {
    /// Whether the record is in use.
    pub status: RecordStatus,
    /// Whether the person lives.
    pub physical_status: PhysicalStatus,
    /// The identity that claims are made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// All identities, the oldest first.
    pub identities: Vec<KeptIdentity>,
}

/// One identity.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptIdentity {
    /// Its primary key; files of version 1 have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Its id.
    pub identity_id: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at: Millis,
    /// When it last changed, in milliseconds since 1970.
    pub updated_at: Millis,
    /// OSIA's `Identity`.
    pub identity: Map<String, Value>,
}

/// What is kept of a person; `None` where the registry has nothing of the kind.
///
/// # Errors
/// [`Refusal::Unavailable`].
pub async fn kept(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<Option<Kept>, Refusal> {
    let Some(row) = store::person(tx, person).await? else { return Ok(None) };
    let mut identities = Vec::new();
    let mut reference = None;
    for record in store::records(tx, person).await? {
        let identity_id = sealed::open_name(state, record.id, &record.name)?;
        if row.reference == Some(record.id) {
            reference = Some(identity_id.clone());
        }
        let identity = sealed::open_identity(state, &record)?.members();
        let (created_at, updated_at) = (record.created_at, record.updated_at);
        identities.push(KeptIdentity { id: Some(record.id), identity_id, created_at, updated_at, identity });
    }
    let (status, physical_status) = (row.record_status, row.physical_status);
    Ok(Some(Kept { status, physical_status, reference, identities }))
}

/// Keeps a person as another instance did, beside what the registry already has of the person.
///
/// # Errors
/// [`Refusal::Bad`] where an identity is malformed or two have one id.
pub async fn keep(state: &AppState, tx: &mut Tx, person: PersonId, kept: &Kept) -> Result<(), Refusal> {
    registry::take_touched(tx, person).await?;
    let name = registry::main_identifier(state, tx, person).await?.ok_or(Refusal::NotFound)?;
    let name = sealed::person_name(state, person, &name)?;
    store::insert_person(tx, person, &name, kept.status, kept.physical_status).await?;
    let mut reference = None;
    for one in &kept.identities {
        let given: Given = serde_json::from_value(Value::Object(one.identity.clone()))
            .map_err(|_| Refusal::bad("an identity is malformed"))?;
        let id = one.id.unwrap_or_else(|| state.next_id());
        let record = mirror::new_record(state, id, person, &one.identity_id, &given.checked(None)?)?;
        let record = store::NewRecord { created_at: one.created_at, updated_at: one.updated_at, ..record };
        if !store::insert(tx, &record).await? {
            return Err(Refusal::bad("two identities of a person have one id"));
        }
        if kept.reference.as_deref() == Some(one.identity_id.as_str()) {
            reference = Some(id);
        }
    }
    store::set_reference(tx, person, reference).await?;
    Ok(())
}
