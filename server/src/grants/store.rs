//! Tables `authorization_code`, `access_token` and `used_assertion`. What else came of a code lies in `store/family.rs`.

pub(super) mod family;

use super::model::NotRedeemed;
use crate::clock::Millis;
use crate::consents;
use crate::dialect::Mount;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_optional};

/// A code to be stored.
pub(super) struct NewCode {
    pub(super) id: i64,
    pub(super) secret_hash: Vec<u8>,
    pub(super) mount: &'static str,
    pub(super) client_id: String,
    pub(super) redirect_hash: Vec<u8>,
    pub(super) code_challenge: String,
    pub(super) approval: Vec<u8>,
    pub(super) consent_expires_at: Option<Millis>,
    pub(super) receipt: Option<i64>,
    pub(super) expires_at: Millis,
    pub(super) linked: Option<i64>,
    pub(super) dpop_jkt: Option<String>,
}

pub(super) async fn insert_code(tx: &mut Tx, code: NewCode) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO authorization_code (id, secret_hash, mount, client_id, redirect_hash, code_challenge, approval, \
         consent_expires_at, receipt_id, expires_at, linked_id, dpop_jkt) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        code.id,
        code.secret_hash,
        code.mount,
        code.client_id,
        code.redirect_hash,
        code.code_challenge,
        code.approval,
        code.consent_expires_at,
        code.receipt,
        code.expires_at,
        code.linked,
        code.dpop_jkt
    )?;
    Ok(())
}

/// One try to redeem a code, with the token that it would get.
pub(super) struct Attempt {
    pub(super) code_id: i64,
    pub(super) secret_hash: Vec<u8>,
    pub(super) mount: Mount,
    pub(super) client_id: String,
    pub(super) redirect_hash: Option<Vec<u8>>,
    pub(super) code_challenge: String,
    /// The key shown: the one that the code is bound to, where it is, and that the token will be bound to.
    pub(super) dpop_jkt: Option<String>,
    /// Older than codes of this client may be.
    pub(super) too_old: bool,
    pub(super) now: Millis,
    pub(super) token_id: i64,
    pub(super) token_secret_hash: Vec<u8>,
    pub(super) token_expires_at: Millis,
}

/// A code that was taken.
pub(super) struct Taken {
    pub(super) approval: Vec<u8>,
    pub(super) token_expires_at: Millis,
}

/// Takes the code by one conditional update: of any number of concurrent tries, on any number of nodes, one wins. One
/// whose consent was withdrawn is used up and gives nothing.
pub(super) async fn redeem(tx: &mut Tx, attempt: Attempt) -> Result<Result<Taken, NotRedeemed>, StoreError> {
    if attempt.too_old {
        return refuse(tx, &attempt).await.map(Err);
    }
    let taken = fetch_optional!(
        tx,
        (Vec<u8>, Option<Millis>, Option<i64>),
        "UPDATE authorization_code SET used_at = $1, access_token_id = $2 \
         WHERE id = $3 AND secret_hash = $4 AND used_at IS NULL AND reported_at IS NULL AND expires_at > $1 \
         AND mount = $5 AND client_id = $6 AND redirect_hash = $7 AND code_challenge = $8 \
         AND (dpop_jkt IS NULL OR dpop_jkt = $9) \
         RETURNING approval, consent_expires_at, receipt_id",
        attempt.now,
        attempt.token_id,
        attempt.code_id,
        &attempt.secret_hash,
        attempt.mount.name(),
        &attempt.client_id,
        &attempt.redirect_hash,
        &attempt.code_challenge,
        &attempt.dpop_jkt
    )?;
    let Some((approval, consent_expires_at, receipt)) = taken else { return refuse(tx, &attempt).await.map(Err) };
    if !stands(tx, receipt).await? {
        return Ok(Err(NotRedeemed::Withdrawn));
    }
    let token_expires_at = consent_expires_at.unwrap_or(Millis::MAX).min(attempt.token_expires_at);
    execute!(
        tx,
        "INSERT INTO access_token \
         (id, secret_hash, mount, client_id, code_id, approval, receipt_id, expires_at, dpop_jkt) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        attempt.token_id,
        attempt.token_secret_hash,
        attempt.mount.name(),
        attempt.client_id,
        attempt.code_id,
        &approval,
        receipt,
        token_expires_at,
        attempt.dpop_jkt
    )?;
    Ok(Ok(Taken { approval, token_expires_at }))
}

