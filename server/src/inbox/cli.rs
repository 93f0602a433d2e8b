//! `tessera consents …`: the logic; `main` parses the arguments and opens the state.

use std::io::Write;

use clap::Subcommand;

use super::end_all;
use crate::authorization::withdrawal;
use crate::ids::Kind;
use crate::registry::{self, PersonId};
use crate::state::AppState;
use crate::store::StoreError;

/// What people agreed to.
#[derive(Debug, Subcommand)]
pub enum ConsentsCommand {
    /// Erase every receipt of a person, for good; tokens that stand on them are dead. Questions that the person could still
    /// agree to end unanswered.
    Erase {
        /// Any of the person's identifiers, or the opaque name that `tessera person list` prints.
        person: String,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Nobody has this identifier.
    #[error("there is no such person")]
    Unknown,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was done cannot be told.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// Runs a command.
///
/// # Errors
/// [`CliError`].
pub async fn run(state: &AppState, command: ConsentsCommand, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let ConsentsCommand::Erase { person } = command;
    let named = state.ids.named(Kind::Person, &person).map(PersonId);
    let found = registry::find_any(state, &person).await?.map(|(person, _)| person).or(named);
    let (person, inner) = (found.ok_or(CliError::Unknown)?, state.clone());
    let erased: Result<(u64, u64), StoreError> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                // Questions first: whoever answers one meanwhile was before, and the receipt is erased with the others.
                let ended = end_all(&inner, tx, person).await?;
                Ok((withdrawal::erase(&inner, tx, person).await?, ended))
            })
        })
        .await;
    let (receipts, questions) = erased?;
    Ok(writeln!(out, "{receipts} receipts erased, {questions} open questions ended")?)
}
