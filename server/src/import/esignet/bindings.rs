//! `public_key_registry`: the keys of wallets. A row names its person by `id_hash`, which is base64url of SHA3-256 over
//! the individual id and nothing else (eSignet, `KeyBindingHelperService`); it is recomputed over every identifier of
//! every person here. Rows with one `psu_token` are one person's.

use std::collections::HashMap;

use openssl::hash::{MessageDigest, hash};
use protocol::base64url;
use time::PrimitiveDateTime;
use time::macros::format_description;

use super::super::cli::CliError;
use super::super::csv::{Row, Table};
use super::super::report::{Fate, Report};
use super::super::run::Run;
use super::BATCH;
use crate::binding::adopt::{AdoptedKey, Adoptee, NotAdopted};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::{self, Fault, PersonId};
use crate::state::AppState;

pub(super) const COLUMNS: [&str; 6] =
    ["id_hash", "auth_factor", "psu_token", "public_key", "certificate", "expire_dtimes"];
const TABLE: &str = "public_key_registry";
/// Persons looked at in one read.
const PERSONS: u32 = 500;
const NOBODY: &str = "no person here has this individual id; add the person, or name the id by --individual-ids";

/// Binds the keys of the table.
pub(super) async fn import(
    state: &AppState,
    table: &Table,
    individual_ids: Option<&Table>,
    run: Run,
    report: &mut Report,
) -> Result<(), CliError> {
    let people = People::of(state, table, individual_ids).await?;
    let mut checked = Vec::new();
    for row in table.rows() {
        // Neither hash nor token: an unsalted hash of a short number tells the number.
        let which = format!("line {}", row.line);
        match check(state, &people, row) {
            Ok(binding) => checked.push((which, binding)),
            Err((fate, why)) => report.note(TABLE, &which, fate, &why),
        }
    }
    let mut checked = checked.into_iter();
    loop {
        let batch: Vec<_> = checked.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let outcomes = run
            .write(state, move |tx| {
                Box::pin(async move {
                    let mut outcomes = Vec::with_capacity(batch.len());
                    for (which, (person, key)) in batch {
                        outcomes.push((which, key.bind(tx, person).await?));
                    }
                    Ok(outcomes)
                })
            })
            .await?;
        for (which, outcome) in outcomes {
            match outcome {
                AdoptedKey::Added => report.note(TABLE, &which, Fate::Added, ""),
                AdoptedKey::Present => report.note(TABLE, &which, Fate::Present, ""),
                AdoptedKey::Refused(why) => report.note(TABLE, &which, Fate::Refused, &why.to_string()),
            }
        }
    }
}

fn check(state: &AppState, people: &People, row: Row<'_>) -> Result<(PersonId, Adoptee), (Fate, String)> {
    let refused = |why: &str| (Fate::Refused, why.to_owned());
    if row.text("auth_factor") != "WLA" {
        return Err(refused("the factor is not WLA, and no other is bound to a key here"));
    }
    let until = moment(row.text("expire_dtimes")).ok_or_else(|| refused("expire_dtimes is not a timestamp"))?;
    let key = serde_json::from_str(row.text("public_key")).map_err(|_| refused("public_key is not JSON"))?;
    let key = Adoptee::check(state, Mount::ESignet, &key, row.text("certificate"), until);
    let key = key.map_err(|why| match why {
        NotAdopted::Expired => (Fate::Ended, why.to_string()),
        why => (Fate::Refused, why.to_string()),
    })?;
    Ok((people.whose(row).ok_or_else(|| refused(NOBODY))?, key))
}

/// PostgreSQL's text of a `timestamp`, which eSignet writes in UTC.
fn moment(text: &str) -> Option<Millis> {
    let (date, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let at = PrimitiveDateTime::parse(date, format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"));
    let whole = at.ok()?.assume_utc().unix_timestamp().checked_mul(1000)?;
    fraction.bytes().all(|byte| byte.is_ascii_digit()).then_some(whole)
}

/// Whom the rows of a table belong to.
struct People {
    by_hash: HashMap<String, PersonId>,
    by_token: HashMap<String, PersonId>,
}

impl People {
    async fn of(state: &AppState, table: &Table, individual_ids: Option<&Table>) -> Result<Self, CliError> {
        // Only hashes that are asked for are kept: there may be millions of persons.
        let wanted: std::collections::HashSet<&str> = table.rows().map(|row| row.text("id_hash")).collect();
        let mut by_hash = HashMap::new();
        for row in individual_ids.iter().flat_map(|table| table.rows()) {
            if let Some((person, _)) = registry::find_any(state, row.text("individual_id")).await? {
                by_hash.insert(row.text("id_hash").to_owned(), person);
            }
        }
        let mut after = PersonId(0);
        loop {
            let some = registry::identifiers(state, after, PERSONS).await?;
            let Some((last, _)) = some.last() else { break };
            after = *last;
            for (person, identifiers) in &some {
                for identifier in identifiers {
                    let hash = id_hash(identifier)?;
                    if wanted.contains(hash.as_str()) {
                        by_hash.insert(hash, *person);
                    }
                }
            }
        }
        let found = |row: Row<'_>| Some((row.text("psu_token").to_owned(), *by_hash.get(row.text("id_hash"))?));
        let by_token = table.rows().filter(|row| !row.text("psu_token").is_empty()).filter_map(found).collect();
        Ok(Self { by_hash, by_token })
    }

    fn whose(&self, row: Row<'_>) -> Option<PersonId> {
        let by_hash = self.by_hash.get(row.text("id_hash"));
        by_hash.or_else(|| self.by_token.get(row.text("psu_token"))).copied()
    }
}

/// eSignet's `id_hash` of an individual id.
fn id_hash(individual_id: &str) -> Result<String, Fault> {
    let digest = hash(MessageDigest::sha3_256(), individual_id.as_bytes());
    let digest = digest.map_err(|_| Fault::from(crate::store::StoreError::Corrupt { what: "SHA3-256" }))?;
    Ok(base64url::encode(&*digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_hash_is_esignets() {
        // FIPS 202: SHA3-256 of nothing begins a7ffc6f8bf1ed766.
        assert!(id_hash("").unwrap().starts_with("p__G-L8e12Z"));
        assert_eq!(id_hash("8267411571").unwrap().len(), 43);
    }

    #[test]
    fn timestamps_are_postgresqls() {
        assert_eq!(moment("2026-01-05 10:00:00"), Some(1_767_607_200_000));
        assert_eq!(moment("2026-01-05 10:00:00.123456"), Some(1_767_607_200_000));
        for bad in ["", "2026-01-05", "2026-01-05T10:00:00Z", "2026-01-05 10:00:00+01", "2026-01-05 10:00:00.1x"] {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }
}
