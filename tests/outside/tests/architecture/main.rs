//! Holds the arrows between crates and the floors of the server's rooms, as `docs/architecture.md` draws them.

mod behaviours;
mod crates;
mod data_protection;
mod rooms;
mod security;
mod source;

use std::path::{Path, PathBuf};

/// The root of the repository.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository's root")
}
