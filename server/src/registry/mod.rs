//! Persons: what they are found by, what is known about them, and what a relying party gets to know of that.

mod added;
mod age;
mod carried;
mod change;
mod check_digit;
pub mod cli;
mod enrolled;
mod history;
mod identity;
mod localized;
mod matches;
mod model;
mod numbers;
pub mod person_file;
mod sealed;
mod store;
pub mod subjects;
mod told;
pub mod unique;
mod validation;
mod verification;
pub mod verified_claims;
mod whole;
mod yes_no;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

pub use added::{Ready, admit, next_person, ready};
pub use carried::{Carried, CarriedEntry, CarriedIdentifier, CarriedPhoto, carry, persons_after, settle};
pub use change::{
    Change, ChangeError, Changed, Face, change, change_with_evidence, change_within, full_name, oldest_change,
    take_change,
};
pub use enrolled::enrolled;
pub use history::{Action, AttributeChange, Because, Entry, Evidence, SEALED_HISTORY, evidence, history, reason};
pub use matches::matches;
pub use numbers::{
    CarriedNumber, HASHED_UINS, Held, MOST_VIRTUAL_DAYS, SEALED_UINS, carry_numbers, held, issue_uin, issue_virtual,
    issue_virtual_within, revoke_virtual, revoke_virtual_within, settle_number,
};
pub use sealed::{HASHED, SEALED};
pub use subjects::subject_for;
pub use validation::LARGEST_PHOTO;
pub use verification::{CZ_AML, Verification, verifications};
pub use verified_claims::{WantedVerified, verified_claims, wanted_verified};
pub use whole::{
    Whole, add_within, added_at, attributes, erase, fits, is_active_within, is_empty, is_touched, main_identifier,
    set_status_within, status_changed, take, take_touched, touched, whole,
};

pub use model::{AddError, Contacts, Fault, Identifier, IdentifierKind, NewPerson, PersonId, Photo, Status};

use crate::audit::Actor;
use crate::claims::{YES_NO, age_asked, compared, untagged};
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// The active person with this identifier, of whatever kind. One who is disabled is as good as unknown.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn find(state: &AppState, individual_id: &str) -> Result<Option<PersonId>, StoreError> {
    let found = find_any(state, individual_id).await?;
    Ok(found.and_then(|(person, status)| (status == Status::Active).then_some(person)))
}

/// The active person with this identifier, where it is of this kind.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn find_of_kind(state: &AppState, kind: IdentifierKind, value: &str) -> Result<Option<PersonId>, StoreError> {
    let lookup = sealed::lookup(state, value);
    let of_kind = state.store.read(move |tx| Box::pin(async move { store::kind_of(tx, &lookup).await })).await?;
    if of_kind == Some(kind) { find(state, value).await } else { Ok(None) }
}

/// The person with this identifier, active or not; for administration.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn find_any(state: &AppState, individual_id: &str) -> Result<Option<(PersonId, Status)>, StoreError> {
    let (lookup, now) = (sealed::lookup(state, individual_id), state.clock.now());
    state.store.read(move |tx| Box::pin(async move { store::find(tx, &lookup, now).await })).await
}

/// Whether a person exists and is not disabled.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn is_active(state: &AppState, person: PersonId) -> Result<bool, StoreError> {
    let status = state.store.read(move |tx| Box::pin(async move { store::status(tx, person).await })).await;
    status.map(|status: Option<Status>| status == Some(Status::Active))
}

/// Up to `most` persons after `after`, in the order in which they were added, each with all identifiers; for imports.
///
/// # Errors
/// [`Fault`] where the database does not answer or an identifier does not open.
pub async fn identifiers(
    state: &AppState,
    after: PersonId,
    most: u32,
) -> Result<Vec<(PersonId, Vec<zeroize::Zeroizing<String>>)>, Fault> {
    let rows = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut rows = Vec::new();
                for store::Listed { id, .. } in store::list(tx, after.0, most.into()).await? {
                    rows.push((id, store::identifiers(tx, id).await?));
                }
                Ok::<_, StoreError>(rows)
            })
        })
        .await?;
    let open = |person, sealed: &[u8]| sealed::open_identifier(state, person, sealed).map(zeroize::Zeroizing::new);
    rows.into_iter()
        .map(|(person, sealed)| {
            let opened = sealed.iter().map(|(_, sealed)| open(person, sealed)).collect::<Result<_, _>>()?;
            Ok((person, opened))
        })
        .collect()
}

/// A person's unique identity number, in the clear; `None` where there is none of this kind, or no such person.
///
/// # Errors
/// [`Fault`] where the database does not answer or the identifier does not open.
pub async fn uin_of(state: &AppState, person: PersonId) -> Result<Option<zeroize::Zeroizing<String>>, Fault> {
    let rows = state.store.read(move |tx| Box::pin(async move { store::identifiers(tx, person).await })).await?;
    let rows: Vec<(IdentifierKind, Vec<u8>)> = rows;
    let uin = rows.iter().find(|(kind, _)| *kind == IdentifierKind::Uin);
    let opened = uin.map(|(_, sealed)| sealed::open_identifier(state, person, sealed)).transpose()?;
    Ok(opened.map(zeroize::Zeroizing::new))
}

