//! The end of a login: what was agreed to becomes an authorization code, in the same write that ends the transaction,
//! so that no transaction yields two (GS-VAP-04) and no code is without one.

use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};

use super::consent::{self, Agreed, Consent};
use super::login::client_of;
use super::model::{Authenticated, Channel, Decision, DeniedBy, Stage, StageError, Transaction};
use super::request::{Claim, Request};
use super::store::{self, TransactionError};
use super::{par, scopes, withdrawal};
use crate::audit::{Event, EventKind};
use crate::clients::{self, Client, ResponseMode};
use crate::clock::Millis;
use crate::consents::Signed;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::flow::Step;
use crate::grants::{self, Approval};
use crate::registry::{PersonId, subjects};
use crate::risk;
use crate::sessions::{self, NewSession};
use crate::state::AppState;
use crate::store::Tx;
use crate::wait;

/// What the browser takes to the relying party.
#[derive(Clone, Serialize, Deserialize)]
pub struct Finished {
    /// The authorization code.
    pub code: String,
    /// Where to take it.
    pub redirect_uri: String,
    /// As asked.
    pub state: Option<String>,
    /// As asked.
    pub nonce: Option<String>,
    /// Who asked.
    #[serde(default)]
    pub client_id: String,
    /// How to take it there.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// For a browser in which somebody is logged in from now on: the value of its cookie, and the issuer's mount.
    #[serde(default)]
    logged_in: Option<(Mount, String)>,
    /// For a browser that nobody has been known to use yet: by what it will be.
    #[serde(default)]
    known_browser: Option<String>,
}

impl Finished {
    /// The `Set-Cookie` headers that go to the browser with it.
    #[must_use]
    pub fn set_cookies(&self, state: &AppState) -> HeaderMap {
        let known = self.known_browser.as_deref().and_then(|value| risk::cookie(state, value));
        let logged_in = self.logged_in.as_ref().and_then(|(mount, value)| sessions::cookie::set(state, *mount, value));
        let mut headers = HeaderMap::new();
        for cookie in known.into_iter().chain(logged_in) {
            headers.append(header::SET_COOKIE, cookie);
        }
        headers
    }
}

/// The citizen consented in the browser. What was agreed to before and still holds stands; else what is accepted now is
/// held against what was asked, and remembered.
///
/// # Errors
/// `invalid_transaction` unless the browser authenticated, `invalid_accepted_claim`, `invalid_permitted_scope` (E7),
/// `invalid_client_id` where the client is not active any more.
pub async fn finish(
    state: &AppState,
    transaction: Transaction,
    accepted_claims: &[String],
    permitted_scopes: &[String],
) -> Result<Finished, ApiError> {
    let Stage::Authenticated(who) = &transaction.stage else {
        return Err(TransactionError::from(StageError::Stage(transaction.stage.name())).into());
    };
    let client = client_of(state, &transaction).await?;
    let now = state.clock.now();
    let (remembered, decision) = match &who.remembered {
        // Nothing was shown to choose from, so that there is nothing to read from the call.
        Some(decision) => (true, decision.clone()),
        None => (false, consent::decide(&transaction.request, &client, accepted_claims, permitted_scopes, now)?),
    };
    let (inner, mount) = (state.clone(), transaction.mount);
    let finished = state
        .store
        .write(move |tx| {
            Box::pin(async move { finish_in(&inner, tx, &client, transaction, decision, remembered).await })
        })
        .await
        .map_err(|error: TransactionError| ApiError::from(error))?;
    state.flow.count(mount, Step::Finished);
    Ok(finished)
}

/// Ends a login of the browser, inside the caller's write; `remembered` tells that the decision is an earlier one.
///
/// # Errors
/// [`TransactionError`] unless the browser authenticated and nobody else was first.
pub(super) async fn finish_in(
    state: &AppState,
    tx: &mut Tx,
    client: &Client,
    transaction: Transaction,
    decision: Decision,
    remembered: bool,
) -> Result<Finished, TransactionError> {
    let asked = transaction.clone();
    let (moved, who, decision) = transaction.finish(decision, state.clock.now(), &state.config.lifetimes)?;
    // First what only one of several requests can do.
    store::save(state, tx, &moved).await?;
    let decision = agree(state, tx, &asked, who.person, decision, remembered).await?;
    end(state, tx, client, asked, who, decision).await
}

