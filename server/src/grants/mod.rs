//! What an approval yields: authorization codes and access tokens, their one use, their end; and the one use of the
//! assertion that a client asks with.
//!
//! Codes and tokens are opaque (`ids`); the database holds hashes of their secrets, and who they are about only sealed.

mod assertion;
mod claims_request;
mod model;
mod store;
#[cfg(test)]
mod tests;

use protocol::base64url;
use sha2::{Digest, Sha256};

pub use assertion::{Assertion, expire_assertions};
pub use claims_request::{ClaimRequest, ClaimsRequest, Place};
pub use model::{AccessToken, Approval, Grant, Issued, NotRedeemed, Presented, RedeemError, Reported};

use crate::audit::{Event, EventKind};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::ids::{Kind, Minted};
use crate::registry::Fault;
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Rows deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;

/// Makes an authorization code for what a person approved, in the caller's transaction: whoever wins the transition of
/// the login transaction has the code, and nobody else. Good for one use within `lifetimes.code` seconds.
///
/// # Errors
/// [`StoreError`], also where the approval cannot be sealed.
pub async fn issue_code(tx: &mut Tx, state: &AppState, approval: &Approval) -> Result<String, StoreError> {
    let minted = state.mint(Kind::Code);
    let row = store::NewCode {
        id: minted.id,
        secret_hash: minted.secret_hash,
        mount: approval.mount.name(),
        client_id: approval.client_id.clone(),
        redirect_hash: hash(&approval.redirect_uri),
        code_challenge: approval.code_challenge.clone().unwrap_or_default(),
        approval: seal(state, minted.id, approval)?,
        consent_expires_at: approval.consent_expires,
        receipt: approval.receipt,
        expires_at: after(state, state.config.lifetimes.code),
        linked: approval.linked,
    };
    store::insert_code(tx, row).await?;
    Ok(minted.text)
}

/// Takes an authorization code and gives an access token, both or neither, to the client it was issued to (RFC 6749
/// §4.1.3), with the redirect URI of the request and the verifier of its code challenge, or without where it had none
/// (RFC 7636 §4.6, RFC 9700 §2.1.1).
///
/// A second use gives nothing and revokes what the first one got (RFC 6749 §4.1.2). A use with a wrong client, redirect
/// URI or verifier gives nothing and leaves the code to its owner.
///
/// The client's assertion is taken with it, whatever comes of the code; `None` where this server itself is the client.
///
/// # Errors
/// [`RedeemError`].
pub async fn redeem(
    state: &AppState,
    presented: Presented<'_>,
    assertion: Option<Assertion>,
) -> Result<Issued, RedeemError> {
    let now = state.clock.now();
    let token = state.mint(Kind::AccessToken);
    let attempt = attempt(state, presented, &token, now);
    let in_write = state.clone();
    let outcome: Result<_, Fault> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(assertion) = assertion
                    && !assertion.take(tx).await?
                {
                    return Ok(Err(NotRedeemed::AssertionUsed));
                }
                match attempt {
                    Ok(attempt) => take(&in_write, tx, attempt).await,
                    Err(why) => Ok(Err(why)),
                }
            })
        })
        .await;
    let (approval, token_expires_at) = outcome?.map_err(RedeemError::Refused)?;
    Ok(Issued {
        approval,
        access_token: token.text,
        expires_at: token_expires_at,
        expires_in: ((token_expires_at - now) / 1000).max(0),
    })
}

/// What is asked of the database, or why it need not be asked.
fn attempt(
    state: &AppState,
    presented: Presented<'_>,
    token: &Minted,
    now: Millis,
) -> Result<store::Attempt, NotRedeemed> {
    let opened = state.ids.open(Kind::Code, presented.code).ok_or(NotRedeemed::Unknown)?;
    let code_challenge = match presented.code_verifier {
        None => String::new(),
        Some(verifier) if is_verifier(verifier) => base64url::encode(Sha256::digest(verifier)),
        Some(_) => return Err(NotRedeemed::CodeVerifier),
    };
    Ok(store::Attempt {
        code_id: opened.id,
        secret_hash: opened.secret_hash(),
        mount: presented.mount,
        client_id: presented.client_id.to_owned(),
        redirect_hash: presented.redirect_uri.map(hash),
        code_challenge,
        now,
        token_id: token.id,
        token_secret_hash: token.secret_hash.clone(),
        token_expires_at: after(state, state.config.lifetimes.access_token),
    })
}

/// Redeems a code and writes down what came of it.
async fn take(
    state: &AppState,
    tx: &mut Tx,
    attempt: store::Attempt,
) -> Result<Result<(Approval, Millis), NotRedeemed>, Fault> {
    let (code_id, mount) = (attempt.code_id, attempt.mount);
    let client_id = attempt.client_id.clone();
    let event = |kind| Event::new(kind, mount).client(&client_id);
    let taken = match store::redeem(tx, attempt).await? {
        Ok(taken) => taken,
        Err(why) => {
            if why == NotRedeemed::Used {
                state.audit.record(tx, event(EventKind::CodeReplayed)).await?;
            }
            return Ok(Err(why));
        }
    };
    let approval = open(state, code_id, &taken.approval)?;
    let issued = event(EventKind::TokenIssued).person(approval.person.0);
    state.audit.record(tx, approval.login.map_or(issued, |login| issued.login(login))).await?;
    Ok(Ok((approval, taken.token_expires_at)))
}

