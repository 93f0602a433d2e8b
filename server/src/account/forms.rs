//! What the citizen does on the page: plain forms, each with the token of its session.

use std::collections::HashMap;
use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::{PAGE, Refusal, send_to};
use super::session::{self, Cookie, Session, set_cookie};
use crate::authorization::withdrawal;
use crate::binding;
use crate::clients::account;
use crate::http::csrf;
use crate::ids::Kind;
use crate::sessions;
use crate::state::AppState;

/// The fields of a form. Whatever else is sent has none of them, and so not the session's token either.
pub struct Fields(HashMap<String, String>);

impl FromRequest<AppState> for Fields {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Infallible> {
        let bytes = Bytes::from_request(request, state).await.unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(&bytes).into_owned().collect()))
    }
}

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.0.get(name).map_or("", String::as_str)
}

/// The session that sent a form; `None` where it is over, and the page says so.
async fn sender(state: &AppState, headers: &HeaderMap, fields: &Fields) -> Result<Option<Session>, Refusal> {
    match session::of(state, headers).await? {
        Some(session) if session.sent(field(fields, csrf::FIELD)) => Ok(Some(session)),
        Some(_) => Err(Refusal::Cookies),
        None => Ok(None),
    }
}

/// `POST /account/consents/withdraw` {consent}: ends what was agreed to with that relying party. A consent that is
/// somebody else's, or unknown, changes nothing.
pub async fn withdraw(State(state): State<AppState>, headers: HeaderMap, fields: Fields) -> Response {
    let answer = async {
        if let Some(session) = sender(&state, &headers, &fields).await?
            && let Some(id) = state.ids.named(Kind::Consent, field(&fields, "consent"))
        {
            withdrawal::withdraw(&state, session.person, id).await?;
        }
        send_to(PAGE, None)
    };
    answer.await.unwrap_or_else(|refusal| refusal.page(&state, &headers))
}

/// `POST /account/devices/revoke` {device}: that wallet logs in nowhere any more.
pub async fn revoke(State(state): State<AppState>, headers: HeaderMap, fields: Fields) -> Response {
    let answer = async {
        if let Some(session) = sender(&state, &headers, &fields).await? {
            binding::devices::revoke_of(&state, session.person, field(&fields, "device")).await?;
        }
        send_to(PAGE, None)
    };
    answer.await.unwrap_or_else(|refusal| refusal.page(&state, &headers))
}

/// `POST /account/sessions/end` {session}: signs out there, in whatever browser it is.
pub async fn end_session(State(state): State<AppState>, headers: HeaderMap, fields: Fields) -> Response {
    let answer = async {
        let own = match sender(&state, &headers, &fields).await? {
            Some(session) => session.end_named(&state, field(&fields, "session")).await?,
            None => false,
        };
        send_to(PAGE, if own { set_cookie(&state, Cookie::Session, "") } else { None })
    };
    answer.await.unwrap_or_else(|refusal| refusal.page(&state, &headers))
}

/// `POST /account/logins/end` {login}: nobody is logged in there any more, in whatever browser it is, and the services that
/// were logged in to with it are told.
pub async fn end_login(State(state): State<AppState>, headers: HeaderMap, fields: Fields) -> Response {
    let answer = async {
        if let Some(session) = sender(&state, &headers, &fields).await? {
            sessions::end_named(&state, session.person, field(&fields, "login")).await?;
        }
        send_to(PAGE, None)
    };
    answer.await.unwrap_or_else(|refusal| refusal.page(&state, &headers))
}

/// `POST /account/sign-out`: from the page, and from the services that this browser was logged in to.
pub async fn sign_out(State(state): State<AppState>, headers: HeaderMap, fields: Fields) -> Response {
    let answer = async {
        if let Some(session) = sender(&state, &headers, &fields).await? {
            session.sign_out(&state).await?;
        }
        let login = sessions::cookie::clear(&state, account::MOUNT);
        send_to(PAGE, set_cookie(&state, Cookie::Session, "").into_iter().chain(login))
    };
    answer.await.unwrap_or_else(|refusal| refusal.page(&state, &headers))
}
