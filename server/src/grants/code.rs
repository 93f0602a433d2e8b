//! Authorization codes: made in the transaction that ends a login, taken once (RFC 6749 §4.1).

use protocol::base64url;
use sha2::{Digest, Sha256};

use super::assertion::Shown;
use super::model::{Approval, Issued, NotRedeemed, Presented, RedeemError, Reported};
use super::{after, open, refresh, seal, store};
use crate::audit::{Event, EventKind};
use crate::clock::Millis;
use crate::ids::{Kind, Minted};
use crate::registry::Fault;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

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
        dpop_jkt: approval.dpop_jkt.clone(),
    };
    store::insert_code(tx, row).await?;
    Ok(minted.text)
}

/// Takes an authorization code and gives an access token, and where the person agreed to access while away a refresh
/// token, all or nothing, to the client it was issued to (RFC 6749 §4.1.3), with the redirect URI of the request, the
/// verifier of its code challenge, or without where it had none (RFC 7636 §4.6, RFC 9700 §2.1.1), and a proof of the key
/// that the code is bound to (RFC 9449 §10).
///
/// A second use gives nothing and revokes what the first one got (RFC 6749 §4.1.2). A use with a wrong client, redirect
/// URI, verifier or key gives nothing and leaves the code to its owner.
///
/// What the client shows is taken with it, whatever comes of the code.
///
/// # Errors
/// [`RedeemError`].
pub async fn redeem(state: &AppState, presented: Presented<'_>, shown: Shown) -> Result<Issued, RedeemError> {
    let now = state.clock.now();
    let token = state.mint(Kind::AccessToken);
    let refreshable = presented.refreshable;
    let bound_refresh = presented.public.then(|| shown.jkt()).flatten();
    let attempt = attempt(state, presented, &token, shown.jkt(), now);
    let in_write = state.clone();
    let outcome: Result<_, Fault> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(before) = shown.take(tx).await? {
                    return Ok(Err(before.into()));
                }
                match attempt {
                    Ok(attempt) => take(&in_write, tx, attempt, refreshable, bound_refresh).await,
                    Err(why) => Ok(Err(why)),
                }
            })
        })
        .await;
    let taken = outcome?.map_err(RedeemError::Refused)?;
    Ok(Issued {
        approval: taken.approval,
        access_token: token.text,
        refresh_token: taken.refresh_token,
        expires_at: taken.token_expires_at,
        expires_in: ((taken.token_expires_at - now) / 1000).max(0),
    })
}

/// What is asked of the database, or why it need not be asked.
fn attempt(
    state: &AppState,
    presented: Presented<'_>,
    token: &Minted,
    dpop_jkt: Option<String>,
    now: Millis,
) -> Result<store::Attempt, NotRedeemed> {
    let opened = state.ids.open(Kind::Code, presented.code).ok_or(NotRedeemed::Unknown)?;
    let code_challenge = match presented.code_verifier {
        None => String::new(),
        Some(verifier) if is_verifier(verifier) => base64url::encode(Sha256::digest(verifier)),
        Some(_) => return Err(NotRedeemed::CodeVerifier),
    };
    let oldest = presented.code_seconds.map_or(i64::MIN, |seconds| now - Millis::from(seconds) * 1000);
    Ok(store::Attempt {
        code_id: opened.id,
        secret_hash: opened.secret_hash(),
        mount: presented.mount,
        client_id: presented.client_id.to_owned(),
        redirect_hash: presented.redirect_uri.map(hash),
        code_challenge,
        dpop_jkt,
        too_old: state.ids.made_at(opened.id) <= oldest,
        now,
        token_id: token.id,
        token_secret_hash: token.secret_hash.clone(),
        token_expires_at: after(state, state.config.lifetimes.access_token),
    })
}

/// What a code was worth.
struct Taken {
    approval: Approval,
    token_expires_at: Millis,
    refresh_token: Option<String>,
}

/// Redeems a code and writes down what came of it.
async fn take(
    state: &AppState,
    tx: &mut Tx,
    attempt: store::Attempt,
    refreshable: bool,
    bound_refresh: Option<String>,
) -> Result<Result<Taken, NotRedeemed>, Fault> {
    let (code_id, mount, now) = (attempt.code_id, attempt.mount, attempt.now);
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
    let refresh_token = if refreshable && approval.offline {
        let (begun, text) = refresh::begin(state, code_id, &approval, taken.approval, bound_refresh, now);
        store::family::insert(tx, begun).await?;
        Some(text)
    } else {
        None
    };
    let issued = event(EventKind::TokenIssued).person(approval.person.0);
    state.audit.record(tx, approval.login.map_or(issued, |login| issued.login(login))).await?;
    Ok(Ok(Taken { approval, token_expires_at: taken.token_expires_at, refresh_token }))
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

fn hash(redirect_uri: &str) -> Vec<u8> {
    Sha256::digest(redirect_uri).to_vec()
}

/// 43 to 128 unreserved characters (RFC 7636 §4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}
