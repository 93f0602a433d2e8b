//! Enrollment of persons: OSIA Enrollment 1.3.0, all nine operations, under `/v1/enrollments`.
//!
//! An enrollment belongs to the service of the client that made it, and nobody else sees it (`service`). It is collected,
//! then finalized once and never changed again (`stage`). What it holds is sealed (`sealed`); what it is found by are
//! keyed hashes (`index`). A finalized one waits to be taken on (`finalize`).

mod accept;
mod attributes;
pub mod buffer;
mod call;
mod carried;
pub mod create;
pub mod delete;
mod fault;
mod filter;
pub mod finalize;
pub mod find;
mod index;
pub mod model;
mod name;
mod protect;
pub mod read;
pub mod rehash;
mod sealed;
mod service;
mod stage;
mod store;
#[cfg(test)]
mod tests;
pub mod update;

pub use call::{Call, Named};
pub use carried::{Carried, NotTakenOn, carry, is_empty, settle};
pub use fault::Fault;
pub use finalize::{Finalized, finalized, take_finalized};
pub use name::EnrollmentId;
pub use read::{Loaded, load};
pub use sealed::{HASHED, SEALED};
pub use service::Service;
