//! What a browser sees of a relying party.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;

use super::{Citizen, RelyingParty};

/// The pages of one relying party, under its path.
pub fn routes(party: Arc<RelyingParty>) -> Router {
    let at = |page: &str| format!("/{}/{page}", party.profile.path);
    Router::new()
        .route(&at(""), get(home))
        .route(&at("login"), get(login))
        .route(&at("callback"), get(callback))
        .route(&at("logo.svg"), get(logo))
        .with_state(party)
}

async fn home(State(party): State<Arc<RelyingParty>>) -> Html<String> {
    let profile = party.profile;
    let path = profile.path;
    page(
        profile.name,
        &format!(
            "<p>{}</p><p><a class=\"button\" id=\"login\" href=\"/{path}/login\">Log in with Tessera</a></p>",
            escape(profile.motto)
        ),
    )
}

async fn logo(State(party): State<Arc<RelyingParty>>) -> Response {
    let initial = party.profile.name.chars().next().unwrap_or('T');
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 56 56\"><rect width=\"56\" height=\"56\" rx=\"12\" fill=\"#0b5bd3\"/>\
         <text x=\"28\" y=\"39\" font-size=\"30\" text-anchor=\"middle\" fill=\"#fff\" font-family=\"sans-serif\">{initial}</text></svg>"
    );
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()
}

async fn login(State(party): State<Arc<RelyingParty>>, headers: HeaderMap) -> Response {
    let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("en");
    let language = language.split([',', ';', '-']).next().unwrap_or("en");
    match party.begin(language).await {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, page(party.profile.name, &escape(&error.to_string()))).into_response(),
    }
}

async fn callback(State(party): State<Arc<RelyingParty>>, Query(answer): Query<HashMap<String, String>>) -> Response {
    let name = party.profile.name;
    match party.end(&answer).await {
        Ok(citizen) => page(name, &welcome(&citizen, party.profile.path)).into_response(),
        Err(error) => {
            let again = format!(
                "<p id=\"error\">{}</p><p><a href=\"/{}/\">Back</a></p>",
                escape(&error.to_string()),
                party.profile.path
            );
            (StatusCode::FORBIDDEN, page(name, &again)).into_response()
        }
    }
}

fn welcome(citizen: &Citizen, path: &str) -> String {
    let mut rows = String::new();
    for (source, claims) in [("userinfo", &citizen.userinfo), ("ID token", &citizen.id_token)] {
        for (claim, value) in claims {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let shown = if value.len() > 200 { "(long)".into() } else { escape(&value) };
            let _ = write!(
                rows,
                "<tr data-claim=\"{}\"><th>{}</th><td>{shown}</td><td>{source}</td></tr>",
                escape(claim),
                escape(claim)
            );
        }
    }
    format!(
        "<p id=\"welcome\">You are logged in.</p><table><thead><tr><th>Claim</th><th>Value</th><th>From</th></tr></thead><tbody>{rows}</tbody></table><p><a href=\"/{path}/\">Log out</a></p>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A whole page around `body`.
pub fn page(title: &str, body: &str) -> Html<String> {
    let title = escape(title);
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><link rel=\"stylesheet\" href=\"/demo.css\"></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    ))
}
