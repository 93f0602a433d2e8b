//! The browser proves who is there: OTP and PIN. (A wallet answers through `linked/`.)

use axum::http::HeaderValue;
use protocol::linked::{Challenge, ConsentAction};

use super::consent::{self, Needed};
use super::model::{Authenticated, StageError, Transaction};
use super::request::Request;
use super::store::{self, TransactionError};
use super::{auth_factors, first_factor};
use crate::acr::Factor;
use crate::audit::{Event, EventKind};
use crate::binding;
use crate::clients::{self, Client};
use crate::error::{ApiError, Code};
use crate::factors::{self, Masked, OtpFor};
use crate::http::csrf::Browser;
use crate::http::session;
use crate::registry::{self, PersonId};
use crate::sessions;
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait;

/// What a login in the browser led to.
pub struct LoggedIn {
    /// The transaction as it stands now.
    pub transaction: Transaction,
    /// Whether consent is still to be asked.
    pub consent: ConsentAction,
    /// The new session cookie (E9).
    pub set_cookie: Option<HeaderValue>,
}

/// Whether an earlier consent may stand for a new one. Version 1 of the API always asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// It may.
    Used,
    /// The citizen is asked, whatever was agreed to before.
    Ignored,
}

pub(super) fn must_be_open(transaction: &Transaction) -> Result<(), TransactionError> {
    if transaction.stage.is_open() { Ok(()) } else { Err(StageError::Stage(transaction.stage.name()).into()) }
}

/// Sends a one-time password that is good for this transaction only (E3).
///
/// # Errors
/// `invalid_transaction` unless it is started and untouched, `auth_factor_mismatch` where no OTP is asked for, and those
/// of [`factors::send_otp`].
pub async fn send_otp(
    state: &AppState,
    transaction: &Transaction,
    individual_id: &str,
    channels: &[String],
) -> Result<Masked, ApiError> {
    must_be_open(transaction)?;
    if !auth_factors::offers(&transaction.request, Factor::Otp)
        && !first_factor::is_wanted(client_of(state, transaction).await?.as_ref(), &transaction.request)
    {
        return Err(Code::AuthFactorMismatch.into());
    }
    factors::send_otp(state, OtpFor::Transaction(transaction.id), individual_id, channels).await
}

/// Checks the factors given and moves the transaction on.
///
/// # Errors
/// `invalid_transaction` unless it is started and untouched; the faults of identifier and challenges;
/// `auth_factor_mismatch` where they are none of the alternatives offered; `auth_failed`, `no_attempts_left`,
/// `individual_id_blocked`.
pub async fn authenticate(
    state: &AppState,
    browser: &Browser,
    transaction: Transaction,
    individual_id: &str,
    challenges: &[Challenge],
    memory: Memory,
) -> Result<LoggedIn, ApiError> {
    must_be_open(&transaction)?;
    let purpose = OtpFor::Transaction(transaction.id);
    let given = factors::read_login(state, transaction.mount, purpose, individual_id, challenges)?;
    let shown: Vec<Factor> = given.iter().map(|one| one.factor).collect();
    // A wallet's token is bound to a linked transaction, which this is not.
    let acr = (!shown.contains(&Factor::Wla)).then(|| auth_factors::reached(&transaction.request, &shown)).flatten();
    let acr = acr.ok_or(Code::AuthFactorMismatch)?;
    let client = client_of(state, &transaction).await?;
    let verified = match factors::verify(state, transaction.mount, purpose, individual_id, challenges).await {
        Ok(verified) => verified,
        Err(error) => {
            not_authenticated(state, &transaction, &error).await;
            return Err(error);
        }
    };
    must_be_the_subject(state, &transaction.request, &client, verified.person).await?;
    must_be_whom_the_hint_names(state, &transaction.request, verified.person).await?;
    first_factor::must_be_of(transaction.stage.first_factor(), verified.person)?;

    let who = Authenticated {
        person: verified.person,
        acr,
        amr: verified.amr.iter().map(|method| (*method).into()).collect(),
        auth_time: state.clock.now(),
        key: None,
        remembered: None,
        session: None,
    };
    let (set_cookie, hash) = session::begin(state);
    // A caller that keeps no cookies cannot be told apart by them.
    let session = browser.session.is_some().then_some(hash);
    let (transaction, consent) = move_on(state, transaction, who, session, memory).await?;
    Ok(LoggedIn { transaction, consent, set_cookie })
}

async fn move_on(
    state: &AppState,
    transaction: Transaction,
    who: Authenticated,
    session: Option<Vec<u8>>,
    memory: Memory,
) -> Result<(Transaction, ConsentAction), ApiError> {
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (mut moved, action) = proven(&inner, tx, transaction, who, session, memory).await?;
                moved.version += 1;
                Ok::<_, TransactionError>((moved, action))
            })
        })
        .await
        .map_err(ApiError::from)
}

