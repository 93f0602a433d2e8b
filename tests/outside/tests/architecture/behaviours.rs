//! Which behaviours of the wallet are tested in which language: `bindings/behaviours.txt` names each on a line, and each
//! language has a test of that name (`wrong_otp`, in Kotlin `wrongOtp`, in Swift `testWrongOtp`), run against a live server.

use std::path::Path;

struct Language {
    name: &'static str,
    /// Where its tests stand.
    folder: &'static str,
    /// How a test that is named after a behaviour begins.
    test: fn(&str) -> String,
    /// Whether it has them all: then none may go missing again.
    complete: bool,
}

const LANGUAGES: [Language; 3] = [
    Language {
        name: "Rust",
        folder: "tests/outside/tests/behaviours",
        test: |name| format!("async fn {name}("),
        complete: true,
    },
    Language {
        name: "Kotlin",
        folder: "bindings/kotlin/src/test",
        test: |name| format!("fun {}(", camel(name, false)),
        complete: true,
    },
    Language {
        name: "Swift",
        folder: "bindings/swift/Tests",
        test: |name| format!("func test{}(", camel(name, true)),
        complete: true,
    },
];

#[test]
fn every_behaviour_has_its_test_in_every_language() {
    let list = std::fs::read_to_string(super::repository().join("bindings/behaviours.txt")).expect("the list");
    let names: Vec<&str> = list.lines().collect();
    assert!(names.len() >= 15, "{names:?}");
    let plain = |name: &&str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    assert!(names.iter().all(|name| !name.is_empty() && plain(name)), "{names:?}");

    let mut wrong = Vec::new();
    for language in &LANGUAGES {
        let mut source = String::new();
        read_all(&super::repository().join(language.folder), &mut source);
        let lacking: Vec<&&str> = names.iter().filter(|name| !source.contains(&(language.test)(name))).collect();
        if lacking.is_empty() {
            continue;
        }
        println!("{} lacks {lacking:?}", language.name);
        if language.complete {
            wrong.push(format!("{} lacks {lacking:?}", language.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// All sources of tests below a folder.
fn read_all(folder: &Path, all: &mut String) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_all(&path, all);
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "kt" || kind == "swift") {
            all.push_str(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// `wrong_otp` as `wrongOtp` or `WrongOtp`.
fn camel(name: &str, first_is_large: bool) -> String {
    let mut camel = String::new();
    let mut large = first_is_large;
    for letter in name.chars() {
        match letter {
            '_' => large = true,
            _ if large => {
                camel.push(letter.to_ascii_uppercase());
                large = false;
            }
            _ => camel.push(letter),
        }
    }
    camel
}
