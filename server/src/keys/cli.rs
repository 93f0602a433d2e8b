//! `tessera keys …`: the logic; `main` parses the arguments and opens the keys.

use std::io::Write;

use clap::Subcommand;

use super::model::moment;
use super::{KeyError, Keys, READY_IN, Rotation};

/// Signing keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the signing keys: kind, kid, next/current/old, and from when each signs.
    List,
    /// Replace the signing keys: the next ones are published now and sign after `signing_key_overlap_days`.
    Rotate {
        /// Sign with the next keys in half a minute instead, as soon as every node publishes them.
        #[arg(long)]
        now: bool,
    },
    /// Withdraw a key that may have leaked: what it signed verifies no more. Not the one that signs: rotate first.
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
        KeysCommand::Rotate { now } => {
            keys.rotate(if now { Rotation::Soon } else { Rotation::Announced }).await?;
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
        writeln!(out, "{family:<4} {phase:<8} {from}  {}", key.kid)?;
    }
    Ok(())
}
