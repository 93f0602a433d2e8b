//! What a citizen agrees to, and the memory of it: one record per client and person (facts §3.5).

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::model::{Decision, Transaction};
use super::request::{Claim, Prompt, Request};
use super::store::{self, TransactionError};
use crate::audit::{Event, EventKind};
use crate::clients::Client;
use crate::clock::Millis;
use crate::consents::{self, NewReceipt, Signed};
use crate::dialect::Mount;
use crate::error::Code;
use crate::registry::PersonId;
use crate::secrets::{Column, Key, Purpose};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A consent that was given, to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What was asked; see [`asked_hash`].
    pub asked_hash: String,
    /// What was agreed to.
    pub decision: Decision,
    /// eSignet's two-part signature of the wallet; `None` where the browser consented.
    pub signature: Option<String>,
    /// The wallet's consent statement (a compact JWS), the citizen's receipt.
    pub statement: Option<String>,
    /// Primary key of the wallet key that signed.
    pub key: Option<i64>,
    /// When.
    pub given_at: Millis,
}

/// Whether the citizen must be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    /// Nothing is asked for: nothing to agree to, and an older consent has no more use.
    Nothing,
    /// The same was agreed to before, and it still holds.
    Remembered(Decision),
    /// Yes.
    Ask,
}

impl Needed {
    /// What holds without asking.
    #[must_use]
    pub fn decision(self) -> Option<Decision> {
        match self {
            Self::Nothing => Some(Decision::default()),
            Self::Remembered(decision) => Some(decision),
            Self::Ask => None,
        }
    }
}

#[derive(Serialize)]
struct Canonical<'a> {
    userinfo: Vec<&'a Claim>,
    id_token: Vec<&'a Claim>,
    authorize_scopes: Vec<&'a str>,
    /// What is asked for as verified, with which evidence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    verified: Vec<&'a Value>,
}

/// A hash over what a request asks to be agreed to, whatever its order.
#[must_use]
pub fn asked_hash(request: &Request) -> String {
    fn ordered(claims: &[Claim]) -> Vec<&Claim> {
        let mut claims: Vec<&Claim> = claims.iter().collect();
        claims.sort_by(|a, b| a.name.cmp(&b.name));
        claims
    }
    let mut authorize_scopes: Vec<&str> = request.authorize_scopes.iter().map(String::as_str).collect();
    authorize_scopes.sort_unstable();
    let canonical = Canonical {
        userinfo: ordered(&request.claims.userinfo),
        id_token: ordered(&request.claims.id_token),
        authorize_scopes,
        verified: request.asked_claims.verified().collect(),
    };
    // Strings, numbers and lists of them are always JSON.
    let text = serde_json::to_vec(&canonical).unwrap_or_default();
    protocol::base64url::encode(Sha256::digest(text))
}

/// Holds a remembered consent against a request. `signed` says whether what was signed of it still counts: in the linked
/// flow the signature of a key that is still bound, in the browser's that no key it was given by was revoked.
#[must_use]
pub fn needed(request: &Request, remembered: Option<&Consent>, signed: bool, now: Millis) -> Needed {
    if !request.asks_consent() {
        return Needed::Nothing;
    }
    match remembered {
        Some(consent)
            if signed
                && !request.prompts(Prompt::Consent)
                && consent.asked_hash == asked_hash(request)
                && consent.decision.consent_expires.is_none_or(|end| now < end) =>
        {
            Needed::Remembered(consent.decision.clone())
        }
        _ => Needed::Ask,
    }
}

/// What a citizen agreed to, held against what was asked (E7, GS-VAP-07). The consent ends when the client's do.
///
/// # Errors
/// `invalid_accepted_claim` where an essential claim is missing or one is there that was not asked for;
/// `invalid_permitted_scope` where one was not asked for.
pub fn decide(
    request: &Request,
    client: &Client,
    accepted_claims: &[String],
    permitted_scopes: &[String],
    now: Millis,
) -> Result<Decision, Code> {
    let (essential, voluntary) = (request.essential_claims(), request.voluntary_claims());
    let asked = |name: &String| essential.contains(name) || voluntary.contains(name);
    if !essential.iter().all(|name| accepted_claims.contains(name)) || !accepted_claims.iter().all(asked) {
        return Err(Code::InvalidAcceptedClaim);
    }
    if !permitted_scopes.iter().all(|scope| request.authorize_scopes.contains(scope)) {
        return Err(Code::InvalidPermittedScope);
    }
    let minutes = client.registration.additional.consent_expire_in_mins;
    Ok(Decision {
        accepted_claims: once(accepted_claims),
        permitted_scopes: once(permitted_scopes),
        consent_expires: minutes.map(|minutes| now + i64::from(minutes) * 60_000),
        receipt: None,
    })
}

fn once(names: &[String]) -> Vec<String> {
    let mut list: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        if !list.contains(name) {
            list.push(name.clone());
        }
    }
    list
}

