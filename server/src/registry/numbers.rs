//! Numbers that name persons: UINs (OSIA UIN 1.2.0) and virtual ids. Nobody can guess one, and none is given out twice.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::check_digit::check_digit;
use super::history::{self, Action, Because};
use super::model::{Fault, Identifier, IdentifierKind, PersonId};
use super::store::numbers as store;
use super::{sealed, store as rows};
use crate::clock::{Millis, Rng, random};
use crate::config::CheckDigit;
use crate::secrets::{self, Column, Hashed, Key, Purpose};
use crate::state::AppState;
use crate::store::{StoreError, Tx, take_turn};

/// Numbers tried until one is free: with fewer than a thousandth of them given out, a second is hardly ever needed.
const TRIES: u32 = 100;
const DAY: Millis = 24 * 3600 * 1000;
/// Days that a virtual id may be asked for at most: a hundred years.
pub const MOST_VIRTUAL_DAYS: u32 = 36_500;

/// A number of so many digits, the check digit included; the first is never 0.
fn number(length: u8, kind: CheckDigit, rng: &dyn Rng) -> String {
    let free = usize::from(length) - usize::from(kind != CheckDigit::None);
    let mut digits: Vec<u8> = Vec::with_capacity(free);
    while digits.len() < free {
        for byte in random::<32>(rng) {
            // 250 is the largest multiple of ten in a byte: those above would make some digits likelier.
            let digit = byte % 10;
            if byte < 250 && digits.len() < free && !(digits.is_empty() && digit == 0) {
                digits.push(digit);
            }
        }
    }
    digits.extend(check_digit(kind, &digits));
    digits.into_iter().map(|digit| char::from(b'0' + digit)).collect()
}

fn context(id: i64) -> Vec<u8> {
    format!("uin_issued/{id}").into_bytes()
}

/// What lies sealed of UINs that were given out, to be sealed anew.
pub const SEALED_UINS: &[Column] = &[UIN];

const UIN: Column = Column {
    table: "uin_issued",
    key: &[Key::Number("id")],
    column: "sealed",
    purpose: Purpose::Identifiers,
    context: |key| context(secrets::number(key, 0)),
};

/// What UINs that were given out are found by, to be hashed anew.
pub const HASHED_UINS: &[Hashed] = &[Hashed { column: "lookup", with: &[], sealed: UIN, made: sealed::hash_of }];

/// Gives out a UIN that nobody has or ever gets again, in the caller's transaction.
///
/// # Errors
/// [`Fault`]; [`StoreError::Busy`] where no number was free in a hundred tries: then `identity.uin_digits` is too small for
/// the population.
pub async fn issue_uin(state: &AppState, tx: &mut Tx) -> Result<String, Fault> {
    let rules = &state.config.identity;
    for _ in 0..TRIES {
        let uin = number(rules.uin_digits, rules.check_digit, &*state.rng);
        let (id, lookup) = (state.next_id(), sealed::lookup(state, &uin));
        let value = state.secrets.seal(Purpose::Identifiers, &context(id), uin.as_bytes(), &*state.rng)?;
        if lookup.is_double() {
            take_turn(tx).await?;
        }
        if !store::is_taken(tx, &lookup).await? && store::issue(tx, &lookup, id, &value, state.clock.now()).await? {
            return Ok(uin);
        }
    }
    tracing::error!("no UIN is free: raise identity.uin_digits");
    Err(StoreError::Busy.into())
}

/// An identifier of a person, as those see it who look after it. Its `Debug` shows the kind only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// It.
    pub identifier: Identifier,
    /// When it was given out; `None` for those that came with the person.
    pub made_at: Option<Millis>,
    /// When it ends; `None`: never.
    pub ends_at: Option<Millis>,
    /// When it was revoked; `None`: it was not.
    pub revoked_at: Option<Millis>,
}

impl Held {
    /// Whether the person is found by it.
    #[must_use]
    pub fn is_good(&self, now: Millis) -> bool {
        self.revoked_at.is_none() && self.ends_at.is_none_or(|end| now < end)
    }
}

/// Every identifier that a person has or had (GS-IDF-01), in the order in which they came.
///
/// # Errors
/// [`Fault`] where the database does not answer or one does not open.
pub async fn held(state: &AppState, person: PersonId) -> Result<Vec<Held>, Fault> {
    let rows = state.store.read(move |tx| Box::pin(async move { store::all(tx, person).await })).await?;
    let rows: Vec<store::Row> = rows;
    rows.into_iter()
        .map(|row| {
            let kind = IdentifierKind::named(&row.kind).ok_or(StoreError::Corrupt { what: "identifier kind" })?;
            let identifier = Identifier { kind, value: sealed::open_identifier(state, person, &row.sealed)? };
            Ok(Held { identifier, made_at: row.made_at, ends_at: row.ends_at, revoked_at: row.revoked_at })
        })
        .collect()
}

/// Gives a person a virtual id: a number that stands for the UIN and can be revoked. `days`: how long it is good for; 0: until
/// it is revoked; `None`: as configured. `None` where there is no such person.
///
/// # Errors
/// [`Fault`], as of [`issue_uin`].
pub async fn issue_virtual(
    state: &AppState,
    person: PersonId,
    days: Option<u32>,
    because: Because,
) -> Result<Option<Held>, Fault> {
    let inner = state.clone();
    let issue = state
        .store
        .write(move |tx| Box::pin(async move { issue_virtual_within(&inner, tx, person, days, because).await }));
    issue.await
}

