//! How far an enrollment is. Data is collected, then it is finalized, once, and never changed again (OSIA-ENR-06b).

use super::model::Status;
use crate::osia::Refusal;

/// An enrollment as it was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Data is being collected.
    InProgress(InProgress),
    /// All data has been collected.
    Finalized,
}

/// An enrollment that may be changed, as of one version of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InProgress {
    row: i64,
    version: i64,
}

/// A change that is to be saved: good only where the row still has the version that it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The row.
    pub(super) row: i64,
    /// The version that it was made from.
    pub(super) of_version: i64,
    /// How far the enrollment is afterwards.
    pub(super) status: Status,
}

impl Stage {
    /// Of a row.
    pub(super) fn of(row: i64, version: i64, status: Status) -> Self {
        match status {
            Status::InProgress => Self::InProgress(InProgress { row, version }),
            Status::Finalized => Self::Finalized,
        }
    }

    /// The enrollment, for a change.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] where it is finalized.
    pub(super) fn open(self) -> Result<InProgress, Refusal> {
        match self {
            Self::InProgress(open) => Ok(open),
            Self::Finalized => Err(Refusal::Forbidden(FINALIZED)),
        }
    }
}

/// What is said of an enrollment that may no longer be changed.
pub(super) const FINALIZED: &str = "the enrollment is finalized: it is not changed any more";

impl InProgress {
    /// Other data, and collecting goes on.
    pub(super) fn updated(self) -> Change {
        Change { row: self.row, of_version: self.version, status: Status::InProgress }
    }

    /// The end of collecting.
    pub(super) fn finalized(self) -> Change {
        Change { row: self.row, of_version: self.version, status: Status::Finalized }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn osia_enr_06b_what_is_finalized_opens_no_more() {
        let open = Stage::of(7, 3, Status::InProgress).open().unwrap();
        assert_eq!(open.updated(), Change { row: 7, of_version: 3, status: Status::InProgress });
        let open = Stage::of(7, 3, Status::InProgress).open().unwrap();
        assert_eq!(open.finalized(), Change { row: 7, of_version: 3, status: Status::Finalized });
        assert_eq!(Stage::of(7, 4, Status::Finalized).open(), Err(Refusal::Forbidden(FINALIZED)));
    }
}
