//! The clients' SQL.

pub(super) mod carried;

use std::collections::BTreeSet;

use super::model::{Client, KeySource, Status};
use super::registration::Registration;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::store::{StoreError, Tx};

/// id, relying party, status, registration.
type Row = (i64, String, String, String);

/// A deleted client is not found.
fn read(mount: Mount, id: &str, row: Row) -> Result<Option<Client>, StoreError> {
    let (row, relying_party_id, status, registration) = row;
    let status = Status::named(&status).ok_or(StoreError::Corrupt { what: "client status" })?;
    if status == Status::Deleted {
        return Ok(None);
    }
    let registration =
        serde_json::from_str(&registration).map_err(|_| StoreError::Corrupt { what: "client registration" })?;
    Ok(Some(Client { row, id: id.into(), mount, relying_party_id, status, registration }))
}

pub(super) fn text(registration: &Registration) -> Result<String, StoreError> {
    serde_json::to_string(registration).map_err(|_| StoreError::Corrupt { what: "client registration" })
}

pub(super) async fn find(tx: &mut Tx, mount: Mount, id: &str) -> Result<Option<Client>, StoreError> {
    let row = crate::fetch_optional!(
        tx,
        Row,
        "SELECT id, relying_party_id, status, registration FROM client WHERE mount = $1 AND client_id = $2",
        mount.name(),
        id
    )?;
    row.map_or(Ok(None), |row| read(mount, id, row))
}

/// As [`find`], and keeps the row for this transaction, so that of two changes none is lost.
pub(super) async fn take(tx: &mut Tx, mount: Mount, id: &str) -> Result<Option<Client>, StoreError> {
    let row = crate::fetch_optional!(
        tx,
        Row,
        "UPDATE client SET changes = changes + 1 WHERE mount = $1 AND client_id = $2 AND status <> 'deleted'
         RETURNING id, relying_party_id, status, registration",
        mount.name(),
        id
    )?;
    row.map_or(Ok(None), |row| read(mount, id, row))
}

/// `false` where the id is taken on this mount, also by a client that is gone.
pub(super) async fn insert(tx: &mut Tx, client: &Client, now: Millis) -> Result<bool, StoreError> {
    let inserted = crate::execute!(
        tx,
        "INSERT INTO client (id, mount, client_id, relying_party_id, status, registration, changes, created_at,
                             updated_at, unused_since)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7, $8) ON CONFLICT DO NOTHING",
        client.row,
        client.mount.name(),
        &client.id,
        &client.relying_party_id,
        client.status.name(),
        text(&client.registration)?,
        now,
        client.registration_access.as_ref().map(|_| now)
    )?;
    Ok(inserted == 1)
}

/// Writes status and registration.
pub(super) async fn update(tx: &mut Tx, client: &Client, now: Millis) -> Result<(), StoreError> {
    crate::execute!(
        tx,
        "UPDATE client SET status = $1, registration = $2, updated_at = $3 WHERE id = $4",
        client.status.name(),
        text(&client.registration)?,
        now,
        client.row
    )?;
    Ok(())
}

/// Empties a client and leaves its id behind. `false` where there is none.
pub(super) async fn delete(tx: &mut Tx, mount: Mount, id: &str, now: Millis) -> Result<bool, StoreError> {
    let gone = crate::fetch_optional!(
        tx,
        (i64,),
        "UPDATE client SET status = 'deleted', registration = '{}', relying_party_id = '', updated_at = $1,
                unused_since = NULL
         WHERE mount = $2 AND client_id = $3 AND status <> 'deleted' RETURNING id",
        now,
        mount.name(),
        id
    )?;
    let Some((row,)) = gone else { return Ok(false) };
    crate::execute!(tx, "DELETE FROM client_key WHERE client = $1", row)?;
    Ok(true)
}

/// Notes that somebody logged in to a client.
pub(super) async fn used(tx: &mut Tx, row: i64) -> Result<(), StoreError> {
    crate::execute!(tx, "UPDATE client SET unused_since = NULL WHERE id = $1 AND unused_since IS NOT NULL", row)?;
    Ok(())
}

/// Empties at most `batch` clients to which nobody has logged in since before `before`; gives their mounts and ids. One that
/// somebody logs in to at the same time stays.
pub(super) async fn delete_unused(
    tx: &mut Tx,
    before: Millis,
    now: Millis,
    batch: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let gone = crate::fetch_all!(
        tx,
        (i64, String, String),
        "UPDATE client SET status = 'deleted', registration = '{}', relying_party_id = '', updated_at = $1,
                unused_since = NULL
         WHERE unused_since < $2
           AND id IN (SELECT id FROM client WHERE unused_since < $2 ORDER BY unused_since LIMIT $3)
         RETURNING id, mount, client_id",
        now,
        before,
        batch
    )?;
    let mut names = Vec::with_capacity(gone.len());
    for (row, mount, id) in gone {
        crate::execute!(tx, "DELETE FROM client_key WHERE client = $1", row)?;
        names.push((mount, id));
    }
    Ok(names)
}

/// Writes the thumbprints of a client's keys. `false` where its mount wants keys to be unique and another client has one.
pub(super) async fn set_keys(tx: &mut Tx, client: &Client) -> Result<bool, StoreError> {
    crate::execute!(tx, "DELETE FROM client_key WHERE client = $1", client.row)?;
    let KeySource::Keys(keys) = &client.registration.keys else { return Ok(true) };
    let unique_in = client.mount.dialect().unique_client_keys.then(|| client.mount.name());
    // A set may hold one key twice: to sign and to receive.
    let thumbprints: BTreeSet<String> = keys.iter().map(protocol::jwk::Jwk::thumbprint).collect();
    for thumbprint in thumbprints {
        let inserted = crate::execute!(
            tx,
            "INSERT INTO client_key (client, thumbprint, unique_in) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            client.row,
            thumbprint,
            unique_in
        )?;
        if inserted == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a client of a mount where keys are unique has this key.
pub(super) async fn has_key(tx: &mut Tx, mount: Mount, thumbprint: &str) -> Result<bool, StoreError> {
    let sql = "SELECT client FROM client_key WHERE unique_in = $1 AND thumbprint = $2";
    Ok(crate::fetch_optional!(tx, (i64,), sql, mount.name(), thumbprint)?.is_some())
}

/// Clients of all mounts or of one, in order of their ids.
pub(super) async fn list(tx: &mut Tx, mount: Option<Mount>) -> Result<Vec<Client>, StoreError> {
    let rows = crate::fetch_all!(
        tx,
        (i64, String, String, String, String, String),
        "SELECT id, relying_party_id, status, registration, mount, client_id FROM client
         WHERE status <> 'deleted' ORDER BY mount, client_id"
    )?;
    let mut clients = Vec::new();
    for (row, relying_party_id, status, registration, on, id) in rows {
        let on = Mount::named(&on).ok_or(StoreError::Corrupt { what: "client mount" })?;
        if mount.is_none_or(|mount| mount == on) {
            clients.extend(read(on, &id, (row, relying_party_id, status, registration))?);
        }
    }
    Ok(clients)
}
