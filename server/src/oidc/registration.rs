//! `POST` client registration (RFC 7591): off. Clients are registered through client management or by the operator. The
//! endpoint answers all the same, because GovStack's metadata must name one.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::access::bearer;
use crate::error::OAuthError;

/// 401 without a token, 403 with any.
pub async fn post(headers: HeaderMap) -> Response {
    let description = "dynamic registration is off; clients are registered by the operator";
    if bearer(&headers).is_none() {
        let error = OAuthError { status: StatusCode::UNAUTHORIZED, error: "invalid_token", description };
        return ([(header::WWW_AUTHENTICATE, "Bearer")], error).into_response();
    }
    OAuthError { status: StatusCode::FORBIDDEN, error: "access_denied", description }.into_response()
}
