//! `GET /v1/persons/{uin}/document`: documents of a person, as files.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Call, person};
use crate::clock::random;
use crate::osia::Refusal;
use crate::state::AppState;

/// A file that a document consists of.
#[derive(PartialEq)]
struct File {
    media_type: String,
    bytes: Vec<u8>,
}

/// Tells a person's documents of a type in a format: `multipart/mixed`, one part for each file. A document that is also
/// another person's (a marriage certificate) is named by both: then only files that both persons have are told.
///
/// Nothing is converted: what is not kept in the format asked for is refused with 415.
///
/// # Errors
/// [`Refusal::Bad`], [`Refusal::NotFound`], [`Refusal::MediaType`].
pub async fn get(State(state): State<AppState>, Path(uin): Path<String>, call: Call) -> Result<Response, Refusal> {
    let kind = call.parameters.needed("doctype")?;
    let (media_type, ending) = match call.parameters.needed("format")? {
        "pdf" => ("application/pdf", "pdf"),
        "jpeg" => ("image/jpeg", "jpeg"),
        "png" => ("image/png", "png"),
        _ => return Err(Refusal::MediaType),
    };
    let (who, identity) = person(&state, &uin).await?;
    let mut files = files_of(identity.documents.as_deref().unwrap_or_default(), kind);
    if let Some(other) = call.parameters.one("secondaryUin")? {
        let (second, other) = person(&state, other).await?;
        call.record(&state, Some(second), "document").await?;
        let shared = files_of(other.documents.as_deref().unwrap_or_default(), kind);
        files.retain(|file| shared.contains(file));
    }
    call.record(&state, Some(who), "document").await?;
    if files.is_empty() {
        return Err(Refusal::NotFound);
    }
    files.retain(|file| file.media_type == media_type);
    if files.is_empty() {
        return Err(Refusal::MediaType);
    }
    let boundary = URL_SAFE_NO_PAD.encode(random::<24>(&*state.rng));
    let headers = [
        (header::CONTENT_TYPE, format!("multipart/mixed; boundary={boundary}")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, multipart(&boundary, ending, &files)).into_response())
}

/// RFC 2046 §5.1.
fn multipart(boundary: &str, ending: &str, files: &[File]) -> Vec<u8> {
    let mut body = Vec::new();
    for (place, File { media_type, bytes }) in files.iter().enumerate() {
        let head = format!(
            "--{boundary}\r\nContent-Type: {media_type}\r\nContent-Disposition: attachment; name=\"documents\"; \
             filename=\"{}.{ending}\"\r\n\r\n",
            place + 1
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

/// The files of all documents of a type, which may be OSIA's own or, of `OTHER` ones, any (`marriage`). What is kept
/// elsewhere or encrypted is none.
fn files_of(documents: &[Value], kind: &str) -> Vec<File> {
    let is_kind = |document: &&Value| {
        let named = |member: &str| document[member].as_str().is_some_and(|name| name.eq_ignore_ascii_case(kind));
        named("documentType") || named("documentTypeOther")
    };
    let parts = documents.iter().filter(is_kind).filter_map(|document| document["parts"].as_array()).flatten();
    let file = |part: &Value| {
        let media_type = part["mimeType"].as_str()?.to_ascii_lowercase();
        let readable = part.get("encryption").is_none();
        let bytes = readable.then(|| STANDARD.decode(part["data"].as_str()?).ok()).flatten()?;
        Some(File { media_type, bytes })
    };
    parts.filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_between_boundaries_as_they_are() {
        let files = [b"%PDF".as_slice(), b"\r\n--"]
            .map(|bytes| File { media_type: "application/pdf".into(), bytes: bytes.to_vec() });
        let body = String::from_utf8(multipart("x", "pdf", &files)).unwrap();
        assert_eq!(body.matches("--x\r\nContent-Type: application/pdf\r\n").count(), 2);
        assert!(body.contains("filename=\"2.pdf\"\r\n\r\n\r\n--\r\n--x--\r\n"));
    }
}
