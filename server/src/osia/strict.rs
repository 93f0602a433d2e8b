//! JSON bodies, read strictly.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Refusal, expression, twice};
use crate::state::AppState;

/// Bytes of a member's path that are told at most: names may be the caller's own.
const LONGEST_PATH: usize = 200;

/// The JSON object of a body; no body is an object without members, for OSIA's files require none. A member that a type does
/// not know is refused where the type says so (`deny_unknown_fields`).
///
/// Refused with 415 for another media type than `application/json`, with 400 for anything that is not the JSON expected; the
/// message says which member is wrong, or where, and quotes no value.
pub struct Strict<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Strict<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let (json, untold) = (kind.eq_ignore_ascii_case("application/json"), kind.is_empty());
        if !json && !untold {
            return Err(Refusal::MediaType);
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|_| Refusal::TooLarge)?;
        if bytes.is_empty() {
            return Self::read(b"{}");
        }
        if untold {
            return Err(Refusal::MediaType);
        }
        Self::object(&bytes)
    }
}

impl<T: DeserializeOwned> Strict<T> {
    /// Reads the bytes of a body that must be an object: serde takes a list for an object whose members are in the order of
    /// the type.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where they are not the JSON expected.
    pub fn object(bytes: &[u8]) -> Result<Self, Refusal> {
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(Refusal::bad("the body must be a JSON object"));
        }
        Self::read(bytes)
    }

    /// Reads the bytes of a body.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where they are not the JSON expected.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut from = serde_json::Deserializer::from_slice(bytes);
        let read = serde_path_to_error::deserialize(&mut from).map_err(|error| fault(&error, None))?;
        from.end().map_err(|error| not_json(&error))?;
        twice::refuse(bytes)?;
        Ok(Self(read))
    }

    /// Reads what is JSON already: a record with a patch in it, or something that came encrypted. `whole`: what a refusal calls
    /// it, where no member of it is wrong but it as a whole.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where it is not the JSON expected.
    pub fn value(value: Value, whole: &str) -> Result<Self, Refusal> {
        serde_path_to_error::deserialize(value).map(Self).map_err(|error| fault(&error, Some(whole)))
    }
}

/// A member's name as a refusal repeats it: names may be the caller's own.
#[must_use]
pub fn repeated(name: &str) -> &str {
    if name.len() <= LONGEST_PATH { name } else { "a member with a long name" }
}

fn not_json(error: &serde_json::Error) -> Refusal {
    Refusal::bad(format!("line {}, column {}: not JSON", error.line(), error.column()))
}

/// What is wrong with which member. serde's own words may quote a value, which may be personal.
fn fault(error: &serde_path_to_error::Error<serde_json::Error>, whole: Option<&str>) -> Refusal {
    let inner = error.inner();
    if !inner.is_data() {
        return not_json(inner);
    }
    let (said, path) = (inner.to_string(), error.path().to_string());
    let told = path != "." && path.len() <= LONGEST_PATH;
    if let Some(missing) = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let inside = if told { format!("{path}.") } else { String::new() };
        return Refusal::bad(format!("{inside}{missing} is needed"));
    }
    let reason = if said.starts_with("unknown field") {
        "is no member of this request"
    } else if said.starts_with("duplicate field") {
        "is there twice"
    } else {
        expression::RULES.into_iter().find(|rule| said.starts_with(rule)).unwrap_or("has the wrong type")
    };
    let place = match whole {
        _ if told => path,
        Some(whole) => whole.to_owned(),
        None => format!("line {}, column {}", inner.line(), inner.column()),
    };
    Refusal::bad(format!("{place}: {reason}"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::osia::Expression;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Asked {
        individual_id: String,
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        width: u32,
    }

    fn said<T: DeserializeOwned>(body: &str) -> String {
        match Strict::<T>::read(body.as_bytes()) {
            Err(Refusal::Bad(message)) => message,
            Err(other) => other.to_string(),
            Ok(_) => "taken".into(),
        }
    }

    /// OSIA-ERR-02, GS-PRI-01a: which member, and never what it held.
    #[test]
    fn osia_err_02_a_refusal_names_the_member_and_quotes_no_value() {
        let Strict(read) = Strict::<Asked>::read(br#"{"individualId":"1","inner":[{"width":2}]}"#).unwrap();
        assert_eq!((read.individual_id.as_str(), read.inner[0].width), ("1", 2));
        for (body, message) in [
            ("{}", "individualId is needed"),
            (r#"{"individualId":1234}"#, "individualId: has the wrong type"),
            (r#"{"individualId":"1","more":1}"#, "more: is no member of this request"),
            (r#"{"individualId":"1","inner":[{"width":2},{}]}"#, "inner[1].width is needed"),
            (r#"{"individualId":"1","inner":[{"width":"secret"}]}"#, "inner[0].width: has the wrong type"),
            (r#"{"individualId":"1"} x"#, "line 1, column 22: not JSON"),
            (r#"{"individualId":"#, "line 1, column 16: not JSON"),
        ] {
            assert_eq!(said::<Asked>(body), message, "{body}");
        }
        let twice = said::<Asked>(r#"{"individualId":"1","individualId":"2"}"#);
        assert!(twice.ends_with(": is there twice"), "{twice}");
        let twice = said::<serde_json::Value>(r#"{"a":{"b":1,"b":2}}"#);
        assert!(twice.ends_with("a name stands twice in one object"), "{twice}");
        for (value, message) in [
            (json!({ "individualId": 1 }), "individualId: has the wrong type"),
            (json!({ "inner": [] }), "individualId is needed"),
            (
                json!({ "individualId": "1", "inner": [{ "width": 1, "more": 2 }] }),
                "inner[0].more: is no member of this request",
            ),
            (json!("secret"), "the set: has the wrong type"),
        ] {
            let Err(refusal) = Strict::<Asked>::value(value, "the set") else { panic!("{message}") };
            assert_eq!(refusal.to_string(), message);
        }
        assert_eq!((repeated("a"), repeated(&"a".repeat(201))), ("a", "a member with a long name"));
        for list in ["[]", r#"["1",[]]"#, "null", "\"x\"", ""] {
            assert!(matches!(Strict::<Asked>::object(list.as_bytes()), Err(Refusal::Bad(_))), "{list}");
        }
    }

    /// OSIA-EXP-01 to OSIA-EXP-04.
    #[test]
    fn osia_exp_01_a_refusal_says_what_an_expression_lacks() {
        for (body, message) in [
            (r#"[{"attributeName":"a","operator":"="}]"#, "[0].value is needed"),
            (r#"[{"attributeName":"a","operator":"~","value":1}]"#, "[0]: operator is none of the six"),
            (
                r#"[{"attributeName":"a","operator":"=","value":null}]"#,
                "[0]: value must be a text, a number, or true or false",
            ),
        ] {
            assert_eq!(said::<Vec<Expression>>(body), message, "{body}");
        }
        let twice = said::<Vec<Expression>>(r#"[{"attributeName":"a","attributeName":"b","operator":"=","value":1}]"#);
        assert!(twice.ends_with("a name stands twice in one object"), "{twice}");
    }
}
