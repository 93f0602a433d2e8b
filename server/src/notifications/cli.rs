//! `tessera notifications …`: dead letters of all relying parties, for the operator.

use std::io::Write;

use clap::{Args, Subcommand};

use super::dead_letters::{self, Reader};
use crate::http::envelope::format_time;
use crate::ids::Kind;
use crate::osia::{Page, Refusal};
use crate::state::AppState;
use crate::store::StoreError;

/// How other services are told of what happened.
#[derive(Debug, Subcommand)]
pub enum NotificationsCommand {
    /// Messages that were given up: nobody at the other end took them, as often as they were tried.
    #[command(subcommand)]
    Dead(DeadCommand),
}

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub enum DeadCommand {
    /// List them, oldest first, without what they say: id, when it was given up, topic, protocol, mount and id of the client,
    /// subscription, attempts.
    List {
        /// How many at most.
        #[arg(long, default_value = "100")]
        most: u32,
        /// How many to leave out at the beginning.
        #[arg(long, default_value = "0")]
        skip: u32,
    },
    /// Print one with its message, as JSON. That it was read is kept in the audit trail.
    Show {
        /// As `list` prints it.
        #[arg(allow_hyphen_values = true)]
        letter: String,
    },
    /// Send some again, by their subscriptions' policies from the beginning. A running server does so within ten seconds.
    Resend(Letters),
    /// Remove some: their subscribers are never told.
    Remove(Letters),
}

/// Which ones; all of them or, where one is not there, none.
#[derive(Debug, Args)]
pub struct Letters {
    /// As `list` prints them.
    #[arg(required = true, allow_hyphen_values = true)]
    letters: Vec<String>,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// There is no such letter.
    #[error("there is no such dead letter; `tessera notifications dead list` prints those that there are")]
    Unknown,
    /// The database, or a message that does not open.
    #[error("{0}")]
    Failed(Refusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The output.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => Self::Unknown,
            other => Self::Failed(other),
        }
    }
}

/// Runs a command; prints its result to `out`.
///
/// # Errors
/// [`CliError`] with what to do about it.
pub async fn run(
    state: &AppState,
    command: NotificationsCommand,
    out: &mut (dyn Write + Send),
) -> Result<(), CliError> {
    let NotificationsCommand::Dead(command) = command;
    match command {
        DeadCommand::List { most, skip } => {
            for row in dead_letters::list(state, &Reader::Operator, Page { offset: skip, limit: most }).await? {
                let (id, lane) = (state.ids.name(Kind::DeadLetter, row.id), &row.lane);
                writeln!(
                    out,
                    "{id}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                    format_time(row.dead_at),
                    lane.topic_name,
                    lane.protocol,
                    lane.mount,
                    lane.client_id,
                    lane.uuid,
                    row.attempts
                )?;
            }
            Ok(())
        }
        DeadCommand::Show { letter } => {
            let (row, message) = dead_letters::show(state, Reader::Operator, &letter).await?;
            let shown = dead_letters::view(state, &row, message);
            let text = serde_json::to_string_pretty(&shown).map_err(std::io::Error::from)?;
            Ok(writeln!(out, "{text}")?)
        }
        DeadCommand::Resend(Letters { letters }) => {
            let count = dead_letters::resend(state, Reader::Operator, &letters).await?;
            Ok(writeln!(out, "{count} to be sent again")?)
        }
        DeadCommand::Remove(Letters { letters }) => {
            let count = dead_letters::remove(state, Reader::Operator, &letters).await?;
            Ok(writeln!(out, "{count} removed")?)
        }
    }
}
