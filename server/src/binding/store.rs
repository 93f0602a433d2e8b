//! The room's SQL: keys of wallets, challenges, tokens seen, the authority.

pub(super) mod carried;

use protocol::devices::{KeySecurity, Profile};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;

use super::model::BoundKey;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::ids::{Minted, Opened};
use crate::registry::PersonId;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_optional};

/// A row of `wallet_key`.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    person: i64,
    pub(super) thumbprint: String,
    jwk: String,
    alg: String,
    profile: String,
    mount: String,
    proven: i64,
    key_security: Option<String>,
    pub(super) name: Vec<u8>,
    x5t: String,
    pub(super) created_at: Millis,
    expires_at: Millis,
    pub(super) revoked_at: Option<Millis>,
}

/// Name of a profile in the database.
pub(super) fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Native => "native",
        Profile::Legacy => "legacy",
    }
}

impl Row {
    /// The key itself.
    pub(super) fn key(&self) -> Result<BoundKey, StoreError> {
        let corrupt = |what| StoreError::Corrupt { what };
        Ok(BoundKey {
            id: self.id,
            person: PersonId(self.person),
            jwk: Jwk::from_json(&self.jwk).map_err(|_| corrupt("jwk"))?,
            thumbprint: self.thumbprint.clone(),
            alg: Algorithm::from_name(&self.alg).ok_or_else(|| corrupt("alg"))?,
            profile: [Profile::Native, Profile::Legacy]
                .into_iter()
                .find(|profile| profile_name(*profile) == self.profile)
                .ok_or_else(|| corrupt("profile"))?,
            mount: Mount::named(&self.mount).ok_or_else(|| corrupt("mount"))?,
            proven: self.proven != 0,
            security: (self.key_security.as_deref())
                .map(|name| KeySecurity::named(name).ok_or_else(|| corrupt("key_security")))
                .transpose()?,
            x5t: self.x5t.clone(),
            expires_at: self.expires_at,
        })
    }
}

/// How a wallet names its key.
pub(super) enum Named {
    /// By row.
    Row(i64),
    /// By RFC 7638 thumbprint.
    Thumbprint(String),
    /// By `x5t#S256` of its certificate.
    Certificate(String),
}

/// Whether a key is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is bound.
    Live,
    /// It was revoked, or its certificate has expired.
    Ended,
}

/// A key that is neither revoked nor expired.
pub(super) async fn live(tx: &mut Tx, named: Named, now: Millis) -> Result<Option<BoundKey>, StoreError> {
    Ok(find(tx, named, now).await?.filter(|(_, standing)| *standing == Standing::Live).map(|(key, _)| key))
}

/// A key that is or was bound, and which of the two.
pub(super) async fn find(tx: &mut Tx, named: Named, now: Millis) -> Result<Option<(BoundKey, Standing)>, StoreError> {
    const COLUMNS: &str =
        "id, person, thumbprint, jwk, alg, profile, mount, proven, key_security, name, x5t, created_at,
        expires_at, revoked_at";
    let by = |column| sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM wallet_key WHERE {column} = $1"));
    let row = match named {
        Named::Row(id) => fetch_optional!(tx, Row, by("id"), id)?,
        Named::Thumbprint(text) => fetch_optional!(tx, Row, by("thumbprint"), text)?,
        Named::Certificate(text) => fetch_optional!(tx, Row, by("x5t"), text)?,
    };
    row.map(|row| {
        let live = row.revoked_at.is_none() && row.expires_at > now;
        Ok((row.key()?, if live { Standing::Live } else { Standing::Ended }))
    })
    .transpose()
}

/// All keys of a person, revoked and expired ones too, oldest first.
pub(super) async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "SELECT id, person, thumbprint, jwk, alg, profile, mount, proven, key_security, name, x5t, created_at, expires_at,
           revoked_at
         FROM wallet_key WHERE person = $1 ORDER BY id",
        person.0
    )
}

/// A key to be bound.
pub(super) struct NewKey {
    pub(super) id: i64,
    pub(super) jwk: String,
    pub(super) thumbprint: String,
    pub(super) alg: Algorithm,
    pub(super) profile: Profile,
    pub(super) mount: Mount,
    pub(super) proven: bool,
    pub(super) security: Option<KeySecurity>,
    pub(super) name: Vec<u8>,
    pub(super) certificate: String,
    pub(super) x5t: String,
    pub(super) now: Millis,
    pub(super) expires_at: Millis,
    /// Whether the same person may bind the same key again.
    pub(super) again: bool,
}

/// Binds a key and gives its row. `None` where it is bound already: to somebody else, in the other profile, or revoked
/// (a revoked key never comes back), or to the same person where that is not allowed. What was attested of a key stays
/// true of it. One statement decides, so that
/// two persons who send the same key at once cannot both have it.
pub(super) async fn bind(tx: &mut Tx, person: PersonId, key: NewKey) -> Result<Option<i64>, StoreError> {
    let bound = fetch_optional!(
        tx,
        (i64,),
        "INSERT INTO wallet_key
           (id, person, thumbprint, jwk, alg, profile, mount, proven, name, certificate, x5t, created_at, expires_at,
            key_security)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $15)
         ON CONFLICT (thumbprint) DO UPDATE SET
           alg = excluded.alg, name = excluded.name, certificate = excluded.certificate, x5t = excluded.x5t,
           expires_at = excluded.expires_at, jwk = excluded.jwk,
           proven = CASE WHEN excluded.proven = 1 THEN 1 ELSE wallet_key.proven END,
           key_security = COALESCE(excluded.key_security, wallet_key.key_security)
         WHERE wallet_key.person = excluded.person AND wallet_key.profile = excluded.profile
           AND wallet_key.revoked_at IS NULL AND $14 = 1
         RETURNING id",
        key.id,
        person.0,
        key.thumbprint,
        key.jwk,
        key.alg.name(),
        profile_name(key.profile),
        key.mount.name(),
        i64::from(key.proven),
        key.name,
        key.certificate,
        key.x5t,
        key.now,
        key.expires_at,
        i64::from(key.again),
        key.security.map(KeySecurity::name)
    )?;
    Ok(bound.map(|(id,)| id))
}

