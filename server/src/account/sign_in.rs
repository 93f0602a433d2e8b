//! Sign-in to the citizen's page: an authorization request to our own issuer (OpenID Connect Core §3.1), with `state` and
//! a code challenge of which this browser alone holds the seed, and the code redeemed in this process. The client has no
//! key, so that nobody redeems its codes from outside.

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use protocol::base64url;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::form_urlencoded::{Serializer, parse};

use super::answer::{PAGE, Refusal, send_to};
use super::session::{self, Cookie, cookie_name, set_cookie};
use crate::clients::account;
use crate::grants::{self, Presented, RedeemError, Shown};
use crate::http::session::cookies;
use crate::ids::Kind;
use crate::registry;
use crate::secrets::Purpose;
use crate::state::AppState;

fn derived(state: &AppState, what: &str, seed: &str) -> String {
    base64url::encode(state.secrets.mac(Purpose::Account, &[what.as_bytes(), seed.as_bytes()]))
}

/// `GET /account/sign-in`: to the login page.
pub async fn get(State(state): State<AppState>, headers: HeaderMap) -> Response {
    begin(&state).unwrap_or_else(|refusal| refusal.page(&state, &headers))
}

fn begin(state: &AppState) -> Result<Response, Refusal> {
    let seed = state.mint(Kind::AccountSignIn).text;
    let verifier = derived(state, "verifier", &seed);
    let query = Serializer::new(String::new())
        .append_pair("client_id", account::ID)
        .append_pair("redirect_uri", &account::redirect_uri(&state.config))
        .append_pair("response_type", "code")
        .append_pair("scope", "openid")
        // Whoever withdraws and revokes here proves who they are here.
        .append_pair("prompt", "login")
        .append_pair("state", &derived(state, "state", &seed))
        .append_pair("nonce", &derived(state, "nonce", &seed))
        .append_pair("code_challenge", &base64url::encode(Sha256::digest(verifier)))
        .append_pair("code_challenge_method", "S256")
        .finish();
    let location = format!("{}/authorize?{query}", state.issuer(account::MOUNT));
    send_to(&location, set_cookie(state, Cookie::SignIn, &seed))
}

/// `GET /account/callback`: the way back from the login page. Whoever is there has a new session; one who said no has
/// none.
pub async fn callback(State(state): State<AppState>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let answer = end(&state, &query.unwrap_or_default(), &headers).await;
    answer.unwrap_or_else(|refusal| refusal.page(&state, &headers))
}

async fn end(state: &AppState, query: &str, headers: &HeaderMap) -> Result<Response, Refusal> {
    let one = |name: &str| {
        let mut values =
            parse(query.as_bytes()).filter(|(found, _)| found == name).map(|(_, value)| value.into_owned());
        match (values.next(), values.next()) {
            (Some(value), None) => value,
            _ => String::new(),
        }
    };
    let (code, sent) = (one("code"), one("state"));
    let oldest = state.ids.first_at(state.clock.now() - i64::from(state.config.lifetimes.account) * 1000);
    let seed = cookies(headers, cookie_name(state, Cookie::SignIn))
        .filter(|seed| state.ids.open(Kind::AccountSignIn, seed).is_some_and(|opened| opened.id >= oldest))
        .find(|seed| derived(state, "state", seed).as_bytes().ct_eq(sent.as_bytes()).into());
    let seed = seed.ok_or(Refusal::Gone)?;
    // RFC 9207: another issuer's answer is none of ours.
    if one("iss") != state.issuer(account::MOUNT) {
        return Err(Refusal::Gone);
    }
    let done = set_cookie(state, Cookie::SignIn, "");
    if code.is_empty() {
        return send_to(PAGE, done);
    }
    let presented = Presented {
        mount: account::MOUNT,
        client_id: account::ID,
        code: &code,
        redirect_uri: Some(&account::redirect_uri(&state.config)),
        code_verifier: Some(&derived(state, "verifier", seed)),
        code_seconds: None,
        refreshable: false,
        public: false,
    };
    let issued = grants::redeem(state, presented, Shown::default()).await.map_err(|error| match error {
        RedeemError::Refused(_) => Refusal::Gone,
        RedeemError::Fault(fault) => fault.into(),
    })?;
    let person = issued.approval.person;
    if !registry::is_active(state, person).await? {
        return Err(Refusal::Gone);
    }
    if let Some(before) = session::of(state, headers).await? {
        before.end(state).await?;
    }
    let begun = session::begin(state, person, &issued.access_token).await?;
    send_to(PAGE, done.into_iter().chain(begun))
}
