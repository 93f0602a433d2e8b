//! Whether a wallet that scanned a code may go on with its login, by the client's policy: asked when it claims the code,
//! and again when it is known who is there.

use protocol::linked::WalletHint;
use protocol::wla;

use crate::audit::{Event, EventKind};
use crate::authorization::{Channel, DeniedBy, Transaction, TransactionError};
use crate::binding;
use crate::clients::{Client, LoginPolicy};
use crate::error::ApiError;
use crate::registry::PersonId;
use crate::risk::{self, Findings, Number, Origin, Place, Refusal, Terms};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A wallet, as it introduces itself.
pub(super) struct Wallet {
    /// The key it will use, where it names one: then no other may go on.
    pub(super) key: Option<String>,
    /// Whether it can ask for the number on the page.
    can_match: bool,
    /// Where it is.
    from: Origin,
}

impl Wallet {
    /// What it says, and where it says it.
    pub(super) fn of(hint: Option<WalletHint>, from: Origin) -> Self {
        let hint = hint.unwrap_or_default();
        // Without its key it could be another wallet by the time the number is typed.
        let can_match = hint.key.is_some() && hint.caps.iter().any(|cap| cap == wla::MATCH_CAPABILITY);
        Self { key: hint.key, can_match, from }
    }
}

/// A wallet that may go on, and what it is told about the browser.
#[derive(Clone)]
pub(super) struct Admitted {
    pub(super) terms: Terms,
    pub(super) place: Option<String>,
}

/// Looks at browser and wallet, and asks the policy. A wallet on the device that shows the page is asked nothing.
///
/// # Errors
/// `cross_device_refused`, `number_matching_required`; nothing is used up then.
pub(super) async fn admit(
    state: &AppState,
    client: &Client,
    transaction: &Transaction,
    wallet: &Wallet,
    channel: Channel,
) -> Result<Admitted, ApiError> {
    if channel == Channel::SameDevice {
        return Ok(Admitted { terms: Terms::default(), place: None });
    }
    let from = &transaction.request.from;
    let (here, there): (Place, Place) = (risk::place(state, from.address), risk::place(state, wallet.from.address));
    let findings = Findings {
        near: risk::near((from.address, &here), (wallet.from.address, &there)),
        known_browser: known_browser(state, from, wallet.key.clone()).await?,
        scanned_twice: false,
        crowded: from.crowded,
        first_factor: transaction.stage.first_factor().is_some(),
    };
    let asks = match risk::admit(&client.login_policy(), &findings, wallet.can_match) {
        Ok(_) if belongs_to_another(state, transaction, wallet.key.clone()).await? => Err(Refusal::OtherPerson),
        decided => decided,
    };
    let asks = match asks {
        Ok(asks) => asks,
        Err(refusal) => {
            not_allowed(state, transaction, refusal).await?;
            return Err(refusal.into());
        }
    };
    let number = if asks { Number::Shown(risk::number(&*state.rng)) } else { Number::NotAsked };
    Ok(Admitted { terms: Terms { cross_device: true, findings, number }, place: here.name })
}

/// Writes down that a wallet was refused; the code stays good.
async fn not_allowed(state: &AppState, transaction: &Transaction, refusal: Refusal) -> Result<(), StoreError> {
    let (in_write, mount, login) = (state.clone(), transaction.mount, transaction.id);
    let client = transaction.client_id.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let event = Event::new(EventKind::LoginNotAllowed, mount).client(&client).login(login);
                in_write.audit.record(tx, event.reason(refusal.reason())).await
            })
        })
        .await
}

/// Whether a key is named that is not of the person who proved a first factor in the browser, where somebody did. A wallet
/// that names none is asked when it is known whose it is.
async fn belongs_to_another(
    state: &AppState,
    transaction: &Transaction,
    key: Option<String>,
) -> Result<bool, StoreError> {
    let (Some(first), Some(key)) = (transaction.stage.first_factor(), key) else { return Ok(false) };
    let (in_read, person) = (state.clone(), first.person);
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let key = binding::key_named(&in_read, tx, key).await?;
                Ok(key.is_none_or(|key| key.person != person))
            })
        })
        .await
}

/// Whether the person behind a key has used the browser before; `None` where no key is named.
async fn known_browser(state: &AppState, from: &Origin, key: Option<String>) -> Result<Option<bool>, StoreError> {
    let (Some(key), visitor) = (key, from.visitor.clone()) else { return Ok(None) };
    let Some(visitor) = visitor else { return Ok(Some(false)) };
    let in_read = state.clone();
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(key) = binding::key_named(&in_read, tx, key).await? else { return Ok(Some(false)) };
                risk::knows(&in_read, tx, &visitor, key.person).await.map(Some)
            })
        })
        .await
}

/// Asks the policy again, now that it is known who is there and whether the code was scanned a second time. A login that
/// it does not admit any more is ended: the transaction comes back denied, with the refusal.
pub(super) async fn admit_again(
    state: &AppState,
    tx: &mut Tx,
    policy: &LoginPolicy,
    mut transaction: Transaction,
    linked: i64,
    person: PersonId,
) -> Result<(Transaction, Option<Refusal>), TransactionError> {
    super::store::found_later(tx, &mut transaction.stage).await?;
    let visitor = transaction.request.from.visitor.clone();
    let Some(terms) = transaction.stage.terms_mut().filter(|terms| terms.cross_device) else {
        return Ok((transaction, None));
    };
    if terms.findings.known_browser.is_none() {
        terms.findings.known_browser = Some(match &visitor {
            Some(visitor) => risk::knows(state, tx, visitor, person).await?,
            None => false,
        });
    }
    match risk::admit(policy, &terms.findings, terms.number != Number::NotAsked) {
        Ok(_) => Ok((transaction, None)),
        Err(refusal) => {
            let ended = transaction.deny(DeniedBy::Policy, Some(linked), None, state.clock.now())?;
            Ok((ended, Some(refusal)))
        }
    }
}
