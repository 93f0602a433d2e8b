//! The floors of the server: a room imports only from floors below its own.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::source::rooms_named_in;

/// The rooms from the ground up. Two rooms on one floor do not know each other.
const FLOORS: [&[&str]; 17] = [
    &["clock", "error", "dialect"],
    &["ids", "config"],
    &["store", "http"],
    &["events", "audit"],
    &["keys", "wait", "pages"],
    &["state"],
    &["registry", "clients", "notifications"],
    &["grants"],
    &["access", "factors"],
    &["binding", "enrollment"],
    &["authorization"],
    &["linked", "oidc", "inbox"],
    &["verification", "credentials"],
    &["account", "jobs"],
    &["routes"],
    &["lib"],
    &["main"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Every source file of the server, with the names of the modules that lead to it.
fn source_files(folder: &Path, inside: &[String], found: &mut Vec<(PathBuf, Vec<String>)>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the server") {
        let path = entry.expect("an entry").path();
        let Some(name) = path.file_stem().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        if path.is_dir() {
            let inner: Vec<String> = inside.iter().cloned().chain([name]).collect();
            source_files(&path, &inner, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let mut module = inside.to_vec();
            if name != "mod" {
                module.push(name);
            }
            found.push((path, module));
        }
    }
}

/// Tests may look at more than the room they are in.
fn is_test(module: &[String]) -> bool {
    module.iter().any(|name| name == "tests" || name == "test" || name.starts_with("test_") || name.ends_with("_tests"))
}

#[test]
fn rooms_import_only_from_floors_below() {
    let root = super::repository().join("server/src");
    let mut files = Vec::new();
    source_files(&root, &[], &mut files);
    assert!(!files.is_empty());

    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, module) in files.iter().filter(|(_, module)| !is_test(module)) {
        let room = &module[0];
        let file = path.strip_prefix(&root).expect("a file of the server").display().to_string();
        let Some(own) = floor(room) else {
            wrong.entry(file).or_default().push(format!("`{room}` has no floor"));
            continue;
        };
        let text = std::fs::read_to_string(path).expect("a source file");
        for named in rooms_named_in(&text, module) {
            if named == *room {
                continue;
            }
            // Names that are no rooms are what the crate's root exports: the root is on a floor of its own.
            let other = floor(&named).or_else(|| floor("lib"));
            if other.is_none_or(|other| other >= own) {
                wrong.entry(file.clone()).or_default().push(format!("`{room}` imports `{named}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
