//! `POST /v1/persons/{uin}/match` and `…/verify`: what can be checked without being told (GS-VER-05, GS-PRI-01b).

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Call, MOST_ATTRIBUTES, person};
use crate::osia::{Operator, Refusal, Strict, repeated};
use crate::population::find::{expressions, meets};
use crate::population::written;
use crate::state::AppState;

/// An attribute that does not match.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mismatch {
    /// Which.
    attribute_name: String,
    /// 0: it is not known of the person; 1: it is, with another value.
    error_code: i32,
}

/// `POST …/match`: attributes whose value is another one; an empty list where all match.
///
/// # Errors
/// [`Refusal::Bad`] without an attribute, for that all of none match would tell nothing of anybody, and where a value is
/// neither text, number nor truth value; [`Refusal::NotFound`].
pub async fn matching(
    State(state): State<AppState>,
    Path(uin): Path<String>,
    call: Call,
    Strict(asked): Strict<Map<String, Value>>,
) -> Result<Json<Vec<Mismatch>>, Refusal> {
    if !(1..=MOST_ATTRIBUTES).contains(&asked.len()) {
        return Err(Refusal::bad(format!("name 1 to {MOST_ATTRIBUTES} attributes that are to match")));
    }
    if let Some((name, _)) = asked.iter().find(|(_, value)| written(value).is_none()) {
        return Err(Refusal::bad(format!("{} must be a text, a number, true or false", repeated(name))));
    }
    let (who, identity) = person(&state, &uin).await?;
    call.record(&state, Some(who), "match").await?;
    let wrong = asked.into_iter().filter_map(|(attribute_name, value)| {
        let error_code = match identity.content.attribute(&attribute_name) {
            None | Some(Value::Null) => 0,
            Some(known) if same(&known, &value) => return None,
            Some(_) => 1,
        };
        Some(Mismatch { attribute_name, error_code })
    });
    Ok(Json(wrong.collect()))
}

/// Values of the same kind that are written alike: 1 and 1.0, not 1 and "1".
fn same(known: &Value, asked: &Value) -> bool {
    std::mem::discriminant(known) == std::mem::discriminant(asked) && written(known) == written(asked)
}

/// `POST …/verify`: whether all expressions hold. Several may be on one attribute, as for a range; one on an attribute that is
/// not known of the person, or of nobody, does not hold.
///
/// # Errors
/// [`Refusal::Bad`] without an expression, for a yes to no question would be taken for one about the person; also for `!=`,
/// which this interface has not. [`Refusal::NotFound`].
pub async fn verify(
    State(state): State<AppState>,
    Path(uin): Path<String>,
    call: Call,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<bool>, Refusal> {
    let expressions = expressions(&headers, &body)?;
    if expressions.is_empty() {
        return Err(Refusal::bad("send at least one expression to verify"));
    }
    if expressions.iter().any(|expression| expression.operator == Operator::NotEqual) {
        return Err(Refusal::bad("operator must be one of < > = >= <="));
    }
    let (who, identity) = person(&state, &uin).await?;
    call.record(&state, Some(who), "verify").await?;
    Ok(Json(expressions.iter().all(|expression| meets(&identity.content, expression))))
}
