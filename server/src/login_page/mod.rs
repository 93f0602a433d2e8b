//! The login page: `GET /authorize`, and what its forms send. Without script everything works; with it, the QR code stays
//! fresh and the page goes on by itself once the wallet has approved.
//!
//! ```text
//! authorize ─▶ login page ─ otp ─▶ sign-in ─▶ consent ─▶ back to the relying party
//!         ├──▶ account choice ─ continue-as ────▶ ┤          ▲
//!         └──▶ (logged in already, agreed already) ──────────┘
//!                  ├ QR code, waits for the wallet ─▶ continue ─┤    deny ─┘
//!                  └ link that opens the wallet here ─▶ return ──┘
//! ```

pub mod authorize;
pub mod consent;
pub mod continue_as;
pub mod deny;
pub mod fields;
mod form;
mod page;
pub mod proceed;
mod refusal;
pub mod returned;
pub mod sign_in;
pub mod start;

#[cfg(test)]
mod tests;
