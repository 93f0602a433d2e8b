//! From enrollment to identity: a finalized enrollment becomes a person with a UIN, unless that person is in the registry
//! already (GS-IDM-01, GS-UNQ-01); and what is done to persons afterwards, with what proves it (docs/identity.md).

pub mod abis;
pub mod answers;
pub mod biometrics;
mod calls;
mod carried;
pub mod changes;
pub mod claims;
pub mod cli;
mod draft;
pub mod duplicates;
pub mod erasure;
pub mod identifiers;
mod model;
mod portrait;
pub mod routes;
mod saved;
mod sealed;
mod source;
mod store;
#[cfg(test)]
mod tests;
mod work;

pub use carried::{Carried, CarriedSaid, carry, settle};
pub use model::{Cause, Decision, DecisionError, State};
pub use sealed::{HASHED, SEALED};
pub use source::ReadError;
pub use work::{WorkError, run, work};
