//! Parameters of queries, as the OpenAPI document describes them; `osia::Parameters` reads them.

use schemars::JsonSchema;

use super::model::IdentityStatus;

/// What every call has.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Traced {
    /// The caller's own name for what it does, 1 to 256 characters.
    pub transaction_id: String,
}

/// A search.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Find {
    /// The caller's own name for what it does, 1 to 256 characters.
    pub transaction_id: String,
    /// Each person once, without identityId. Default: false.
    pub group: Option<bool>,
    /// Only reference identities. Default: false.
    pub reference: Option<bool>,
    /// Only members of this gallery.
    pub gallery: Option<String>,
    /// How many to leave out at the beginning. Default: 0.
    pub offset: Option<u32>,
    /// How many at most: 100, where it is left out; 1000 at most.
    pub limit: Option<u32>,
}

/// A change of an identity's status.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The caller's own name for what it does, 1 to 256 characters.
    pub transaction_id: String,
    /// The status it is to have.
    pub status: IdentityStatus,
}

/// A part of a gallery.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GalleryPage {
    /// The caller's own name for what it does, 1 to 256 characters.
    pub transaction_id: String,
    /// How many to leave out at the beginning. Default: 0.
    pub offset: Option<u32>,
    /// How many at most: 1000, where it is left out; 10000 at most.
    pub limit: Option<u32>,
}
