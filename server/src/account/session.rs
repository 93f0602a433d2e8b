//! The citizen's session: a cookie that no script can read, a row that a sign-out ends, and a token for the forms that
//! belongs to this one session.

use axum::http::{HeaderMap, HeaderValue};
use protocol::base64url;
use subtle::ConstantTimeEq;

use super::store;
use crate::clock::Millis;
use crate::grants::{self, Grant};
use crate::http::session::cookies;
use crate::ids::{Kind, Minted};
use crate::registry::{self, Fault, PersonId};
use crate::secrets::{Column, Key, Purpose, number};
use crate::sessions;
use crate::state::AppState;
use crate::store::StoreError;

/// Names of cookies: with `__Host-` where they can be `Secure`, so that no neighbouring host can plant one.
pub(super) fn cookie_name(state: &AppState, of: Cookie) -> &'static str {
    match (of, state.config.is_https()) {
        (Cookie::Session, true) => "__Host-tessera-account",
        (Cookie::Session, false) => "tessera-account",
        (Cookie::SignIn, true) => "__Host-tessera-sign-in",
        (Cookie::SignIn, false) => "tessera-sign-in",
    }
}

/// The two cookies of the citizen's page.
#[derive(Clone, Copy)]
pub(super) enum Cookie {
    /// Who is signed in.
    Session,
    /// The sign-in that this browser began.
    SignIn,
}

/// A `Set-Cookie` header; `None` only for values that no header can hold, and ours are base64url. An empty value takes
/// the cookie away.
pub(super) fn set_cookie(state: &AppState, of: Cookie, value: &str) -> Option<HeaderValue> {
    let seconds = if value.is_empty() { 0 } else { state.config.lifetimes.account };
    let secure = if state.config.is_https() { "; Secure" } else { "" };
    let name = cookie_name(state, of);
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax; HttpOnly{secure}")).ok()
}

/// Somebody who is signed in.
pub(super) struct Session {
    id: i64,
    /// Who.
    pub(super) person: PersonId,
    /// What a form must repeat; of no use in any other session.
    pub(super) csrf: String,
    /// The login session that it came from, which ends with it: this page is the issuer's own.
    login: Option<i64>,
}

fn context(id: i64) -> Vec<u8> {
    format!("account_session/{id}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "account_session",
    key: &[Key::Number("id")],
    column: "person",
    purpose: Purpose::Account,
    context: |key| context(number(key, 0)),
}];

/// Finds a person's sessions.
fn person_hash(state: &AppState, person: PersonId) -> Vec<u8> {
    state.secrets.mac(Purpose::Account, &[b"person", &person.0.to_be_bytes()]).to_vec()
}

fn csrf(state: &AppState, text: &str) -> String {
    base64url::encode(state.secrets.mac(Purpose::Account, &[b"csrf", text.as_bytes()]))
}

/// Begins a session, always a new one; gives its cookie. It lives no longer than the access token that its login
/// yielded, which a report of that login revokes.
pub(super) async fn begin(
    state: &AppState,
    person: PersonId,
    access_token: &str,
) -> Result<Option<HeaderValue>, Fault> {
    let Minted { id, text, secret_hash } = state.mint(Kind::AccountSession);
    let content = [&person.0.to_be_bytes(), access_token.as_bytes()].concat();
    let row = store::NewRow {
        id,
        secret_hash,
        person_hash: person_hash(state, person),
        person: state.secrets.seal(Purpose::Account, &context(id), &content, &*state.rng)?,
        expires_at: state.clock.now() + i64::from(state.config.lifetimes.account) * 1000,
    };
    state.store.write(move |tx| Box::pin(store::insert(tx, row))).await?;
    Ok(set_cookie(state, Cookie::Session, &text))
}

