//! The commands of `tessera`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::clients::cli::{self as clients, ClientCommand};
use crate::clock::System;
use crate::config::{Config, LogFormat};
use crate::factors;
use crate::identity::cli::{self as duplicates, DuplicateCommand};
use crate::import::cli::{self as import, ImportCommand};
use crate::inbox::cli::{self as consents, ConsentsCommand};
use crate::keys::cli as keys;
use crate::notifications::cli::{self as notifications, NotificationsCommand};
use crate::portability::cli::{self as portability, Export, Restore};
use crate::registry::cli::{self as registry, PersonCommand};
use crate::reseal;
use crate::secrets::Secrets;
use crate::serve::{self, ServeError};
use crate::state::AppState;
use crate::verification::identify::cli::{self as watch_lists, WatchListCommand};

/// The server that wallets and relying parties log in to.
///
/// Settings come from a TOML file (`--config`) and from the environment (`TESSERA_PUBLIC_URL`, `TESSERA_OTP__DIGITS` …).
/// Without any, it serves http://localhost:8080 on `tessera.sqlite` in the current folder.
#[derive(Parser)]
#[command(name = "tessera", version, propagate_version = true)]
pub struct Cli {
    /// Configuration file (TOML).
    #[arg(long, short, global = true, env = "TESSERA_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server until SIGTERM or Ctrl-C.
    Serve,
    /// Bring the database's schema to this version and make the first signing keys, then exit.
    Migrate,
    /// The master secret and the signing keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    #[command(subcommand)]
    Client(ClientCommand),
    #[command(subcommand)]
    Person(PersonCommand),
    #[command(subcommand)]
    Duplicate(DuplicateCommand),
    #[command(subcommand)]
    Consents(ConsentsCommand),
    #[command(subcommand)]
    Notifications(NotificationsCommand),
    #[command(subcommand, name = "watchlist")]
    WatchList(WatchListCommand),
    #[command(subcommand)]
    Import(ImportCommand),
    Export(Export),
    Restore(Restore),
    /// Print the OpenAPI document of every route as JSON.
    Openapi,
    /// Print the configuration in force as TOML, without secrets.
    Config,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make the master secret file named by `secret_file`; refuses to overwrite one. Or replace the secret that seals, step
    /// by step (docs/operator.md).
    Secret {
        /// Nothing: make the file.
        #[arg(value_enum)]
        step: Option<SecretStep>,
    },
    /// Seal and hash everything anew that is not sealed or hashed under the newest secret.
    Reseal,
    #[command(flatten)]
    Signing(keys::KeysCommand),
}

/// A step of the replacement of the secret that seals.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum SecretStep {
    /// Add a new secret, which opens and does not seal yet.
    Add,
    /// Seal with it from now on.
    Promote,
    /// Remove the one before, once nothing is sealed or hashed under it any more.
    Drop,
}

