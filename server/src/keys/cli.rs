//! `tessera keys …`: the logic; `main` parses the arguments and opens the keys.

use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;

use super::model::moment;
use super::{KeyError, Keys, READY_IN, Rotation};
use crate::clock::Rng;
use crate::secrets::{SecretError, Secrets};

/// Signing keys and the master secret.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a new master secret file, readable by its owner only; never overwrites one.
    Secret {
        /// Where to write it [default: `secret_file` of the configuration].
        path: Option<PathBuf>,
    },
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
        kid: String,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The secret file.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The output.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// Makes a master secret file. Needs no database.
///
/// # Errors
/// [`CliError::Secret`] where the file exists or cannot be written.
pub fn make_secret(path: &std::path::Path, rng: &dyn Rng, out: &mut dyn Write) -> Result<(), CliError> {
    Secrets::create(path, rng)?;
    writeln!(out, "{}: made. Keep a copy in a safe: what is stored cannot be read without it.", path.display())?;
    Ok(())
}

/// Runs a command on the keys.
///
/// # Errors
/// [`CliError`] with what to do about it.
pub async fn run(
    command: KeysCommand,
    secret_file: &std::path::Path,
    keys: &Keys,
    rng: &dyn Rng,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    match command {
        KeysCommand::Secret { path } => make_secret(path.as_deref().unwrap_or(secret_file), rng, out)?,
        KeysCommand::List => list(keys, out)?,
        KeysCommand::Rotate { now } => {
            keys.rotate(if now { Rotation::Soon } else { Rotation::Announced }).await?;
            if now {
                writeln!(out, "The next keys sign in {} seconds.", READY_IN / 1000)?;
            }
            list(keys, out)?;
        }
        KeysCommand::Drop { kid } => {
            keys.drop_key(&kid).await?;
            list(keys, out)?;
        }
    }
    Ok(())
}

fn list(keys: &Keys, out: &mut dyn Write) -> Result<(), CliError> {
    for key in keys.list() {
        let (family, phase, from) = (key.family.name(), key.phase.name(), moment(key.signs_from));
        writeln!(out, "{family:<4} {phase:<8} {from}  {}", key.kid)?;
    }
    Ok(())
}
