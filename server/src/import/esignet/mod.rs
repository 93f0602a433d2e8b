//! eSignet 1.x: its tables as it keeps them in PostgreSQL, release 1.0 to 1.8.

mod bindings;
mod clients;
mod subjects;

use super::cli::{CliError, Esignet};
use super::csv::Table;
use super::report::{Fate, Report};
use super::run::Run;
use crate::state::AppState;

/// Rows that are written in one transaction.
const BATCH: usize = 200;

/// Brings over what the files hold, clients first.
///
/// # Errors
/// [`CliError`]; what was noted in `report` before is done.
pub(super) async fn import(state: &AppState, args: &Esignet, run: Run, report: &mut Report) -> Result<(), CliError> {
    // All files are read before the first row is written.
    let read = |path: &Option<std::path::PathBuf>, columns: &[&'static str]| {
        path.as_deref().map(|path| Table::read(path, columns)).transpose()
    };
    let clients = read(&args.clients, &clients::COLUMNS)?;
    let bindings = read(&args.bindings, &bindings::COLUMNS)?;
    let individual_ids = read(&args.individual_ids, &["id_hash", "individual_id"])?;
    let subjects = read(&args.subjects, &["individual_id", "relying_party_id", "subject"])?;
    let consents = read(&args.consents, &["client_id", "psu_token"])?;
    if let Some(table) = clients {
        clients::import(state, &table, args.id_token_alg.as_deref(), run, report).await?;
    }
    if let Some(table) = bindings {
        bindings::import(state, &table, individual_ids.as_ref(), run, report).await?;
    }
    if let Some(table) = subjects {
        subjects::import(state, &table, run, report).await?;
    }
    for row in consents.iter().flat_map(Table::rows) {
        let which = format!("line {} ({})", row.line, row.text("client_id"));
        report.note("consent_detail", &which, Fate::Left, CONSENT);
    }
    Ok(())
}

/// Why no consent is taken over.
const CONSENT: &str = "it names the person by a token of the identity system, and no signature covers client and time; \
                       the person is asked once again";