/// Whether a person has this key in this profile, not revoked.
pub(super) async fn has(tx: &mut Tx, person: PersonId, thumbprint: &str, profile: Profile) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM wallet_key
               WHERE thumbprint = $1 AND person = $2 AND profile = $3 AND revoked_at IS NULL";
    Ok(fetch_optional!(tx, (i64,), sql, thumbprint, person.0, profile_name(profile))?.is_some())
}

/// Gives a live key a new certificate; `false` where it was revoked meanwhile.
pub(super) async fn renew(
    tx: &mut Tx,
    id: i64,
    certificate: String,
    x5t: String,
    expires_at: Millis,
) -> Result<bool, StoreError> {
    let changed = execute!(
        tx,
        "UPDATE wallet_key SET certificate = $2, x5t = $3, expires_at = $4 WHERE id = $1 AND revoked_at IS NULL",
        id,
        certificate,
        x5t,
        expires_at
    )?;
    Ok(changed == 1)
}

/// Notes that a key was used; `false` where it was revoked meanwhile.
pub(super) async fn touch(tx: &mut Tx, id: i64, now: Millis) -> Result<bool, StoreError> {
    let sql = "UPDATE wallet_key SET used_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    Ok(execute!(tx, sql, id, now)? == 1)
}

/// Thumbprint of a key of this person, under which its name is sealed.
pub(super) async fn thumbprint(tx: &mut Tx, id: i64, person: PersonId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT thumbprint FROM wallet_key WHERE id = $1 AND person = $2";
    Ok(fetch_optional!(tx, (String,), sql, id, person.0)?.map(|(thumbprint,)| thumbprint))
}

/// Renames a key of this person; `false` where he has none such.
pub(super) async fn rename(tx: &mut Tx, id: i64, person: PersonId, name: Vec<u8>) -> Result<bool, StoreError> {
    let sql = "UPDATE wallet_key SET name = $3 WHERE id = $1 AND person = $2";
    Ok(execute!(tx, sql, id, person.0, name)? == 1)
}

/// Revokes a key of this person, for good; `false` where he has none such. Revoking twice keeps the first time.
pub(super) async fn revoke(tx: &mut Tx, id: i64, person: PersonId, now: Millis) -> Result<bool, StoreError> {
    let sql = "UPDATE wallet_key SET revoked_at = COALESCE(revoked_at, $3) WHERE id = $1 AND person = $2";
    Ok(execute!(tx, sql, id, person.0, now)? == 1)
}

/// Stores a challenge.
pub(super) async fn put_challenge(tx: &mut Tx, minted: Minted, expires_at: Millis) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO binding_challenge (id, secret_hash, expires_at, used_at) VALUES ($1, $2, $3, NULL)",
        minted.id,
        minted.secret_hash,
        expires_at
    )?;
    Ok(())
}

/// Takes a challenge, once.
pub(super) async fn take_challenge(tx: &mut Tx, opened: &Opened, now: Millis) -> Result<bool, StoreError> {
    let taken = fetch_optional!(
        tx,
        (i64,),
        "UPDATE binding_challenge SET used_at = $3
         WHERE id = $1 AND secret_hash = $2 AND used_at IS NULL AND expires_at > $3 RETURNING id",
        opened.id,
        opened.secret_hash(),
        now
    )?;
    Ok(taken.is_some())
}

/// Takes a token that a wallet signed, once; `false` where it was seen before.
pub(super) async fn take_token(tx: &mut Tx, hash: &str, expires_at: Millis) -> Result<bool, StoreError> {
    let sql = "INSERT INTO wallet_token (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    Ok(execute!(tx, sql, hash, expires_at)? == 1)
}

/// The authority as stored.
#[derive(sqlx::FromRow)]
pub(super) struct StoredAuthority {
    pub(super) id: i64,
    pub(super) certificate: String,
    pub(super) sealed_key: Vec<u8>,
    pub(super) expires_at: Millis,
}

/// The newest authority.
pub(super) async fn authority(tx: &mut Tx) -> Result<Option<StoredAuthority>, StoreError> {
    fetch_optional!(
        tx,
        StoredAuthority,
        "SELECT id, certificate, sealed_key, expires_at FROM binding_authority ORDER BY id DESC LIMIT 1"
    )
}

/// Stores an authority, unless another node was first with that number.
pub(super) async fn put_authority(tx: &mut Tx, made: StoredAuthority) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO binding_authority (id, certificate, sealed_key, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO NOTHING",
        made.id,
        made.certificate,
        made.sealed_key,
        made.expires_at
    )?;
    Ok(())
}

/// Removes challenges and tokens that have ended, at most `most` of each; tells how many.
pub(super) async fn expire(tx: &mut Tx, now: Millis, most: i64) -> Result<u64, StoreError> {
    let challenges = execute!(
        tx,
        "DELETE FROM binding_challenge WHERE id IN (SELECT id FROM binding_challenge WHERE expires_at <= $1 LIMIT $2)",
        now,
        most
    )?;
    let tokens = execute!(
        tx,
        "DELETE FROM wallet_token WHERE hash IN (SELECT hash FROM wallet_token WHERE expires_at <= $1 LIMIT $2)",
        now,
        most
    )?;
    Ok(challenges + tokens)
}