/// Whether the consent behind a code or a token holds; one that needed none holds.
pub(super) async fn stands(tx: &mut Tx, receipt: Option<i64>) -> Result<bool, StoreError> {
    match receipt {
        Some(receipt) => consents::stands(tx, receipt).await,
        None => Ok(true),
    }
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    mount: String,
    client_id: String,
    redirect_hash: Vec<u8>,
    code_challenge: String,
    dpop_jkt: Option<String>,
    expires_at: Millis,
    used_at: Option<Millis>,
    access_token_id: Option<i64>,
}

/// Why the update found nothing. A second use by anyone who holds the code revokes what the first one got: the code has
/// leaked.
async fn refuse(tx: &mut Tx, attempt: &Attempt) -> Result<NotRedeemed, StoreError> {
    let row = fetch_optional!(
        tx,
        CodeRow,
        "SELECT mount, client_id, redirect_hash, code_challenge, dpop_jkt, expires_at, used_at, access_token_id \
         FROM authorization_code WHERE id = $1 AND secret_hash = $2",
        attempt.code_id,
        &attempt.secret_hash
    )?;
    let Some(row) = row else { return Ok(NotRedeemed::Unknown) };
    if row.used_at.is_some() {
        execute!(
            tx,
            "UPDATE access_token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
            attempt.now,
            row.access_token_id
        )?;
        family::revoke(tx, attempt.code_id, attempt.now).await?;
        return Ok(NotRedeemed::Used);
    }
    Ok(if row.mount != attempt.mount.name() || row.client_id != attempt.client_id {
        NotRedeemed::OtherClient
    } else if attempt.too_old || row.expires_at <= attempt.now {
        NotRedeemed::Expired
    } else if attempt.redirect_hash.as_ref() != Some(&row.redirect_hash) {
        NotRedeemed::RedirectUri
    } else if attempt.code_challenge != row.code_challenge {
        NotRedeemed::CodeVerifier
    } else if row.dpop_jkt.is_some() && row.dpop_jkt != attempt.dpop_jkt {
        NotRedeemed::OtherKey
    } else {
        NotRedeemed::Unknown
    })
}

/// A code that came from a wallet's part in a login.
#[derive(sqlx::FromRow)]
pub(super) struct LinkedCode {
    pub(super) id: i64,
    pub(super) approval: Vec<u8>,
}

pub(super) async fn code_of_linked(tx: &mut Tx, linked: i64) -> Result<Option<LinkedCode>, StoreError> {
    fetch_optional!(tx, LinkedCode, "SELECT id, approval FROM authorization_code WHERE linked_id = $1", linked)
}

/// Revokes a code and what it got, once; `false` where that was done before. A code that is being redeemed in the same
/// moment is either found used here, with its token, or is not redeemed: both change the same row.
pub(super) async fn report(tx: &mut Tx, code_id: i64, now: Millis) -> Result<bool, StoreError> {
    let reported = fetch_optional!(
        tx,
        (Option<i64>,),
        "UPDATE authorization_code SET reported_at = $1 WHERE id = $2 AND reported_at IS NULL \
         RETURNING access_token_id",
        now,
        code_id
    )?;
    let Some((token,)) = reported else { return Ok(false) };
    if let Some(token) = token {
        execute!(tx, "UPDATE access_token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL", now, token)?;
        family::revoke(tx, code_id, now).await?;
    }
    Ok(true)
}

/// A client's own token to be stored.
pub(super) struct NewClientToken {
    pub(super) id: i64,
    pub(super) secret_hash: Vec<u8>,
    pub(super) mount: &'static str,
    pub(super) client_id: String,
    pub(super) scope: String,
    pub(super) dpop_jkt: Option<String>,
    pub(super) expires_at: Millis,
}

pub(super) async fn insert_client_token(tx: &mut Tx, token: NewClientToken) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO access_token (id, secret_hash, mount, client_id, scope, dpop_jkt, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        token.id,
        token.secret_hash,
        token.mount,
        token.client_id,
        token.scope,
        token.dpop_jkt,
        token.expires_at
    )?;
    Ok(())
}

