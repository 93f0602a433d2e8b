//! Login by QR code: the browser shows a link code, a wallet claims it, proves who is there, and consents or denies.
//!
//! One file per call of `linked-authorization/*`, and `/wallet/deny`. The state is the transaction's own
//! (`authorization::Stage`); here are the two capabilities that lead to it: the link code, which gives one wallet the
//! right to take part, and the linked transaction id, which is that right.

mod access;
pub mod browser_kind;
pub mod code;
pub mod deny;
mod poll;
pub mod status;
pub mod store;
pub mod transaction;

#[cfg(test)]
mod tests;
