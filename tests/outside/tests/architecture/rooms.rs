//! The floors of the server: a room imports only from floors below its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::source::{macros_of, rooms_named_in, test_modules_of};

/// The rooms from the ground up. Two rooms on one floor do not know each other. A file named with its room (`http::fetch`)
/// stands on a floor of its own: what goes out of the server knows nothing of what comes in.
const FLOORS: [&[&str]; 28] = [
    &["clock"],
    &["ids", "secrets", "store", "claims"],
    &["error"],
    &["dialect"],
    &["config"],
    &["http::fetch"],
    &["audit", "wait", "acr", "kept", "flow", "deliveries"],
    &["keys", "pages"],
    &["state"],
    &["http"],
    &["events", "osia"],
    &["registry", "clients"],
    &["consents", "protection"],
    &["grants", "sessions"],
    &["access", "factors", "risk"],
    &["binding", "enrollment", "statistics"],
    &["authorization", "identity"],
    &["linked", "oidc", "logout", "population"],
    &["login_page", "bankid", "verification", "credentials", "data_access"],
    &["account", "inbox", "notifications"],
    &["portability"],
    &["reseal"],
    &["jobs", "health", "metrics", "import", "audit::routes"],
    &["routes"],
    &["serve"],
    &["cli"],
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

/// The room a path of modules lies in, or the file in it that has a floor of its own.
fn room_of(path: &[&str]) -> String {
    let file = path.iter().take(2).copied().collect::<Vec<_>>().join("::");
    if floor(&file).is_some() { file } else { path.first().copied().unwrap_or_default().to_owned() }
}

#[test]
fn rooms_import_only_from_floors_below() {
    let root = super::repository().join("server/src");
    let mut files = Vec::new();
    source_files(&root, &[], &mut files);
    assert!(!files.is_empty());

    let mut texts = Vec::new();
    let mut for_tests: BTreeSet<String> = ["tests".to_owned()].into();
    let mut macros: BTreeMap<String, String> = BTreeMap::new();
    for (path, module) in files {
        let text = std::fs::read_to_string(&path).expect("a source file");
        let room = room_of(&module.iter().map(String::as_str).collect::<Vec<_>>());
        for_tests.extend(test_modules_of(&text));
        macros.extend(macros_of(&text).into_iter().map(|name| (name, room.clone())));
        texts.push((path.strip_prefix(&root).expect("a file of the server").display().to_string(), module, room, text));
    }

    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // Tests may look at more than the room they are in.
    for (file, module, room, text) in
        texts.iter().filter(|(_, module, ..)| !module.iter().any(|name| for_tests.contains(name)))
    {
        let Some(own) = floor(room) else {
            wrong.entry(file.clone()).or_default().push(format!("`{room}` has no floor"));
            continue;
        };
        for named in rooms_named_in(text, module) {
            let other = room_of(&named.split("::").collect::<Vec<_>>());
            let other = macros.get(&other).unwrap_or(&other);
            // A room's own folder may hold a file with a floor of its own, and re-export it.
            if other == room || other.starts_with(&format!("{room}::")) {
                continue;
            }
            // Names that are no rooms are what the crate's root exports.
            if floor(other).or_else(|| floor("lib")).is_none_or(|other| other >= own) {
                wrong.entry(file.clone()).or_default().push(format!("`{room}` imports `{named}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
