//! The whole document: every mount's operations, what they share, and how callers show who they are.

use std::collections::{BTreeMap, BTreeSet};

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::operation;
use super::routes::{Operation, Routes};
use crate::dialect::{Dialect, Mount};
use crate::error::Code;
use crate::http::csrf;

/// Codes of the envelope that are the same at every mount.
const EVERYWHERE: [&str; 5] =
    ["forbidden", "invalid_token", "not_found", "temporarily_unavailable", "too_many_requests"];

/// The OpenAPI 3.1 document of these routes, each set under its mount and prefix.
pub fn document(origin: &str, mounts: &[(Mount, &'static str, Routes)]) -> Value {
    let mut schemas = schema_generator();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut own = Map::new();
    let mut tags = BTreeSet::new();
    for (mount, prefix, Routes(operations)) in mounts {
        let tag = tag(*mount, prefix);
        for op in operations {
            let Operation { verb, path, .. } = op;
            let mut described = operation::describe(op, *mount, &mut schemas);
            described["operationId"] = name(verb, prefix, path).into();
            described["tags"] = json!([tag]);
            paths.entry(format!("{prefix}{path}")).or_default().insert((*verb).into(), described);
        }
        tags.insert(tag);
        own.insert(operation::failure_name(*mount), failure(mount.dialect()));
    }
    own.insert("OAuthError".into(), oauth_error());
    own.insert(operation::OSIA_ERROR.into(), osia_error());
    let mut components = schemas.take_definitions(true);
    components.extend(own);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tessera",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Login by QR code and wallet: the issuers, the wallet's calls and the pages. Each issuer names its \
                            errors as its own documents do; docs/api.md says who calls what.",
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" }
        },
        "servers": [{ "url": origin }],
        "tags": tags.into_iter().map(|tag| json!({ "name": tag })).collect::<Vec<_>>(),
        "security": [],
        "paths": paths,
        "components": { "schemas": components, "securitySchemes": schemes() }
    })
}

fn tag(mount: Mount, prefix: &str) -> &'static str {
    match (mount, prefix) {
        (Mount::Wallet, "") => "host",
        (Mount::Wallet, "/audit") => "audit",
        (Mount::Wallet, "/inbox") => "inbox",
        (Mount::Wallet, "/identity") => "identities",
        (Mount::Wallet, "/v1" | "/enrollment" | "/notifications") => "osia",
        (Mount::Wallet, "/pr") => "population registry",
        (Mount::Wallet, "/data") => "data access",
        (mount, _) => mount.name(),
    }
}

/// A name that is nobody else's: verb and path, as words.
fn name(verb: &str, prefix: &str, path: &str) -> String {
    let words = prefix.split('/').chain(path.split('/')).filter(|word| !word.is_empty());
    let plain = |word: &str| -> String {
        word.chars().filter_map(|c| if c.is_alphanumeric() { Some(c) } else { (c == '-').then_some('_') }).collect()
    };
    [verb.to_owned()].into_iter().chain(words.map(plain)).collect::<Vec<_>>().join("__")
}

/// A generator for schemas in the form that OpenAPI 3.1 takes.
fn schema_generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    SchemaGenerator::new(settings)
}

/// What a refusal in the envelope looks like in a dialect.
fn failure(dialect: &Dialect) -> Value {
    let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| dialect.code(*code)).chain(EVERYWHERE).collect();
    let mut schema = json!({
        "type": "object",
        "required": ["responseTime", "errors"],
        "properties": {
            "responseTime": { "type": "string", "format": "date-time" },
            "errors": {
                "type": "array", "minItems": 1,
                "items": {
                    "type": "object", "required": ["errorCode", "errorMessage"],
                    "properties": {
                        "errorCode": { "type": "string", "enum": codes },
                        "errorMessage": { "type": "string", "description": "for people; switch on the code" }
                    }
                }
            }
        }
    });
    if !dialect.several_errors {
        schema["properties"]["errors"]["maxItems"] = 1.into();
    }
    if dialect.null_response {
        schema["required"] = json!(["responseTime", "response", "errors"]);
        schema["properties"]["response"] = json!({ "anyOf": [
            { "type": "null" },
            { "type": "object", "required": ["state"], "properties": { "state": { "type": "string" } } }
        ] });
    } else {
        schema["not"] = json!({ "required": ["response"] });
    }
    schema
}

fn oauth_error() -> Value {
    json!({
        "type": "object", "required": ["error", "error_description"],
        "properties": {
            "error": { "type": "string" },
            "error_description": { "type": "string", "description": "for the client's developer" }
        }
    })
}

fn osia_error() -> Value {
    json!({
        "type": "object", "required": ["code", "message"], "additionalProperties": false,
        "properties": {
            "code": { "type": "integer", "format": "int32", "description": "the HTTP status" },
            "message": { "type": "string", "description": "what to do, for people" }
        }
    })
}

fn schemes() -> Value {
    let key = |place: &str, name: &str, what: &str| json!({ "type": "apiKey", "in": place, "name": name, "description": what });
    json!({
        "client": {
            "type": "http", "scheme": "bearer",
            "description": "a client's own token: grant client_credentials at the same issuer's token endpoint"
        },
        "person": { "type": "http", "scheme": "bearer", "description": "the access token of a login" },
        "browser": key("cookie", csrf::COOKIE, "from csrf/token or a login page; tells browsers apart"),
        "csrf": key("header", csrf::HEADER, "repeats the cookie"),
        "wallet": key("header", protocol::wallet_request::HEADER_NAME, "a JWS by the bound key over URL, time and body")
    })
}
