//! Making, announcing, replacing and forgetting signing keys.

use std::sync::{Arc, PoisonError, RwLock};

use super::jose::{Generated, generate};
use super::model::{Family, KeyError, KeyInfo, Phase, Schedule, moment};
use super::ring::{Ring, context};
use super::store::{self, KeyRow};
use super::verify::Verifiers;
use super::{Keys, certificate};
use crate::clock::{Clock, Millis, Rng, random};
use crate::config::{Lifetimes, Signing};
use crate::secrets::{Purpose, Secrets};
use crate::store::Store;

/// How often nodes look for new keys, in milliseconds, at least: [`Keys::tend`] must be called as often.
const LOOK_EVERY: Millis = 15_000;
/// How soon a key may sign that is wanted at once, in milliseconds: when every node publishes it.
pub const READY_IN: Millis = 2 * LOOK_EVERY;

/// How a rotation is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The next key is published now and signs when relying parties have had time to see it.
    Announced,
    /// The next key signs as soon as every node publishes it ([`READY_IN`]).
    Soon,
}

impl Keys {
    /// Without any key yet; [`Keys::tend`] reads or makes them once the schema is there.
    #[must_use]
    pub fn new(
        store: Store,
        secrets: Arc<Secrets>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        lifetimes: &Lifetimes,
        signing: Signing,
    ) -> Self {
        let (schedule, ring) = (Schedule::of(lifetimes), RwLock::default());
        Self { store, secrets, clock, rng, schedule, signing, ring, verifiers: Verifiers::default() }
    }

    /// What the time asks for: takes up what other nodes did, makes the first keys and each next one when it is due, safely
    /// when several nodes do so at once, drops keys that nothing depends on any more. To be called at start and then every
    /// 15 seconds; costs one read where there is nothing to do.
    ///
    /// # Errors
    /// [`KeyError`] where the database fails or a key does not open under this secret file; the keys at hand stay in use.
    pub async fn tend(&self) -> Result<(), KeyError> {
        self.reload().await?;
        let (now, ring) = (self.clock.now(), self.ring());
        let mut due = Vec::new();
        for family in Family::ALL.into_iter().chain(Family::ENCRYPTION) {
            match ring.newest(family) {
                None if family.is_encryption() => {}
                None => due.push((family, 1, now)),
                Some(newest) => {
                    if let Some(signs_from) = self.schedule.successor_signs_from(newest.signs_from, now) {
                        due.push((family, newest.generation + 1, signs_from));
                    }
                }
            }
        }
        let outlived = ring.outlived(now, self.schedule.behind);
        if due.is_empty() && outlived.is_empty() {
            return Ok(());
        }
        for (family, generation, signs_from) in due {
            self.make(family, generation, signs_from).await?;
        }
        store::drop(&self.store, outlived).await?;
        self.reload().await
    }

    /// Replaces the current keys of these families, all or, where one is being replaced already, none.
    ///
    /// # Errors
    /// [`KeyError::UnderWay`] where an announced rotation is asked for and one is going on.
    pub async fn rotate(&self, rotation: Rotation, families: &[Family]) -> Result<Vec<KeyInfo>, KeyError> {
        self.reload().await?;
        let (now, ring) = (self.clock.now(), self.ring());
        for family in families.iter().copied() {
            let newest = ring.newest(family).ok_or(KeyError::NoKey(family))?;
            if rotation == Rotation::Announced && newest.signs_from > now {
                return Err(KeyError::UnderWay { family, signs_from: moment(newest.signs_from) });
            }
        }
        for family in families.iter().copied() {
            let newest = ring.newest(family).ok_or(KeyError::NoKey(family))?;
            let announced = newest.signs_from > now;
            match rotation {
                Rotation::Announced => self.make(family, newest.generation + 1, now + self.schedule.ahead).await?,
                Rotation::Soon if announced => store::advance(&self.store, newest.id, now + READY_IN).await?,
                Rotation::Soon => self.make(family, newest.generation + 1, now + READY_IN).await?,
            }
        }
        self.reload().await?;
        Ok(self.list())
    }

