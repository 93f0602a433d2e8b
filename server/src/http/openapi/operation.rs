//! One operation of the document.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::routes::Operation;
use super::{Doc, Need, Refusal, Shape};
use crate::dialect::Mount;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
/// Name of the schema of OSIA's refusals.
pub(super) const OSIA_ERROR: &str = "OsiaError";

/// Name of the schema of a mount's refusals.
pub(super) fn failure_name(mount: Mount) -> String {
    format!("Refusal_{}", mount.name())
}

pub(super) fn describe(
    Operation { verb, path, doc, .. }: &Operation,
    mount: Mount,
    schemas: &mut SchemaGenerator,
) -> Value {
    let mut operation = json!({ "summary": doc.summary });
    let mut parameters: Vec<Value> = names(path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(doc.headers.iter().map(|(name, required, meaning)| {
        json!({
            "name": name, "in": "header", "required": required, "description": meaning, "schema": { "type": "string" }
        })
    }));
    if let Some(schema) = doc.query {
        parameters.extend(of_query(&schema(schemas).to_value()));
    }
    if let Some((shape, schema)) = doc.request {
        let schema = schema(schemas).to_value();
        match shape {
            Shape::Form => operation["requestBody"] = body(FORM, schema, doc.example),
            Shape::Json => operation["requestBody"] = plain(schema),
            Shape::Envelope | Shape::Media(_) => {
                operation["requestBody"] = body(JSON, enveloped(schema), doc.example);
            }
        }
    }
    if doc.or_no_body {
        operation["requestBody"]["required"] = false.into();
    }
    if !doc.bytes.is_empty() {
        let bytes = json!({ "schema": { "type": "string", "format": "binary" } });
        let content: Map<String, Value> = doc.bytes.iter().map(|media| ((*media).into(), bytes.clone())).collect();
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation["responses"] = responses(verb, path, doc, mount, schemas).into();
    operation["security"] = security(doc);
    operation
}

/// Names of a path's parameters.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// Each member of a schema as a query parameter.
fn of_query(schema: &Value) -> Vec<Value> {
    let required: Vec<&Value> = schema["required"].as_array().into_iter().flatten().collect();
    let one = |(name, of): (&String, &Value)| {
        let mut of = of.clone();
        let description = of.as_object_mut().and_then(|of| of.remove("description")).unwrap_or_default();
        json!({
            "name": name, "in": "query", "required": required.iter().any(|other| *other == name),
            "description": description, "schema": of
        })
    };
    schema["properties"].as_object().into_iter().flatten().map(one).collect()
}

fn enveloped(request: Value) -> Value {
    json!({
        "type": "object",
        "required": ["requestTime", "request"],
        "properties": {
            "requestTime": {
                "type": "string", "format": "date-time",
                "description": "UTC with milliseconds, within two minutes of the server's time"
            },
            "request": request
        }
    })
}

fn plain(schema: Value) -> Value {
    json!({ "required": true, "content": { JSON: { "schema": schema } } })
}

fn body(media: &str, schema: Value, example: Option<fn() -> Value>) -> Value {
    let mut content = json!({ "schema": schema });
    if let Some(example) = example {
        content["example"] = match media {
            JSON => json!({ "requestTime": "2026-01-05T10:00:00.000Z", "request": example() }),
            _ => example(),
        };
    }
    json!({ "required": true, "content": { media: content } })
}

/// The responses that an operation can give, each with its media types.
fn responses(verb: &str, path: &str, doc: &Doc, mount: Mount, schemas: &mut SchemaGenerator) -> Map<String, Value> {
    let kind = doc.refusal();
    let failure = |meaning: &str| refused(kind, mount, meaning);
    let mut responses = Map::new();
    if let Some(good) = good(doc, mount, schemas) {
        responses.insert(doc.good.to_string(), good);
    } else if matches!(doc.good, 201 | 204) {
        responses.insert(doc.good.to_string(), json!({ "description": "done" }));
    }
    for (status, meaning, schema) in &doc.others {
        let mut other = json!({ "description": meaning });
        if let Some(schema) = schema {
            other["content"] = json!({ JSON: { "schema": schema(schemas).to_value() } });
        }
        responses.insert(status.to_string(), other);
    }
    let (has_body, has_path) = (doc.request.is_some(), names(path).count() > 0);
    if has_body
        || has_path
        || kind == Refusal::Osia
        || matches!(kind, Refusal::Page | Refusal::PageOrOAuth)
        || kind == Refusal::Envelope && mount.dialect().error_status == 400
    {
        responses.insert("400".into(), failure("the request cannot be read or is refused"));
    }
    if verb != "get" {
        let meaning = "the body is too large";
        let mut large = json!({ "description": meaning, "content": { "text/plain": {} } });
        if kind == Refusal::OAuth {
            large["content"][JSON] = oauth();
        }
        responses.insert("413".into(), if kind == Refusal::Osia { failure(meaning) } else { large });
    }
    if let (Some(status), Some(good)) = (doc.alike, responses.get("200")) {
        responses.insert(status.to_string(), good.clone());
    }
    for (status, meaning) in &doc.statuses {
        let told = if *status == 303 { redirect(meaning) } else { failure(meaning) };
        responses.insert(status.to_string(), told);
    }
    let wait =
        json!({ "Retry-After": { "description": "seconds", "required": true, "schema": { "type": "integer" } } });
    let mut many = json!({ "description": "too many requests from this address", "headers": wait });
    if kind == Refusal::Osia {
        many["content"] = json!({ JSON: osia() });
    }
    responses.insert("429".into(), many);
    responses.entry("503").or_insert_with(|| failure("temporarily unavailable; try again in a moment"));
    responses
}

fn redirect(meaning: &str) -> Value {
    let location = json!({ "required": true, "schema": { "type": "string", "format": "uri-reference" } });
    json!({ "description": meaning, "headers": { "Location": location } })
}

/// A good answer; where refusals come under 200, those too. `None` where there is neither.
fn good(doc: &Doc, mount: Mount, schemas: &mut SchemaGenerator) -> Option<Value> {
    let (shape, schema) = doc.response?;
    let schema = schema.map(|schema| schema(schemas).to_value());
    let mut content = Map::new();
    match shape {
        Shape::Media(media) => {
            content.insert(media.into(), json!({}));
        }
        Shape::Envelope => {
            let refusal = reference(&failure_name(mount));
            let done = json!({
                "type": "object",
                "required": ["responseTime", "response", "errors"],
                "properties": {
                    "responseTime": { "type": "string", "format": "date-time" },
                    "response": schema.unwrap_or_default(),
                    "errors": { "type": "array", "maxItems": 0 }
                }
            });
            let of = match (doc.refuses, mount.dialect().error_status) {
                (true, 200) => refusal,
                (true, _) => return None,
                (false, 200) => json!({ "anyOf": [done, refusal] }),
                (false, _) => done,
            };
            content.insert(JSON.into(), json!({ "schema": of }));
        }
        Shape::Json | Shape::Form => {
            content.insert(JSON.into(), json!({ "schema": schema.unwrap_or_default() }));
        }
    }
    content.extend(doc.also.iter().map(|media| ((*media).to_owned(), json!({}))));
    let description = if doc.refuses { "refused" } else { "done" };
    Some(json!({ "description": description, "content": content }))
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn osia() -> Value {
    json!({ "schema": reference(OSIA_ERROR) })
}

fn oauth() -> Value {
    json!({ "schema": reference("OAuthError") })
}

fn refused(kind: Refusal, mount: Mount, meaning: &str) -> Value {
    match kind {
        Refusal::Envelope => json!({
            "description": meaning, "content": { JSON: { "schema": reference(&failure_name(mount)) } }
        }),
        Refusal::OAuth => json!({ "description": meaning, "content": { JSON: oauth() } }),
        Refusal::Page => json!({ "description": meaning, "content": { "text/html": {} } }),
        Refusal::PageOrOAuth => json!({ "description": meaning, "content": { "text/html": {}, JSON: oauth() } }),
        Refusal::Osia => json!({
            "description": meaning, "content": { JSON: osia() }
        }),
        Refusal::Bare => json!({ "description": meaning }),
    }
}

fn security(doc: &Doc) -> Value {
    match doc.need {
        None => json!([]),
        Some(Need::Scope(scopes)) => scopes.iter().map(|scope| json!({ "client": [scope] })).collect(),
        Some(Need::NamedScope(scope)) => json!([{ "client": [scope] }]),
        Some(Need::MaybeScope(scope)) => json!([{ "client": [scope] }, {}]),
        Some(Need::Login) => json!([{ "person": [] }]),
        Some(Need::Csrf) => json!([{ "browser": [], "csrf": [] }]),
        Some(Need::CsrfForm | Need::Cookie) => json!([{ "browser": [] }]),
        Some(Need::Wallet) => json!([{ "wallet": [] }]),
        Some(Need::MaybeWallet) => json!([{ "wallet": [] }, {}]),
    }
}
