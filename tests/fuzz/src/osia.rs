//! What OSIA's interfaces are sent: search expressions, merge patches, documents, scopes, signatures, encrypted data.

use std::sync::OnceLock;

use protocol::jwk::Jwk;
use serde_json::{Map, Value};
use server::config::Config;
use server::enrollment::model::Enrollment;
use server::keys::{KeyError, signed_cms};
use server::osia::{Expression, Strict, merged};
use server::population::record::Given;
use server::portability::Line;
use server::protection::{Scope, canonical, clear, intermediate};
use server::state::AppState;
use server::verification::model::AttributeSet;

use crate::choice;

/// Search expressions over values of every kind. Of `<`, `=` and `>` at most one holds, and the others follow from them.
pub fn expressions(data: &[u8]) {
    let Ok(expressions) = serde_json::from_slice::<Vec<Expression>>(data) else { return };
    let known = serde_json::json!([null, true, 0, -1, 1.5, 1e300, "", "1990-12-31", "é", [], {}]);
    for expression in &expressions {
        let written = serde_json::to_value(expression).expect("JSON");
        let again: Expression = serde_json::from_value(written).expect("what was written");
        assert!(again == *expression);
        for value in known.as_array().expect("values") {
            let ordering = expression.value.compare(value);
            let holds = expression.operator.holds(ordering);
            assert_eq!(holds, again.operator.holds(again.value.compare(value)));
        }
    }
}

/// A document on the first line, a merge patch after it (RFC 7396): what comes of it is what the patch says, and nothing else
/// has changed.
pub fn merge_patch(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (Ok(document), Ok(patch)) =
        (serde_json::from_slice::<Value>(&data[..end]), serde_json::from_slice::<Value>(&data[end..]))
    else {
        return;
    };
    let result = merged(document.clone(), patch.clone());
    patched(&document, &patch, &result);
    assert_eq!(merged(result.clone(), patch), result, "a second time changes nothing");
    assert_eq!(
        merged(document.clone(), Value::Object(Map::new())),
        if document.is_object() { document } else { Value::Object(Map::new()) }
    );
}

fn patched(before: &Value, patch: &Value, after: &Value) {
    let Value::Object(patch) = patch else { return assert_eq!(after, patch) };
    let after = after.as_object().expect("a patch that is an object makes one");
    let nothing = Map::new();
    let before = before.as_object().unwrap_or(&nothing);
    for (name, value) in patch {
        match (value, after.get(name)) {
            (Value::Null, found) => assert_eq!(found, None),
            (value, found) => patched(before.get(name).unwrap_or(&Value::Null), value, found.expect("what is set")),
        }
    }
    for name in before.keys().chain(after.keys()).filter(|name| !patch.contains_key(*name)) {
        assert_eq!(before.get(name), after.get(name));
    }
}

/// What is sent and carried: an enrollment, an identity of the population registry, attributes to be verified, a line of an
/// export. What was read is written and read as the same.
pub fn documents(data: &[u8]) {
    let Some((which, data)) = choice(data, 4) else { return };
    match which {
        0 => {
            let Ok(read) = Enrollment::read(data) else { return };
            let written = serde_json::to_value(&read).expect("JSON");
            let again = Enrollment::from_value(written.clone()).unwrap_or_else(|fault| panic!("{fault}"));
            assert_eq!(serde_json::to_value(&again).expect("JSON"), written);
        }
        1 => {
            let Ok(Strict(given)) = Strict::<Given>::object(data) else { return };
            let Ok(identity) = given.checked(None) else { return };
            let members = Value::Object(identity.members());
            let again: Given = serde_json::from_value(members.clone()).expect("what was written");
            let again = again.checked(None).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(Value::Object(again.members()), members);
        }
        2 => {
            if let Ok(Strict(read)) = Strict::<AttributeSet>::read(data) {
                assert!(!format!("{read:?}").contains('{'), "nothing of it is told");
            }
        }
        _ => {
            let Ok(read) = serde_json::from_slice::<Line>(data) else { return };
            let written = serde_json::to_value(&read).expect("JSON");
            let again: Line = serde_json::from_value(written.clone()).expect("what was written");
            assert_eq!(serde_json::to_value(&again).expect("JSON"), written);
        }
    }
}

/// A scope on the first line, a document after it. What is kept is found again in what was kept.
pub fn scope(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (Ok(scope), Ok(document)) = (std::str::from_utf8(&data[..end]), serde_json::from_slice::<Value>(&data[end..]))
    else {
        return;
    };
    let Ok(found) = Scope::parse(scope).and_then(|scope| scope.locate(&document)) else { return };
    let kept = intermediate(&document, &found);
    let text = canonical(&kept).expect("JSON has a canonical form");
    let read: Value = serde_json::from_str(&text).expect("a canonical form is JSON");
    assert_eq!(canonical(&read).expect("JSON"), text);
    assert!(text.len() <= canonical(&document).expect("JSON").len());
}

struct Server {
    runtime: tokio::runtime::Runtime,
    state: AppState,
    _folder: tempfile::TempDir,
}

/// A server with keys of its own, which nobody here encrypts for.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut config = Config { secret_file: folder.path().join("secret"), ..Config::default() };
        config.database.url = format!("sqlite:{}", folder.path().join("fuzz.sqlite").display());
        let state = runtime.block_on(async {
            let state = server::serve::open(config, true).await.expect("a server");
            state.keys.encryption_keys().await.expect("keys");
            state
        });
        Server { runtime, state, _folder: folder }
    })
}

/// As a JWE, as CMS that is encrypted, as CMS that is signed: nothing opens, and it is refused as that.
pub fn envelope(data: &[u8]) {
    let Server { runtime, state, .. } = server();
    if let Ok(text) = std::str::from_utf8(data) {
        let opened = runtime.block_on(state.keys.open_jwe(text));
        assert!(matches!(opened, Err(KeyError::NotForUs)));
    }
    let opened = runtime.block_on(state.keys.open_cms(data));
    assert!(matches!(opened, Err(KeyError::NotForUs)));
    let text = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let key = Jwk::from_json(text).expect("a key");
    assert!(!signed_cms(data, b"", &[key]));
}

/// A whole document with its blocks.
pub fn protected(data: &[u8]) {
    let Ok(document) = serde_json::from_slice::<Value>(data) else { return };
    let Server { runtime, state, .. } = server();
    if let Ok(opened) = runtime.block_on(clear(state, &document)) {
        // Nothing is encrypted for this server, so nothing changes.
        assert_eq!(opened.document, document);
    }
}
