//! `authenticate`: the wallet proves who is there (GS-WAL-05), by its bound key, an OTP or a PIN. The first success fixes
//! person and key for the rest of the login (L6).

use axum::extract::State;
use protocol::linked::{Authenticate, AuthenticateRequest, ConsentAction};

use super::access::{self, Linked};
use super::admission::admit_again;
use super::{approved, returned, signatures};
use crate::acr::Factor;
use crate::audit::{Event, EventKind};
use crate::authorization::consent::{self, Agreed, Consent, Needed};
use crate::authorization::login::{client_of, must_be_the_subject, must_be_whom_the_hint_names, not_authenticated};
use crate::authorization::store::save;
use crate::authorization::{
    Authenticated, Decision, Link, Stage, StageError, Transaction, TransactionError, auth_factors, first_factor,
};
use crate::binding::{self, Expected};
use crate::clients::{LoginPolicy, UnprovenKeys};
use crate::consents::Signed;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::factors::{self, OtpFor};
use crate::http::envelope::{Body, Reply};
use crate::ids::Opened;
use crate::registry::PersonId;
use crate::state::AppState;
use crate::store::Tx;
use crate::wait;

/// `POST linked-authorization/authenticate`.
///
/// # Errors
/// `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over, not waiting for this),
/// `invalid_identifier` and the codes of the challenge list for what is malformed, `auth_factor_mismatch` for factors
/// that are not offered, `auth_failed` for anything wrong, `no_attempts_left`, `individual_id_blocked`; `binding_ended` where
/// the dialect has it (`/op`), for a token that is good but for its key, which is bound no more;
/// `number_mismatch`, `cross_device_refused` where the login is over by that, `number_matching_required` for a number that
/// was not typed, `invalid_wallet_token` for a key that the client's policy refuses.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    Body(request): Body<AuthenticateRequest>,
) -> Result<Reply, ApiError> {
    let (_, redirect_uri) = authenticate(&state, mount, &request).await?;
    reply(request, None, redirect_uri)
}

/// `POST linked-authorization/v2/authenticate`: also tells whether consent is still to be asked.
///
/// # Errors
/// See [`post`].
pub async fn post_v2(
    State(state): State<AppState>,
    mount: Mount,
    Body(request): Body<AuthenticateRequest>,
) -> Result<Reply, ApiError> {
    let (action, redirect_uri) = authenticate(&state, mount, &request).await?;
    reply(request, Some(action), redirect_uri)
}

fn reply(
    request: AuthenticateRequest,
    consent_action: Option<ConsentAction>,
    redirect_uri: Option<String>,
) -> Result<Reply, ApiError> {
    Reply::of(&Authenticate {
        redirect_uri,
        link_transaction_id: Some(request.linked_transaction_id.clone()),
        linked_transaction_id: request.linked_transaction_id,
        consent_action,
    })
}

async fn authenticate(
    state: &AppState,
    mount: Mount,
    request: &AuthenticateRequest,
) -> Result<(ConsentAction, Option<String>), ApiError> {
    let id = access::open_linked(state, &request.linked_transaction_id)?;
    let given =
        factors::read_login(state, mount, OtpFor::Linked(id.id), &request.individual_id, &request.challenge_list)?;
    let shown: Vec<_> = given.iter().map(|one| one.factor).collect();
    let (linked, link) = awaiting(state, mount, id.clone()).await?;
    let acr = auth_factors::reached(&linked.transaction.request, &shown).ok_or(Code::AuthFactorMismatch)?;
    if link.key.is_some() && !shown.contains(&Factor::Wla) {
        // The wallet named its key at the scan: nothing else will do (L6).
        return Err(Code::AuthFactorMismatch.into());
    }
    let client = client_of(state, &linked.transaction).await?;
    let first = link.first.clone();
    let expected = Expected {
        mount,
        purpose: OtpFor::Linked(linked.id),
        nonce: link.nonce,
        txn: request.linked_transaction_id.trim().to_owned(),
        key: link.key,
    };
    let proven = binding::authenticate(state, &expected, &request.individual_id, &request.challenge_list).await;
    let proven = match proven {
        Ok(proven) => proven,
        Err(error) => {
            not_authenticated(state, &linked.transaction, &error).await;
            return Err(error);
        }
    };
    must_be_the_subject(state, &linked.transaction.request, &client, proven.person).await?;
    must_be_whom_the_hint_names(state, &linked.transaction.request, proven.person).await?;
    first_factor::must_be_of(first.as_ref(), proven.person)?;
    let policy = client.login_policy();
    if policy.unproven_keys == UnprovenKeys::Deny && proven.wallet.as_ref().is_some_and(|wallet| !wallet.proven) {
        return Err(Code::InvalidWalletToken.into());
    }
    let typed = proven.wallet.as_ref().and_then(|wallet| wallet.typed.clone());
    let who = Authenticated {
        person: proven.person,
        acr,
        amr: proven.amr.iter().map(|method| (*method).to_owned()).collect(),
        auth_time: state.clock.now(),
        key: proven.wallet.map(|wallet| (wallet.key, wallet.thumbprint)),
        remembered: None,
        session: None,
    };
    proceed(state, mount, id, who, typed, policy).await
}

/// The transaction, where it waits for its wallet to prove who is there.
async fn awaiting(state: &AppState, mount: Mount, id: Opened) -> Result<(Linked, Link), ApiError> {
    let in_read = state.clone();
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let linked = access::of_wallet(&in_read, tx, Some(mount), &id).await?;
                match &linked.transaction.stage {
                    Stage::Linked(link) => {
                        let link = link.clone();
                        Ok((linked, link))
                    }
                    _ => Err(Code::InvalidTransaction.into()),
                }
            })
        })
        .await
}

