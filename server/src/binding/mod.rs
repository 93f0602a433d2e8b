//! Binding: keys of wallets as factors of persons.

mod model;

pub use model::{Authenticated, BoundKey, Expected, Profile, WalletProof};
