//! Galleries: named sets of identities (OSIA population registry 1.5.0, tag Gallery).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::call::Call;
use super::{sealed, store};
use crate::osia::Refusal;
use crate::registry::PersonId;
use crate::state::AppState;

/// Members in an answer, where the caller does not say, and at most.
const USUAL: u32 = 1000;
const MOST: u32 = 10_000;
/// The name that stands for every gallery.
pub(super) const ALL: &str = "ALL";

/// A member of a gallery.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The person's id.
    person_id: String,
    /// The identity's id.
    identity_id: String,
}

/// `GET /v1/galleries`: names of the galleries that have a member.
///
/// # Errors
/// [`Refusal::Unavailable`].
pub async fn list(State(state): State<AppState>, call: Call) -> Result<Json<Vec<String>>, Refusal> {
    let galleries = state.store.read(|tx| Box::pin(store::galleries(tx))).await;
    let galleries: Vec<String> = galleries?;
    call.record_read(&state, None, "galleries").await?;
    Ok(Json(galleries))
}

/// `GET /v1/galleries/{galleryId}`: members, as JSON or, where `Accept` asks for it, as `text/csv`. `ALL` stands for every
/// gallery.
///
/// # Errors
/// [`Refusal::NotFound`] where it has no member.
pub async fn read(
    State(state): State<AppState>,
    Path(gallery): Path<String>,
    call: Call,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let page = call.parameters.page(USUAL, MOST)?;
    let rows = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let gallery = (gallery != ALL).then_some(gallery);
                if let Some(gallery) = &gallery
                    && !store::gallery_exists(tx, gallery).await?
                {
                    return Err(Refusal::NotFound);
                }
                Ok(store::members(tx, gallery.as_deref(), page.offset.into(), page.limit.into()).await?)
            })
        })
        .await?;
    let members = rows
        .iter()
        .map(|row| {
            Ok(Member {
                person_id: sealed::open_person_name(&state, PersonId(row.person), &row.person_name)?,
                identity_id: sealed::open_name(&state, row.id, &row.name)?,
            })
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    call.record_read(&state, None, "gallery").await?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wants_csv(accept) {
        return Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv(&members)).into_response());
    }
    Ok(Json(members).into_response())
}

/// Whether CSV is named, and not less wanted than JSON (RFC 9110 §12.4.2, §12.5.1).
fn wants_csv(accept: &str) -> bool {
    let weight = |wanted: &str| -> Option<f32> {
        accept.split(',').find_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let named = parts.next()?.eq_ignore_ascii_case(wanted);
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            named.then(|| weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
        })
    };
    let json = weight("application/json").unwrap_or(0.0);
    weight("text/csv").is_some_and(|csv| csv > 0.0 && csv >= json)
}

/// OSIA's example: a heading, then a line for each member.
fn csv(members: &[Member]) -> String {
    let mut text = "PersonId, identityId\n".to_owned();
    for member in members {
        text.push_str(&field(&member.person_id));
        text.push_str(", ");
        text.push_str(&field(&member.identity_id));
        text.push('\n');
    }
    text
}

/// RFC 4180: what would be read as more than one field is quoted.
fn field(text: &str) -> String {
    let plain = !text.contains([',', '"', '\n', '\r']) && text.trim() == text;
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_is_given_to_who_wants_it_more() {
        for accept in ["text/csv", "TEXT/CSV", "application/json;q=0.5, text/csv", "text/csv;q=0.9,*/*;q=0.1"] {
            assert!(wants_csv(accept), "{accept}");
        }
        for accept in ["", "*/*", "application/json", "text/csv;q=0", "text/csv;q=0.5, application/json", "text/html"] {
            assert!(!wants_csv(accept), "{accept}");
        }
    }

    #[test]
    fn a_gallery_as_csv_is_read_back_as_it_was() {
        let member = |person: &str, identity: &str| Member { person_id: person.into(), identity_id: identity.into() };
        let text = csv(&[member("0001", "01"), member("a,b", "say \"1\"")]);
        assert_eq!(text, "PersonId, identityId\n0001, 01\n\"a,b\", \"say \"\"1\"\"\"\n");
    }
}
