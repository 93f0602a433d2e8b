//! Values that must be found nowhere: not as they are, nor in base64, in hex or escaped for URLs.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use futures::TryStreamExt;
use sqlx::AssertSqlSafe;

use crate::Answer;
use crate::server::{Database, Server};

/// Everything that is looked for.
#[derive(Default)]
pub struct Markers {
    all: Vec<(&'static str, String)>,
    /// Refusals to be looked at.
    pub errors: Vec<String>,
}

impl Markers {
    /// Looks for a value from now on.
    pub fn add(&mut self, what: &'static str, value: impl Into<String>) {
        let value = value.into();
        assert!(value.len() >= 6, "{what} is too short to be looked for: {value}");
        self.all.push((what, value));
    }

    /// Keeps an error for later.
    pub fn refused(&mut self, answer: &Answer) {
        assert!(answer.status != 200 || !answer.code().is_empty(), "not refused: {}", answer.text);
        self.errors.push(answer.text.clone());
    }

    /// Fails where a text holds one of them in any form.
    pub fn assert_absent(&self, place: &str, text: &[u8]) {
        for (what, value) in &self.all {
            for (form, needle) in forms(value) {
                assert!(!holds(text, &needle), "{place} holds the {what} {form}: {value}\n{}", around(text, &needle));
            }
        }
    }
}

/// The ways in which a value may be written.
fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = value.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let escaped: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let mut all = vec![
        ("in clear", bytes.to_vec()),
        ("in hex", hex.clone().into_bytes()),
        ("in hex", hex.to_uppercase().into_bytes()),
        ("escaped", escaped.replace('+', "%20").into_bytes()),
        ("escaped", escaped.into_bytes()),
    ];
    // Within a longer text, base64 depends on where the value begins: what is left of each of the three beginnings after
    // the letters that its neighbours share.
    for before in 0..3 {
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let padded = [vec![0; before], bytes.to_vec()].concat();
            let text = engine.encode(&padded);
            let (from, to) = ([0, 2, 3][before], padded.len() * 8 / 6);
            if to - from >= 8 {
                all.push(("in base64", text.as_bytes()[from..to].to_vec()));
            }
        }
    }
    all.push(("in base64", STANDARD.encode(bytes).into_bytes()));
    all
}

/// Whether a text holds a value; a short one must stand by itself, for six digits are found in any long number.
fn holds(text: &[u8], needle: &[u8]) -> bool {
    let alone = needle.len() < 9;
    let neighbour = |at: Option<&u8>| alone && at.is_some_and(u8::is_ascii_alphanumeric);
    let mut from = 0;
    while let Some(at) = find(&text[from..], needle) {
        let at = from + at;
        if !neighbour(at.checked_sub(1).and_then(|before| text.get(before))) && !neighbour(text.get(at + needle.len()))
        {
            return true;
        }
        from = at + 1;
    }
    false
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| *byte == first) {
        if text[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

fn around(text: &[u8], needle: &[u8]) -> String {
    let at = find(text, needle).unwrap_or_default();
    let part = &text[at.saturating_sub(300)..(at + needle.len() + 100).min(text.len())];
    String::from_utf8_lossy(part).into_owned()
}

/// All that is stored: the bytes of the files, or each row as text.
pub async fn contents(server: &Server, database: Database) -> Vec<(String, Vec<u8>)> {
    match database {
        Database::Sqlite => {
            let files = server.database_files();
            assert!(files.len() >= 2, "the file and its log: {files:?}");
            files.into_iter().map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
        }
        Database::Postgres => {
            let pool = sqlx::PgPool::connect(&server.database_url()).await.unwrap();
            let tables: Vec<(String,)> =
                sqlx::query_as("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'")
                    .fetch_all(&pool)
                    .await
                    .unwrap();
            assert!(tables.len() > 8, "{tables:?}");
            let mut all = Vec::new();
            for (table,) in tables {
                let text = format!("SELECT r::text FROM \"{table}\" r");
                let rows: Vec<(String,)> =
                    sqlx::query_as(AssertSqlSafe(text)).fetch(&pool).try_collect().await.unwrap();
                let text: Vec<String> = rows.into_iter().map(|(row,)| row).collect();
                all.push((format!("table {table}"), text.join("\n").into_bytes()));
            }
            all
        }
    }
}

#[test]
fn every_form_of_a_value_is_found() {
    let value = "Zephyrine Ørsted-Quillfeather";
    for before in ["", "x", "xy", "xyz"] {
        let text = format!("{before}{value} and more");
        let written = [
            text.clone(),
            STANDARD.encode(&text),
            URL_SAFE_NO_PAD.encode(&text),
            text.bytes().map(|byte| format!("{byte:02x}")).collect(),
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        ];
        for text in written {
            assert!(forms(value).iter().any(|(_, needle)| holds(text.as_bytes(), needle)), "{text}");
            assert!(!forms("Zephyrine Ørsted-Quillfeder").iter().any(|(_, needle)| holds(text.as_bytes(), needle)));
        }
    }
    assert!(holds(b"pin=604817;", b"604817") && !holds(b"16048171", b"604817"));
}
