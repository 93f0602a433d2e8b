//! `wallet inbox`

use std::sync::Arc;

use wallet_core::{ConsentQuestion, Wallet};

use crate::args::{Inbox, InboxCommand};
use crate::error::CliError;
use crate::records;
use crate::terminal::{Terminal, by_beginning, moment, names, printable};

pub(crate) async fn run(wallet: &Arc<Wallet>, inbox: &Inbox, terminal: &mut Terminal) -> Result<(), CliError> {
    let binding = match &inbox.binding {
        Some(given) => records::binding_id(wallet, given)?,
        None => records::only_native_binding(wallet)?,
    };
    let questions = wallet.questions(binding).await?;
    match &inbox.command {
        InboxCommand::List => questions.iter().try_for_each(|question| show(question, terminal)),
        InboxCommand::Accept { question, claim } => {
            let question = chosen(questions, question)?;
            let claims = if claim.is_empty() { question.claims.clone() } else { claim.clone() };
            let name = printable(&question.relying_party);
            let receipt = wallet.answer_question(question, claims.clone()).await?;
            let receipt = receipt.map_or_else(String::new, |receipt| format!("  receipt: {}", receipt.id));
            terminal.line(format!("{name} may be told: {}{receipt}", names(&claims)))
        }
        InboxCommand::Decline { question } => {
            let question = chosen(questions, question)?;
            let name = printable(&question.relying_party);
            wallet.answer_question(question, Vec::new()).await?;
            terminal.line(format!("{name} gets nothing."))
        }
    }
}

fn show(question: &ConsentQuestion, terminal: &mut Terminal) -> Result<(), CliError> {
    terminal.line(format!(
        "{}  {}  {}  until {}  claims: {}  it says why: {}",
        question.id,
        moment(question.at_ms),
        printable(&question.relying_party),
        moment(question.expires_at_ms),
        names(&question.claims),
        printable(&question.purpose)
    ))
}

fn chosen(questions: Vec<ConsentQuestion>, given: &str) -> Result<ConsentQuestion, CliError> {
    let id = by_beginning(
        questions.iter().map(|question| question.id.as_str()),
        given,
        "no question of this id: see `wallet inbox list`",
        "several questions begin so: see `wallet inbox list`",
    )?;
    let found = questions.into_iter().find(|question| question.id == id);
    found.ok_or(CliError::Choice("no question of this id: see `wallet inbox list`"))
}
