//! Bodies of a foreign media type: 415 with `invalid_content_type` (BID-133-02).

use axum::extract::Request;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};

use crate::dialect::Mount;
use crate::error::TokenFault;

/// What the interface file has forms for, under the mount. Signing is not built.
const FORMS: [&str; 4] = ["/auth", "/token", "/token-info", "/logout"];

/// The refusal of a body that is no form, where the route takes forms.
pub(super) fn refused(route: &str, request: &Request) -> Option<Response> {
    let takes_form = route.strip_prefix(Mount::BankId.prefix()).is_some_and(|path| FORMS.contains(&path));
    if request.method() != Method::POST || !takes_form {
        return None;
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let told = "the body must be application/x-www-form-urlencoded";
    Some(Mount::BankId.dialect().oauth(TokenFault::MediaType, told).into_response())
}
