//! What planners are told (GS-SEC-05d).

use serde::{Deserialize, Serialize};

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Statistics {
    /// A group of fewer persons than this is not told; at least 2.
    pub least_group: u32,
    /// Which member of a person's address is the region.
    pub region: Region,
}

/// A member of the claim `address` (OpenID Connect Core §5.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// `region`: state, province, prefecture.
    Region,
    /// `locality`: city.
    Locality,
    /// `country`.
    Country,
}

impl Region {
    /// The member.
    #[must_use]
    pub fn member(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Locality => "locality",
            Self::Country => "country",
        }
    }
}

impl Default for Statistics {
    fn default() -> Self {
        Self { least_group: 10, region: Region::Region }
    }
}

impl Statistics {
    /// Whether groups are large enough to say nothing about anyone.
    pub(super) fn is_sound(&self) -> bool {
        self.least_group >= 2
    }
}
