//! `csrf/token`: cookies and token for a browser's calls.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::super::bodies::CsrfToken;
use crate::http::csrf::{FIELD, HEADER, arrive};
use crate::state::AppState;

/// `GET csrf/token`: keeps the cookies a browser has, gives those it lacks.
pub async fn get(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let arrival = arrive(&state, &headers);
    let body = CsrfToken { token: arrival.token, header_name: HEADER, parameter_name: FIELD };
    let mut response = Json(body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in arrival.set_cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}
