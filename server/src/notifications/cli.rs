//! `tessera notifications …`: dead letters and topics of all relying parties, for the operator.

use std::io::Write;

use clap::{Args, Subcommand};

use super::dead_letters::{self, Reader};
use super::topics::{self, Remover};
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
    /// Topics that services publish to.
    #[command(subcommand)]
    Topic(TopicCommand),
}

/// What to do with topics.
#[derive(Debug, Subcommand)]
pub enum TopicCommand {
    /// List them: unique id, name, and the relying party that made it; `server` for the server's own, `-` where nobody wrote it
    /// down.
    List,
    /// Remove one, with its subscriptions and all that is on its way to them. A service removes its own by OSIA's call; this
    /// is for those whose service is gone.
    Remove {
        /// The unique id, as `list` prints it.
        uuid: String,
    },
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
    /// There is no such topic.
    #[error("there is no such topic; `tessera notifications topic list` prints those that there are")]
    UnknownTopic,
    /// The database, a message that does not open, or a topic that stays.
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
    match command {
        NotificationsCommand::Dead(command) => dead(state, command, out).await,
        NotificationsCommand::Topic(command) => topic(state, command, out).await,
    }
}

async fn topic(state: &AppState, command: TopicCommand, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    match command {
        TopicCommand::List => {
            for row in topics::list(state).await? {
                let owner = if row.own == 0 { row.party.as_deref().unwrap_or("-") } else { "server" };
                writeln!(out, "{}\t{}\t{owner}", row.uuid, row.name)?;
            }
            Ok(())
        }
        TopicCommand::Remove { uuid } => {
            topics::remove(state, Remover::Operator, uuid).await.map_err(|refusal| match refusal {
                Refusal::NotFound => CliError::UnknownTopic,
                other => CliError::Failed(other),
            })?;
            Ok(writeln!(out, "removed")?)
        }
    }
}

async fn dead(state: &AppState, command: DeadCommand, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
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
