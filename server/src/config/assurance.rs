//! What the registry's persons were verified by (OpenID Connect for Identity Assurance 1.0 §9). Discovery names these words,
//! and nothing that has others is told.

use serde::{Deserialize, Serialize};

/// See the fields. All empty: no verified claims.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Assurance {
    /// Trust frameworks.
    pub trust_frameworks: Vec<String>,
    /// Types of evidence: `document`, `electronic_record`, `vouch`, `electronic_signature`.
    pub evidence: Vec<String>,
    /// Types of documents; needed with evidence `document`.
    pub documents: Vec<String>,
    /// Methods by which evidence was checked.
    pub check_methods: Vec<String>,
    /// Types of electronic records; needed with evidence `electronic_record`.
    pub electronic_records: Vec<String>,
}

impl Assurance {
    /// Whether what discovery would say is whole (§9: the types of what is named must be named).
    pub(super) fn is_whole(&self) -> bool {
        let names = |kind: &str| self.evidence.iter().any(|one| one == kind);
        let whole = |kind: &str, types: &[String]| !names(kind) || !types.is_empty();
        whole("document", &self.documents)
            && whole("electronic_record", &self.electronic_records)
            && (self.evidence.is_empty() || !self.trust_frameworks.is_empty())
    }
}
