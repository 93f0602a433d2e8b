//! Client metadata by the names of OpenID Connect Registration §2 and RFC 7591 §2: read, checked, written.
//!
//! Clients that register themselves send it, and operators set it (`metadata` of client management, `--metadata` of the
//! command); one reader for both. Members that are not known are passed over, and those that say `null` are as if absent
//! (RFC 7591 §2, RFC 7592 §2.2).

mod fault;
mod keys;
mod read;
mod sector;
mod uris;
mod whole;
mod write;

pub use fault::{MetadataFault, NotMetadata};
pub(super) use read::Reader;
pub(super) use sector::sector;
pub(super) use whole::check;
pub(super) use write::write;
