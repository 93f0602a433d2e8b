//! Signing keys and the times that rule them.

use protocol::jws::Algorithm;
use protocol::timestamp::Timestamp;

use crate::clock::Millis;
use crate::config::Lifetimes;
use crate::secrets::SecretError;
use crate::store::StoreError;

/// A kind of key; each rotates on its own, by its own times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
pub enum Family {
    /// P-256.
    Ec,
    /// P-384.
    P384,
    /// P-521.
    P521,
    /// Ed25519.
    Ed25519,
    /// RSA with 2048 bits.
    Rsa,
    /// P-256; others encrypt for it.
    EncEc,
    /// RSA with 3072 bits; others encrypt for it.
    EncRsa,
}

impl Family {
    /// All that sign. There are always keys of these.
    pub const ALL: [Self; 5] = [Self::Ec, Self::P384, Self::P521, Self::Ed25519, Self::Rsa];
    /// Those that others encrypt for. There are keys of these once somebody asked for them, and then they rotate as the others
    /// do; old ones are kept until the operator drops them, for what was encrypted for them lies in the database so.
    pub const ENCRYPTION: [Self; 2] = [Self::EncEc, Self::EncRsa];

    /// Whether others encrypt for it.
    #[must_use]
    pub fn is_encryption(self) -> bool {
        Self::ENCRYPTION.contains(&self)
    }

    /// Name in the database and in commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ec => "ec",
            Self::P384 => "p384",
            Self::P521 => "p521",
            Self::Ed25519 => "ed25519",
            Self::Rsa => "rsa",
            Self::EncEc => "enc-ec",
            Self::EncRsa => "enc-rsa",
        }
    }

    /// The kind that goes with `alg` (RFC 7518 §3.1, RFC 8037 §3.1); it may be one that this server only checks.
    #[must_use]
    pub fn of(alg: Algorithm) -> Self {
        match alg {
            Algorithm::Es256 => Self::Ec,
            Algorithm::Es384 => Self::P384,
            Algorithm::Es512 => Self::P521,
            Algorithm::EdDsa => Self::Ed25519,
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => Self::Rsa,
        }
    }

    /// What a key of this kind signs with.
    #[must_use]
    pub fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Ec => &[Algorithm::Es256],
            Self::P384 => &[Algorithm::Es384],
            Self::P521 => &[Algorithm::Es512],
            Self::Ed25519 => &[Algorithm::EdDsa],
            Self::Rsa => &[Algorithm::Rs256, Algorithm::Ps256, Algorithm::Ps512],
            Self::EncEc | Self::EncRsa => &[],
        }
    }

    /// Reads [`Family::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain(Self::ENCRYPTION).find(|family| family.name() == name)
    }
}

/// A time for people and for GovStack's `exp`: `yyyy-MM-ddTHH:mm:ss.SSSZ`.
pub(super) fn moment(at: Millis) -> String {
    Timestamp::from_epoch_ms(at).map(|at| at.to_string()).unwrap_or_default()
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Published, so that relying parties know it before it signs.
    Next,
    /// Signs.
    Current,
    /// Signs no more; published while what it signed is in use.
    Old,
}

impl Phase {
    /// For people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Old => "old",
        }
    }
}

/// A key as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Kind.
    pub family: Family,
    /// RFC 7638 thumbprint; `kid` in tokens and in the JWKS.
    pub kid: String,
    /// Where it stands.
    pub phase: Phase,
    /// From when it signs.
    pub signs_from: Millis,
}

/// How long keys sign, and how long they are published before and after.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How long a key signs, in milliseconds.
    pub life: Millis,
    /// How long a next key is published before it signs, in milliseconds.
    pub ahead: Millis,
    /// How long an old key stays published, in milliseconds: at least as long as what it signed last is good for.
    pub behind: Millis,
}

impl Schedule {
    /// From the configuration.
    #[must_use]
    pub fn of(lifetimes: &Lifetimes) -> Self {
        let days = |days: u32| Millis::from(days) * 86_400_000;
        let signed = Millis::from(lifetimes.id_token.max(lifetimes.access_token)) * 1000;
        let ahead = days(lifetimes.signing_key_overlap_days);
        Self { life: days(lifetimes.signing_key_days.max(1)), ahead, behind: ahead.max(signed + 3_600_000) }
    }

    /// When the successor of a key is due to sign, where it has to be made now; `None` while it is too early.
    #[must_use]
    pub fn successor_signs_from(&self, signs_from: Millis, now: Millis) -> Option<Millis> {
        let publish_at = signs_from + (self.life - self.ahead).max(0);
        (publish_at <= now).then(|| now.max(publish_at) + self.ahead)
    }
}

/// Why a key cannot be had, made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored key does not open.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The cryptographic library refused; names the step.
    #[error("keys: {0} failed")]
    Crypto(&'static str),
    /// No key for that algorithm is there.
    #[error("keys: there is no key to sign {} with", .0.name())]
    Missing(Algorithm),
    /// A rotation is under way already.
    #[error("keys: the next {} key is published already and signs from {signs_from}", .family.name())]
    UnderWay {
        /// Of this kind.
        family: Family,
        /// RFC 3339 time.
        signs_from: String,
    },
    /// The key to drop is not there.
    #[error("keys: no such kid")]
    UnknownKid,
    /// The key to drop still signs.
    #[error("keys: this key signs now; rotate first")]
    StillSigns,
    /// No key of that kind was ever made.
    #[error("keys: there is no {} key", .0.name())]
    NoKey(Family),
    /// What should be opened was not encrypted for a key of this server, or is damaged.
    #[error("keys: not encrypted for a key of this server")]
    NotForUs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_is_published_early_and_never_signs_unannounced() {
        let schedule = Schedule { life: 90, ahead: 7, behind: 7 };
        assert_eq!(schedule.successor_signs_from(1000, 1082), None);
        assert_eq!(schedule.successor_signs_from(1000, 1083), Some(1090));
        // After a long stop the successor is still announced for the whole time.
        assert_eq!(schedule.successor_signs_from(1000, 5000), Some(5007));
    }

    #[test]
    fn old_keys_outlive_what_they_signed() {
        let lifetimes = Lifetimes { signing_key_overlap_days: 0, ..Lifetimes::default() };
        let schedule = Schedule::of(&lifetimes);
        assert!(schedule.behind > Millis::from(lifetimes.id_token) * 1000);
    }
}
