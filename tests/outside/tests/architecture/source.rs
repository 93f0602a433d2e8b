//! Reads from a source file which rooms it names. A small reading of Rust's tokens, enough for paths.

use std::collections::BTreeSet;

/// What stands under the crate's root in this file's paths, the first name and the second where there is one (`http::fetch`):
/// from `crate::x`, `use crate::{x, y::z}`, and `super::super::x` as far as it reaches the root. Code under `#[cfg(test)]` is left out.
pub fn rooms_named_in(text: &str, module: &[String]) -> BTreeSet<String> {
    let tokens = without_tests(&tokens(text)).kept;
    let mut named = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let continues_a_path = at > 0 && tokens[at - 1] == "::";
        if continues_a_path {
            continue;
        }
        let mut climbed = match token.as_str() {
            "crate" => module.len(),
            "super" => 1,
            _ => continue,
        };
        let mut next = at + 1;
        while is(&tokens, next, "::") && is(&tokens, next + 1, "super") {
            climbed += 1;
            next += 2;
        }
        if climbed >= module.len() && is(&tokens, next, "::") {
            first_names(&tokens, next + 1, &mut named);
        }
    }
    named
}

/// The modules this file declares for tests only.
pub fn test_modules_of(text: &str) -> BTreeSet<String> {
    let removed = without_tests(&tokens(text)).removed;
    removed.windows(3).filter(|three| three[0] == "mod" && three[2] == ";").map(|three| three[1].clone()).collect()
}

/// The macros this file defines; they are named at the crate's root wherever they stand.
pub fn macros_of(text: &str) -> BTreeSet<String> {
    let tokens = tokens(text);
    tokens
        .windows(3)
        .filter(|three| three[0] == "macro_rules" && three[1] == "!")
        .map(|three| three[2].clone())
        .collect()
}

fn is(tokens: &[String], at: usize, word: &str) -> bool {
    tokens.get(at).is_some_and(|token| token == word)
}

/// The name at `at`, or those of each member of the group `{…}` that stands there.
fn first_names(tokens: &[String], at: usize, named: &mut BTreeSet<String>) {
    if !is(tokens, at, "{") {
        named.insert(name_at(tokens, at));
        // `x::{y, z}` names two things in x.
        if is(tokens, at + 1, "::") && is(tokens, at + 2, "{") {
            let mut inner = BTreeSet::new();
            first_names(tokens, at + 2, &mut inner);
            named.remove(&tokens[at]);
            named.extend(
                inner.iter().map(|name| format!("{}::{}", tokens[at], name.split("::").next().unwrap_or(name))),
            );
        }
        return;
    }
    let end = closing(tokens, at);
    let mut place = at + 1;
    while place < end {
        first_names(tokens, place, named);
        while place < end && tokens[place] != "," {
            place = if tokens[place] == "{" { closing(tokens, place) + 1 } else { place + 1 };
        }
        place += 1;
    }
}

/// `a` or `a::b`.
fn name_at(tokens: &[String], at: usize) -> String {
    let first = tokens.get(at).cloned().unwrap_or_default();
    match tokens.get(at + 2) {
        Some(second) if is(tokens, at + 1, "::") && second.starts_with(|letter: char| letter.is_alphabetic()) => {
            format!("{first}::{second}")
        }
        _ => first,
    }
}

/// A file's tokens, parted.
struct Parted {
    kept: Vec<String>,
    removed: Vec<String>,
}

/// Takes out every item under an attribute that mentions `cfg` and `test`.
fn without_tests(tokens: &[String]) -> Parted {
    let (mut kept, mut removed) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] == "#" && is(tokens, at + 1, "[") {
            let end = closing(tokens, at + 1);
            let attribute = &tokens[at + 2..end];
            let only_in_tests = attribute.first().is_some_and(|name| name == "cfg")
                && attribute.iter().any(|word| word == "test")
                && !attribute.iter().any(|word| word == "not");
            if only_in_tests {
                let behind = end_of_item(tokens, end + 1);
                removed.extend_from_slice(&tokens[end + 1..behind]);
                at = behind;
                continue;
            }
        }
        kept.push(tokens[at].clone());
        at += 1;
    }
    Parted { kept, removed }
}

/// Behind the item that starts at `at`: behind its first block, or behind a semicolon before any.
fn end_of_item(tokens: &[String], at: usize) -> usize {
    let mut place = at;
    while place < tokens.len() {
        match tokens[place].as_str() {
            ";" => return place + 1,
            "{" => return closing(tokens, place) + 1,
            "[" | "(" => place = closing(tokens, place) + 1,
            _ => place += 1,
        }
    }
    place
}

