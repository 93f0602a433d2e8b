//! Parameters of queries, as the OpenAPI document describes them; `osia::Parameters` reads them.

use schemars::JsonSchema;
use serde_json::{Map, Value};

/// A search.
#[derive(JsonSchema)]
pub struct Query {
    /// Names and values of attributes to look for, each a parameter of its own.
    pub attributes: Map<String, Value>,
    /// Attributes to tell; where there are none, UINs are told.
    pub names: Option<Vec<String>>,
    /// How many to leave out at the beginning. Default: 0.
    pub offset: Option<u32>,
    /// How many at most: 100, where it is left out; 1000 at most.
    pub limit: Option<u32>,
}

/// Which attributes.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    /// Their names, 1 to 100.
    pub attribute_names: Vec<String>,
}

/// Which documents.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Another person whose document it is too.
    pub secondary_uin: Option<String>,
    /// Type of document.
    pub doctype: String,
    /// `pdf`, `jpeg` or `png`.
    pub format: String,
}