/// Why a command failed: a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// `tessera keys reseal`.
    #[error(transparent)]
    Reseal(#[from] reseal::ResealError),
    /// `tessera keys secret drop` too early.
    #[error("{0} values are not sealed or hashed under the newest secret: `tessera keys reseal` first")]
    StillSealed(u64),
    /// The configuration, the database or the server.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// `tessera keys`.
    #[error(transparent)]
    Keys(#[from] keys::CliError),
    /// `tessera client`.
    #[error(transparent)]
    Client(#[from] clients::CliError),
    /// `tessera person`.
    #[error(transparent)]
    Person(#[from] registry::CliError),
    /// `tessera duplicate`.
    #[error(transparent)]
    Duplicate(#[from] duplicates::CliError),
    /// `tessera consents`.
    #[error(transparent)]
    Consents(#[from] consents::CliError),
    /// `tessera notifications`.
    #[error(transparent)]
    Notifications(#[from] notifications::CliError),
    /// `tessera watchlist`.
    #[error(transparent)]
    WatchList(#[from] watch_lists::CliError),
    /// `tessera import`.
    #[error(transparent)]
    Import(#[from] import::CliError),
    /// `tessera export` and `tessera restore`.
    #[error(transparent)]
    Portability(#[from] portability::CliError),
    /// A document cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(String),
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error.to_string())
    }
}

impl Cli {
    /// Runs the command; prints its result to `out`.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn run(self, out: &mut (dyn std::io::Write + Send)) -> Result<(), CliError> {
        let config = Config::read(self.config.as_deref()).map_err(ServeError::from)?;
        log(&config);
        match self.command {
            Command::Serve => {
                let state = serve::open(config, true).await?;
                Ok(serve::serve(state, stop(), |_| ()).await?)
            }
            Command::Migrate => {
                let state = serve::open(config, false).await?;
                state.store.migrate().await.map_err(ServeError::from)?;
                state.keys.tend().await.map_err(keys::CliError::from)?;
                Ok(writeln!(out, "the schema is up to date")?)
            }
            Command::Keys(KeysCommand::Secret { step }) => secret(config, step, out).await,
            Command::Keys(KeysCommand::Reseal) => {
                let state = serve::open(config, true).await?;
                let done = reseal::all(&state).await?;
                let reseal::Outcome { resealed, rehashed, unopened } = done;
                Ok(writeln!(out, "{resealed} values sealed anew, {rehashed} hashed anew, {unopened} do not open")?)
            }
            Command::Keys(KeysCommand::Signing(command)) => {
                let state = serve::open(config, true).await?;
                Ok(keys::run(command, &state.keys, out).await?)
            }
            Command::Client(command) => {
                let state = serve::open(config, true).await?;
                Ok(clients::run(&state, command, out).await?)
            }
            Command::Person(command) => {
                let state = serve::open(config, true).await?;
                Ok(person(&state, command, out).await?)
            }
            Command::Duplicate(command) => {
                let state = serve::open(config, true).await?;
                Ok(duplicates::run(&state, command, out).await?)
            }
            Command::Consents(command) => {
                let state = serve::open(config, true).await?;
                Ok(consents::run(&state, command, out).await?)
            }
            Command::Notifications(command) => {
                let state = serve::open(config, true).await?;
                Ok(notifications::run(&state, command, out).await?)
            }
            Command::WatchList(command) => {
                let state = serve::open(config, true).await?;
                Ok(watch_lists::run(&state, command, out).await?)
            }
            Command::Import(command) => {
                let state = serve::open(config, true).await?;
                Ok(import::run(&state, command, out).await?)
            }
            Command::Export(args) => {
                let state = serve::open(config, true).await?;
                Ok(portability::export(&state, args, out).await?)
            }
            Command::Restore(args) => {
                let state = serve::open(config, true).await?;
                Ok(portability::restore(&state, args, out).await?)
            }
            Command::Openapi => {
                let text = serde_json::to_string_pretty(&crate::routes::openapi(&config));
                Ok(writeln!(out, "{}", text.map_err(|error| CliError::Output(error.to_string()))?)?)
            }
            Command::Config => {
                let text = toml::to_string_pretty(&config.without_secrets());
                Ok(write!(out, "{}", text.map_err(|error| CliError::Output(error.to_string()))?)?)
            }
        }
    }
}

/// Makes the secret file, or goes one step with it.
async fn secret(
    config: Config,
    step: Option<SecretStep>,
    out: &mut (dyn std::io::Write + Send),
) -> Result<(), CliError> {
    let file = config.secret_file.clone();
    let said = match step {
        None => {
            Secrets::create(&file, &System).map_err(ServeError::from)?;
            "made; keep a copy where the database's copies are not"
        }
        Some(SecretStep::Add) => {
            Secrets::add(&file, &System).map_err(ServeError::from)?;
            "a secret was added; give the file to every node and restart them, then `keys secret promote`"
        }
        Some(SecretStep::Promote) => {
            Secrets::promote(&file, &System).map_err(ServeError::from)?;
            "the added secret seals and hashes; give the file to every node and restart them, then `keys reseal`"
        }
        Some(SecretStep::Drop) => {
            let state = serve::open(config, true).await?;
            let left = match reseal::left(&state).await? {
                0 => Secrets::drop_old(&file, &System).map_err(ServeError::from)?,
                left => return Err(CliError::StillSealed(left)),
            };
            if left.are_several() {
                "nothing is sealed under the secret before; give the file to every node, restart them, then `keys reseal` \
                 hashes anew and `keys secret drop` removes it"
            } else {
                "the secret before is gone; give the file to every node and restart them"
            }
        }
    };
    Ok(writeln!(out, "{}: {said}", file.display())?)
}

/// Runs a command on persons, PINs included: the registry does not know the login factors, so they meet here.
///
/// # Errors
/// The command's.
pub async fn person(
    state: &AppState,
    command: PersonCommand,
    out: &mut (dyn std::io::Write + Send),
) -> Result<(), registry::CliError> {
    let set_pin = async |person, pin: zeroize::Zeroizing<String>| {
        factors::set_pin(state, person, &pin).await.map_err(|error| error.to_string())
    };
    let unlock = async |person| factors::unlock(state, person).await;
    registry::run(state, command, set_pin, unlock, out).await
}

/// Ends at SIGTERM or Ctrl-C.
async fn stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => tokio::select! { () = interrupted => {}, _ = terminated.recv() => {} },
            Err(_) => interrupted.await,
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}

/// Logs go to standard error; results of commands go to standard output.
fn log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    // Where the log cannot be written, as on a full disk, the complaint about it cannot be either, and would end the request.
    let builder = builder.log_internal_errors(false);
    // A second call, as in tests, keeps the first.
    let _ = match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}
