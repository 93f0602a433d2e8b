//! What became of every row: a line for each that was not simply taken over, and the sums.

use std::collections::BTreeMap;
use std::io::Write;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It is here now.
    Added,
    /// It was here already.
    Present,
    /// It has no use any more, such as what has expired.
    Ended,
    /// It stays behind, by design.
    Left,
    /// It cannot be taken over.
    Refused,
}

impl Fate {
    fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Present => "here already",
            Self::Ended => "ended",
            Self::Left => "left behind",
            Self::Refused => "refused",
        }
    }
}

/// The report of an import.
#[derive(Debug, Default)]
pub(super) struct Report {
    lines: Vec<String>,
    sums: BTreeMap<&'static str, BTreeMap<Fate, usize>>,
}

impl Report {
    /// Notes what became of a row. `which` names it without personal data; `why` is told where it was not taken over.
    pub(super) fn note(&mut self, table: &'static str, which: &str, fate: Fate, why: &str) {
        *self.sums.entry(table).or_default().entry(fate).or_default() += 1;
        if !why.is_empty() {
            self.lines.push(format!("{table}, {which}: {}: {why}", fate.name()));
        }
    }

    /// Rows that were refused.
    pub(super) fn refused(&self) -> usize {
        self.sums.values().filter_map(|of| of.get(&Fate::Refused)).sum()
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// The output's.
    pub(super) fn write(&self, out: &mut (dyn Write + Send)) -> std::io::Result<()> {
        for line in &self.lines {
            writeln!(out, "{line}")?;
        }
        for (table, of) in &self.sums {
            let rows: usize = of.values().sum();
            let of: Vec<String> = of.iter().map(|(fate, count)| format!("{count} {}", fate.name())).collect();
            writeln!(out, "{table}: {rows} rows: {}", of.join(", "))?;
        }
        Ok(())
    }
}
