//! `GET /v1/persons/{uin}`: attributes of a person, each a value or the reason why there is none.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Map, Value};

use super::{Call, MOST_ATTRIBUTES, person, told};
use crate::osia::Refusal;
use crate::state::AppState;

/// Tells the attributes named, and nothing else.
///
/// # Errors
/// [`Refusal::Bad`] without `attributeNames`; [`Refusal::NotFound`].
pub async fn get(
    State(state): State<AppState>,
    Path(uin): Path<String>,
    call: Call,
) -> Result<Json<Map<String, Value>>, Refusal> {
    let names: Vec<&str> = call.parameters.all("attributeNames").collect();
    if !(1..=MOST_ATTRIBUTES).contains(&names.len()) {
        return Err(Refusal::bad("attributeNames is needed, 1 to 100 times"));
    }
    let (who, identity) = person(&state, &uin).await?;
    call.record(&state, Some(who), "attributes").await?;
    let told = names.iter().map(|name| ((*name).to_owned(), told(identity.content.attribute(name))));
    Ok(Json(told.collect()))
}
