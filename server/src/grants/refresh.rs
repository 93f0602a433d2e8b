//! Refresh tokens (RFC 6749 §6, RFC 9700 §4.14). All tokens that come of one code are a family: one row, by which they are
//! revoked together. A refresh token names its family and its number in it; its secret is derived from both, the family's
//! seed and a key of this server. So a replaced one is known for what it is, however long ago it was replaced, and no row is
//! kept for it.

use super::assertion::Shown;
use super::model::{Approval, RefreshToken};
use super::store::family::{self, FamilyRow, NewFamily};
use super::{after, open, store};
use crate::audit::{Event, EventKind};
use crate::clock::{Millis, random};
use crate::dialect::Mount;
use crate::ids::{Kind, Minted, Opened};
use crate::registry::Fault;
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// What a client asks for with a refresh token.
#[derive(Clone, Debug)]
pub struct Refreshing<'a> {
    /// The issuer asked.
    pub mount: Mount,
    /// The client, authenticated.
    pub client_id: &'a str,
    /// The refresh token.
    pub token: &'a str,
    /// The scopes that the new access token is to have.
    pub scopes: Scopes,
    /// Whether the refresh token is replaced. Where the client's authentication or its key binds the token to it, that is
    /// not needed (RFC 9700 §2.2.2), and FAPI 2.0 §5.3.2.1 forbids it.
    pub rotates: bool,
    /// Whether the client proved who it is by nothing.
    pub public: bool,
}

/// Which of the scopes granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scopes {
    /// All.
    All,
    /// These.
    Only(Vec<String>),
}

/// What a refresh token was good for.
#[derive(Debug)]
pub struct Refreshed {
    /// What the person agreed to, as far as the new access token goes.
    pub approval: Approval,
    /// The access token, to be given out once.
    pub access_token: String,
    /// The refresh token that takes the place of the one used; `None` where that stays good.
    pub refresh_token: Option<String>,
    /// Seconds that the access token lives.
    pub expires_in: i64,
}

/// Why a refresh token gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRefreshed {
    /// Not one of ours, altered, or forgotten.
    Unknown,
    /// Too late.
    Expired,
    /// Revoked.
    Revoked,
    /// Replaced before: all that came of its login is revoked now.
    Replaced,
    /// Issued to another client or at another mount.
    OtherClient,
    /// The person withdrew the consent that it stood on.
    Withdrawn,
    /// Bound to a key that was not shown.
    OtherKey,
    /// A scope that was not granted.
    Scope,
    /// The client's assertion was used before; the token was not looked at.
    AssertionUsed,
    /// The proof of the key was used before; the token was not looked at.
    ProofUsed,
}

/// Why a refresh token could not be used.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is at fault.
    #[error("not refreshed: {0:?}")]
    Refused(NotRefreshed),
    /// The store is.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The refresh token of a family with this number.
fn token(state: &AppState, id: i64, number: u32, seed: &[u8]) -> Minted {
    let parts: [&[u8]; 3] = [&id.to_be_bytes(), &number.to_be_bytes(), seed];
    let mac = state.secrets.mac(Purpose::RefreshTokens, &parts);
    let secret = mac.first_chunk().copied().unwrap_or_default();
    state.ids.mint_numbered(Kind::RefreshToken, id, number, secret)
}

/// A new family for a code, and its first refresh token. `approval` lies sealed as `sealed`.
pub(super) fn begin(
    state: &AppState,
    code_id: i64,
    approval: &Approval,
    sealed: Vec<u8>,
    dpop_jkt: Option<String>,
    now: Millis,
) -> (NewFamily, String) {
    let seed: [u8; 16] = random(&*state.rng);
    let ends = now + Millis::from(state.config.lifetimes.refresh_token) * 1000;
    let family = NewFamily {
        id: code_id,
        seed: seed.to_vec(),
        mount: approval.mount.name(),
        client_id: approval.client_id.clone(),
        approval: sealed,
        receipt: approval.receipt,
        dpop_jkt,
        expires_at: approval.consent_expires.unwrap_or(Millis::MAX).min(ends),
    };
    (family, token(state, code_id, 0, &seed).text)
}

/// A refresh token that somebody sent.
struct Sent {
    opened: Opened,
    number: u32,
}

impl Sent {
    fn read(state: &AppState, text: &str) -> Option<Self> {
        state.ids.open_numbered(Kind::RefreshToken, text).map(|(opened, number)| Self { opened, number })
    }

