//! The commands of `tessera`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};
use crate::keys;
use crate::secrets::Secrets;
use crate::serve::{self, ServeError};

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
    /// Bring the database's schema to this version, then exit.
    Migrate,
    /// The master secret and the signing keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Print the OpenAPI document of every route as JSON.
    Openapi,
    /// Print the configuration in force as TOML, without secrets.
    Config,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make the master secret file named by `secret_file`; refuses to overwrite one.
    Secret,
    #[command(flatten)]
    Signing(keys::cli::KeysCommand),
}

impl Cli {
    /// Runs the command; prints its result to `out`.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn run(self, out: &mut (dyn std::io::Write + Send)) -> Result<(), ServeError> {
        let config = Config::read(self.config.as_deref())?;
        log(&config);
        match self.command {
            Command::Serve => {
                let state = serve::open(config, true).await?;
                serve::serve(state, stop(), |_| ()).await
            }
            Command::Migrate => {
                let state = serve::open(config, false).await?;
                state.store.migrate().await?;
                Ok(writeln!(out, "the schema is up to date")?)
            }
            Command::Keys(KeysCommand::Secret) => {
                Secrets::create(&config.secret_file, &crate::clock::System)?;
                Ok(writeln!(
                    out,
                    "made {}; keep a copy where the database's copies are not",
                    config.secret_file.display()
                )?)
            }
            Command::Keys(KeysCommand::Signing(command)) => {
                let state = serve::open(config, true).await?;
                let done = keys::cli::run(command, &state.keys, out).await;
                done.map_err(|error| ServeError::Command(error.to_string()))
            }
            Command::Openapi => {
                let text = serde_json::to_string_pretty(&crate::routes::openapi(&config))
                    .map_err(|error| ServeError::Start(error.to_string()))?;
                Ok(writeln!(out, "{text}")?)
            }
            Command::Config => {
                let text = toml::to_string_pretty(&config.without_secrets())
                    .map_err(|error| ServeError::Start(error.to_string()))?;
                Ok(write!(out, "{text}")?)
            }
        }
    }
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
    // A second call, as in tests, keeps the first.
    let _ = match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}