/// The place of the bracket that closes the one at `at`.
fn closing(tokens: &[String], at: usize) -> usize {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(at) {
        match token.as_str() {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place;
        }
    }
    tokens.len() - 1
}

/// Names, `::` and single signs; comments, literals and lifetimes are left out.
fn tokens(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        let following = letters.get(at + 1).copied();
        match letter {
            '/' if following == Some('/') => at = skip_until(&letters, at, |here| letters[here] == '\n'),
            '/' if following == Some('*') => at = block_comment(&letters, at),
            '"' => at = quoted(&letters, at),
            'r' if matches!(following, Some('"' | '#')) && raw_string(&letters, at).is_some() => {
                at = raw_string(&letters, at).expect("just seen");
            }
            '\'' => at = character_or_lifetime(&letters, at),
            ':' if following == Some(':') => {
                found.push("::".to_owned());
                at += 2;
            }
            _ if letter.is_alphanumeric() || letter == '_' => {
                let end = skip_until(&letters, at, |here| !(letters[here].is_alphanumeric() || letters[here] == '_'));
                found.push(letters[at..end].iter().collect());
                at = end;
            }
            _ if letter.is_whitespace() => at += 1,
            _ => {
                found.push(letter.to_string());
                at += 1;
            }
        }
    }
    found
}

fn skip_until(letters: &[char], from: usize, stop: impl Fn(usize) -> bool) -> usize {
    (from..letters.len()).find(|&here| stop(here)).unwrap_or(letters.len())
}

fn block_comment(letters: &[char], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while at + 1 < letters.len() {
        match (letters[at], letters[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    letters.len()
}

fn quoted(letters: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    letters.len()
}

/// Behind `r"…"` or `r#"…"#`; `None` where it is a name that starts with r.
fn raw_string(letters: &[char], from: usize) -> Option<usize> {
    let hashes = letters[from + 1..].iter().take_while(|&&letter| letter == '#').count();
    let open = from + 1 + hashes;
    if letters.get(open) != Some(&'"') {
        return None;
    }
    let end = (open + 1..letters.len()).find(|&here| {
        letters[here] == '"'
            && letters[here + 1..].iter().take(hashes).filter(|&&letter| letter == '#').count() == hashes
    });
    Some(end.map_or(letters.len(), |end| end + 1 + hashes))
}

fn character_or_lifetime(letters: &[char], from: usize) -> usize {
    match (letters.get(from + 1), letters.get(from + 2)) {
        (Some('\\'), _) => skip_until(letters, from + 3, |here| letters[here] == '\'') + 1,
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{macros_of, rooms_named_in, test_modules_of};

    fn named(text: &str, module: &[&str]) -> Vec<String> {
        let module: Vec<String> = module.iter().map(|name| (*name).to_owned()).collect();
        rooms_named_in(text, &module).into_iter().collect()
    }

    #[test]
    fn paths_and_groups_name_rooms() {
        assert_eq!(
            named("use crate::store::Store; fn f(x: crate::http) {}", &["oidc", "token"]),
            ["http", "store::Store"]
        );
        assert_eq!(
            named("use crate::{a::{self, b}, c, d::{e, f::g}};", &["oidc"]),
            ["a::b", "a::self", "c", "d::e", "d::f"]
        );
        assert_eq!(named("use crate::http::{fetch, envelope::X};", &["oidc"]), ["http::envelope", "http::fetch"]);
    }

    #[test]
    fn climbing_counts_only_where_it_reaches_the_root() {
        assert_eq!(named("use super::model::X; use super::super::store::Y;", &["oidc", "token"]), ["store::Y"]);
        assert_eq!(named("use super::store::Y;", &["oidc"]), ["store::Y"]);
        assert_eq!(named("use super::store::Y;", &["oidc", "token"]), [""; 0]);
    }

    #[test]
    fn tests_comments_and_literals_name_nothing() {
        let text = r##"
            // crate::a
            /* crate::b /* crate::c */ crate::d */
            const S: &str = "crate::e \" crate::f"; const R: &str = r#"crate::g " crate::h"#;
            fn f<'a>(x: &'a str) -> char { '"' }
            #[cfg(test)] use crate::i::X;
            #[cfg(test)]
            pub(crate) mod bench;
            #[cfg(test)]
            mod tests { use crate::j::Y; fn g() { crate::k::z(); } }
            macro_rules! mine { () => {} }
            use crate::l::Z;
        "##;
        assert_eq!(named(text, &["oidc"]), ["l::Z"]);
        assert!(test_modules_of(text).contains("bench"));
        assert!(macros_of(text).contains("mine"));
    }
}