/// Writes the receipt of what was agreed to in the browser, and remembers what was asked now. A memory that was withdrawn
/// since the login began approves nothing.
async fn agree(
    state: &AppState,
    tx: &mut Tx,
    asked: &Transaction,
    person: PersonId,
    decision: Decision,
    remembered: bool,
) -> Result<Decision, TransactionError> {
    if !asked.request.asks_consent() {
        return Ok(decision);
    }
    let agreed = Agreed { transaction: asked, person, decision: &decision, signed: Signed::default() };
    if remembered {
        return consent::use_remembered(state, tx, agreed).await?.ok_or(TransactionError::Gone);
    }
    let decision = consent::write_down(state, tx, agreed).await?;
    let consent = Consent {
        asked_hash: consent::asked_hash(&asked.request),
        decision: decision.clone(),
        signature: None,
        statement: None,
        key: None,
        given_at: state.clock.now(),
    };
    consent::remember(state, tx, asked.mount, &asked.client_id, person, &consent, asked.id).await?;
    Ok(decision)
}

/// The browser comes for the code that a wallet approved, inside the caller's transaction; `linked` remembered the
/// consent when it was given. `client` is the transaction's, still active ([`client_of`]).
///
/// # Errors
/// [`TransactionError`] unless it is approved and nobody else was first.
pub async fn finish_linked_in(
    state: &AppState,
    tx: &mut Tx,
    client: &Client,
    transaction: Transaction,
) -> Result<Finished, TransactionError> {
    let asked = transaction.clone();
    let (moved, who, decision) = transaction.finish_linked(state.clock.now(), &state.config.lifetimes)?;
    store::save(state, tx, &moved).await?;
    end(state, tx, client, asked, who, decision).await
}

/// The browser that began comes back from the wallet on its own device, inside the caller's transaction; see
/// [`Transaction::finish_returned`].
///
/// # Errors
/// As [`finish_linked_in`]; [`StageError::NotReturned`] for another `response_code`.
pub async fn finish_returned_in(
    state: &AppState,
    tx: &mut Tx,
    client: &Client,
    transaction: Transaction,
    is_response: impl FnOnce(&[u8]) -> bool + Send,
) -> Result<Finished, TransactionError> {
    let asked = transaction.clone();
    let (moved, who, decision) =
        transaction.finish_returned(is_response, state.clock.now(), &state.config.lifetimes)?;
    store::save(state, tx, &moved).await?;
    end(state, tx, client, asked, who, decision).await
}

async fn end(
    state: &AppState,
    tx: &mut Tx,
    client: &Client,
    asked: Transaction,
    who: Authenticated,
    decision: Decision,
) -> Result<Finished, TransactionError> {
    must_be_first(state, tx, &asked).await?;
    let makes_known = asked.stage.link().is_none_or(|link| link.terms.makes_known());
    let known_browser = match &asked.request.from.visitor {
        visitor if makes_known => risk::remember(state, tx, visitor.as_ref(), who.person).await?,
        _ => None,
    };
    let person = who.person.0;
    subjects::told(state, tx, who.person, client.sector()).await?;
    let session = log_in(state, tx, client, &asked, &who).await?;
    let approval = approval(client, &asked, who, decision, &session, state.clock.now());
    let code = grants::issue_code(tx, state, &approval).await?;
    clients::logged_in_to(tx, client).await?;
    let event = Event::new(EventKind::LoginFinished, asked.mount).client(&asked.client_id).login(asked.id);
    state.audit.record(tx, event.person(person)).await?;
    tx.wake(wait::transaction(asked.id));
    let logged_in = session.cookie.map(|cookie| (asked.mount, cookie));
    let Request { redirect_uri, state, nonce, response_mode, .. } = asked.request;
    Ok(Finished {
        code,
        redirect_uri,
        state,
        nonce,
        client_id: asked.client_id,
        response_mode,
        logged_in,
        known_browser,
    })
}

/// Of several logins that began with one pushed request, one ends.
async fn must_be_first(state: &AppState, tx: &mut Tx, asked: &Transaction) -> Result<(), TransactionError> {
    match asked.request.pushed {
        Some(row) if !par::take(tx, row, state.clock.now()).await? => Err(TransactionError::Gone),
        _ => Ok(()),
    }
}

/// The browser's session at an issuer that keeps them, as the approval names it.
#[derive(Default)]
struct LoggedIn {
    row: Option<i64>,
    sid: Option<String>,
    cookie: Option<String>,
}

/// Logs the client in with the session that proved the person, or with the one that this proof begins. Where a wallet on
/// another device approved, it approved this client and no other.
async fn log_in(
    state: &AppState,
    tx: &mut Tx,
    client: &Client,
    asked: &Transaction,
    who: &Authenticated,
) -> Result<LoggedIn, TransactionError> {
    if !sessions::are_kept(asked.mount) {
        return Ok(LoggedIn::default());
    }
    let (row, cookie) = match who.session {
        Some(row) => (row, None),
        None => {
            let elsewhere = asked.stage.link().is_some_and(|link| link.channel == Channel::CrossDevice);
            let new = NewSession {
                mount: asked.mount,
                person: who.person,
                auth_time: who.auth_time,
                acr: who.acr.clone(),
                amr: who.amr.clone(),
                only_for: elsewhere.then(|| client.id.clone()),
                replaces: asked.request.session,
                key: who.key.as_ref().map(|(row, _)| *row),
            };
            let begun = sessions::begin(state, tx, new).await?;
            (begun.row, Some(begun.cookie))
        }
    };
    let sid = sessions::touch_client(state, tx, row, &client.id).await?.ok_or(TransactionError::Gone)?;
    Ok(LoggedIn { row: Some(row), sid: Some(sid), cookie })
}

