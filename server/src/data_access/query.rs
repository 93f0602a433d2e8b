//! `GET /v1/persons`: who has these attributes, by their UINs or with attributes of theirs.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};

use super::{Call, MOST_ATTRIBUTES, told};
use crate::osia::Refusal;
use crate::population::record::Content;
use crate::population::{Search, search, written};
use crate::state::AppState;

/// Persons in an answer, where the caller does not say, and at most.
const USUAL: u32 = 100;
const MOST: u32 = 1000;
/// Parameters that are no attributes; `transactionId` is none of this interface's, and does no harm.
const NO_ATTRIBUTES: [&str; 4] = ["names", "offset", "limit", "transactionId"];

/// Looks for persons whose reference identity says all that the query does. Every parameter that the interface does not
/// name is an attribute; it matches exactly.
///
/// # Errors
/// [`Refusal::Bad`] without an attribute; [`Refusal::NotFound`] where nobody fits.
pub async fn get(State(state): State<AppState>, call: Call) -> Result<Json<Value>, Refusal> {
    let page = call.parameters.page(USUAL, MOST)?;
    let names: Vec<&str> = call.parameters.all("names").collect();
    let equal: Vec<(String, String)> =
        call.parameters.others(&NO_ATTRIBUTES).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    if equal.is_empty() {
        return Err(Refusal::bad("at least one attribute to look for is needed"));
    }
    if equal.len() > MOST_ATTRIBUTES || names.len() > MOST_ATTRIBUTES {
        return Err(Refusal::bad(format!(
            "look for at most {MOST_ATTRIBUTES} attributes, and give names as often at most"
        )));
    }
    let wanted = equal.clone();
    let fits = move |content: &Content| {
        let says = |(name, value): &(String, String)| {
            content.attribute(name).as_ref().and_then(written).as_deref() == Some(value)
        };
        wanted.iter().all(says)
    };
    let wanted = Search { equal, fits: &fits, reference: true, active: true, gallery: None, group: true, page };
    let found = search(&state, wanted).await?;
    call.record(&state, None, "persons_queried").await?;
    if found.is_empty() {
        return Err(Refusal::NotFound);
    }
    let answers = found.into_iter().map(|found| {
        if names.is_empty() {
            return Value::from(found.person_id);
        }
        let told = names.iter().map(|name| ((*name).to_owned(), told(found.content.attribute(name))));
        Value::Object(told.collect::<Map<_, _>>())
    });
    Ok(Json(answers.collect()))
}
