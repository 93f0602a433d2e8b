//! Why metadata is refused.

/// The error codes of RFC 7591 §3.2.2 that are about metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataFault {
    /// `invalid_redirect_uri`.
    RedirectUri,
    /// `invalid_client_metadata`.
    Metadata,
}

impl MetadataFault {
    /// `error` on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RedirectUri => "invalid_redirect_uri",
            Self::Metadata => "invalid_client_metadata",
        }
    }
}

/// What is wrong with metadata: which member, and what it must be like. Never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {why}")]
pub struct NotMetadata {
    /// The code.
    pub fault: MetadataFault,
    /// The member.
    pub member: &'static str,
    /// What to do about it.
    pub why: &'static str,
}

impl NotMetadata {
    pub(in super::super) const fn of(member: &'static str, why: &'static str) -> Self {
        Self { fault: MetadataFault::Metadata, member, why }
    }

    pub(super) const fn redirect_uri(why: &'static str) -> Self {
        Self { fault: MetadataFault::RedirectUri, member: "redirect_uris", why }
    }
}
