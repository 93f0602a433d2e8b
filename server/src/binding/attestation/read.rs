//! Reading alone, whoever signed what is read: for tests with bytes of strangers.

use super::{Refused, app_attest, chain, key_description, revoked};

/// What bytes are taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// An X.509 certificate of a chain, and Android's description of its key where it holds one.
    Certificate,
    /// Android's description of a key alone.
    KeyDescription,
    /// Apple's attestation object.
    AppAttest,
    /// Google's list of revoked keys.
    Revoked,
}

/// Whether bytes can be read to their last member.
#[must_use]
pub fn can_be_read(part: Part, bytes: &[u8]) -> bool {
    match part {
        Part::Certificate => certificate(bytes).is_ok(),
        Part::KeyDescription => key_description(bytes).is_ok(),
        Part::AppAttest => app_attest::read(bytes).is_ok(),
        Part::Revoked => revoked::serials(bytes).is_ok(),
    }
}

fn certificate(bytes: &[u8]) -> Result<(), Refused> {
    let read = chain::Certificate::read(bytes)?;
    read.serial()?;
    read.extension(&key_description::OID).map_or(Ok(()), key_description)
}

fn key_description(bytes: &[u8]) -> Result<(), Refused> {
    let told = key_description::KeyDescription::read(bytes)?;
    told.only_signs()?;
    told.was_generated()?;
    told.asks_for_citizen()?;
    told.is_of_all_apps()?;
    told.root_of_trust()?;
    told.application()?;
    Ok(())
}
