//! `wallet backup`

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use wallet_core::{BindAgain, Wallet, inspect_backup};

use crate::args::BackupCommand;
use crate::credentials::read;
use crate::error::CliError;
use crate::terminal::{Terminal, by_beginning, moment, printable};

const FILE: &str = "the backup";

pub(crate) fn run(wallet: &Arc<Wallet>, command: &BackupCommand, terminal: &mut Terminal) -> Result<(), CliError> {
    match command {
        BackupCommand::Export { file } => {
            let passphrase = terminal.ask("Passphrase, 12 characters or more:")?;
            write_new(file, &wallet.export_backup(passphrase)?)?;
            terminal.line(format!("Written to {}. Keys stay here.", file.display()))
        }
        BackupCommand::Restore { file } => {
            let bytes = read(FILE, file)?;
            // Before a passphrase is asked for in vain.
            inspect_backup(bytes.clone())?;
            let came = wallet.restore_backup(bytes, terminal.ask("Passphrase:")?)?;
            terminal.line(format!(
                "Backup of {}: {} credentials, {} receipts, {} entries of the log are new here.",
                moment(came.created_at_ms),
                came.credentials,
                came.receipts,
                came.activity
            ))?;
            bind_again(&came.bind_again, terminal)
        }
        BackupCommand::BindAgain { skip: None } => bind_again(&wallet.bind_again()?, terminal),
        BackupCommand::BindAgain { skip: Some(given) } => {
            let open = wallet.bind_again()?;
            let id = by_beginning(
                open.iter().map(|one| one.id.as_str()),
                given,
                "nothing of this id is to be bound again",
                "several begin so",
            )?;
            wallet.skip_bind_again(id)?;
            terminal.line("Taken off the list.")
        }
    }
}

fn bind_again(open: &[BindAgain], terminal: &mut Terminal) -> Result<(), CliError> {
    for one in open {
        let label = if one.label.is_empty() { "" } else { &one.label };
        terminal.line(format!(
            "To bind again: {}  {}  as {}  {}",
            one.id,
            printable(&one.server),
            printable(&one.individual_id),
            printable(label)
        ))?;
    }
    Ok(())
}

/// Never over another file, and for the owner only.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(bytes)).map_err(CliError::file(FILE))
}
