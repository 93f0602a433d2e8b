//! One function per kind of foreign bytes. Each takes any bytes and may do anything but panic; where something is read, it
//! holds what was read against what reading promises.
//!
//! `tests/suites/fuzz` lets libFuzzer, guided by the branches that ran, look for bytes that break one; `tests/corpus.rs`
//! runs the seeds, and what was ever found, in every build.

mod attestation;
mod credentials;
mod exports;
mod http;
mod messages;
mod osia;
mod pictures;
mod requests;
mod tokens;

/// What is given any bytes.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also its corpus' folder.
pub const ALL: &[(&str, Target)] = &[
    ("jws", tokens::jws),
    ("jwk", tokens::jwk),
    ("claims", tokens::claims),
    ("consent", tokens::consent),
    ("link", messages::link),
    ("bodies", messages::bodies),
    ("answers", messages::answers),
    ("texts", messages::texts),
    ("authorize", requests::authorize),
    ("form", requests::form),
    ("clients", requests::clients),
    ("persons", requests::persons),
    ("headers", requests::headers),
    ("attestation", attestation::attestation),
    ("key_description", attestation::key_description),
    ("app_attest", attestation::app_attest),
    ("assertion", http::assertion),
    ("http", http::requests),
    ("expressions", osia::expressions),
    ("merge_patch", osia::merge_patch),
    ("documents", osia::documents),
    ("scope", osia::scope),
    ("envelope", osia::envelope),
    ("protected", osia::protected),
    ("digest", osia::digest),
    ("subscriptions", osia::subscriptions),
    ("abis", osia::abis),
    ("restore", exports::restore),
    ("claim169", credentials::claim169),
    ("backup", credentials::backup),
    ("picture", pictures::file),
    ("camera", pictures::camera),
];

/// The target of a name.
#[must_use]
pub fn named(name: &str) -> Option<Target> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}

/// The input's first byte, as a choice among `of`, and the rest.
fn choice(data: &[u8], of: usize) -> Option<(usize, &[u8])> {
    let (first, rest) = data.split_first()?;
    Some((usize::from(*first) % of, rest))
}
