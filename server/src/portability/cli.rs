//! `tessera export` and `tessera restore`.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::envelope::{Envelope, EnvelopeError, Opener};
use super::import::ImportError;
use super::line::Counts;
use crate::registry::Fault;
use crate::state::AppState;
use crate::store::StoreError;

/// Write everything to a file.
///
/// Persons with identifiers, attributes, photos, identities, history and its evidence; enrollments and their buffers; wallets,
/// PINs, receipts of consents, questions, subjects; clients, topics, subscriptions, watch lists; the audit trail; one JSON
/// object in each line. Stop the server before, so that nothing is added meanwhile. Signing keys, sessions and tokens stay
/// here. Without --to it holds secrets of clients and what PINs can be tried with, in the clear.
#[derive(Debug, Args)]
pub struct Export {
    /// The file; it must not be there yet.
    file: PathBuf,
    /// Encrypt each line to this key: a file with a public JWK (EC or RSA).
    #[arg(long, value_name = "JWK")]
    to: Option<PathBuf>,
}

/// Read what `tessera export` wrote into an instance that holds nothing yet.
///
/// Stop the server before. Where it stops early, the same command goes on; until it has ended, the server does not start.
#[derive(Debug, Args)]
pub struct Restore {
    /// The file.
    file: PathBuf,
    /// The private key that it is encrypted to: a file with a JWK.
    #[arg(long, value_name = "JWK")]
    key: Option<PathBuf>,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A key.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// An import.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// Something that is kept does not open.
    #[error("something that is kept cannot be read; the log says more. The file is not whole: delete it")]
    Unreadable,
    /// A line cannot be made.
    #[error("a line cannot be written as JSON. The file is not whole: delete it")]
    Line,
    /// There is half of something else.
    #[error("a file is half read in here: run `tessera restore` with it again until it has ended, then export")]
    HalfRead,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file of an export cannot be made or written.
    #[error("{} cannot be written ({error}); name a file that is not there yet, where this user may write", file.display())]
    Unwritten {
        /// Which.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The file of a restore, or a key, cannot be read.
    #[error("{} cannot be read ({error}); name a file that this user may read", file.display())]
    Unread {
        /// Which.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The output.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl From<Fault> for CliError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error.into(),
            Fault::Sealed(_) => Self::Unreadable,
        }
    }
}

/// `tessera export`.
///
/// # Errors
/// [`CliError`] with what to do about it.
pub async fn export(state: &AppState, args: Export, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    if super::is_unfinished(state).await? {
        return Err(CliError::HalfRead);
    }
    let envelope = match &args.to {
        Some(key) => Envelope::to(&key_text(key)?)?,
        None => Envelope::Clear,
    };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let unwritten = |error| CliError::Unwritten { file: args.file.clone(), error };
    let mut file = BufWriter::new(options.open(&args.file).map_err(unwritten)?);
    let counts = super::export(state, &envelope, &mut file).await.map_err(|error| match error {
        CliError::Io(error) => unwritten(error),
        other => other,
    })?;
    file.flush().and_then(|()| file.get_ref().sync_all()).map_err(unwritten)?;
    tell(&counts, "wrote", out)
}

/// `tessera restore`.
///
/// # Errors
/// [`CliError`] with what to do about it.
pub async fn restore(state: &AppState, args: Restore, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let opener = match &args.key {
        Some(key) => Opener::with(&key_text(key)?)?,
        None => Opener::Clear,
    };
    let unread = |error| CliError::Unread { file: args.file.clone(), error };
    let open = || File::open(&args.file).map(BufReader::new);
    // A wrong name is told before what the instance holds.
    open().map_err(unread)?;
    let counts = super::import(state, &opener, open).await.map_err(|error| match error {
        ImportError::File(error) => unread(error),
        other => other.into(),
    })?;
    tell(&counts, "read", out)
}

/// What is in a key's file.
fn key_text(file: &Path) -> Result<Zeroizing<String>, CliError> {
    let read = std::fs::read_to_string(file).map(Zeroizing::new);
    read.map_err(|error| CliError::Unread { file: file.to_owned(), error })
}

fn tell(counts: &Counts, did: &str, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    for (kind, count) in counts {
        writeln!(out, "{did} {kind}: {count}")?;
    }
    Ok(())
}
