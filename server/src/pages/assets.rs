//! The pages' style and script, from inside the program.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("../../static/page.css");
const SCRIPT: &str = include_str!("../../static/wallet.js");
const FORM_POST: &str = include_str!("../../static/form_post.js");

/// `GET /static/{version}/{name}`.
pub async fn get(Path((version, name)): Path<(String, String)>) -> Response {
    let (kind, text) = match name.as_str() {
        "page.css" => ("text/css; charset=utf-8", STYLE),
        "wallet.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "form_post.js" => ("text/javascript; charset=utf-8", FORM_POST),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    // Another version's asset is not here: better none than a wrong one for a year.
    if version != tag() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}

/// What names this very content.
#[must_use]
pub fn tag() -> &'static str {
    static TAG: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        use sha2::{Digest, Sha256};
        let digest = Sha256::new().chain_update(STYLE).chain_update(SCRIPT).chain_update(FORM_POST).finalize();
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    });
    &TAG
}