/// Who is signed in with these cookies: `None` where nobody is, where the person is not active any more, where the login was
/// reported, and where the login session that it came from has ended.
pub(super) async fn of(state: &AppState, headers: &HeaderMap) -> Result<Option<Session>, Fault> {
    // A neighbouring host may have planted a cookie of the same name where there is no TLS: ours is among them or none.
    let shown = cookies(headers, cookie_name(state, Cookie::Session));
    let Some((text, opened)) =
        shown.filter_map(|text| Some((text.to_owned(), state.ids.open(Kind::AccountSession, text)?))).next()
    else {
        return Ok(None);
    };
    let (id, now) = (opened.id, state.clock.now());
    let row = state.store.read(move |tx| Box::pin(store::live(tx, id, now))).await?;
    let Some((_, sealed)) = row.filter(|(secret_hash, _): &(Vec<u8>, Vec<u8>)| opened.matches(secret_hash)) else {
        return Ok(None);
    };
    let clear = state.secrets.open(Purpose::Account, &context(id), &sealed)?;
    let corrupt = || StoreError::Corrupt { what: "account session" };
    let (person, token) = clear.split_first_chunk::<8>().ok_or_else(corrupt)?;
    let person = PersonId(i64::from_be_bytes(*person));
    let token = std::str::from_utf8(token).map_err(|_| corrupt())?;
    let Some(token) = grants::access_token(state, token).await? else { return Ok(None) };
    let login = match token.grant {
        Grant::Login(approval) => approval.session,
        Grant::Client { .. } => None,
    };
    let still = async |login: i64| {
        let inner = state.clone();
        state.store.read(move |tx| Box::pin(async move { sessions::stands(&inner, tx, login).await })).await
    };
    if let Some(login) = login
        && !still(login).await?
    {
        return Ok(None);
    }
    if !registry::is_active(state, person).await? {
        return Ok(None);
    }
    Ok(Some(Session { id, person, csrf: csrf(state, &text), login }))
}

/// A session that somebody is signed in by.
pub(super) struct Listed {
    /// Names it; opens nothing.
    pub(super) name: String,
    /// When it began.
    pub(super) began_at: Millis,
    /// Whether it is the one that asks.
    pub(super) current: bool,
}

impl Session {
    /// The sessions of the same person that are neither over nor ended, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn of_same_person(&self, state: &AppState) -> Result<Vec<Listed>, StoreError> {
        let (person, now) = (person_hash(state, self.person), state.clock.now());
        let ids = state.store.read(move |tx| Box::pin(store::of_person(tx, person, now))).await?;
        let listed = |id: i64| Listed {
            name: state.ids.name(Kind::AccountSession, id),
            began_at: state.ids.made_at(id),
            current: id == self.id,
        };
        Ok(ids.into_iter().map(listed).collect())
    }

    /// Ends a session of the same person by its name; another's, or an unknown one, changes nothing. Tells whether it was
    /// this one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn end_named(&self, state: &AppState, name: &str) -> Result<bool, StoreError> {
        let Some(id) = state.ids.named(Kind::AccountSession, name) else { return Ok(false) };
        let (person, now) = (person_hash(state, self.person), state.clock.now());
        state.store.write(move |tx| Box::pin(store::end_of_person(tx, id, person, now))).await?;
        Ok(id == self.id)
    }

    /// Whether a form is this session's.
    pub(super) fn sent(&self, token: &str) -> bool {
        self.csrf.as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// Ends it, whatever cookie a browser still shows.
    pub(super) async fn end(&self, state: &AppState) -> Result<(), StoreError> {
        let (id, now) = (self.id, state.clock.now());
        state.store.write(move |tx| Box::pin(store::end(tx, id, now))).await
    }

    /// Ends it and the login session that it came from: nobody is logged in in this browser any more, here or at any
    /// service.
    pub(super) async fn sign_out(&self, state: &AppState) -> Result<(), Fault> {
        let (id, login, inner) = (self.id, self.login, state.clone());
        state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    store::end(tx, id, inner.clock.now()).await?;
                    if let Some(login) = login {
                        sessions::end(&inner, tx, login).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