/// Revokes the code that came from a wallet's part in a login, and what it got, in the caller's transaction: for the
/// citizen whose key approved it and who has had second thoughts.
///
/// # Errors
/// [`StoreError`], also where the approval does not open.
pub async fn report(state: &AppState, tx: &mut Tx, linked: i64, key: i64) -> Result<Reported, StoreError> {
    let Some(code) = store::code_of_linked(tx, linked).await? else { return Ok(Reported::Forgotten) };
    let approval = open(state, code.id, &code.approval).map_err(|_| StoreError::Corrupt { what: "approval" })?;
    if approval.key != Some(key) {
        return Ok(Reported::OtherKey);
    }
    let now = store::report(tx, code.id, state.clock.now()).await?;
    Ok(if now { Reported::Now(Box::new(approval)) } else { Reported::Before })
}

/// Makes an access token that a client uses for itself (RFC 6749 §4.4), and takes the assertion it asked with; `None` where
/// that was taken before. Scopes are for the caller to check.
///
/// # Errors
/// [`StoreError`].
pub async fn issue_to_client(
    state: &AppState,
    mount: Mount,
    client_id: &str,
    scopes: &[String],
    assertion: Option<Assertion>,
) -> Result<Option<String>, StoreError> {
    let minted = state.mint(Kind::AccessToken);
    let row = store::NewClientToken {
        id: minted.id,
        secret_hash: minted.secret_hash,
        mount: mount.name(),
        client_id: client_id.to_owned(),
        scope: scopes.join(" "),
        expires_at: after(state, state.config.lifetimes.access_token),
    };
    let (audit, client_id) = (state.audit.clone(), client_id.to_owned());
    let issued: Result<bool, StoreError> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(assertion) = assertion
                    && !assertion.take(tx).await?
                {
                    return Ok(false);
                }
                store::insert_client_token(tx, row).await?;
                audit.record(tx, Event::new(EventKind::ClientTokenIssued, mount).client(&client_id)).await?;
                Ok(true)
            })
        })
        .await;
    Ok(issued?.then_some(minted.text))
}

/// What an access token stands for, while it lives; `None` for one that is foreign, altered, expired or revoked.
///
/// # Errors
/// [`Fault`] where the database does not answer or the row does not open.
pub async fn access_token(state: &AppState, text: &str) -> Result<Option<AccessToken>, Fault> {
    let Some(opened) = state.ids.open(Kind::AccessToken, text) else { return Ok(None) };
    let id = opened.id;
    let row = state.store.read(move |tx| Box::pin(async move { store::token(tx, id).await })).await?;
    let Some(row): Option<store::TokenRow> = row else { return Ok(None) };
    if !opened.matches(&row.secret_hash) || row.revoked_at.is_some() || row.expires_at <= state.clock.now() {
        return Ok(None);
    }
    let mount = Mount::named(&row.mount).ok_or(StoreError::Corrupt { what: "mount" })?;
    let grant = match (row.code_id, row.approval, row.scope) {
        (Some(code_id), Some(sealed), _) => Grant::Login(Box::new(open(state, code_id, &sealed)?)),
        (None, None, Some(scope)) => Grant::Client { scopes: scope.split_whitespace().map(str::to_owned).collect() },
        _ => return Err(StoreError::Corrupt { what: "access token" }.into()),
    };
    Ok(Some(AccessToken { id, mount, client_id: row.client_id, expires_at: row.expires_at, grant }))
}

/// Whether an access token is one of ours whose time is over: one that is still known, or one that was forgotten since.
/// One that was revoked has not ended, and neither has one of which only the beginning is ours.
///
/// # Errors
/// [`StoreError`].
pub async fn has_ended(state: &AppState, text: &str) -> Result<bool, StoreError> {
    let Some(opened) = state.ids.open(Kind::AccessToken, text) else { return Ok(false) };
    let (id, now) = (opened.id, state.clock.now());
    let row = state.store.read(move |tx| Box::pin(async move { store::token(tx, id).await })).await?;
    let lived = Millis::from(state.config.lifetimes.access_token) * 1000;
    Ok(row.map_or_else(
        || state.ids.made_at(id) + lived <= now,
        |row: store::TokenRow| opened.matches(&row.secret_hash) && row.revoked_at.is_none() && row.expires_at <= now,
    ))
}

/// Deletes a batch of codes and tokens that are of no more use; gives how many. Used codes stay as long as what they got
/// may live, so that their second use is noticed.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let lifetimes = &state.config.lifetimes;
    let seconds = i64::from(lifetimes.code) + i64::from(lifetimes.access_token) + 60;
    let before = state.ids.first_at(state.clock.now() - seconds * 1000);
    state.store.write(move |tx| Box::pin(async move { store::delete_before(tx, before, BATCH).await })).await
}

fn after(state: &AppState, seconds: u32) -> Millis {
    state.clock.now() + Millis::from(seconds) * 1000
}

fn hash(redirect_uri: &str) -> Vec<u8> {
    Sha256::digest(redirect_uri).to_vec()
}

/// 43 to 128 unreserved characters (RFC 7636 §4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

fn context(code_id: i64) -> String {
    format!("approval/{code_id}")
}

fn seal(state: &AppState, code_id: i64, approval: &Approval) -> Result<Vec<u8>, StoreError> {
    let unwritable = StoreError::Corrupt { what: "approval" };
    let Ok(clear) = serde_json::to_vec(approval) else { return Err(unwritable) };
    let sealed = state.secrets.seal(Purpose::Transactions, context(code_id).as_bytes(), &clear, &*state.rng);
    sealed.map_err(|_| unwritable)
}

fn open(state: &AppState, code_id: i64, sealed: &[u8]) -> Result<Approval, Fault> {
    let clear = state.secrets.open(Purpose::Transactions, context(code_id).as_bytes(), sealed)?;
    Ok(serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "approval" })?)
}
