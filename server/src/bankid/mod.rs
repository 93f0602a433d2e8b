//! Bank iD's profile for service providers at `/bankid`: what it has and the other issuers have not. What it only calls
//! by other names is data in the mount's dialect and in `claims::bankid`; the decisions are in docs/bankid.md.

pub mod banks;
pub mod claims;
mod media_type;
pub mod notifications;
mod refusal;
pub mod trace;

#[cfg(test)]
mod tests;
