//! SQL of the blocks by which persons who may be the same are found.

use crate::registry::model::PersonId;
use crate::secrets::Hash;
use crate::store::{StoreError, Tx};

/// Writes a person's blocks, made under `rules`, in place of those that were there.
pub(in crate::registry) async fn replace(
    tx: &mut Tx,
    person: PersonId,
    hashes: &[Hash],
    rules: &str,
) -> Result<(), StoreError> {
    crate::execute!(tx, "DELETE FROM person_block WHERE person = $1", person.0)?;
    for hash in hashes {
        crate::execute!(tx, "INSERT INTO person_block (hash, person) VALUES ($1, $2)", hash.newest(), person.0)?;
    }
    crate::execute!(tx, "UPDATE person SET unique_rules = $1 WHERE id = $2", rules, person.0)?;
    Ok(())
}

/// Persons of a block.
pub(in crate::registry) async fn of_block(tx: &mut Tx, hash: &[u8], most: i64) -> Result<Vec<PersonId>, StoreError> {
    let sql = "SELECT person FROM person_block WHERE hash = $1 ORDER BY person LIMIT $2";
    Ok(crate::fetch_all!(tx, (i64,), sql, hash, most)?.into_iter().map(|(person,)| PersonId(person)).collect())
}

/// Persons whose blocks were made under other rules than these, or not at all.
pub(in crate::registry) async fn others(tx: &mut Tx, rules: &str, most: i64) -> Result<Vec<PersonId>, StoreError> {
    let mut found = Vec::new();
    // Two ranges of the index, rather than an inequality that reads it whole.
    for sql in [
        "SELECT id FROM person WHERE unique_rules < $1 ORDER BY unique_rules, id LIMIT $2",
        "SELECT id FROM person WHERE unique_rules > $1 ORDER BY unique_rules, id LIMIT $2",
    ] {
        found.extend(crate::fetch_all!(tx, (i64,), sql, rules, most)?.into_iter().map(|(person,)| PersonId(person)));
    }
    found.sort_unstable();
    Ok(found)
}
