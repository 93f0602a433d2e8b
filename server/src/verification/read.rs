//! `/v1/attributes`: attributes of a person, by a named set (OSIA-IDU-02) or by name (OSIA-IDU-03).

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;

use super::answer::Wanted;
use super::identifier::{self, IdentifierType};
use super::model::{OutputAttributeSet, ToldAttributes};
use super::permission::{self, Claims};
use super::sets::Set;
use super::trace::{self, Denied};
use crate::access::{self, Caller};
use crate::clients::set_scope;
use crate::dialect::Mount;
use crate::osia::{Parameters, Refusal, Strict};
use crate::state::AppState;

/// Attributes and members that a caller may name at once.
const MOST: usize = 100;

/// `GET /v1/attributes/{attributeSetName}/{identifier}`.
///
/// # Errors
/// [`Refusal`]: 400, 401, 403 also where the person agreed to none of it, 404 for an unknown set or identifier, 503.
pub async fn named(
    State(state): State<AppState>,
    mount: Mount,
    headers: HeaderMap,
    Path((set, identifier)): Path<(String, String)>,
    parameters: Parameters,
) -> axum::response::Result<Json<ToldAttributes>> {
    // What the check of the token refuses goes on as it is, for the challenge that it gets as at every other operation.
    let caller = access::require_scope(&state, mount, &headers, &[&set_scope(&set)]).await?;
    let set = Set::named(&state.config.verification, &set).ok_or(Refusal::NotFound)?;
    Ok(tell(&state, &caller, &parameters, &identifier, set.wanted()).await?)
}

/// `POST /v1/attributes/{identifier}`.
///
/// # Errors
/// [`Refusal`]: 400, 401, 403 also where the person agreed to none of it, 404 for an unknown identifier, 415, 503.
pub async fn free(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(identifier): Path<String>,
    parameters: Parameters,
    Strict(wanted): Strict<OutputAttributeSet>,
) -> Result<Json<ToldAttributes>, Refusal> {
    let fields =
        wanted.output_biometric_data.iter().map(|wanted| wanted.biometric_data_fields.len() + 1).sum::<usize>()
            + wanted.output_credential_data.iter().map(|wanted| wanted.credential_data_fields.len() + 1).sum::<usize>();
    let count = wanted.output_biographic_data.len() + wanted.output_contact_data.len() + fields;
    if count == 0 || count > MOST {
        return Err(Refusal::bad(format!(
            "name 1 to {MOST} attributes and members, in outputBiographicData, outputContactData, outputBiometricData and \
             outputCredentialData together"
        )));
    }
    tell(&state, &caller, &parameters, &identifier, wanted).await
}

async fn tell(
    state: &AppState,
    caller: &Caller,
    parameters: &Parameters,
    identifier: &str,
    wanted: OutputAttributeSet,
) -> Result<Json<ToldAttributes>, Refusal> {
    let transaction = parameters.transaction()?;
    let kind = IdentifierType::read(parameters)?;
    let client = permission::client(state, caller).await?;
    let wanted = Wanted::new(wanted).within(&Claims::of_policy(state, &client));
    if wanted.is_nothing() {
        return Err(Denied::Policy.refuse(state, &client, None, &transaction).await);
    }
    let person = match identifier::person(state, &client, kind, identifier).await {
        Err(Refusal::NotFound) => return Err(Denied::Unknown.refuse(state, &client, None, &transaction).await),
        found => found?,
    };
    let wanted = wanted.within(&Claims::of_consent(state, &client, person).await?);
    if wanted.is_nothing() {
        return Err(Denied::Consent.refuse(state, &client, Some(person), &transaction).await);
    }
    let told = wanted.tell(state, &client, person).await?;
    if !trace::told(state, &client, person, &transaction, wanted.claims()).await? {
        return Err(Denied::Consent.refuse(state, &client, Some(person), &transaction).await);
    }
    Ok(Json(told))
}
