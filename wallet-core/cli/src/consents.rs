//! `wallet consents`

use std::sync::Arc;

use wallet_core::{ConsentReceipt, ReceiptState, Wallet};

use crate::args::{Consents, ConsentsCommand};
use crate::error::CliError;
use crate::records;
use crate::terminal::{Terminal, by_beginning, moment, names, printable};

pub(crate) async fn run(wallet: &Arc<Wallet>, consents: &Consents, terminal: &mut Terminal) -> Result<(), CliError> {
    match &consents.command {
        ConsentsCommand::List => {
            let binding = match &consents.binding {
                Some(given) => records::binding_id(wallet, given)?,
                None => records::only_native_binding(wallet)?,
            };
            for receipt in wallet.refresh_receipts(binding).await? {
                terminal.line(line(&receipt))?;
            }
            Ok(())
        }
        ConsentsCommand::Withdraw { receipt } => {
            let ended = wallet.withdraw_consent(receipt_id(wallet, receipt)?).await?;
            terminal.line(format!("Withdrawn. {} gets nothing any more.", printable(&ended.relying_party)))
        }
        ConsentsCommand::Verify { receipt } => {
            if wallet.verify_receipt(receipt_id(wallet, receipt)?)? {
                terminal.line("Signed by this wallet.")
            } else {
                Err(CliError::Choice("the statement is not what this wallet's key signed"))
            }
        }
    }
}

fn receipt_id(wallet: &Arc<Wallet>, given: &str) -> Result<String, CliError> {
    by_beginning(
        wallet.receipts()?.iter().map(|receipt| receipt.id.as_str()),
        given,
        "no receipt of this id: see `wallet consents list`",
        "several receipts begin so: see `wallet consents list`",
    )
}

fn line(receipt: &ConsentReceipt) -> String {
    let state = match (receipt.state, receipt.withdrawn_at_ms) {
        (ReceiptState::Withdrawn, Some(at)) => format!("withdrawn {}", moment(at)),
        (ReceiptState::Withdrawn, None) => "withdrawn".to_owned(),
        (ReceiptState::Expired, _) => "over".to_owned(),
        (ReceiptState::Given, _) => "given".to_owned(),
    };
    format!(
        "{}  {}  {}  claims: {}  scopes: {}  {state}{}",
        receipt.id,
        moment(receipt.at_ms),
        printable(&receipt.relying_party),
        names(&receipt.claims),
        names(&receipt.scopes),
        if receipt.statement.is_some() { "  signed statement" } else { "" }
    )
}
