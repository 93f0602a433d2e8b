//! The seeds, and whatever the fuzzer once found, through their targets.

use std::path::{Path, PathBuf};

use server::portability::{Line, Opener, check};

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("no corpus for {target}"));
    files
        .map(|file| file.expect("a file").path())
        .map(|path| (path.clone(), std::fs::read(path).expect("a readable file")))
        .collect()
}

#[test]
fn every_seed_passes_its_target() {
    for (name, target) in targets::ALL {
        let seeds = corpus(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for (path, seed) in seeds {
            println!("{}", path.display());
            target(&seed);
            // Cut short, as from a connection that broke off.
            for end in [seed.len() / 2, seed.len().saturating_sub(1)] {
                target(&seed[..end]);
            }
        }
    }
}

#[test]
fn every_folder_of_seeds_has_a_target() {
    let folders = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).expect("the corpus");
    for folder in folders {
        let name = folder.expect("a folder").file_name().into_string().expect("a name");
        assert!(targets::named(&name).is_some(), "{name}");
    }
}

/// The seeds reach what they are for: a target that reads nothing finds nothing.
#[test]
fn the_pictures_hold_a_code_that_is_read() {
    let read: Vec<_> =
        corpus("picture").iter().filter_map(|(_, file)| wallet_host::read_qr_picture(file).ok()).flatten().collect();
    assert_eq!(read, ["x://y?linkCode=a1B2c3D4e5F6g7H"]);
}

/// Nor does one that refuses the first line.
#[test]
fn the_exports_are_read_line_by_line() {
    for (path, seed) in corpus("restore") {
        match seed.split_first().expect("a kind") {
            (0, file) => assert!(check(file, &Opener::Clear).is_ok(), "{}", path.display()),
            (2, lines) => {
                for line in lines.split(|byte| *byte == b'\n') {
                    if let Err(error) = serde_json::from_slice::<Line>(line) {
                        panic!("{}: {error}: {}", path.display(), String::from_utf8_lossy(line));
                    }
                }
            }
            _ => {}
        }
    }
}
