//! Every path and test that `docs/security.md` names exists, so that what it promises can be looked up.

use std::path::Path;

/// What stands between backticks.
fn named(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Whether a name is a path of the repository: its first part is a folder here.
fn is_path(name: &str, root: &Path) -> bool {
    let (first, rest) = name.split_once('/').unwrap_or((name, ""));
    !rest.is_empty() && !first.is_empty() && !name.contains([' ', '…', '<', '{']) && root.join(first).is_dir()
}

/// What is wrong with the names in a text.
fn missing(text: &str, root: &Path) -> Vec<String> {
    let mut missing = Vec::new();
    for name in named(text).into_iter().filter(|name| is_path(name, root)) {
        let (path, test) = name.split_once("::").unwrap_or((name, ""));
        let Ok(found) = root.join(path).canonicalize() else {
            missing.push(format!("{path} does not exist"));
            continue;
        };
        if test.is_empty() {
            continue;
        }
        let source = std::fs::read_to_string(found).unwrap_or_default();
        // Rust's functions, and the names of tests in JavaScript.
        if !source.contains(&format!("fn {test}(")) && !source.contains(&format!("'{test}'")) {
            missing.push(format!("{path} has no test {test}"));
        }
    }
    missing
}

#[test]
fn what_the_security_page_names_exists() {
    let root = super::repository();
    let text = std::fs::read_to_string(root.join("docs/security.md")).expect("docs/security.md");
    let tests = named(&text).into_iter().filter(|name| is_path(name, &root) && name.contains("::")).count();
    assert!(tests >= 20, "only {tests} tests are named: is the page read rightly?");
    let missing = missing(&text, &root);
    assert!(missing.is_empty(), "docs/security.md: {missing:#?}");
}

#[test]
fn names_are_told_from_other_words() {
    let root = super::repository();
    let text = "`docs/gone.md` `tests/outside/tests/architecture/security.rs::no_such_test` `docs/architecture.md`
        `tests/outside/tests/architecture/security.rs::names_are_told_from_other_words` `rotation` `/op` `a/b`";
    let file = "tests/outside/tests/architecture/security.rs";
    assert_eq!(
        missing(text, &root),
        ["docs/gone.md does not exist".into(), format!("{file} has no test no_such_test")]
    );
}
