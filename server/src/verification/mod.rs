//! What relying parties ask about persons by calls of their own (OSIA Third Party Services 1.2.0): whether attributes are
//! right, or the attributes themselves; and, where the operator allows it, who is on a watch list (`identify`).
//!
//! Two must agree to every answer: the system, by what the client is registered for, and the person, by a receipt that
//! stands (GS-VER-03b, GS-VAP-08). Consent was given at a login, or through the inbox; where it is withdrawn, the next call
//! is refused. Each call is written down before it is answered.
//!
//! ```text
//! token ─▶ scope ─▶ transactionId, body ─▶ policy ─▶ identifier ─▶ consent ─▶ audit ─▶ answer
//!  401      403            400              403        404           403
//! ```

mod answer;
mod compare;
mod credential;
#[cfg(test)]
mod faces_tests;
mod guesses;
pub mod identifier;
pub mod identify;
pub mod model;
mod names;
pub mod permission;
mod proof;
mod protected;
pub mod read;
#[cfg(test)]
mod release_tests;
mod sets;
mod store;
#[cfg(test)]
pub(crate) mod test_kit;
#[cfg(test)]
mod tests;
mod trace;
pub mod verify;

pub use guesses::expire;
pub use names::claim_of;
