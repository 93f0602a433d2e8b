//! `tessera person vid …`: virtual ids.

use std::io::Write;

use clap::Subcommand;

use super::{CliError, Named, find, opaque};
use crate::audit::Actor;
use crate::http::envelope::format_time;
use crate::registry::{self, Because, Held};
use crate::state::AppState;

/// Numbers that stand for a person's UIN and can be revoked.
#[derive(Debug, Subcommand)]
pub enum VidCommand {
    /// Give a person one more.
    Issue {
        /// Whose.
        #[command(flatten)]
        named: Named,
        /// Days that it is good for, a hundred years at most; 0: until it is revoked. As configured where it is left out.
        #[arg(long, value_parser = clap::value_parser!(u32).range(..=i64::from(registry::MOST_VIRTUAL_DAYS)))]
        days: Option<u32>,
    },
    /// List every identifier of a person, ended ones too.
    List(Named),
    /// End one for good.
    Revoke {
        /// Whose.
        #[command(flatten)]
        named: Named,
        /// The virtual id.
        vid: String,
    },
}

pub(super) async fn run(state: &AppState, command: VidCommand, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let because = Because::of(&Actor::command(), "");
    match command {
        VidCommand::Issue { named, days } => {
            let person = find(state, &named).await?;
            let held = registry::issue_virtual(state, person, days, because).await?.ok_or(CliError::Unknown)?;
            let end = held.ends_at.map_or_else(|| "until it is revoked".to_owned(), format_time);
            Ok(writeln!(out, "{}\t{end}", held.identifier.value)?)
        }
        VidCommand::List(named) => {
            let person = find(state, &named).await?;
            for held in registry::held(state, person).await? {
                writeln!(
                    out,
                    "{}\t{}\t{}",
                    held.identifier.kind.name(),
                    held.identifier.value,
                    standing(state, &held)
                )?;
            }
            Ok(())
        }
        VidCommand::Revoke { named, vid } => {
            let person = find(state, &named).await?;
            if !registry::revoke_virtual(state, person, &vid, because).await? {
                return Err(CliError::NotHeld);
            }
            Ok(writeln!(out, "{} has one virtual id less", opaque(state, person))?)
        }
    }
}

fn standing(state: &AppState, held: &Held) -> &'static str {
    if held.revoked_at.is_some() {
        "revoked"
    } else if held.is_good(state.clock.now()) {
        "good"
    } else {
        "ended"
    }
}