/// Disables a person or makes one active again; `false` where there is none.
///
/// # Errors
/// [`Fault`] where the database does not answer.
pub async fn set_status(state: &AppState, person: PersonId, status: Status) -> Result<bool, Fault> {
    set_status_because(state, person, status, Because::default()).await
}

/// The same, with who does it and why.
///
/// # Errors
/// As [`set_status`].
pub async fn set_status_because(
    state: &AppState,
    person: PersonId,
    status: Status,
    because: Because,
) -> Result<bool, Fault> {
    let (inner, now) = (state.clone(), state.clock.now());
    let action = match status {
        Status::Active => Action::Enabled,
        Status::Disabled => Action::Disabled,
    };
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let known = store::set_status(tx, person, status, now).await?;
                if known {
                    history::record(&inner, tx, person, action, &because, Vec::new(), &[]).await?;
                }
                Ok(known)
            })
        })
        .await
}

/// Whether there is a person of this primary key, active or not; in the caller's transaction.
///
/// # Errors
/// [`StoreError`].
pub async fn is_known(tx: &mut Tx, person: PersonId) -> Result<bool, StoreError> {
    Ok(store::status(tx, person).await?.is_some())
}

/// The values of the claims in `names` that are known of a person, and nothing else (GS-PRI-01a). `locales` are the
/// languages asked for, best first (`claims_locales`): one language is told as `name`, several as `name#en`, `name#fr`.
///
/// `individual_id` is the person's first identifier, `picture` a `data:` URI, `updated_at` seconds since 1970; `age`,
/// `majority`, `age_over_18` and its like are of today, by UTC.
///
/// # Errors
/// [`Fault`] where the database does not answer or a value does not open. An unknown person has no claims.
pub async fn claims(
    state: &AppState,
    person: PersonId,
    names: &[String],
    locales: &[String],
) -> Result<Map<String, Value>, Fault> {
    let mut claims = Map::new();
    if names.is_empty() {
        return Ok(claims);
    }
    let asks = |name: &str| names.iter().any(|asked| asked == name);
    let (with_photo, with_id, now) = (asks("picture"), asks("individual_id"), state.clock.now());
    let rows = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let photo = if with_photo { store::photo(tx, person).await? } else { None };
                let identifiers = if with_id { store::good_identifiers(tx, person, now).await? } else { Vec::new() };
                Ok::<_, StoreError>((store::biographics(tx, person).await?, photo, identifiers))
            })
        })
        .await?;
    let (Some(row), photo, identifiers) = rows else { return Ok(claims) };
    let attributes = sealed::open_biographics(state, person, &row.biographics)?;
    let preferred = attributes.get("locale").and_then(Value::as_str);
    for asked in names {
        claims.extend(localized::values(&attributes, asked, locales, preferred));
    }
    if let Some(photo) = photo {
        claims.insert("picture".into(), sealed::open_photo(state, person, &photo)?.into());
    }
    if let Some((_, sealed)) = identifiers.first() {
        claims.insert("individual_id".into(), sealed::open_identifier(state, person, sealed)?.into());
    }
    let birthdate = attributes.get("birthdate").and_then(Value::as_str);
    if let Some(years) = birthdate.and_then(|birthdate| age::age(birthdate, state.clock.now())) {
        if asks("age") {
            claims.insert("age".into(), years.into());
        }
        if asks("majority") {
            claims.insert("majority".into(), age::is_major(years).into());
        }
    }
    if asks("updated_at") {
        claims.insert("updated_at".into(), (row.updated_at / 1000).into());
    }
    if let Some(birthdate) = attributes.get("birthdate").and_then(Value::as_str) {
        let today = time::OffsetDateTime::from_unix_timestamp(state.clock.now().div_euclid(1000));
        for (name, years) in names.iter().filter_map(|name| age_asked(name).map(|years| (name, years))) {
            if let Some(of_age) = today.ok().and_then(|now| yes_no::is_of_age(birthdate, years, now.date())) {
                claims.insert(name.clone(), of_age.into());
            }
        }
    }
    Ok(claims)
}