/// A token got with a refresh token; who it is about lies with its family.
pub(super) struct NewFamilyToken {
    pub(super) id: i64,
    pub(super) secret_hash: Vec<u8>,
    pub(super) mount: &'static str,
    pub(super) client_id: String,
    pub(super) family: i64,
    pub(super) receipt: Option<i64>,
    pub(super) scope: Option<String>,
    pub(super) dpop_jkt: Option<String>,
    pub(super) expires_at: Millis,
}

pub(super) async fn insert_family_token(tx: &mut Tx, token: NewFamilyToken) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO access_token \
         (id, secret_hash, mount, client_id, code_id, receipt_id, scope, dpop_jkt, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        token.id,
        token.secret_hash,
        token.mount,
        token.client_id,
        token.family,
        token.receipt,
        token.scope,
        token.dpop_jkt,
        token.expires_at
    )?;
    Ok(())
}

/// Revokes a client's own token, once.
pub(super) async fn revoke_token(
    tx: &mut Tx,
    id: i64,
    secret_hash: Vec<u8>,
    mount: &'static str,
    client_id: &str,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = execute!(
        tx,
        "UPDATE access_token SET revoked_at = $1 WHERE id = $2 AND secret_hash = $3 AND mount = $4 AND client_id = $5 \
         AND revoked_at IS NULL",
        now,
        id,
        secret_hash,
        mount,
        client_id
    )?;
    Ok(changed == 1)
}

/// An access token as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct TokenRow {
    pub(super) secret_hash: Vec<u8>,
    pub(super) mount: String,
    pub(super) client_id: String,
    pub(super) code_id: Option<i64>,
    pub(super) approval: Option<Vec<u8>>,
    pub(super) scope: Option<String>,
    receipt_id: Option<i64>,
    pub(super) expires_at: Millis,
    pub(super) revoked_at: Option<Millis>,
    pub(super) dpop_jkt: Option<String>,
}

/// The token of this id, unless the consent it stands on was withdrawn; revoked where its family was. Both are looked up at
/// each use: a token that was being issued while its consent was withdrawn is as dead as one issued before.
pub(super) async fn token(tx: &mut Tx, id: i64) -> Result<Option<TokenRow>, StoreError> {
    let row = fetch_optional!(
        tx,
        TokenRow,
        "SELECT token.secret_hash, token.mount, token.client_id, token.code_id, \
         COALESCE(token.approval, family.approval) AS approval, token.scope, token.receipt_id, token.expires_at, \
         COALESCE(token.revoked_at, family.revoked_at) AS revoked_at, token.dpop_jkt \
         FROM access_token token LEFT JOIN token_family family ON family.id = token.code_id WHERE token.id = $1",
        id
    )?;
    match row {
        Some(row) if stands(tx, row.receipt_id).await? => Ok(Some(row)),
        _ => Ok(None),
    }
}

/// Deletes at most `batch` rows of each table with ids below `before`.
pub(super) async fn delete_before(tx: &mut Tx, before: i64, batch: i64) -> Result<u64, StoreError> {
    let codes = execute!(
        tx,
        "DELETE FROM authorization_code WHERE id IN \
         (SELECT id FROM authorization_code WHERE id < $1 ORDER BY id LIMIT $2)",
        before,
        batch
    )?;
    let tokens = execute!(
        tx,
        "DELETE FROM access_token WHERE id IN (SELECT id FROM access_token WHERE id < $1 ORDER BY id LIMIT $2)",
        before,
        batch
    )?;
    Ok(codes + tokens)
}

/// Remembers an assertion; `false` where it was there already: of concurrent tries one is first.
pub(super) async fn remember_assertion(tx: &mut Tx, jti_hash: Vec<u8>, expires_at: Millis) -> Result<bool, StoreError> {
    let added = execute!(
        tx,
        "INSERT INTO used_assertion (jti_hash, expires_at) VALUES ($1, $2) ON CONFLICT (jti_hash) DO NOTHING",
        jti_hash,
        expires_at
    )?;
    Ok(added == 1)
}

/// Forgets at most `batch` assertions that ended before `before`.
pub(super) async fn forget_assertions(tx: &mut Tx, before: Millis, batch: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM used_assertion WHERE jti_hash IN \
         (SELECT jti_hash FROM used_assertion WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        before,
        batch
    )
}
