//! What the wallet holds: bindings, sessions, log, receipts.

use std::sync::Arc;

use wallet_core::{BindingProfile, SessionKind, Wallet};

use crate::error::CliError;
use crate::terminal::{Terminal, by_beginning, moment, names, printable};

/// The binding whose id begins so.
pub(crate) fn binding_id(wallet: &Arc<Wallet>, given: &str) -> Result<String, CliError> {
    let bindings = wallet.bindings()?;
    by_beginning(
        bindings.iter().map(|binding| binding.id.as_str()),
        given,
        "no binding of this id: see `wallet bindings`",
        "several bindings begin so: see `wallet bindings`",
    )
}

/// The only binding whose server has the calls for devices.
pub(crate) fn only_native_binding(wallet: &Arc<Wallet>) -> Result<String, CliError> {
    let mut native: Vec<String> = wallet
        .bindings()?
        .into_iter()
        .filter(|binding| binding.profile == BindingProfile::Native)
        .map(|binding| binding.id)
        .collect();
    match (native.pop(), native.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(CliError::Choice("this wallet is bound to no server that lists devices: `wallet bind`")),
        (Some(_), false) => Err(CliError::Choice("several bindings: name one with --binding, see `wallet bindings`")),
    }
}

pub(crate) fn bindings(wallet: &Arc<Wallet>, terminal: &mut Terminal) -> Result<(), CliError> {
    for binding in wallet.bindings()? {
        let form = match binding.profile {
            BindingProfile::Native => "",
            BindingProfile::Esignet => "  eSignet form",
        };
        let label = if binding.label.is_empty() { String::new() } else { format!("  {}", printable(&binding.label)) };
        terminal.line(format!(
            "{}  {}  \"{}\"  until {}{label}{form}",
            binding.id,
            printable(&binding.server),
            printable(&binding.device_name),
            moment(binding.expires_at_ms)
        ))?;
    }
    Ok(())
}

pub(crate) async fn forget(wallet: &Arc<Wallet>, given: &str, terminal: &mut Terminal) -> Result<(), CliError> {
    wallet.forget_binding(binding_id(wallet, given)?).await?;
    terminal.line("Forgotten here. The server was not told.")
}

pub(crate) fn sessions(wallet: &Arc<Wallet>, terminal: &mut Terminal) -> Result<(), CliError> {
    for session in wallet.unfinished_sessions()? {
        let kind = match session.kind {
            SessionKind::Binding => "binding",
            SessionKind::Login => "login",
        };
        terminal.line(format!("{}  {kind}  begun {}", session.id, moment(session.began_at_ms)))?;
    }
    Ok(())
}

pub(crate) fn log(wallet: &Arc<Wallet>, json: bool, clear: bool, terminal: &mut Terminal) -> Result<(), CliError> {
    if clear {
        wallet.clear_activity()?;
        return terminal.line("The log is empty.");
    }
    if json {
        return terminal.line(wallet.export_activity()?);
    }
    for entry in wallet.activity()? {
        let mut line = format!("{}  {}  {:?}  {}", entry.id, moment(entry.at_ms), entry.kind, printable(&entry.server));
        for part in [&entry.relying_party, &entry.domain].into_iter().flatten() {
            line.push_str(&format!("  {}", printable(part)));
        }
        if !entry.claims.is_empty() {
            line.push_str(&format!("  claims: {}", names(&entry.claims)));
        }
        if !entry.scopes.is_empty() {
            line.push_str(&format!("  scopes: {}", names(&entry.scopes)));
        }
        if let Some(error) = entry.error {
            line.push_str(&format!("  {error:?}"));
        }
        terminal.line(line)?;
    }
    Ok(())
}

pub(crate) fn receipts(wallet: &Arc<Wallet>, json: bool, terminal: &mut Terminal) -> Result<(), CliError> {
    let receipts = wallet.receipts()?;
    if json {
        let text = serde_json::to_string_pretty(&receipts);
        return terminal.line(text.map_err(|error| CliError::Terminal(error.into()))?);
    }
    for receipt in receipts {
        terminal.line(format!(
            "{}  {}  {}  claims: {}  scopes: {}{}",
            receipt.id,
            moment(receipt.at_ms),
            printable(&receipt.relying_party),
            names(&receipt.claims),
            names(&receipt.scopes),
            if receipt.statement.is_some() { "  signed statement" } else { "" }
        ))?;
    }
    Ok(())
}

pub(crate) async fn erase(wallet: &Arc<Wallet>, yes: bool, terminal: &mut Terminal) -> Result<(), CliError> {
    if !yes {
        return Err(CliError::Choice("this deletes keys, bindings, log and receipts: say --yes"));
    }
    wallet.erase().await?;
    terminal.line("Erased.")
}
