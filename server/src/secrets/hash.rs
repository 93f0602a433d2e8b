//! Keyed hashes that rows are found by.

/// A keyed hash, as the newest secret makes it, and as the one before does while that is being replaced. What is written
/// down is the newest; what is looked for is either.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash {
    newest: Vec<u8>,
    before: Option<Vec<u8>>,
}

impl Hash {
    pub(super) fn new(newest: Vec<u8>, before: Option<Vec<u8>>) -> Self {
        Self { newest, before }
    }

    /// What is written down.
    #[must_use]
    pub fn newest(&self) -> &[u8] {
        &self.newest
    }

    /// What may lie there still; where there is one secret only, the same as [`Hash::newest`]. For statements with
    /// `IN ($1, $2)`.
    #[must_use]
    pub fn before(&self) -> &[u8] {
        self.before.as_deref().unwrap_or(&self.newest)
    }

    /// Whether two are looked for: a row that must be there once may lie under the other.
    #[must_use]
    pub fn is_double(&self) -> bool {
        self.before.is_some()
    }

    /// Each that may lie there, the newest first.
    pub fn each(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.newest.as_slice()).chain(self.before.as_deref())
    }

    /// The same, cut to so many bytes.
    #[must_use]
    pub fn truncated(mut self, bytes: usize) -> Self {
        self.newest.truncate(bytes);
        if let Some(before) = &mut self.before {
            before.truncate(bytes);
        }
        self
    }
}