    /// Whether it is, or was, one of this family.
    fn is_of(&self, state: &AppState, row: &FamilyRow) -> bool {
        self.opened.matches(&token(state, self.opened.id, self.number, &row.seed).secret_hash)
    }

    fn is_current(&self, row: &FamilyRow) -> bool {
        i64::from(self.number) == row.generation
    }
}

/// Uses a refresh token for a new access token, all or nothing; what the client shows is taken with it, whatever comes of
/// the token. Where the token is replaced, using it again revokes the family (RFC 9700 §4.14.2); of concurrent uses one is
/// first and the others are such uses. For a few seconds the same use once more gives the same successor instead
/// (`lifetimes.refresh_grace`), until that is used.
///
/// # Errors
/// [`RefreshError`].
pub async fn refresh(state: &AppState, refreshing: Refreshing<'_>, shown: Shown) -> Result<Refreshed, RefreshError> {
    let sent = Sent::read(state, refreshing.token);
    let attempt = Attempt {
        mount: refreshing.mount,
        client_id: refreshing.client_id.to_owned(),
        scopes: refreshing.scopes,
        rotates: refreshing.rotates,
        public: refreshing.public,
        dpop_jkt: shown.jkt(),
        minted: state.mint(Kind::AccessToken),
        now: state.clock.now(),
    };
    let in_write = state.clone();
    let outcome: Result<_, Fault> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(before) = shown.take(tx).await? {
                    return Ok(Err(before.into()));
                }
                match sent {
                    Some(sent) => attempt.make(&in_write, tx, sent).await,
                    None => Ok(Err(NotRefreshed::Unknown)),
                }
            })
        })
        .await;
    outcome?.map_err(RefreshError::Refused)
}

/// One try to use a refresh token.
struct Attempt {
    mount: Mount,
    client_id: String,
    scopes: Scopes,
    rotates: bool,
    public: bool,
    dpop_jkt: Option<String>,
    minted: Minted,
    now: Millis,
}

impl Attempt {
    async fn make(self, state: &AppState, tx: &mut Tx, sent: Sent) -> Result<Result<Refreshed, NotRefreshed>, Fault> {
        let id = sent.opened.id;
        let Some(row) = family::find(tx, id).await? else { return Ok(Err(NotRefreshed::Unknown)) };
        if !sent.is_of(state, &row) {
            return Ok(Err(NotRefreshed::Unknown));
        }
        if let Some(why) = self.refusal(&row) {
            return Ok(Err(why));
        }
        let approval = open(state, id, &row.approval)?;
        let repeated = self.is_repeated(state, &sent, &row);
        if !sent.is_current(&row) && !repeated {
            return self.replayed(state, tx, id, &approval).await.map(Err);
        }
        let narrowed = match &self.scopes {
            Scopes::All => None,
            Scopes::Only(scopes) if scopes.iter().all(|scope| approval.grants(scope)) => Some(scopes.join(" ")),
            Scopes::Only(_) => return Ok(Err(NotRefreshed::Scope)),
        };
        if !store::stands(tx, row.receipt_id).await? {
            return Ok(Err(NotRefreshed::Withdrawn));
        }
        // Where an answer was lost its successor is told again, and takes nobody's place.
        let next = row.generation + i64::from(self.rotates && !repeated);
        let jkt = self.dpop_jkt.as_deref();
        if !repeated && !family::advance(tx, id, (row.generation, next), jkt, self.now).await? {
            // Another request was faster: it may have been the same one.
            let row = family::find(tx, id).await?;
            if row.is_none_or(|row| row.revoked_at.is_some() || !self.is_repeated(state, &sent, &row)) {
                return self.replayed(state, tx, id, &approval).await.map(Err);
            }
        }
        let ends = after(state, state.config.lifetimes.access_token).min(row.expires_at);
        let event = Event::new(EventKind::TokenRefreshed, self.mount).client(&self.client_id);
        let event = event.person(approval.person.0);
        state.audit.record(tx, approval.login.map_or(event, |login| event.login(login))).await?;
        let number = u32::try_from(next).map_err(|_| StoreError::Corrupt { what: "generation" })?;
        let approval = match &self.scopes {
            Scopes::All => approval,
            Scopes::Only(scopes) => approval.narrowed(scopes),
        };
        let refreshed = Refreshed {
            approval,
            access_token: self.minted.text,
            refresh_token: self.rotates.then(|| token(state, id, number, &row.seed).text),
            expires_in: ((ends - self.now) / 1000).max(0),
        };
        let token = store::NewFamilyToken {
            id: self.minted.id,
            secret_hash: self.minted.secret_hash,
            mount: self.mount.name(),
            client_id: self.client_id,
            family: id,
            receipt: row.receipt_id,
            scope: narrowed,
            dpop_jkt: self.dpop_jkt,
            expires_at: ends,
        };
        store::insert_family_token(tx, token).await?;
        Ok(Ok(refreshed))
    }

