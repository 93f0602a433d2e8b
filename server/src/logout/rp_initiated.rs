//! The end-session endpoint (OpenID Connect RP-Initiated Logout 1.0 §2), and the page it may show.
//!
//! A hint that names the session of this very browser says that its relying party logs the person out. Whatever proves less
//! asks the person first: a link on any page could log people out otherwise (case C10).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;

use super::CONFIRM_PATH;
use super::answer::{End, Refusal, finish, language};
use super::request::{Asked, Wanted, check};
use crate::dialect::Mount;
use crate::http::csrf;
use crate::pages::{Frame, LogoutPage, show};
use crate::registry;
use crate::sessions::{self, Session};
use crate::state::AppState;

/// `GET`: `303` to the registered address, a page that says it is done, a page that asks, or `400` with a page.
pub async fn get(
    State(state): State<AppState>,
    mount: Mount,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let answer = answer(&state, mount, &headers, &query.unwrap_or_default(), Door::Link).await;
    answer.unwrap_or_else(|refusal| refusal.page(language(&state, &headers, &[])))
}

/// `POST`: the same with the parameters in a form.
pub async fn post(State(state): State<AppState>, mount: Mount, headers: HeaderMap, body: Bytes) -> Response {
    let answer = match form(&headers, &body) {
        Ok(text) => answer(&state, mount, &headers, text, Door::Form).await,
        Err(refusal) => Err(refusal),
    };
    answer.unwrap_or_else(|refusal| refusal.page(language(&state, &headers, &[])))
}

/// `POST …/confirm`: what the person answered on the page.
pub async fn confirm(State(state): State<AppState>, mount: Mount, headers: HeaderMap, body: Bytes) -> Response {
    let answer = async {
        let asked = Asked::read(form(&headers, &body)?).ok_or(Refusal::Request)?;
        csrf::check(&state, &headers, asked.csrf.as_deref())?;
        let wanted = check(&state, mount, &asked).await?;
        let end = match asked.answer.as_deref() {
            Some("yes") => End::LoggedOut,
            Some("no") => End::Stayed,
            _ => return Err(Refusal::Request),
        };
        if end == End::LoggedOut
            && let Some(session) = sessions::find(&state, mount, &headers).await?
        {
            end_session(&state, session.row).await?;
        }
        let language = language(&state, &headers, &asked.ui_locales);
        Ok(finish(&state, mount, language, end, wanted.back.as_ref()))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.page(language(&state, &headers, &[])))
}

fn form<'b>(headers: &HeaderMap, body: &'b [u8]) -> Result<&'b str, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::NoForm);
    }
    std::str::from_utf8(body).map_err(|_| Refusal::Request)
}

/// How a request came in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    /// By `GET`, with which a browser shows its cookies.
    Link,
    /// By `POST`. A browser that another site sends here shows no cookie then (`SameSite=Lax`), so that nobody can be told
    /// to be logged out by its lack.
    Form,
}

async fn answer(
    state: &AppState,
    mount: Mount,
    headers: &HeaderMap,
    text: &str,
    door: Door,
) -> Result<Response, Refusal> {
    let asked = Asked::read(text).ok_or(Refusal::Request)?;
    if mount.dialect().logout_needs_hint && !asked.has_hint() {
        return Err(Refusal::Request);
    }
    let wanted = check(state, mount, &asked).await?;
    let language = language(state, headers, &asked.ui_locales);
    let shown = sessions::find(state, mount, headers).await?;
    let session = match judge(state, mount, &wanted, shown, door).await? {
        Verdict::Nobody => None,
        Verdict::Named(session) => Some(session),
        Verdict::Ask => {
            let arrival = csrf::arrive(state, headers);
            let Wanted { client, back, .. } = wanted;
            let leads_to = back.as_ref().map_or_else(String::new, |back| back.uri.clone());
            let page = LogoutPage {
                frame: Frame { language },
                action: format!("{}{CONFIRM_PATH}", mount.prefix()),
                csrf: arrival.token,
                client_id: client.map(|client| client.id.clone()),
                post_logout_redirect_uri: back.as_ref().map(|back| back.uri.clone()),
                state: back.and_then(|back| back.state),
            };
            let mut response = show(&page, |html| html.forms_lead_to(&leads_to));
            for cookie in arrival.set_cookies {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            return Ok(response);
        }
    };
    if let Some(session) = session {
        end_session(state, session.row).await?;
    }
    Ok(finish(state, mount, language, End::LoggedOut, wanted.back.as_ref()))
}

/// Whose session ends.
enum Verdict {
    /// Nobody is logged in.
    Nobody,
    /// This one's, at once: the hint names it.
    Named(Session),
    /// That of the person who says so on the page.
    Ask,
}

async fn judge(
    state: &AppState,
    mount: Mount,
    wanted: &Wanted,
    shown: Option<Session>,
    door: Door,
) -> Result<Verdict, Refusal> {
    let named = match &wanted.hint {
        Some(hint) => match &hint.sid {
            Some(sid) => sessions::of_sid(state, &hint.client_id, sid).await?.filter(|session| session.mount == mount),
            None => None,
        },
        None => None,
    };
    Ok(match (shown, named) {
        (None, Some(named)) => Verdict::Named(named),
        (Some(shown), Some(named)) if shown.row == named.row => Verdict::Named(named),
        (Some(shown), None) if is_of_hint(state, wanted, &shown).await? => Verdict::Named(shown),
        (None, None) if door == Door::Link => Verdict::Nobody,
        _ => Verdict::Ask,
    })
}

/// Whether a hint that names no session is about the person who is logged in here.
async fn is_of_hint(state: &AppState, wanted: &Wanted, shown: &Session) -> Result<bool, Refusal> {
    let (Some(hint), Some(client)) = (&wanted.hint, &wanted.client) else { return Ok(false) };
    if hint.sid.is_some() {
        return Ok(false);
    }
    Ok(registry::subject_for(state, shown.person, client.sector()).await? == hint.sub)
}

async fn end_session(state: &AppState, row: i64) -> Result<(), Refusal> {
    let inner = state.clone();
    state.store.write(move |tx| Box::pin(async move { sessions::end(&inner, tx, row).await })).await?;
    Ok(())
}
