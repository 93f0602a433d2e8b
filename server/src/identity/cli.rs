//! `tessera duplicate …`: enrollments that somebody must decide of.

use std::io::Write;

use clap::Subcommand;

use super::duplicates::{self, Case, CaseError, Known};
use super::routes::Choice;
use crate::http::envelope::format_time;
use crate::ids::Kind;
use crate::registry::{self, PersonId};
use crate::state::AppState;

/// Enrollments of whom somebody in the registry may be the same person, and those of which nobody can be made.
#[derive(Debug, Subcommand)]
pub enum DuplicateCommand {
    /// List them, oldest first, without what is known about anybody.
    List {
        /// How many at most.
        #[arg(long, default_value = "100")]
        most: u32,
    },
    /// Show one: who was enrolled, and who may be the same person.
    Show {
        /// As `list` prints it.
        #[arg(allow_hyphen_values = true)]
        case: String,
    },
    /// Decide of one.
    Decide {
        /// As `list` prints it.
        #[arg(allow_hyphen_values = true)]
        case: String,
        /// What it is.
        #[arg(value_enum)]
        decision: Choice,
        /// Whose it is, with `same`: as `show` prints it.
        #[arg(long, allow_hyphen_values = true)]
        person: Option<String>,
        /// Why; it is kept.
        #[arg(long)]
        why: String,
        /// Who decides; it is kept.
        #[arg(long, default_value = "command")]
        by: String,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The case.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// `--person` is missing, or makes no sense.
    #[error("--person is needed with `same`, and with nothing else; `tessera duplicate show` prints it")]
    Person,
    /// `--why` says nothing, or too much.
    #[error("--why must say why, in 1 to 1000 characters that can be shown")]
    Why,
    /// The output.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Runs a command; prints its result to `out`.
///
/// # Errors
/// [`CliError`] with what to do about it.
pub async fn run(state: &AppState, command: DuplicateCommand, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    match command {
        DuplicateCommand::List { most } => {
            for case in duplicates::list(state, None, most).await? {
                let Case { id, since, task } = case;
                let (cause, suspects) = (task.stage.0, task.content.suspects.len());
                let cause = serde_json::to_value(cause).unwrap_or_default();
                let cause = cause.as_str().unwrap_or_default();
                writeln!(out, "{id}\t{}\t{}\t{cause}\t{suspects}", format_time(since), task.service)?;
            }
            Ok(())
        }
        DuplicateCommand::Show { case } => {
            let case = duplicates::find(state, &case).await?;
            if let Some(fault) = &case.task.content.fault {
                writeln!(out, "{fault}")?;
            }
            let name = &case.task.content.enrollment_id;
            match case.task.content.claim {
                Some(_) => writeln!(out, "identity {name}, sent by {}", case.task.service)?,
                None => writeln!(out, "enrolled as {name} by {}", case.task.service)?,
            }
            print(&duplicates::enrolled(state, &case).await?, out)?;
            for suspect in &case.task.content.suspects {
                writeln!(out, "may be {}", state.ids.name(Kind::Person, suspect.person.0))?;
                if let Some(likeness) = suspect.likeness {
                    writeln!(out, "  attributes alike: {likeness:.2}")?;
                }
                if let Some(score) = suspect.score {
                    writeln!(out, "  biometric score: {score}")?;
                }
                print(&duplicates::known(state, suspect.person).await?, out)?;
            }
            Ok(())
        }
        DuplicateCommand::Decide { case, decision, person, why, by } => {
            let named = |name: String| state.ids.named(Kind::Person, &name).map(PersonId).ok_or(CliError::Person);
            let person = person.map(named).transpose()?;
            let decision = decision.decision(person).ok_or(CliError::Person)?;
            let why = registry::reason(&why).ok_or(CliError::Why)?;
            duplicates::decide(state, &case, decision, &by, why).await?;
            Ok(writeln!(out, "{case} is decided")?)
        }
    }
}

/// What is known of somebody, without the picture.
fn print(known: &Known, out: &mut (dyn Write + Send)) -> Result<(), std::io::Error> {
    if let Some(uin) = &known.uin {
        writeln!(out, "  uin: {uin}")?;
    }
    for (name, value) in &known.biographic {
        writeln!(out, "  {name}: {value}")?;
    }
    Ok(())
}
