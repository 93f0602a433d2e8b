//! The commands say which file they cannot use.

use std::path::Path;

use clap::Parser;

use crate::portability::cli::{self, Export, Restore};
use crate::testkit::Kit;

#[derive(Parser)]
enum Command {
    Export(Export),
    Restore(Restore),
}

async fn run(kit: &Kit, words: &[&str]) -> Result<String, String> {
    let mut out = Vec::new();
    let done = match Command::parse_from(["tessera"].iter().chain(words)) {
        Command::Export(args) => cli::export(&kit.state, args, &mut out).await,
        Command::Restore(args) => cli::restore(&kit.state, args, &mut out).await,
    };
    done.map_err(|error| error.to_string()).map(|()| String::from_utf8(out).unwrap())
}

/// GS-GEN-11.
#[tokio::test]
async fn a_file_that_cannot_be_used_is_named_with_what_to_do() {
    let kit = Kit::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (there, missing) = (path("there.jsonl"), path("missing"));
    std::fs::write(&there, "kept").unwrap();
    for (words, file, what) in [
        (vec!["export", &there], &there, "not there yet"),
        (vec!["export", &there, "--to", &missing], &missing, "may read"),
        (vec!["restore", &missing], &missing, "may read"),
        (vec!["restore", &there, "--key", &missing], &missing, "may read"),
    ] {
        let said = run(&kit, &words).await.unwrap_err();
        assert!(said.contains(file.as_str()) && said.contains(what), "{words:?}: {said}");
    }
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "kept");
    let made = path("made.jsonl");
    assert!(run(&kit, &["export", &made]).await.unwrap().contains("wrote"));
    assert!(Path::new(&made).exists());
}
