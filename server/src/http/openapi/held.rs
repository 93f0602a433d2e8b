//! Every answer that a test of this crate gets through the router is held against the document: its status and its media
//! type must be there. So no route can answer what the document does not say without a test failing.

use axum::http::{HeaderMap, Method, StatusCode, header};
use serde_json::Value;

/// What is wrong with an answer, if anything.
pub(crate) fn undocumented(
    document: &Value,
    (method, path): (&Method, &str),
    (status, headers, has_body): (StatusCode, &HeaderMap, bool),
) -> Option<String> {
    let paths = document["paths"].as_object()?;
    // A path without a parameter goes before one with.
    let fits = |of: &&String| fits(of, path);
    let Some(template) = paths.keys().filter(fits).min_by_key(|of| of.matches('{').count()) else {
        return (status != StatusCode::NOT_FOUND)
            .then(|| format!("{path} is not in the document and answers {status}"));
    };
    let verb = if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_ascii_lowercase() };
    let Some(operation) = paths[template].get(&verb) else {
        let told = status != StatusCode::METHOD_NOT_ALLOWED;
        return told.then(|| format!("{method} {template} is not in the document and answers {status}"));
    };
    let Some(response) = operation["responses"].get(status.as_str()) else {
        return Some(format!("{method} {template} answers {status}, which the document does not say"));
    };
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.and_then(|media| media.split(';').next()).map(str::trim);
    let known = response["content"].as_object();
    let good = match (media, known) {
        (None, _) => !has_body,
        (Some(media), Some(known)) => {
            let family = media.split('/').next().unwrap_or_default();
            known.contains_key(media) || known.contains_key(&format!("{family}/*"))
        }
        (Some(_), None) => false,
    };
    (!good).then(|| format!("{method} {template} answers {status} as {media:?}, which the document does not say"))
}

fn fits(template: &str, path: &str) -> bool {
    let (mut of, mut is) = (template.split('/'), path.split('/'));
    loop {
        match (of.next(), is.next()) {
            (None, None) => return true,
            (Some(of), Some(is)) if of == is || of.starts_with('{') && !is.is_empty() => {}
            _ => return false,
        }
    }
}
