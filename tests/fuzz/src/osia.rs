//! What OSIA's interfaces are sent: search expressions, merge patches, documents, scopes, signatures, encrypted data.

use std::cmp::Ordering;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use protocol::jwk::Jwk;
use serde_json::{Map, Value};
use server::config::{Config, Delivery};
use server::enrollment::buffer::digest::{Claimed, Digests, Hashing};
use server::enrollment::model::Enrollment;
use server::identity::abis::answer;
use server::keys::{KeyError, signed_cms};
use server::notifications::address::Protocol;
use server::notifications::policy::Policy;
use server::osia::{Expression, MOST_EXPRESSIONS, Strict, merged};
use server::population::find;
use server::population::record::Given;
use server::protection::{Scope, canonical, clear, intermediate};
use server::state::AppState;
use server::verification::model::AttributeSet;

use crate::choice;

/// Search expressions over values of every kind, as the registry and the data access read them. Of `<`, `=` and `>` at most one
/// holds, and the others follow from them.
pub fn expressions(data: &[u8]) {
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let Ok(expressions) = find::expressions(&headers, &Bytes::copy_from_slice(data)) else { return };
    assert!(expressions.len() <= MOST_EXPRESSIONS);
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
        // What is looked up is what is compared.
        let (operand, known) = (find::operand_written(&expression.value), serde_json::to_value(&expression.value));
        let equal = matches!(expression.value.compare(&known.expect("JSON")), Some(Ordering::Equal));
        assert!(operand.is_none() || equal);
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

/// What is sent: an enrollment, an identity of the population registry, attributes to be verified. What was read is written and
/// read as the same.
pub fn documents(data: &[u8]) {
    let Some((which, data)) = choice(data, 3) else { return };
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
        _ => {
            if let Ok(Strict(read)) = Strict::<AttributeSet>::read(data) {
                assert!(!format!("{read:?}").contains('{'), "nothing of it is told");
            }
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

pub(crate) struct Server {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) state: AppState,
    _folder: tempfile::TempDir,
}

/// A server with keys of its own, which nobody here encrypts for.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut config = Config { secret_file: folder.path().join("secret"), ..Config::default() };
        config.database.url = format!("sqlite:{}", folder.path().join("fuzz.sqlite").display());
        let (host, from) = ("relay.test".to_owned(), "id@relay.test".to_owned());
        config.otp.delivery = Delivery::Smtp { host, port: 25, tls: true, ca: None, user: None, password: None, from };
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

/// The values of the header `Digest`, a line each, then an empty line and a body: what is claimed holds of that body alone.
pub fn digest(data: &[u8]) {
    let end = data.windows(2).position(|two| two == b"\n\n").unwrap_or(data.len());
    let (Ok(values), body) = (std::str::from_utf8(&data[..end]), data.get(end + 2..).unwrap_or_default()) else {
        return;
    };
    let of = |body: &[u8]| {
        let mut hashing = Hashing::default();
        body.chunks(3).for_each(|piece| hashing.update(piece));
        hashing.finish()
    };
    let (digests, others) = (of(body), of(&[body, b"."].concat()));
    let header = digests.header();
    assert!(Digests::read(&header).is_some_and(|read| read == digests));
    let own = Claimed::read(std::iter::once(header.as_str())).unwrap_or_else(|error| panic!("{error}"));
    assert!(own.check(&digests).is_ok() && own.check(&others).is_err());
    let Ok(claimed) = Claimed::read(values.lines()) else { return };
    let nothing = values.lines().next().is_none();
    assert!(claimed.check(&digests).is_err() || claimed.check(&others).is_err() || nothing);
}

/// What a service asks for where it subscribes: a policy, the address of a URL, one of mail. What was read is written, and read
/// as the same.
pub fn subscriptions(data: &[u8]) {
    let Some((which, data)) = choice(data, 3) else { return };
    let Ok(text) = std::str::from_utf8(data) else { return };
    let protocol = match which {
        0 => {
            let Ok(policy) = Policy::read(text) else { return };
            assert!(Policy::read(&policy.to_string()).is_ok_and(|again| again == policy));
            let later = policy.again(1, 0);
            assert!(later.is_some_and(|later| later == policy.countdown * 1000) || policy.retries == 0);
            assert!(policy.again(i64::MAX, 0).is_none() || policy.retries == -1);
            return;
        }
        1 => Protocol::Http,
        _ => Protocol::Email,
    };
    let Server { state, .. } = server();
    let Ok(address) = protocol.address(state, text) else { return };
    let again = protocol.address(state, &address).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, address, "there is one way to write it");
    if which == 1 {
        assert!(address.starts_with("https://") && !address.contains('#'));
    }
}

/// What an ABIS answers, at once and by calling back.
pub fn abis(data: &[u8]) {
    let Some((which, data)) = choice(data, 6) else { return };
    let Server { state, .. } = server();
    match which {
        0 => {
            let Ok(all) = answer::candidates(&state.ids, None, data) else { return };
            assert!(all.iter().all(|(_, score)| score.is_finite()));
            let some = answer::candidates(&state.ids, Some(1000.0), data).expect("the same answer");
            assert!(some.iter().all(|one| one.1 >= 1000.0 && all.contains(one)));
        }
        1 => {
            if let Ok(task) = answer::task(data) {
                assert!((1..=256).contains(&task.chars().count()));
            }
        }
        2 => drop(answer::decision(data)),
        3 => {
            let _ = answer::progress(200, data);
            assert!(answer::progress(404, data).is_ok() && answer::progress(500, data).is_err());
        }
        which => {
            let (failed, put) = (which == 4, data.len() % 2 == 0);
            if let Ok(Some(taken)) = answer::called_back(data, failed, put) {
                let _: Value = serde_json::from_slice(taken).expect("JSON");
                assert!(!failed || put);
            }
        }
    }
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
