//! `POST /v1/verify/{identifier}`: whether attributes are right of a person, all of them (OSIA-IDU-01, GS-VAP-02).

use axum::Json;
use axum::extract::{Extension, Path, State};
use serde_json::Value;

use super::compare::Supplied;
use super::identifier::{self, IdentifierType};
use super::model::VerifyResult;
use super::permission::{self, Claims};
use super::trace::{self, Denied};
use super::{proof, protected};
use crate::access::Caller;
use crate::osia::{Parameters, Refusal, Strict};
use crate::registry;
use crate::state::AppState;

/// `verificationCode` where every attribute is right.
pub const MATCH: i64 = 0;
/// `verificationCode` where at least one is not.
pub const NO_MATCH: i64 = 1;

/// Compares every attribute supplied, strictly, and tells one result. It is told with a proof unless that is not wanted.
///
/// # Errors
/// [`Refusal`]: 400, 401, 403 where the client or the person does not allow it, 404 for an unknown identifier, 415, 429 after many that
/// were wrong, 503.
pub async fn post(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(identifier): Path<String>,
    parameters: Parameters,
    Strict(body): Strict<Value>,
) -> Result<Json<VerifyResult>, Refusal> {
    let transaction = parameters.transaction()?;
    let kind = IdentifierType::read(&parameters)?;
    let with_proof = parameters.boolean("verificationProofRequired", true)?;
    let client = permission::client(&state, &caller).await?;
    let supplied = Supplied::read(protected::open(&state, &client, body).await?)?;
    supplied.can_be_compared(&state)?;
    if !supplied.is_within(&Claims::of_policy(&state, &client)) {
        return Err(Denied::Policy.refuse(&state, &client, None, &transaction).await);
    }
    let person = match identifier::person(&state, &client, kind, &identifier).await {
        Err(Refusal::NotFound) => return Err(Denied::Unknown.refuse(&state, &client, None, &transaction).await),
        found => found?,
    };
    if !supplied.is_within(&Claims::of_consent(&state, &client, person).await?) {
        return Err(Denied::Consent.refuse(&state, &client, Some(person), &transaction).await);
    }
    let right = supplied.is_right(&state, person, &transaction).await?;
    if !trace::verified(&state, &client, person, &transaction, (supplied.compared(), right)).await? {
        return Err(Denied::Consent.refuse(&state, &client, Some(person), &transaction).await);
    }
    let verification_proof = if with_proof {
        let subject = registry::subject_for(&state, person, client.sector()).await?;
        Some(proof::sign(&state, &client, &subject, &transaction, &supplied.names, right)?)
    } else {
        None
    };
    Ok(Json(VerifyResult {
        verification_code: if right { MATCH } else { NO_MATCH },
        verification_message: if right { "match" } else { "no match" },
        verification_proof,
    }))
}