/// Moves a transaction on whose person is known, inside the caller's write; its version is that of before.
///
/// # Errors
/// [`TransactionError`].
pub(super) async fn proven(
    state: &AppState,
    tx: &mut Tx,
    transaction: Transaction,
    mut who: Authenticated,
    session: Option<Vec<u8>>,
    memory: Memory,
) -> Result<(Transaction, ConsentAction), TransactionError> {
    let (now, person) = (state.clock.now(), who.person.0);
    let (mount, id) = (transaction.mount, transaction.id);
    if memory == Memory::Used {
        let earlier = consent::recall(state, tx, mount, &transaction.client_id, who.person).await?;
        // What a phone agreed to that was revoked since may have been agreed to by a thief.
        let key = earlier.as_ref().and_then(|earlier| earlier.key);
        let good = match key {
            Some(key) => binding::is_live(tx, who.person, key, now).await?,
            None => true,
        };
        let needed = consent::needed(&transaction.request, earlier.as_ref(), good, now);
        if needed == Needed::Nothing && earlier.is_some() {
            consent::forget(tx, mount, &transaction.client_id, who.person).await?;
        }
        who.remembered = needed.decision();
        if let Some(session) = who.session
            && !transaction.request.asks_consent()
            && !sessions::has_client(tx, session, &transaction.client_id).await?
        {
            // Nobody is logged in silently to a relying party that they have not met.
            who.remembered = None;
        }
    }
    let action = if who.remembered.is_some() { ConsentAction::NoCapture } else { ConsentAction::Capture };
    let mut moved = transaction.authenticate(who, now, &state.config.lifetimes)?;
    moved.session = session;
    store::save(state, tx, &moved).await?;
    let event = Event::new(EventKind::LoginAuthenticated, mount).client(&moved.client_id).login(id);
    state.audit.record(tx, event.person(person).reason("browser")).await?;
    // A page that shows a code at the same time learns that it is of no use any more.
    tx.wake(wait::transaction(id));
    Ok((moved, action))
}

/// Writes down that somebody did not prove who is there; the guess itself was counted before. A fault of the store is no
/// event.
pub async fn not_authenticated(state: &AppState, transaction: &Transaction, error: &ApiError) {
    let ApiError::Refused(codes) = error else { return };
    let Some((code, _)) = codes.first().copied() else { return };
    let (audit, mount, login) = (state.audit.clone(), transaction.mount, transaction.id);
    let client = transaction.client_id.clone();
    let written: Result<(), StoreError> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let event = Event::new(EventKind::LoginNotAuthenticated, mount).client(&client).login(login);
                audit.record(tx, event.reason(code.name())).await
            })
        })
        .await;
    if let Err(error) = written {
        tracing::error!(%error, "a failed authentication could not be written down");
    }
}

/// The transaction's client, which must still be active.
///
/// # Errors
/// `invalid_client_id`.
pub async fn client_of(state: &AppState, transaction: &Transaction) -> Result<std::sync::Arc<Client>, ApiError> {
    let found = clients::find(state, transaction.mount, &transaction.client_id).await?;
    found.ok_or_else(|| Code::InvalidClientId.into())
}

/// Where the request names the one subject that will do, by `claims` or by `id_token_hint`, anybody else fails to
/// authenticate (OpenID Connect Core §5.5.1, §3.1.2.1, §3.1.2.2).
///
/// # Errors
/// `auth_failed`; a fault of the store.
pub async fn must_be_the_subject(
    state: &AppState,
    request: &Request,
    client: &Client,
    person: PersonId,
) -> Result<(), ApiError> {
    if request.subject.is_none() && request.hinted_subject.is_none() {
        return Ok(());
    }
    let subject = registry::subject_for(state, person, client.sector()).await?;
    let asked = request.subject.as_ref().is_none_or(|asked| asked.as_str() == Some(&subject));
    let hinted = request.hinted_subject.as_ref().is_none_or(|hinted| *hinted == subject);
    if asked && hinted { Ok(()) } else { Err(Code::AuthFailed.into()) }
}

/// Where `login_hint` is the identifier of a person, nobody else may finish the login. So is any number, so that an answer
/// does not tell which numbers are somebody's; another text that is nobody's identifier is a hint and no more (OpenID
/// Connect Core §3.1.2.1).
///
/// # Errors
/// `auth_failed`.
pub async fn must_be_whom_the_hint_names(
    state: &AppState,
    request: &Request,
    person: PersonId,
) -> Result<(), ApiError> {
    let Some(hint) = request.login_hint.as_deref().map(str::trim).filter(|hint| !hint.is_empty()) else {
        return Ok(());
    };
    let named = registry::find_any(state, hint).await?.map(|(named, _)| named);
    let is_number = hint.bytes().all(|byte| byte.is_ascii_digit());
    match named {
        Some(named) if named == person => Ok(()),
        None if !is_number => Ok(()),
        _ => Err(Code::AuthFailed.into()),
    }
}