/// What was agreed to, within the limits of the client's policy for logins in which a wallet on another device answered.
fn approval(
    client: &Client,
    asked: &Transaction,
    who: Authenticated,
    decision: Decision,
    session: &LoggedIn,
    now: Millis,
) -> Approval {
    let request = &asked.request;
    // Access while away is no right of its own: it is a scope of the request, which was permitted.
    let offline = decision.permitted_scopes.iter().any(|scope| scope == scopes::OFFLINE);
    let is_granted =
        |scope: &&String| !request.authorize_scopes.contains(scope) || offline && *scope == scopes::OFFLINE;
    let granted: Vec<String> = request.scopes.iter().filter(is_granted).cloned().collect();
    let permitted: Vec<String> =
        decision.permitted_scopes.iter().filter(|scope| *scope != scopes::OFFLINE).cloned().collect();
    let terms = asked.stage.link().map(|link| &link.terms).filter(|terms| terms.cross_device);
    let limits = terms.map(|terms| risk::limits(&client.login_policy(), &terms.findings)).unwrap_or_default();
    let accepted = |claims: &[Claim]| -> Vec<String> {
        let names = claims.iter().map(|claim| &claim.name);
        let agreed = names.filter(|name| decision.accepted_claims.contains(name));
        agreed.filter(|name| limits.allows_claim(name)).cloned().collect()
    };
    let within = |scopes: &[String]| -> Vec<String> {
        scopes.iter().filter(|scope| limits.allows_scope(scope)).cloned().collect()
    };
    // Whatever a consent yields ends with it; a short life is a consent that ends soon.
    let ends = limits.token_seconds.map(|seconds| now + Millis::from(seconds) * 1000);
    let mut amr = who.amr;
    amr.extend(terms.iter().flat_map(|terms| terms.amr()).map(str::to_owned));
    amr.sort_unstable();
    amr.dedup();
    Approval {
        mount: asked.mount,
        client_id: client.id.clone(),
        person: who.person,
        redirect_uri: request.redirect_uri.clone(),
        nonce: request.nonce.clone(),
        code_challenge: request.code_challenge.clone(),
        scopes: within(&granted),
        permitted_scopes: within(&permitted),
        userinfo_claims: accepted(&request.claims.userinfo),
        id_token_claims: accepted(&request.claims.id_token),
        verified_claims: accepted(&request.claims.verified),
        locales: request.claims_locales.clone(),
        acr: who.acr,
        amr,
        auth_time: who.auth_time,
        consent_expires: decision.consent_expires.into_iter().chain(ends).min(),
        key: who.key.map(|(row, _)| row),
        receipt: decision.receipt,
        login: Some(asked.id),
        linked: asked.stage.link().map(|link| link.linked),
        claims: request.asked_claims.clone(),
        auth_time_asked: request.max_age.is_some()
            || client.require_auth_time
            || request.asked_claims.id_token.claims.contains_key("auth_time"),
        session: session.row,
        sid: session.sid.clone().filter(|_| asked.mount.dialect().session_ids),
        dpop_jkt: request.dpop_jkt.clone(),
        offline: offline && limits.allows_scope(scopes::OFFLINE),
    }
}

/// The citizen refused in the browser; a wallet that was at work on it is refused from now on.
///
/// # Errors
/// `invalid_transaction` where it is over already.
pub async fn deny(state: &AppState, transaction: Transaction) -> Result<(), ApiError> {
    let (now, mount) = (state.clock.now(), transaction.mount);
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                withdrawal::take_back(&inner, tx, &transaction).await?;
                if let Some(row) = transaction.request.pushed {
                    // One that is used up already changes nothing: the citizen's no stands.
                    par::take(tx, row, now).await?;
                }
                let moved = transaction.deny(DeniedBy::Browser, None, None, now)?;
                store::save(&inner, tx, &moved).await?;
                let event = Event::new(EventKind::LoginDenied, moved.mount).client(&moved.client_id).login(moved.id);
                inner.audit.record(tx, event.reason("browser")).await?;
                tx.wake(wait::transaction(moved.id));
                Ok::<_, TransactionError>(())
            })
        })
        .await?;
    state.flow.count(mount, Step::Denied);
    Ok(())
}
