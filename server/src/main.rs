//! Arguments only; see `cli.rs`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use server::cli::Cli;

/// A request takes and gives back many small pieces of memory, often on different threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run(&mut std::io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "tessera: {error}");
            ExitCode::FAILURE
        }
    }
}
