//! Logout that a relying party asks for (OpenID Connect RP-Initiated Logout 1.0). What it ends, and who is told of it, is
//! `sessions`'.
//!
//! ```text
//! relying party ─▶ end_session_endpoint ─ hint names this browser's session ─▶ ended ─▶ post_logout_redirect_uri
//!                          └─ nothing proves that the person wants it ─▶ page ─ yes ─▶ ended ─┘
//! ```

mod answer;
pub mod fields;
mod request;
pub mod rp_initiated;
#[cfg(test)]
mod tests;

/// Where the page's own form goes, under the mount.
pub const CONFIRM_PATH: &str = "/logout/confirm";
