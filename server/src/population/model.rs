//! What the population registry holds: persons, and the identities of each (OSIA population registry 1.5.0).

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Whether a person's record is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordStatus {
    /// It is; the person may log in while alive.
    Active,
    /// It is not.
    Inactive,
}

impl RecordStatus {
    /// Name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }

    /// Reads [`RecordStatus::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Active, Self::Inactive].into_iter().find(|status| status.name() == name)
    }
}

/// Whether a person lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PhysicalStatus {
    /// Lives.
    Alive,
    /// Died: nobody logs in as this person any more, whatever the record's status.
    Dead,
}

impl PhysicalStatus {
    /// Name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Alive => "ALIVE",
            Self::Dead => "DEAD",
        }
    }

    /// Reads [`PhysicalStatus::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Alive, Self::Dead].into_iter().find(|status| status.name() == name)
    }
}

macro_rules! read_by_name {
    ($($status:ident),*) => { $(
        impl<'de> Deserialize<'de> for $status {
            // Derived, it would take an object with one member too.
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let name = String::deserialize(from)?;
                Self::named(&name).ok_or_else(|| D::Error::custom("not a status of OSIA population registry 1.5.0"))
            }
        }
    )* };
}

read_by_name!(RecordStatus, PhysicalStatus, IdentityStatus);

/// A person (OSIA `Person`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Person {
    /// The person's id: the UIN where there is one. Read only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Whether the record is in use.
    pub status: RecordStatus,
    /// Whether the person lives.
    pub physical_status: PhysicalStatus,
}

impl Person {
    /// Whether somebody may log in as this person.
    #[must_use]
    pub fn may_log_in(&self) -> bool {
        self.status == RecordStatus::Active && self.physical_status == PhysicalStatus::Alive
    }
}

/// How far an identity is believed. Only one that is claimed may be changed; only a valid one may be the reference; a
/// revoked one stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum IdentityStatus {
    /// Somebody says so; nothing was verified.
    Claimed,
    /// It was verified.
    Valid,
    /// It was found to be wrong.
    Invalid,
    /// It was taken back, for good.
    Revoked,
}

impl IdentityStatus {
    /// Name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Claimed => "CLAIMED",
            Self::Valid => "VALID",
            Self::Invalid => "INVALID",
            Self::Revoked => "REVOKED",
        }
    }

    /// Reads [`IdentityStatus::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Claimed, Self::Valid, Self::Invalid, Self::Revoked].into_iter().find(|status| status.name() == name)
    }

    /// The status after a change to `next`; `None` where there is no way from the one to the other: a revoked identity
    /// stays revoked, and an invalid one is valid only after it was claimed again, corrected.
    #[must_use]
    pub fn changed_to(self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Revoked, Self::Claimed | Self::Valid | Self::Invalid) | (Self::Invalid, Self::Valid) => None,
            _ => Some(next),
        }
    }

    /// Whether what it says may be changed.
    #[must_use]
    pub fn is_open(self) -> bool {
        self == Self::Claimed
    }

    /// Whether it may be what claims are made of.
    #[must_use]
    pub fn may_be_reference(self) -> bool {
        self == Self::Valid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OSIA population registry 1.5.0: CLAIMED, VALID, INVALID, REVOKED.
    #[test]
    fn an_identity_goes_from_claimed_to_valid_or_invalid_and_never_back_from_revoked() {
        use IdentityStatus::{Claimed, Invalid, Revoked, Valid};
        let all = [Claimed, Valid, Invalid, Revoked];
        for status in all {
            assert_eq!(IdentityStatus::named(status.name()), Some(status));
            assert_eq!(status.changed_to(status), Some(status));
            assert_eq!(status.changed_to(Revoked), Some(Revoked));
            assert_eq!(status.is_open(), status == Claimed);
            assert_eq!(status.may_be_reference(), status == Valid);
        }
        for next in [Claimed, Valid, Invalid] {
            assert_eq!(Revoked.changed_to(next), None);
            assert_eq!(Claimed.changed_to(next), Some(next));
        }
        assert_eq!(Invalid.changed_to(Valid), None);
        assert_eq!(Valid.changed_to(Claimed), Some(Claimed));
        assert_eq!(IdentityStatus::named("valid"), None);
    }

    #[test]
    fn nobody_logs_in_as_one_who_died_or_whose_record_is_not_in_use() {
        let of = |status, physical_status| Person { person_id: None, status, physical_status }.may_log_in();
        assert!(of(RecordStatus::Active, PhysicalStatus::Alive));
        assert!(!of(RecordStatus::Active, PhysicalStatus::Dead));
        assert!(!of(RecordStatus::Inactive, PhysicalStatus::Alive));
    }
}