/// Whether an attribute of a person is one of some values, by the name of a claim that asks this (`birthdate_matches`); of
/// an attribute in several languages any may be. What is not known of the person is not answered.
///
/// # Errors
/// As [`claims`].
pub async fn comparisons(
    state: &AppState,
    person: PersonId,
    wanted: &[(String, Vec<Value>)],
) -> Result<Map<String, Value>, Fault> {
    if wanted.is_empty() {
        return Ok(Map::new());
    }
    let now = state.clock.now();
    let rows = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let identifiers = store::good_identifiers(tx, person, now).await?;
                Ok::<_, StoreError>((store::biographics(tx, person).await?, identifiers))
            })
        })
        .await?;
    let (Some(row), identifiers) = rows else { return Ok(Map::new()) };
    let attributes = sealed::open_biographics(state, person, &row.biographics)?;
    let mut answers = Map::new();
    for (name, values) in wanted {
        let mut known: Vec<Value> = Vec::new();
        match compared(name) {
            // Any of his identifiers is the person.
            Some("individual_id") => {
                for (_, sealed) in &identifiers {
                    known.push(sealed::open_identifier(state, person, sealed)?.into());
                }
            }
            Some(attribute) => {
                let variants = attributes.iter().filter(|(key, _)| untagged(key) == attribute);
                known.extend(variants.map(|(_, value)| value.clone()));
            }
            None => {}
        }
        if !known.is_empty() {
            let same = known.iter().any(|known| values.iter().any(|value| yes_no::same(known, value)));
            answers.insert(name.clone(), same.into());
        }
    }
    Ok(answers)
}

/// Which claims are known of a person, without their values: for a consent page that says what is available.
///
/// # Errors
/// As [`claims`].
pub async fn known(state: &AppState, person: PersonId) -> Result<Vec<String>, Fault> {
    let every = crate::claims::STANDARD.iter().chain(crate::claims::bankid::CLAIMS);
    let names: Vec<String> = every.map(|name| (*name).to_owned()).collect();
    let claims = claims(state, person, &names, &[]).await?;
    let mut known: Vec<String> = claims.keys().map(|name| untagged(name).to_owned()).collect();
    // What is known can be compared.
    let comparable = |name: &&&str| compared(name).is_some_and(|attribute| known.iter().any(|name| name == attribute));
    let comparisons: Vec<String> = YES_NO.iter().filter(comparable).map(|name| (*name).to_owned()).collect();
    known.extend(comparisons);
    Ok(known)
}

/// Where a person can be reached, and in which language.
///
/// # Errors
/// As [`claims`].
pub async fn contacts(state: &AppState, person: PersonId) -> Result<Contacts, Fault> {
    let row = state.store.read(move |tx| Box::pin(async move { store::biographics(tx, person).await })).await?;
    let Some(row): Option<store::Biographics> = row else { return Ok(Contacts::default()) };
    let attributes = sealed::open_biographics(state, person, &row.biographics)?;
    let text = |name: &str| attributes.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Contacts { email: text("email"), phone: text("phone_number"), language: text("locale") })
}

/// Adds a person.
///
/// # Errors
/// [`AddError`] where a member is malformed or an identifier is taken; then nothing is added.
pub async fn add(state: &AppState, person: NewPerson) -> Result<PersonId, AddError> {
    let added = add_all(state, vec![person]).await.map_err(|(_, error)| error)?;
    added.first().copied().ok_or_else(|| StoreError::Lost.into())
}

/// Adds persons, all or none.
///
/// # Errors
/// [`AddError`] with the place, from 0, of the person that it is about.
pub async fn add_all(state: &AppState, persons: Vec<NewPerson>) -> Result<Vec<PersonId>, (usize, AddError)> {
    let mut all = Vec::with_capacity(persons.len());
    for (place, person) in persons.iter().enumerate() {
        let because = Because::of(&Actor::command(), "");
        all.push(ready(state, next_person(state), person, because).map_err(|error| (place, error))?);
    }
    let ids = all.iter().map(Ready::id).collect();
    let inner = state.clone();
    let written: Result<(), Placed> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                for (place, one) in all.iter().enumerate() {
                    admit(&inner, tx, one).await.map_err(|error| Placed(place, error))?;
                }
                Ok(())
            })
        })
        .await;
    written.map(|()| ids).map_err(|Placed(place, error)| (place, error))
}

/// An error with the place of the person that it is about.
struct Placed(usize, AddError);

impl From<StoreError> for Placed {
    fn from(error: StoreError) -> Self {
        Self(0, error.into())
    }
}

/// The person's pairwise subject for a relying party (OpenID Connect Core §8.1): the same for all its clients, another
/// for every other relying party, and nothing that tells who it is (GS-VAP-09, GS-CLI-04). Derived; a relying party is
/// told [`subject_for`], which knows those that were imported.
#[must_use]
pub fn subject(state: &AppState, person: PersonId, relying_party_id: &str) -> String {
    let parts: [&[u8]; 2] = [&person.0.to_be_bytes(), relying_party_id.as_bytes()];
    URL_SAFE_NO_PAD.encode(state.secrets.mac(Purpose::Subject, &parts))
}

#[cfg(test)]
mod identity_tests;
#[cfg(test)]
mod tests;
