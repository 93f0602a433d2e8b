//! Wallets on their way to another instance: the public key of each and what is known of it. The private one never was here, so
//! that the phone goes on as if nothing had happened.

use protocol::devices::{KeySecurity, Profile};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde::{Deserialize, Serialize};

use super::names;
use super::store::carried::{self as rows, Row};
use super::store::profile_name;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::osia::Refusal;
use crate::registry::{self, Fault, PersonId};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A wallet's key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key: `deviceId` is made of it.
    pub id: i64,
    /// Whose it is.
    pub person: i64,
    /// The public key.
    pub jwk: Jwk,
    /// The algorithm that it was bound for.
    pub alg: String,
    /// `native` or `legacy`.
    pub profile: String,
    /// Where it was bound.
    pub mount: Mount,
    /// Whether the wallet proved at binding that it holds the key.
    pub proven: bool,
    /// Where it lives, as the phone's maker attested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_security: Option<String>,
    /// What the citizen calls the phone.
    pub name: String,
    /// Its certificate, as the wallet was given it, in PEM.
    pub certificate: String,
    /// base64url SHA-256 of the certificate's DER, by which old wallets name it.
    pub x5t: String,
    /// When it was bound, in milliseconds since 1970.
    pub created_at: Millis,
    /// When the certificate ends.
    pub expires_at: Millis,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Millis>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Millis>,
}

const CORRUPT: StoreError = StoreError::Corrupt { what: "wallet key" };

/// Keys with primary keys above `after`, in their order, at most `most`; revoked ones too, for they never come back.
///
/// # Errors
/// [`Fault`].
pub async fn carry(state: &AppState, after: i64, most: u32) -> Result<Vec<Carried>, Fault> {
    let rows = state.store.read(move |tx| Box::pin(async move { rows::after(tx, after, most.into()).await })).await?;
    let rows: Vec<Row> = rows;
    rows.into_iter()
        .map(|row| {
            Ok(Carried {
                id: row.id,
                person: row.person,
                jwk: Jwk::from_json(&row.jwk).map_err(|_| CORRUPT)?,
                alg: row.alg,
                profile: row.profile,
                mount: Mount::named(&row.mount).ok_or(CORRUPT)?,
                proven: row.proven != 0,
                key_security: row.key_security,
                name: names::open(state, &row.thumbprint, &row.name).map_err(|_| CORRUPT)?,
                certificate: row.certificate,
                x5t: row.x5t,
                created_at: row.created_at,
                expires_at: row.expires_at,
                used_at: row.used_at,
                revoked_at: row.revoked_at,
            })
        })
        .collect()
}

/// Binds a wallet's key as another instance had it. Its person must be there.
///
/// # Errors
/// [`Refusal::Bad`] where it is malformed, bound already or nobody's.
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Refusal> {
    let profiles = [Profile::Native, Profile::Legacy].map(profile_name);
    let known = Algorithm::from_name(&carried.alg).is_some()
        && profiles.contains(&carried.profile.as_str())
        && carried.key_security.as_deref().is_none_or(|name| KeySecurity::named(name).is_some());
    if !known {
        return Err(Refusal::bad("the wallet's key is malformed"));
    }
    if !registry::is_known(tx, PersonId(carried.person)).await? {
        return Err(Refusal::bad("the wallet is nobody's"));
    }
    let thumbprint = carried.jwk.thumbprint();
    let row = Row {
        id: carried.id,
        person: carried.person,
        jwk: serde_json::to_string(&carried.jwk).map_err(|_| CORRUPT)?,
        alg: carried.alg.clone(),
        profile: carried.profile.clone(),
        mount: carried.mount.name().to_owned(),
        proven: i64::from(carried.proven),
        key_security: carried.key_security.clone(),
        name: names::seal(state, &thumbprint, &carried.name)?,
        thumbprint,
        certificate: carried.certificate.clone(),
        x5t: carried.x5t.clone(),
        created_at: carried.created_at,
        expires_at: carried.expires_at,
        used_at: carried.used_at,
        revoked_at: carried.revoked_at,
    };
    if rows::insert(tx, &row).await? { Ok(()) } else { Err(Refusal::bad("the wallet's key is bound already")) }
}
