//! `tessera import …`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::csv::CsvError;
use super::esignet;
use super::report::Report;
use super::run::Run;
use crate::registry::Fault;
use crate::state::AppState;
use crate::store::StoreError;

/// Bring over what another server holds.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Clients and wallets of eSignet 1.x, to the eSignet mount, from files that psql wrote of its tables.
    ///
    /// `\copy esignet.client_detail TO 'clients.csv' WITH (FORMAT csv, HEADER)` and the like; docs/migrating-from-esignet.md
    /// has them all. May be run again: what is here already stays as it is.
    Esignet(Esignet),
}

/// See [`ImportCommand::Esignet`].
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Esignet {
    /// The table `client_detail`.
    #[arg(long, value_name = "FILE")]
    pub(super) clients: Option<PathBuf>,
    /// The table `public_key_registry`: wallets. Import the persons first.
    #[arg(long, value_name = "FILE")]
    pub(super) bindings: Option<PathBuf>,
    /// Columns id_hash, individual_id: whose the wallets' rows are that name an identifier which no person has here.
    #[arg(long, value_name = "FILE", requires = "bindings")]
    pub(super) individual_ids: Option<PathBuf>,
    /// Columns individual_id, relying_party_id, subject: what relying parties know persons by. Without it they see new
    /// subjects.
    #[arg(long, value_name = "FILE")]
    pub(super) subjects: Option<PathBuf>,
    /// The table `consent_detail`: told row by row, for none is taken over; persons are asked once again.
    #[arg(long, value_name = "FILE")]
    pub(super) consents: Option<PathBuf>,
    /// What the clients' ID tokens are signed with: RS256 where eSignet before 1.8 signed for them [default: PS256].
    #[arg(long, value_name = "ALG", requires = "clients")]
    pub(super) id_token_alg: Option<String>,
    /// Only tell what would become of each row.
    #[arg(long)]
    dry_run: bool,
}

/// Why an import failed, or was not complete.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A file.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// Some rows were refused; all others are done.
    #[error("{0} rows were refused; the others are done. Mend them, in the file or here, and run the same again")]
    Refused(usize),
    /// The database, or a person that does not open.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The output.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Fault::from(error).into()
    }
}

/// Runs a command; prints its report to `out`.
///
/// # Errors
/// [`CliError`] with what to do about it.
pub async fn run(state: &AppState, command: ImportCommand, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let ImportCommand::Esignet(args) = command;
    let run = if args.dry_run { Run::Trial } else { Run::Real };
    let mut report = Report::default();
    let done = esignet::import(state, &args, run, &mut report).await;
    report.write(out)?;
    done?;
    if run == Run::Trial {
        writeln!(out, "nothing was changed: this was a trial")?;
    }
    match report.refused() {
        0 => Ok(()),
        refused => Err(CliError::Refused(refused)),
    }
}
