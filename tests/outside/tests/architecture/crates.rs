//! Which crate may import which.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

/// Every package of the workspace and the packages of ours it may import, for tests and build scripts too.
const ARROWS: [(&str, &[&str]); 13] = [
    ("protocol", &[]),
    ("wallet-core", &["protocol"]),
    ("wallet-host", &["protocol", "wallet-core"]),
    ("wallet", &["protocol", "wallet-core", "wallet-host"]),
    ("wallet-ffi", &["wallet-core"]),
    ("wallet-ffi-test-keys", &["wallet-core", "wallet-host"]),
    ("uniffi-bindgen", &[]),
    ("sealing", &[]),
    ("server", &["protocol", "sealing"]),
    ("demo", &["protocol", "server", "wallet-core", "wallet-host"]),
    // The server is seen from outside only: as a process.
    ("outside", &["protocol", "wallet-core", "wallet-host"]),
    // Runs the server's own state machine, not a copy of it.
    ("model", &["protocol", "server"]),
    // Every parser of foreign bytes, wherever it stands.
    ("fuzz", &["protocol", "server", "wallet-core", "wallet-host"]),
];

#[test]
fn crates_import_only_what_their_place_allows() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(super::repository())
        .output()
        .expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();

    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let Some((_, allowed)) = ARROWS.iter().find(|(listed, _)| *listed == name) else {
            wrong.push(format!("{name} has no place in the picture"));
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let import = dependency["name"].as_str().expect("a name");
            if ours.contains(import) && import != name && !allowed.contains(&import) {
                wrong.push(format!("{name} imports {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_listed_crate_exists() {
    let manifest = std::fs::read_to_string(super::repository().join("Cargo.lock")).expect("Cargo.lock");
    for (name, _) in ARROWS {
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name} is gone: take it out of the picture");
    }
}
