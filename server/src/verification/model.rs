//! The bodies of OSIA Third Party Services 1.2.0.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::enrollment::model::{BiometricSubType, BiometricType, Encryption, Integrity};

/// Reads a member that is there: `null` is no value.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Attributes that a caller supplies. Its `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct AttributeSet {
    /// Names, dates, whatever there is.
    pub biographic_data: Map<String, Value>,
    /// Biometrics.
    pub biometric_data: Vec<Map<String, Value>>,
    /// Documents that the person holds.
    pub credential_data: Vec<CredentialData>,
    /// How the person can be reached.
    pub contact_data: Map<String, Value>,
    /// Which of it came encrypted.
    #[serde(deserialize_with = "present")]
    pub encryption: Option<Encryption>,
    /// Hashes and signatures over it.
    pub integrity: Vec<Integrity>,
}

impl std::fmt::Debug for AttributeSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AttributeSet")
    }
}

/// A document that a person holds.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct CredentialData {
    /// The issuer's own id.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<String>,
    /// Whether it is good.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub status: Option<CredentialStatus>,
    /// The same in words, where `status` is `OTHER`.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub status_other: Option<String>,
    /// The number on it.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub credential_number: Option<String>,
    /// Whose it is.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// What it is: `ID_CARD`, `PASSPORT` …
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub credential_type: Option<String>,
    /// Since when, RFC 3339.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub issued_date: Option<String>,
    /// Until when, RFC 3339.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub expiry_date: Option<String>,
    /// The number of the paper or chip.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// By whom.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub issuing_authority: Option<String>,
    /// Where.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub issuing_place: Option<String>,
    /// Whatever else.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub others: Option<Map<String, Value>>,
}

/// Whether a document is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum CredentialStatus {
    /// Not handed out yet.
    New,
    /// Good.
    Active,
    /// Not good for now.
    Suspended,
    /// Good no more.
    Revoked,
    /// As `statusOther` says.
    Other,
}

/// What `verify` takes from the query.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyQuery {
    /// The caller's own name for what it does, 1 to 256 characters.
    pub transaction_id: String,
    /// `uin` (default), `token` or `credentialNumber`.
    pub identifier_type: Option<String>,
    /// Whether the answer has a signed proof (default).
    pub verification_proof_required: Option<bool>,
}

/// What reading takes from the query.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadQuery {
    /// The caller's own name for what it does, 1 to 256 characters.
    pub transaction_id: String,
    /// `uin` (default), `token` or `credentialNumber`.
    pub identifier_type: Option<String>,
}

/// What came out of a verification. It never says which attribute is wrong (GS-VAP-02).
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyResult {
    /// 0: every attribute is right; 1: at least one is not.
    pub verification_code: i64,
    /// `match` or `no match`.
    pub verification_message: &'static str,
    /// A JWS of this server that binds the result to transaction and caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_proof: Option<String>,
}

/// Attributes that a caller wants to be told.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct OutputAttributeSet {
    /// Names of biographic attributes; `identifier` is the caller's own pseudonym for the person.
    pub output_biographic_data: Vec<String>,
    /// Biometrics, each with the members wanted.
    pub output_biometric_data: Vec<OutputBiometric>,
    /// Documents, each with the members wanted.
    pub output_credential_data: Vec<OutputCredential>,
    /// Names of contacts.
    pub output_contact_data: Vec<String>,
}

/// A biometric that a caller wants to be told.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct OutputBiometric {
    /// Only of this kind.
    #[serde(deserialize_with = "present")]
    pub biometric_type: Option<BiometricType>,
    /// Only of this part.
    #[serde(deserialize_with = "present")]
    pub biometric_sub_type: Option<BiometricSubType>,
    /// Members of it; all where there are none.
    pub biometric_data_fields: Vec<String>,
}

/// A document that a caller wants to be told.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct OutputCredential {
    /// Only of this type.
    #[serde(deserialize_with = "present")]
    pub credential_type: Option<String>,
    /// Members of it; all where there are none.
    pub credential_data_fields: Vec<String>,
}

/// Attributes that are told: those that were asked for, may be told and are known.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ToldAttributes {
    /// Biographic ones, by the names that they were asked for.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub biographic_data: Map<String, Value>,
    /// The portrait.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub biometric_data: Vec<Map<String, Value>>,
    /// Documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credential_data: Vec<Map<String, Value>>,
    /// Contacts, by the names that they were asked for.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub contact_data: Map<String, Value>,
}