pub(super) fn context(mount: Mount, client_id: &str, person: PersonId) -> Vec<u8> {
    format!("consent/{}/{}/{client_id}", mount.name(), person.0).into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED_CONSENT: &[Column] = &[Column {
    table: "consent",
    key: &[Key::Number("person"), Key::Text("client_mount"), Key::Text("client_id")],
    column: "decision",
    purpose: Purpose::Transactions,
    context: |key| context_of(key),
}];

fn context_of(key: &[&str]) -> Vec<u8> {
    let text = |place: usize| key.get(place).copied().unwrap_or_default();
    format!("consent/{}/{}/{}", text(1), text(0), text(2)).into_bytes()
}

/// The consent that a person gave a client last, ended or not.
///
/// # Errors
/// [`TransactionError::Store`] or [`TransactionError::Sealed`].
pub async fn recall(
    state: &AppState,
    tx: &mut Tx,
    mount: Mount,
    client_id: &str,
    person: PersonId,
) -> Result<Option<Consent>, TransactionError> {
    let Some(row) = store::consent::find(tx, mount, client_id, person).await? else { return Ok(None) };
    let clear = state.secrets.open(Purpose::Transactions, &context(mount, client_id, person), &row.decision)?;
    let decision: Decision = serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "consent" })?;
    Ok(Some(Consent {
        asked_hash: row.asked_hash,
        decision: Decision { receipt: row.receipt_id, ..decision },
        signature: row.signature,
        statement: row.statement,
        key: row.key_id,
        given_at: row.given_at,
    }))
}

/// Keeps a consent in the place of the one before; its decision names the receipt that it stands on, `login` is the
/// transaction it was given in.
///
/// # Errors
/// [`TransactionError::Store`] or [`TransactionError::Sealed`].
pub async fn remember(
    state: &AppState,
    tx: &mut Tx,
    mount: Mount,
    client_id: &str,
    person: PersonId,
    consent: &Consent,
    login: i64,
) -> Result<(), TransactionError> {
    let clear = serde_json::to_vec(&consent.decision).map_err(|_| StoreError::Corrupt { what: "consent" })?;
    let context = context(mount, client_id, person);
    let sealed = state.secrets.seal(Purpose::Transactions, &context, &clear, &*state.rng)?;
    store::consent::put(tx, mount, client_id, person, consent, &sealed).await?;
    let event = Event::new(EventKind::ConsentGiven, mount).client(client_id).person(person.0).login(login);
    let event = consent.decision.receipt.map_or(event, |receipt| event.object(receipt));
    Ok(state.audit.record(tx, event).await?)
}

/// An approval of a login, to be written down.
pub struct Agreed<'a> {
    /// The login.
    pub transaction: &'a Transaction,
    /// Who agrees.
    pub person: PersonId,
    /// To what.
    pub decision: &'a Decision,
    /// What a wallet signed of it.
    pub signed: Signed,
}

/// Writes the receipt of an approval, inside the write that approves; the decision then names it.
///
/// # Errors
/// [`TransactionError::Store`] or [`TransactionError::Sealed`].
pub async fn write_down(state: &AppState, tx: &mut Tx, agreed: Agreed<'_>) -> Result<Decision, TransactionError> {
    receipt(state, tx, agreed, None).await
}

async fn receipt(
    state: &AppState,
    tx: &mut Tx,
    Agreed { transaction, person, decision, signed }: Agreed<'_>,
    rests_on: Option<i64>,
) -> Result<Decision, TransactionError> {
    let receipt = NewReceipt {
        mount: transaction.mount,
        client_id: transaction.client_id.clone(),
        person,
        transaction: transaction.id,
        claims: decision.accepted_claims.clone(),
        scopes: decision.permitted_scopes.clone(),
        signed,
        rests_on,
        expires_at: decision.consent_expires,
    };
    let id = consents::record(state, tx, receipt).await?;
    Ok(Decision { receipt: Some(id), ..decision.clone() })
}

/// Approves a login by what is remembered, and writes its receipt. The statement that takes the memory keeps it for this
/// transaction, so that a withdrawal comes before it or after it: `None` where it came before, or where something else
/// has been agreed to since; then the citizen must be asked.
///
/// # Errors
/// [`TransactionError::Store`] or [`TransactionError::Sealed`].
pub async fn use_remembered(
    state: &AppState,
    tx: &mut Tx,
    agreed: Agreed<'_>,
) -> Result<Option<Decision>, TransactionError> {
    let Some(earlier) = agreed.decision.receipt else { return Ok(None) };
    let Transaction { mount, client_id, request, .. } = agreed.transaction;
    let (now, asked) = (state.clock.now(), asked_hash(request));
    let taken = store::consent::take(tx, *mount, client_id, agreed.person, earlier, &asked, now).await?;
    if !taken || !consents::stands(tx, earlier).await? {
        return Ok(None);
    }
    Ok(Some(receipt(state, tx, agreed, Some(earlier)).await?))
}

/// Forgets what a person agreed to for a client: nothing is asked any more, or the consent is withdrawn.
///
/// # Errors
/// [`StoreError`].
pub async fn forget(tx: &mut Tx, mount: Mount, client_id: &str, person: PersonId) -> Result<(), StoreError> {
    store::consent::forget(tx, mount, client_id, person).await
}
