//! What OSIA's interfaces are sent: search expressions, scopes, signatures, encrypted data.

use std::sync::OnceLock;

use protocol::jwk::Jwk;
use serde_json::Value;
use server::config::Config;
use server::keys::{KeyError, signed_cms};
use server::osia::Expression;
use server::protection::{Scope, canonical, clear, intermediate};
use server::state::AppState;

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