/// Moves the transaction on: to consent, or straight to approval where the same was agreed to before. Then there may be a
/// link back to the browser.
/// Where the citizen typed a wrong number, or the client's policy does not admit what is known by now, it is over.
async fn proceed(
    state: &AppState,
    mount: Mount,
    id: Opened,
    who: Authenticated,
    typed: Option<String>,
    policy: LoginPolicy,
) -> Result<(ConsentAction, Option<String>), ApiError> {
    let (signed, before) = remembered(state, mount, &id, who.person).await?;
    let person = who.person.0;
    let in_write = state.clone();
    let ended = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (state, now) = (in_write.clone(), in_write.clock.now());
                let Linked { id: linked, transaction } = access::of_wallet(&state, tx, Some(mount), &id).await?;
                let asked = transaction.stage.number().is_some();
                let transaction = transaction.type_number(linked, typed.as_deref(), now).map_err(number_or_stage)?;
                if let Stage::Denied(_) = transaction.stage {
                    factors::number_was_wrong(&state, tx, who.person).await?;
                    let kind = EventKind::LoginNumberMismatched;
                    save_ended(&state, tx, &transaction, Event::new(kind, mount).person(person)).await?;
                    return Ok(Err(Code::NumberMismatch));
                }
                if asked {
                    factors::number_was_right(&state, tx, who.person).await?;
                }
                let (transaction, refusal) = admit_again(&state, tx, &policy, transaction, linked, who.person).await?;
                if let Some(refusal) = refusal {
                    let event = Event::new(EventKind::LoginNotAllowed, mount).person(person);
                    save_ended(&state, tx, &transaction, event.reason(refusal.reason())).await?;
                    return Ok(Err(Code::CrossDeviceRefused));
                }
                let remembered = approved_before(&state, tx, &transaction, &who, before.as_ref(), signed).await?;
                let action = if remembered.is_some() { ConsentAction::NoCapture } else { ConsentAction::Capture };
                if !transaction.request.asks_consent() {
                    consent::forget(tx, mount, &transaction.client_id, who.person).await?;
                }
                let moved = transaction
                    .authenticate_linked(linked, Authenticated { remembered, ..who }, now, &state.config.lifetimes)
                    .map_err(TransactionError::from)?;
                let (moved, redirect_uri) = returned::offer(&state, moved);
                save(&state, tx, &moved).await?;
                let event = Event::new(EventKind::LoginAuthenticated, mount).client(&moved.client_id).login(moved.id);
                state.audit.record(tx, event.person(person).reason("wallet")).await?;
                approved::record(&state, tx, &moved).await?;
                tx.wake(wait::transaction(moved.id));
                Ok::<_, ApiError>(Ok((moved, action, redirect_uri)))
            })
        })
        .await?;
    let (moved, action, redirect_uri) = ended.map_err(ApiError::from)?;
    approved::count(state, &moved);
    Ok((action, redirect_uri))
}

/// A number that is asked for and was not typed is told; nothing is lost by it.
fn number_or_stage(error: StageError) -> ApiError {
    match error {
        StageError::Number => Code::NumberMatchingRequired.into(),
        other => TransactionError::from(other).into(),
    }
}

async fn save_ended(
    state: &AppState,
    tx: &mut Tx,
    transaction: &Transaction,
    event: Event<'_>,
) -> Result<(), TransactionError> {
    save(state, tx, transaction).await?;
    state.audit.record(tx, event.client(&transaction.client_id).login(transaction.id)).await?;
    tx.wake(wait::transaction(transaction.id));
    Ok(())
}

/// What holds without asking: nothing is asked for, or the same was agreed to before. The latter leaves a receipt.
async fn approved_before(
    state: &AppState,
    tx: &mut Tx,
    transaction: &Transaction,
    who: &Authenticated,
    before: Option<&Consent>,
    signed: bool,
) -> Result<Option<Decision>, TransactionError> {
    match consent::needed(&transaction.request, before, signed, state.clock.now()) {
        Needed::Ask => Ok(None),
        Needed::Nothing => Ok(Some(Decision::default())),
        Needed::Remembered(decision) => {
            let signed = Signed { key: who.key.as_ref().map(|(row, _)| *row), ..Signed::default() };
            let agreed = Agreed { transaction, person: who.person, decision: &decision, signed };
            consent::use_remembered(state, tx, agreed).await
        }
    }
}

/// The consent this person gave this client last, and whether a wallet key that is still bound signed it. The latter is
/// looked at only where the consent would do otherwise.
async fn remembered(
    state: &AppState,
    mount: Mount,
    id: &Opened,
    person: PersonId,
) -> Result<(bool, Option<Consent>), ApiError> {
    let (in_read, id) = (state.clone(), id.clone());
    let (asked, before) = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let linked = access::of_wallet(&in_read, tx, Some(mount), &id).await?;
                let before = consent::recall(&in_read, tx, mount, &linked.transaction.client_id, person).await?;
                Ok::<_, TransactionError>((linked.transaction.request, before))
            })
        })
        .await?;
    if !matches!(consent::needed(&asked, before.as_ref(), true, state.clock.now()), Needed::Remembered(_)) {
        return Ok((false, before));
    }
    let Some((row, signature)) = before.as_ref().and_then(|consent| consent.key.zip(consent.signature.as_deref()))
    else {
        return Ok((false, before));
    };
    let signed = match (binding::key_for_consent(state, person, row).await?, &before) {
        (Some(key), Some(consent)) => {
            let decision = &consent.decision;
            signatures::is_signed(state, &key, signature, &decision.accepted_claims, &decision.permitted_scopes)
        }
        _ => false,
    };
    Ok((signed, before))
}
