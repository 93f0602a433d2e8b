//! `tessera keys …`: the logic; `main` parses the arguments and opens the keys.

use std::io::Write;

use clap::Subcommand;

use super::model::moment;
use super::{Family, KeyError, Keys, READY_IN, Rotation};

/// Signing keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the signing keys: kind, next/current/old, from when each signs, kid.
    List,
    /// Replace the signing keys: the next ones are published now and sign after `signing_key_overlap_days`.
    Rotate {
        /// Sign with the next keys in half a minute instead, as soon as every node publishes them.
        #[arg(long)]
        now: bool,
        /// Only keys of this kind, which may be named several times: `ec` signs ES256, `p384` ES384, `p521` ES512,
        /// `ed25519` EdDSA, `rsa` RS256, PS256 and PS512 [default: these]. `enc-ec` and `enc-rsa` are those that enrollment
        /// clients encrypt for.
        #[arg(long, value_enum)]
        kind: Vec<Family>,
    },
    /// Withdraw a key that may have leaked: what it signed verifies no more, what was encrypted for it opens no more. Not the
    /// one in use: rotate first.
    Drop {
        /// The key's kid.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The output.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// Runs a command on the keys.
///
/// # Errors
/// [`CliError`] with what to do about it.
pub async fn run(command: KeysCommand, keys: &Keys, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    match command {
        KeysCommand::List => {}
        KeysCommand::Rotate { now, kind } => {
            let rotation = if now { Rotation::Soon } else { Rotation::Announced };
            keys.rotate(rotation, if kind.is_empty() { &Family::ALL } else { &kind }).await?;
            if now {
                writeln!(out, "The next keys sign in {} seconds.", READY_IN / 1000)?;
            }
        }
        KeysCommand::Drop { kid } => keys.drop_key(&kid).await?,
    }
    list(keys, out)
}

fn list(keys: &Keys, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    for key in keys.list() {
        let (family, phase, from) = (key.family.name(), key.phase.name(), moment(key.signs_from));
        writeln!(out, "{family:<7} {phase:<8} {from}  {}", key.kid)?;
    }
    Ok(())
}
