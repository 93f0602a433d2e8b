//! Access tokens: what they stand for while they live, and those that a client gets for itself.

use super::assertion::{Shown, TakenBefore};
use super::model::{AccessToken, Grant};
use super::{after, open, store};
use crate::audit::{Event, EventKind};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::registry::Fault;
use crate::state::AppState;
use crate::store::StoreError;

/// Why a client gets no token for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIssued {
    /// Its assertion was used before.
    AssertionUsed,
    /// Its proof was used before.
    ProofUsed,
}

/// Makes an access token that a client uses for itself (RFC 6749 §4.4), and takes what it showed. Scopes are for the caller
/// to check.
///
/// # Errors
/// [`StoreError`]; inside it [`NotIssued`].
pub async fn issue_to_client(
    state: &AppState,
    mount: Mount,
    client_id: &str,
    scopes: &[String],
    shown: Shown,
) -> Result<Result<String, NotIssued>, StoreError> {
    let minted = state.mint(Kind::AccessToken);
    let row = store::NewClientToken {
        id: minted.id,
        secret_hash: minted.secret_hash,
        mount: mount.name(),
        client_id: client_id.to_owned(),
        scope: scopes.join(" "),
        dpop_jkt: shown.jkt(),
        expires_at: after(state, state.config.lifetimes.access_token),
    };
    let (audit, client_id) = (state.audit.clone(), client_id.to_owned());
    let issued: Result<Result<(), NotIssued>, StoreError> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                match shown.take(tx).await? {
                    Some(TakenBefore::Assertion) => return Ok(Err(NotIssued::AssertionUsed)),
                    Some(TakenBefore::Proof) => return Ok(Err(NotIssued::ProofUsed)),
                    None => {}
                }
                store::insert_client_token(tx, row).await?;
                audit.record(tx, Event::new(EventKind::ClientTokenIssued, mount).client(&client_id)).await?;
                Ok(Ok(()))
            })
        })
        .await;
    Ok(issued?.map(|()| minted.text))
}

/// What an access token stands for, while it lives; `None` for one that is foreign, altered, expired or revoked. Whoever
/// serves it must ask for a proof of the key that it is bound to, where it is.
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
    let split = |scope: String| scope.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let grant = match (row.code_id, row.approval, row.scope) {
        (Some(code_id), Some(sealed), scope) => {
            let approval = open(state, code_id, &sealed)?;
            Grant::Login(Box::new(match scope {
                Some(scope) => approval.narrowed(&split(scope)),
                None => approval,
            }))
        }
        (None, None, Some(scope)) => Grant::Client { scopes: split(scope) },
        _ => return Err(StoreError::Corrupt { what: "access token" }.into()),
    };
    Ok(Some(AccessToken {
        id,
        mount,
        client_id: row.client_id,
        issued_at: state.ids.made_at(id),
        expires_at: row.expires_at,
        dpop_jkt: row.dpop_jkt,
        grant,
    }))
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
