//! The program from outside, as far as it goes without a server.

#![expect(clippy::expect_used, reason = "a test that cannot run the program must fail")]

use std::process::{Command, Output};

fn wallet(home: &tempfile::TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wallet"))
        .env_clear()
        .arg("--home")
        .arg(home.path().join("w"))
        .args(arguments)
        .output()
        .expect("the program runs")
}

#[track_caller]
fn refused(home: &tempfile::TempDir, arguments: &[&str], code: &str) {
    let output = wallet(home, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(code), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn help_names_every_command() {
    let home = tempfile::tempdir().unwrap();
    let help = String::from_utf8(wallet(&home, &["--help"]).stdout).unwrap();
    for command in [
        "bind", "bindings", "scan", "show", "approve", "finish", "deny", "cancel", "devices", "log", "receipts",
        "erase",
    ] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
    }
    assert!(!home.path().join("w").exists());
}

#[test]
fn a_new_wallet_is_empty_and_for_its_owner_only() {
    let home = tempfile::tempdir().unwrap();
    for command in [&["bindings"][..], &["sessions"], &["log"], &["receipts"]] {
        let output = wallet(&home, command);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.is_empty());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode =
            |name: &str| std::fs::metadata(home.path().join("w").join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("keys"), mode("store.key")), (0o700, 0o700, 0o600));
    }
}

#[test]
fn a_link_of_an_unknown_server_sends_nothing() {
    let home = tempfile::tempdir().unwrap();
    refused(&home, &["scan", "tessera://wla-auth?linkCode=a&iss=https%3A%2F%2Fevil.example"], "UnknownServer");
    refused(&home, &["scan", "https://evil.example/"], "InvalidLink");
    refused(&home, &["scan", "openid4vp://authorize?client_id=x"], "InvalidLink");
}

#[test]
fn says_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    refused(&home, &["approve"], "nothing waits");
    refused(&home, &["deny", "--reason", "not-me"], "nothing waits");
    refused(&home, &["devices", "list"], "wallet bind");
    refused(&home, &["forget", "x"], "wallet bindings");
    refused(&home, &["erase"], "--yes");
    refused(&home, &["bind", "http://127.0.0.1:1", "--id", "1", "--otp", "1"], "InsecureAddress");
    refused(&home, &["--loopback-http", "bind", "http://127.0.0.1:1", "--id", "1", "--otp", "1"], "Offline");
    // What did not succeed leaves nothing behind.
    assert!(wallet(&home, &["sessions"]).stdout.is_empty());
    assert_eq!(std::fs::read_dir(home.path().join("w/keys")).unwrap().count(), 0);
}

#[test]
fn a_picture_without_a_code_is_told() {
    let home = tempfile::tempdir().unwrap();
    let picture = home.path().join("x.png");
    std::fs::write(&picture, b"not a picture").unwrap();
    refused(&home, &["scan", picture.to_str().unwrap()], "not a picture");
}