    /// Withdraws a key that may have leaked: what it signed verifies no more.
    ///
    /// # Errors
    /// [`KeyError::UnknownKid`], or [`KeyError::StillSigns`] for a current key.
    pub async fn drop_key(&self, kid: &str) -> Result<(), KeyError> {
        self.reload().await?;
        let ring = self.ring();
        let key = ring.keys.iter().find(|key| key.kid == kid).ok_or(KeyError::UnknownKid)?;
        if self.list().iter().any(|info| info.kid == kid && info.phase == Phase::Current) {
            return Err(KeyError::StillSigns);
        }
        store::drop(&self.store, vec![key.id]).await?;
        self.reload().await
    }

    /// Makes the first keys that others encrypt for, where there are none yet.
    ///
    /// # Errors
    /// As [`Keys::tend`].
    pub(super) async fn begin_encryption(&self) -> Result<(), KeyError> {
        let known = self.ring();
        if Family::ENCRYPTION.into_iter().all(|family| known.newest(family).is_some()) {
            return Ok(());
        }
        self.reload().await?;
        let ring = self.ring();
        for family in Family::ENCRYPTION.into_iter().filter(|family| ring.newest(*family).is_none()) {
            self.make(family, 1, self.clock.now()).await?;
        }
        self.reload().await
    }

    /// Takes up what is in the database; parses only where something changed.
    pub(super) async fn reload(&self) -> Result<(), KeyError> {
        let rows = store::all(&self.store).await?;
        let known = self.ring();
        let same = rows.len() == known.keys.len()
            && rows.iter().zip(&known.keys).all(|(row, key)| row.id == key.id && row.signs_from == key.signs_from);
        if !same {
            let ring = Arc::new(Ring::load(rows, &self.secrets, self.signing)?);
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        }
        Ok(())
    }

    async fn make(&self, family: Family, generation: i64, signs_from: Millis) -> Result<(), KeyError> {
        let made = tokio::task::spawn_blocking(move || generate(family)).await;
        let made = made.map_err(|_| KeyError::Crypto("making a key"))??;
        self.keep(&made, family, generation, signs_from).await
    }

    async fn keep(
        &self,
        made: &Generated,
        family: Family,
        generation: i64,
        signs_from: Millis,
    ) -> Result<(), KeyError> {
        let (now, kid) = (self.clock.now(), made.public.thumbprint());
        let certificate_until = signs_from + self.schedule.life + 2 * self.schedule.behind;
        let certificate = match family {
            Family::Ec | Family::P384 | Family::P521 | Family::Ed25519 => None,
            Family::Rsa | Family::EncEc | Family::EncRsa => {
                let (serial, dates) = (random(&*self.rng), (now, certificate_until));
                Some(certificate::self_signed(&made.private_key, &kid, dates, &serial, family)?)
            }
        };
        let sealed =
            self.secrets.seal(Purpose::SigningKeys, context(&kid).as_bytes(), &made.private_jwk, &*self.rng)?;
        let row = KeyRow {
            id: i64::from_be_bytes(random(&*self.rng)) & i64::MAX,
            family: family.name().into(),
            generation,
            kid,
            public_jwk: made.public.canonical(),
            certificate,
            private_jwk: sealed,
            created_at: now,
            signs_from,
            certificate_until,
        };
        Ok(store::add(&self.store, vec![row]).await?)
    }
}

#[cfg(test)]
impl Keys {
    /// Stores the process's test keys as first generation: making an RSA key costs more than most tests.
    pub(crate) async fn seed(&self) {
        static MADE: std::sync::LazyLock<[(Family, Generated); 5]> =
            std::sync::LazyLock::new(|| Family::ALL.map(|family| (family, generate(family).unwrap())));
        for (family, made) in &*MADE {
            self.keep(made, *family, 1, self.clock.now()).await.unwrap();
        }
        self.tend().await.unwrap();
    }
}
