//! Data access, under `/data` (OSIA data access 1.3.0). Of the two names that each scope has, either will do.

use serde_json::{Map, Value};

use crate::data_access::parameters::{Attributes, Document, Query};
use crate::data_access::{attributes, compare, document, query};
use crate::http::openapi::{Doc, Routes, doc};
use crate::osia::Expression;

const NOT_JSON: &str = "the body is not JSON";

fn call(summary: &'static str, scopes: &'static [&'static str]) -> Doc {
    doc(summary)
        .scopes(scopes)
        .osia()
        .status(400, "the request is at fault")
        .status(404, "nobody fits, or there is no such person")
}

/// Every operation.
pub(super) fn data_access() -> Routes {
    const READ: &[&str] = &["pr.person.read", "cr.person.read"];
    Routes::new()
        .get(
            "/v1/persons",
            query::get,
            call("Persons with these attributes: each parameter is one", READ)
                .takes_query::<Query>()
                .gives_json::<Vec<Value>>(),
        )
        .get(
            "/v1/persons/{uin}",
            attributes::get,
            call("Attributes of a person", READ).takes_query::<Attributes>().gives_json::<Map<String, Value>>(),
        )
        .post(
            "/v1/persons/{uin}/match",
            compare::matching,
            call("Which attributes do not match", &["pr.person.match", "cr.person.match"])
                .status(415, NOT_JSON)
                .takes_json::<Map<String, Value>>()
                .gives_json::<Vec<compare::Mismatch>>(),
        )
        .post(
            "/v1/persons/{uin}/verify",
            compare::verify,
            call("Whether all expressions hold", &["pr.person.verify", "cr.person.verify"])
                .status(415, NOT_JSON)
                .takes_json::<Vec<Expression>>()
                .gives_json::<bool>(),
        )
        .get(
            "/v1/persons/{uin}/document",
            document::get,
            call("Documents of a person", &["pr.document.read", "cr.document.read"])
                .takes_query::<Document>()
                .status(415, "the document is not there in this format")
                .gives("multipart/mixed"),
        )
}