    /// What speaks against it whichever of the family it is.
    fn refusal(&self, row: &FamilyRow) -> Option<NotRefreshed> {
        if row.mount != self.mount.name() || row.client_id != self.client_id {
            Some(NotRefreshed::OtherClient)
        } else if row.revoked_at.is_some() {
            Some(NotRefreshed::Revoked)
        } else if row.expires_at <= self.now {
            Some(NotRefreshed::Expired)
        } else if row.dpop_jkt.is_some() && row.dpop_jkt != self.dpop_jkt {
            Some(NotRefreshed::OtherKey)
        } else {
            None
        }
    }

    /// Whether this is the use before the last one once more: of a client whose answer was lost. It must come soon, by the same
    /// key, before the successor is used, and from a client that is known by more than its name.
    fn is_repeated(&self, state: &AppState, sent: &Sent, row: &FamilyRow) -> bool {
        let grace = Millis::from(state.config.lifetimes.refresh_grace) * 1000;
        let is_last = i64::from(sent.number) + 1 == row.generation;
        // Whoever came first may have read its clock later, or another clock: the difference can be less than nothing.
        let is_soon = grace > 0 && row.used_at.is_some_and(|used_at| self.now - used_at < grace);
        let is_known = !self.public || row.dpop_jkt.is_some();
        self.rotates && is_last && is_soon && is_known && row.used_jkt == self.dpop_jkt
    }

    /// A token of this family that is not the current one: somebody has a copy.
    async fn replayed(
        &self,
        state: &AppState,
        tx: &mut Tx,
        id: i64,
        approval: &Approval,
    ) -> Result<NotRefreshed, Fault> {
        if !family::revoke(tx, id, self.now).await? {
            return Ok(NotRefreshed::Revoked);
        }
        let event = Event::new(EventKind::RefreshReplayed, self.mount).client(&self.client_id);
        let event = event.person(approval.person.0);
        state.audit.record(tx, approval.login.map_or(event, |login| event.login(login))).await?;
        Ok(NotRefreshed::Replaced)
    }
}

/// What a refresh token stands for, while it is good; `None` for one that is foreign, altered, replaced, expired or revoked.
///
/// # Errors
/// [`Fault`] where the database does not answer or the row does not open.
pub async fn refresh_token(state: &AppState, text: &str) -> Result<Option<RefreshToken>, Fault> {
    let Some(sent) = Sent::read(state, text) else { return Ok(None) };
    let id = sent.opened.id;
    let found: Option<FamilyRow> = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(row) = family::find(tx, id).await? else { return Ok::<_, StoreError>(None) };
                Ok(store::stands(tx, row.receipt_id).await?.then_some(row))
            })
        })
        .await?;
    let Some(row) = found else { return Ok(None) };
    let alive = row.revoked_at.is_none() && row.expires_at > state.clock.now();
    if !alive || !sent.is_of(state, &row) || !sent.is_current(&row) {
        return Ok(None);
    }
    Ok(Some(RefreshToken {
        mount: Mount::named(&row.mount).ok_or(StoreError::Corrupt { what: "mount" })?,
        issued_at: row.used_at.unwrap_or_else(|| state.ids.made_at(id)),
        expires_at: row.expires_at,
        approval: Box::new(open(state, id, &row.approval)?),
        client_id: row.client_id,
        dpop_jkt: row.dpop_jkt,
    }))
}

/// The family that a refresh token is or was of, where it is this client's.
pub(super) async fn family_of(
    state: &AppState,
    tx: &mut Tx,
    text: &str,
    mount: Mount,
    client_id: &str,
) -> Result<Option<i64>, StoreError> {
    let Some(sent) = Sent::read(state, text) else { return Ok(None) };
    let id = sent.opened.id;
    let row = family::find(tx, id).await?;
    let own = row.is_some_and(|row| row.mount == mount.name() && row.client_id == client_id && sent.is_of(state, &row));
    Ok(own.then_some(id))
}
