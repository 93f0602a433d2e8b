//! Routes that describe themselves: each line of `routes.rs` gives the handler and what it takes and gives, and the
//! OpenAPI document is made of the same lines, so that the two cannot drift apart.

use std::collections::BTreeMap;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::state::AppState;

/// What a body looks like on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `{requestTime, request}` in, `{responseTime, response, errors}` out.
    Envelope,
    /// JSON as it is.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// Query parameters.
    Query,
    /// Something else: pages, tokens.
    Media(&'static str),
}

/// Writes a type's schema into the document's components and gives a reference to it.
type SchemaOf = fn(&mut SchemaGenerator) -> schemars::Schema;

/// What one operation takes and gives.
pub struct Doc {
    summary: &'static str,
    request: Option<(Shape, SchemaOf)>,
    response: Option<(Shape, Option<SchemaOf>)>,
    statuses: Vec<(u16, &'static str)>,
    scope: Option<&'static str>,
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> schemars::Schema {
    generator.subschema_for::<T>()
}

/// An operation, in a few words.
#[must_use]
pub fn doc(summary: &'static str) -> Doc {
    Doc { summary, request: None, response: None, statuses: Vec::new(), scope: None }
}

impl Doc {
    /// Takes and gives envelopes.
    #[must_use]
    pub fn envelope<Q: JsonSchema, R: JsonSchema>(mut self) -> Self {
        self.request = Some((Shape::Envelope, schema_of::<Q>));
        self.response = Some((Shape::Envelope, Some(schema_of::<R>)));
        self
    }

    /// Gives an envelope; takes nothing.
    #[must_use]
    pub fn gives_envelope<R: JsonSchema>(mut self) -> Self {
        self.response = Some((Shape::Envelope, Some(schema_of::<R>)));
        self
    }

    /// Takes plain JSON.
    #[must_use]
    pub fn takes_json<Q: JsonSchema>(mut self) -> Self {
        self.request = Some((Shape::Json, schema_of::<Q>));
        self
    }

    /// Takes a form.
    #[must_use]
    pub fn takes_form<Q: JsonSchema>(mut self) -> Self {
        self.request = Some((Shape::Form, schema_of::<Q>));
        self
    }

    /// Takes query parameters.
    #[must_use]
    pub fn takes_query<Q: JsonSchema>(mut self) -> Self {
        self.request = Some((Shape::Query, schema_of::<Q>));
        self
    }

    /// Gives plain JSON.
    #[must_use]
    pub fn gives_json<R: JsonSchema>(mut self) -> Self {
        self.response = Some((Shape::Json, Some(schema_of::<R>)));
        self
    }

    /// Gives something that is not JSON.
    #[must_use]
    pub fn gives(mut self, media: &'static str) -> Self {
        self.response = Some((Shape::Media(media), None));
        self
    }

    /// May answer with this status too.
    #[must_use]
    pub fn status(mut self, status: u16, meaning: &'static str) -> Self {
        self.statuses.push((status, meaning));
        self
    }

    /// Demands a bearer token with this scope; see [`Routes::into_router`].
    #[must_use]
    pub fn scope(mut self, scope: &'static str) -> Self {
        self.scope = Some(scope);
        self.status(401, "no or no good bearer token").status(403, "the token lacks the scope")
    }
}

/// Routes that remember what each is for.
#[derive(Default)]
pub struct Routes(Vec<Operation>);

struct Operation {
    verb: &'static str,
    path: &'static str,
    doc: Doc,
    handler: MethodRouter<AppState>,
}

macro_rules! verbs {
    ($($verb:ident = $filter:ident),*) => { $(
        #[doc = concat!("Serves `", stringify!($verb), "` on a path.")]
        #[must_use]
        pub fn $verb<H: Handler<T, AppState>, T: 'static>(mut self, path: &'static str, handler: H, doc: Doc) -> Self {
            let handler = on(MethodFilter::$filter, handler);
            self.0.push(Operation { verb: stringify!($verb), path, doc, handler });
            self
        }
    )* };
}

impl Routes {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    verbs!(get = GET, post = POST, put = PUT, patch = PATCH, delete = DELETE);

    /// Adds another set of routes on the same paths.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The router. `guard` is laid over each route whose [`Doc`] demands a scope, so that what the document says and what
    /// is asked for are one line.
    pub fn into_router(
        self,
        guard: impl Fn(&'static str, MethodRouter<AppState>) -> MethodRouter<AppState>,
    ) -> Router<AppState> {
        self.0.into_iter().fold(Router::new(), |router, Operation { path, doc, handler, .. }| {
            router.route(path, if let Some(scope) = doc.scope { guard(scope, handler) } else { handler })
        })
    }

    /// Writes the operations into `paths`, each under `prefix`.
    pub fn describe(
        &self,
        prefix: &str,
        paths: &mut BTreeMap<String, Map<String, Value>>,
        schemas: &mut SchemaGenerator,
    ) {
        for Operation { verb, path, doc, .. } in &self.0 {
            let operation = describe(path, doc, schemas);
            paths.entry(format!("{prefix}{path}")).or_default().insert((*verb).into(), operation);
        }
    }
}

/// A generator for schemas in the form that OpenAPI 3.1 takes.
#[must_use]
pub fn schema_generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    SchemaGenerator::new(settings)
}

fn describe(path: &str, doc: &Doc, schemas: &mut SchemaGenerator) -> Value {
    let mut operation = json!({ "summary": doc.summary });
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    if let Some((shape, schema)) = doc.request {
        let schema = schema(schemas).to_value();
        match shape {
            Shape::Query => parameters.push(json!({
                "name": "query", "in": "query", "style": "form", "explode": true, "schema": schema
            })),
            Shape::Form => operation["requestBody"] = body("application/x-www-form-urlencoded", &schema),
            Shape::Envelope => {
                operation["requestBody"] = body(
                    "application/json",
                    &json!({
                        "type": "object", "required": ["requestTime", "request"],
                        "properties": { "requestTime": { "type": "string", "format": "date-time" }, "request": schema }
                    }),
                )
            }
            Shape::Json | Shape::Media(_) => operation["requestBody"] = body("application/json", &schema),
        }
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    let mut responses = Map::new();
    let mut good = json!({ "description": "done" });
    match &doc.response {
        Some((Shape::Media(media), _)) => good["content"] = json!({ *media: {} }),
        Some((shape, Some(schema))) => {
            let mut schema = schema(schemas).to_value();
            if *shape == Shape::Envelope {
                schema = json!({
                    "type": "object", "required": ["responseTime", "errors"],
                    "properties": {
                        "responseTime": { "type": "string", "format": "date-time" },
                        "response": { "anyOf": [schema, { "type": "null" }] },
                        "errors": { "type": "array", "items": {
                            "type": "object", "required": ["errorCode", "errorMessage"],
                            "properties": { "errorCode": { "type": "string" }, "errorMessage": { "type": "string" } }
                        } }
                    }
                });
            }
            good["content"] = json!({ "application/json": { "schema": schema } });
        }
        _ => {}
    }
    responses.insert("200".into(), good);
    let common = [
        (400, "the request cannot be read or is refused"),
        (429, "too many requests"),
        (503, "temporarily unavailable"),
    ];
    for (status, meaning) in common.iter().chain(&doc.statuses) {
        responses.insert(status.to_string(), json!({ "description": meaning }));
    }
    operation["responses"] = responses.into();
    if let Some(scope) = doc.scope {
        operation["security"] = json!([{ "bearer": [scope] }]);
    }
    operation
}

fn body(media: &str, schema: &Value) -> Value {
    json!({ "required": true, "content": { media: { "schema": schema } } })
}
