//! The program under test: where it lies, and how it is run.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// How the process is started, where not plainly.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// A command that ends by running the program given as its arguments, as `sh -c '…; exec "$@"' sh` does.
    pub wrapper: Vec<String>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
}

fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("TESSERA_TEST_BIN") {
        return path.into();
    }
    // target/debug/deps/<test> or target/debug/<program> → target/debug/tessera
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.join("tessera")
}

/// Starts serving.
pub(crate) fn serve(config: &Path, log: &Path, launch: &Launch) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    let mut command = match launch.wrapper.split_first() {
        Some((wrapper, arguments)) => {
            let mut command = Command::new(wrapper);
            command.args(arguments).arg(program());
            command
        }
        None => Command::new(program()),
    };
    command
        .args(["--config".as_ref(), config.as_os_str(), "serve".as_ref()])
        .envs(launch.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program().display()))
}

/// A command of the program on a configuration.
pub(crate) fn command(config: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.arg("--config").arg(config).args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command that must go well; what it prints.
pub(crate) fn run(config: &Path, arguments: &[&str]) -> String {
    let output = command(config, arguments).output().unwrap();
    assert!(output.status.success(), "tessera {arguments:?}: {}{}", printed(&output), complained(&output));
    printed(&output)
}

/// Runs a command that must be refused; what it says.
pub(crate) fn refused(config: &Path, arguments: &[&str]) -> String {
    let output = command(config, arguments).output().unwrap();
    assert!(!output.status.success(), "tessera {arguments:?}: {}", printed(&output));
    complained(&output)
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
