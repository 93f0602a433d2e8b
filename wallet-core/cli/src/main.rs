//! `wallet`: the wallet in the terminal. Keys and store lie in files of `--home`, readable by their owner only; for
//! developers, demos and tests, not for citizens.

mod args;
mod backup;
mod bind;
mod consents;
mod credentials;
mod devices;
mod error;
mod inbox;
mod login;
mod open;
mod records;
mod terminal;

use std::io::Write as _;
use std::process::ExitCode;

use args::{Arguments, Command};
use clap::Parser as _;
use error::CliError;
use terminal::Terminal;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut terminal = Terminal::standard();
    match run(&arguments, &mut terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where standard error is closed there is nobody left to tell.
            let _ = writeln!(std::io::stderr().lock(), "wallet: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<(), CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::Terminal)?;
    runtime.block_on(async {
        let wallet = open::wallet(&arguments.setup).await?;
        match &arguments.command {
            Command::Bind(bind) => bind::run(&wallet, bind, terminal).await,
            Command::Bindings => records::bindings(&wallet, terminal),
            Command::Forget { binding } => records::forget(&wallet, binding, terminal).await,
            Command::Scan(scan) => login::scan(&wallet, scan, terminal).await,
            Command::Show(which) => login::show(&wallet, which, terminal),
            Command::Approve(approve) => login::approve(&wallet, approve, terminal).await,
            Command::Finish(which) => login::finish(&wallet, which, terminal).await,
            Command::Deny(deny) => login::deny(&wallet, deny, terminal).await,
            Command::Report(report) => login::report(&wallet, report, terminal).await,
            Command::Cancel(which) => login::cancel(&wallet, which, terminal),
            Command::Sessions => records::sessions(&wallet, terminal),
            Command::Devices(devices) => devices::run(&wallet, devices, terminal).await,
            Command::Consents(consents) => consents::run(&wallet, consents, terminal).await,
            Command::Inbox(inbox) => inbox::run(&wallet, inbox, terminal).await,
            Command::Credentials(command) => credentials::run(&wallet, command, terminal),
            Command::Backup(command) => backup::run(&wallet, command, terminal),
            Command::Log { json, clear } => records::log(&wallet, *json, *clear, terminal),
            Command::Receipts { json } => records::receipts(&wallet, *json, terminal),
            Command::Erase { yes } => records::erase(&wallet, *yes, terminal).await,
        }
    })
}
