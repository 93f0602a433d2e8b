//! Routes and document are the same, whatever the configuration serves.

use std::collections::BTreeSet;
use std::path::Path;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::Value;

use super::openapi;
use crate::config::{Config, Mounts};
use crate::testkit::Kit;

const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn knock(kit: &Kit, verb: &str, template: &str) -> StatusCode {
    let path: Vec<&str> = template.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect();
    let method = Method::from_bytes(verb.to_ascii_uppercase().as_bytes()).unwrap();
    let request = Request::builder().method(method).uri(path.join("/")).body(Body::empty()).unwrap();
    // Which also holds the answer against the document.
    kit.send(request).await.status
}

#[tokio::test]
async fn every_documented_operation_is_routed_and_no_other() {
    let all = [
        (true, true, true, false),
        (true, true, true, true),
        (false, true, true, false),
        (true, false, false, false),
        (false, false, false, false),
    ];
    for (govstack, esignet, op, bankid) in all {
        let mounts = Mounts { govstack, esignet, op, bankid };
        let kit = Kit::with(Config { mounts, ..Config::default() }).await;
        let document = openapi(&kit.state.config);
        for (template, operations) in document["paths"].as_object().unwrap() {
            for verb in VERBS {
                let status = knock(&kit, verb, template).await;
                match operations.get(verb) {
                    Some(operation) => assert!(
                        operation["responses"].get(status.as_str()).is_some(),
                        "{verb} {template} is not routed: {status}"
                    ),
                    None => assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{verb} {template}"),
                }
            }
        }
    }
}

/// All routes come from `Routes`, which the document is made of: nobody else adds one.
#[test]
fn nobody_routes_past_the_document() {
    fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    let calls = [".route", "("].concat();
    // What tests serve to themselves comes last in a file.
    let served = |text: String| text.split("#[cfg(test)]\nmod").next().is_some_and(|text| text.contains(&calls));
    let routing = found.iter().filter(|file| served(std::fs::read_to_string(file).unwrap()));
    let names: BTreeSet<&str> = routing
        .filter_map(|file| file.strip_prefix(&root).ok()?.to_str())
        .filter(|name| !name.contains("test"))
        .collect();
    // The second is the listener of `/metrics`, which is not this server's.
    assert_eq!(names, BTreeSet::from(["http/openapi/routes.rs", "serve.rs"]));
}

#[test]
fn every_reference_of_the_document_leads_somewhere_and_names_are_nobody_elses() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = openapi(&Config::default());
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let names: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
}
