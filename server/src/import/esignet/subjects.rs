//! What relying parties know persons by: the identity system's partner-specific tokens (`sub`), from a file that the
//! operator makes; eSignet's own tables do not tell whose they are.

use super::super::cli::CliError;
use super::super::csv::Table;
use super::super::report::{Fate, Report};
use super::super::run::Run;
use super::BATCH;
use crate::registry;
use crate::registry::subjects::{self, Imported};
use crate::state::AppState;

const TABLE: &str = "subjects";

/// Gives the persons of the table their subjects.
pub(super) async fn import(state: &AppState, table: &Table, run: Run, report: &mut Report) -> Result<(), CliError> {
    let mut known = Vec::new();
    for row in table.rows() {
        let which = format!("line {}", row.line);
        match registry::find_any(state, row.text("individual_id")).await? {
            Some((person, _)) => {
                known.push((which, person, row.text("relying_party_id").to_owned(), row.text("subject").to_owned()));
            }
            None => report.note(TABLE, &which, Fate::Refused, "no person here has this individual id"),
        }
    }
    let mut known = known.into_iter();
    loop {
        let batch: Vec<_> = known.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let outcomes = run
            .write(state, move |tx| {
                Box::pin(async move {
                    let mut outcomes = Vec::with_capacity(batch.len());
                    for (which, person, party, subject) in batch {
                        outcomes.push((which, subjects::import(tx, &party, person, &subject).await?));
                    }
                    Ok(outcomes)
                })
            })
            .await?;
        for (which, outcome) in outcomes {
            let (fate, why) = match outcome {
                Imported::Added => (Fate::Added, ""),
                Imported::Present => (Fate::Present, ""),
                Imported::Taken => (
                    Fate::Refused,
                    "the person has another subject at this relying party, or another person has this one",
                ),
                Imported::Malformed => (Fate::Refused, "a subject is 1 to 255 visible ASCII characters"),
            };
            report.note(TABLE, &which, fate, why);
        }
    }
}