/// As [`issue_virtual`], in the caller's transaction.
///
/// # Errors
/// As [`issue_virtual`].
pub async fn issue_virtual_within(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    days: Option<u32>,
    because: Because,
) -> Result<Option<Held>, Fault> {
    let (rules, now) = (&state.config.identity, state.clock.now());
    let days = days.unwrap_or(rules.virtual_days);
    let ends_at = (days > 0).then(|| now + Millis::from(days) * DAY);
    if rows::status(tx, person).await?.is_none() {
        return Ok(None);
    }
    for _ in 0..TRIES {
        let value = number(rules.virtual_digits, rules.check_digit, &*state.rng);
        let identifier = Identifier { kind: IdentifierKind::Vid, value };
        let row = sealed::identifier(state, person, &identifier)?;
        if row.lookup.is_double() {
            take_turn(tx).await?;
        }
        if !store::is_taken(tx, &row.lookup).await? && store::give(tx, person, &row, now, ends_at).await? {
            history::record(state, tx, person, Action::IdentifierIssued, &because, Vec::new(), &[]).await?;
            return Ok(Some(Held { identifier, made_at: Some(now), ends_at, revoked_at: None }));
        }
    }
    Err(StoreError::Busy.into())
}

/// Ends a virtual id for good; `false` where it is no virtual id of this person, or is revoked already.
///
/// # Errors
/// [`Fault`].
pub async fn revoke_virtual(state: &AppState, person: PersonId, value: &str, because: Because) -> Result<bool, Fault> {
    let (inner, value) = (state.clone(), value.to_owned());
    let revoke = state
        .store
        .write(move |tx| Box::pin(async move { revoke_virtual_within(&inner, tx, person, &value, because).await }));
    revoke.await
}

/// As [`revoke_virtual`], in the caller's transaction.
///
/// # Errors
/// As [`revoke_virtual`].
pub async fn revoke_virtual_within(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    value: &str,
    because: Because,
) -> Result<bool, Fault> {
    let revoked = store::revoke(tx, person, &sealed::lookup(state, value), state.clock.now()).await?;
    if revoked {
        history::record(state, tx, person, Action::IdentifierRevoked, &because, Vec::new(), &[]).await?;
    }
    Ok(revoked)
}

/// Keeps the UINs of a person among those that were given out: some came with the person, and nobody else is to get them once
/// the person is erased.
///
/// # Errors
/// [`Fault`].
pub(super) async fn keep(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), Fault> {
    for (kind, row) in rows::identifiers(tx, person).await? {
        if kind != IdentifierKind::Uin {
            continue;
        }
        let (id, uin) = (state.next_id(), Zeroizing::new(sealed::open_identifier(state, person, &row)?));
        let lookup = sealed::lookup(state, &uin);
        if lookup.is_double() {
            take_turn(tx).await?;
        }
        if !store::is_issued(tx, &lookup).await? {
            let value = state.secrets.seal(Purpose::Identifiers, &context(id), uin.as_bytes(), &*state.rng)?;
            store::issue(tx, &lookup, id, &value, state.clock.now()).await?;
        }
    }
    Ok(())
}

/// A UIN that was given out, on its way to another instance: no number is given out twice there either.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedNumber {
    /// Primary key.
    pub id: i64,
    /// The number.
    pub uin: String,
    /// When it was given out, in milliseconds since 1970.
    pub issued_at: Millis,
}

/// UINs with primary keys above `after`, in their order, at most `most`; whether a person has them or not.
///
/// # Errors
/// [`Fault`].
pub async fn carry_numbers(state: &AppState, after: i64, most: u32) -> Result<Vec<CarriedNumber>, Fault> {
    let rows = state.store.read(move |tx| Box::pin(async move { store::issued(tx, after, most.into()).await })).await?;
    let rows: Vec<(i64, Vec<u8>, i64)> = rows;
    rows.into_iter()
        .map(|(id, value, issued_at)| {
            let clear = state.secrets.open(Purpose::Identifiers, &context(id), &value)?;
            let uin = String::from_utf8(clear.to_vec()).map_err(|_| StoreError::Corrupt { what: "UIN" })?;
            Ok(CarriedNumber { id, uin, issued_at })
        })
        .collect()
}

/// Writes a UIN as another instance gave it out; one that is written already stays.
///
/// # Errors
/// [`Fault`].
pub async fn settle_number(state: &AppState, tx: &mut Tx, carried: &CarriedNumber) -> Result<(), Fault> {
    let CarriedNumber { id, uin, issued_at } = carried;
    let value = state.secrets.seal(Purpose::Identifiers, &context(*id), uin.as_bytes(), &*state.rng)?;
    store::issue(tx, &sealed::lookup(state, uin), *id, &value, *issued_at).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::System;

    #[test]
    fn numbers_have_their_length_and_begin_with_no_zero() {
        for kind in [CheckDigit::Verhoeff, CheckDigit::Luhn, CheckDigit::None] {
            for length in [8, 10, 32] {
                let number = number(length, kind, &System);
                assert_eq!(number.len(), usize::from(length));
                assert!(!number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
