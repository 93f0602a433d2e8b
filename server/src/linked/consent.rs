//! `consent`: what the citizen agreed to in the wallet (GS-WAL-06), signed by the key that authenticated.

use axum::extract::State;
use protocol::consent::StatementExpected;
use protocol::linked::{Consent as Answer, ConsentRequest};

use super::access::{self, Linked};
use super::{approved, returned, signatures};
use crate::authorization::consent::{self, Agreed, Consent, asked_hash};
use crate::authorization::login::client_of;
use crate::authorization::store::save;
use crate::authorization::{Authenticated, Decision, Link, Stage, TransactionError};
use crate::binding::{self, BoundKey};
use crate::clients::Client;
use crate::consents::Signed;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::envelope::{Body, Reply};
use crate::ids::{Kind, Opened};
use crate::state::AppState;
use crate::wait;

/// `POST linked-authorization/consent`, which has no signature: it is good for this login and not remembered. A wallet
/// that named its key at the scan must sign all the same (L6).
///
/// # Errors
/// `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over, not authenticated, nothing to consent to),
/// `invalid_accepted_claim`, `invalid_permitted_scope`, `invalid_client_id`; `invalid_signature_format` as in
/// [`post_v2`].
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    Body(request): Body<ConsentRequest>,
) -> Result<Reply, ApiError> {
    consent(&state, mount, request, false).await
}

/// `POST linked-authorization/v2/consent`, whose signature is mandatory, and remembered with the consent.
///
/// # Errors
/// As [`post`], and `invalid_signature_format` for a signature that is missing, has not two parts, or is not the one of
/// the key that authenticated over exactly these claims and scopes (L9); the same for a statement.
pub async fn post_v2(
    State(state): State<AppState>,
    mount: Mount,
    Body(request): Body<ConsentRequest>,
) -> Result<Reply, ApiError> {
    if !request.signature.as_deref().is_some_and(signatures::is_two_part) {
        return Err(Code::InvalidSignatureFormat.into());
    }
    consent(&state, mount, request, true).await
}

async fn consent(state: &AppState, mount: Mount, request: ConsentRequest, remembered: bool) -> Result<Reply, ApiError> {
    let id = access::open_linked(state, &request.linked_transaction_id)?;
    let (linked, link, who) = awaiting(state, mount, id.clone()).await?;
    let transaction = &linked.transaction;
    let client = client_of(state, transaction).await?;
    let (claims, scopes) = (&request.accepted_claims, &request.permitted_authorize_scopes);
    let decision = consent::decide(&transaction.request, &client, claims, scopes, state.clock.now())?;
    let key = match &who.key {
        Some((row, _)) => Some(
            // Revoked since it authenticated: then it agrees to nothing any more.
            binding::key_for_consent(state, who.person, *row).await?.ok_or(Code::InvalidTransaction)?,
        ),
        None => None,
    };
    hold(state, &request, &client, &link, key.as_ref())?;
    let signed = Signed {
        key: key.as_ref().map(|key| key.id),
        statement: request.consent_statement,
        signature: request.signature,
    };
    let stated = signed.statement.is_some();
    let (receipt, redirect_uri) = approve(state, mount, id, decision, signed, remembered).await?;
    // Wallets that sign no statement know no receipts of ours.
    let consent_id = receipt.filter(|_| stated).map(|receipt| state.ids.name(Kind::Consent, receipt));
    Reply::of(&Answer { linked_transaction_id: request.linked_transaction_id, redirect_uri, consent_id })
}

/// The transaction, where its wallet has proven who is there and consent is awaited.
async fn awaiting(state: &AppState, mount: Mount, id: Opened) -> Result<(Linked, Link, Authenticated), ApiError> {
    let in_read = state.clone();
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let linked = access::of_wallet(&in_read, tx, Some(mount), &id).await?;
                match &linked.transaction.stage {
                    Stage::LinkedAuthenticated(link, who) => {
                        let (link, who) = (link.clone(), who.clone());
                        Ok((linked, link, who))
                    }
                    _ => Err(Code::InvalidTransaction.into()),
                }
            })
        })
        .await
}

/// Holds what was signed against the key that authenticated. Where that was no key of ours (OTP, PIN), a signature
/// proves nothing and only its form is looked at; a statement that cannot be checked is refused.
fn hold(
    state: &AppState,
    request: &ConsentRequest,
    client: &Client,
    link: &Link,
    key: Option<&BoundKey>,
) -> Result<(), ApiError> {
    let refused = Err(Code::InvalidSignatureFormat.into());
    let (signature, statement) = (request.signature.as_deref(), request.consent_statement.as_deref());
    let (claims, scopes) = (&request.accepted_claims, &request.permitted_authorize_scopes);
    let Some(key) = key else {
        return if statement.is_some() { refused } else { Ok(()) };
    };
    let names: Vec<&str> = client.registration.name.values().map(String::as_str).collect();
    let expected = StatementExpected {
        thumbprint: &key.thumbprint,
        issuer: &state.issuer(client.mount),
        txn: request.linked_transaction_id.trim(),
        client_id: &client.id,
        client_names: &names,
        claims,
        scopes,
    };
    let signed = signature.is_none_or(|signature| signatures::is_signed(state, key, signature, claims, scopes));
    let stated = statement.is_none_or(|statement| binding::is_stated(state, key, statement, &expected));
    let needed = link.key.is_some() && signature.is_none() && statement.is_none();
    if signed && stated && !needed { Ok(()) } else { refused }
}

/// Approves, writes the receipt and gives its id.
async fn approve(
    state: &AppState,
    mount: Mount,
    id: Opened,
    decision: Decision,
    signed: Signed,
    remembered: bool,
) -> Result<(Option<i64>, Option<String>), ApiError> {
    let in_write = state.clone();
    let (moved, redirect_uri, receipt) = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (state, now) = (in_write.clone(), in_write.clock.now());
                let Linked { id: linked, transaction } = access::of_wallet(&state, tx, Some(mount), &id).await?;
                let Stage::LinkedAuthenticated(_, who) = &transaction.stage else {
                    return Err(Code::InvalidTransaction.into());
                };
                let person = who.person;
                let agreed = Agreed { transaction: &transaction, person, decision: &decision, signed: signed.clone() };
                let decision = consent::write_down(&state, tx, agreed).await?;
                let kept = remembered.then(|| Consent {
                    asked_hash: asked_hash(&transaction.request),
                    decision: decision.clone(),
                    signature: signed.signature,
                    statement: signed.statement,
                    key: signed.key,
                    given_at: now,
                });
                let receipt = decision.receipt;
                let moved = transaction
                    .consent_linked(linked, decision, now, &state.config.lifetimes)
                    .map_err(TransactionError::from)?;
                if let Some(kept) = &kept {
                    consent::remember(&state, tx, mount, &moved.client_id, person, kept, moved.id).await?;
                }
                let (moved, redirect_uri) = returned::offer(&state, moved);
                save(&state, tx, &moved).await?;
                approved::record(&state, tx, &moved).await?;
                tx.wake(wait::transaction(moved.id));
                Ok::<_, ApiError>((moved, redirect_uri, receipt))
            })
        })
        .await?;
    approved::count(state, &moved);
    Ok((receipt, redirect_uri))
}
