//! Reading everything into an instance that holds nothing.

use std::io::{BufRead, Read};

use super::envelope::{EnvelopeError, Opener};
use super::line::{Counts, FORMAT, Line, Subject, VERSION};
use crate::audit::{self, Event, EventKind};
use crate::consents;
use crate::dialect::Mount;
use crate::osia::Refusal;
use crate::population;
use crate::registry::subjects::{self, Imported};
use crate::registry::{self, PersonId};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Lines written in one transaction.
const BATCH: usize = 100;
/// Bytes of a line at most: a person with every document and finger.
const LONGEST: u64 = 512 * 1024 * 1024;

/// Why a file is not read in. Names lines, never what stands in them.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Somebody is here already.
    #[error("this instance holds persons already: restore into an empty one")]
    NotEmpty,
    /// It is another file.
    #[error("the file is not an export of this kind, or of a later version")]
    Foreign,
    /// A line.
    #[error("line {0} cannot be read")]
    Line(u64),
    /// The end is missing, or lines are.
    #[error("the file is not whole: make the export anew")]
    Cut,
    /// A line says what the registry refuses.
    #[error("line {0} is refused: {1}")]
    Refused(u64, String),
    /// Encryption.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error(transparent)]
    File(#[from] std::io::Error),
}

/// A line with its number, from 1.
type Numbered = (u64, Line);

/// Reads lines one by one.
struct Reader<'r, R> {
    file: R,
    opener: &'r Opener,
    number: u64,
}

impl<R: BufRead> Reader<'_, R> {
    fn next(&mut self) -> Result<Option<Numbered>, ImportError> {
        let mut text = zeroize::Zeroizing::new(String::new());
        let read = Read::take(&mut self.file, LONGEST).read_line(&mut text)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let json = zeroize::Zeroizing::new(self.opener.line(self.number, text.trim_end())?);
        let line = serde_json::from_slice(&json).map_err(|_| ImportError::Line(self.number))?;
        Ok(Some((self.number, line)))
    }
}

/// Holds a whole file against its own first and last line, without writing anything.
///
/// # Errors
/// [`ImportError`].
fn check<R: BufRead>(file: R, opener: &Opener) -> Result<Counts, ImportError> {
    let mut reader = Reader { file, opener, number: 0 };
    match reader.next()? {
        Some((_, Line::Head(head))) if head.format == FORMAT && head.version == VERSION => {}
        _ => return Err(ImportError::Foreign),
    }
    let mut found = Counts::new();
    while let Some((number, line)) = reader.next()? {
        if let Line::End { counts } = line {
            return if counts == found && reader.next()?.is_none() { Ok(found) } else { Err(ImportError::Cut) };
        }
        let kind = line.kind().ok_or(ImportError::Line(number))?;
        *found.entry(kind.to_owned()).or_default() += 1;
    }
    Err(ImportError::Cut)
}

/// Reads a file into an instance that holds no person; gives how much it was. `open` opens the file: it is read twice, so
/// that nothing is written of one that is not whole.
///
/// # Errors
/// [`ImportError`]. Where it is refused half-way, begin again with an empty database.
pub async fn import<R: BufRead>(
    state: &AppState,
    opener: &Opener,
    open: impl Fn() -> std::io::Result<R>,
) -> Result<Counts, ImportError> {
    let empty = state.store.read(|tx| Box::pin(registry::is_empty(tx))).await;
    let empty: Result<bool, StoreError> = empty;
    if !empty? {
        return Err(ImportError::NotEmpty);
    }
    let counts = check(open()?, opener)?;
    let mut reader = Reader { file: open()?, opener, number: 0 };
    let mut batch = Vec::new();
    loop {
        let next = reader.next()?;
        let last = next.is_none();
        batch.extend(next);
        if last || batch.len() >= BATCH {
            let (inner, lines) = (state.clone(), std::mem::take(&mut batch));
            let written = state.store.write(move |tx| {
                Box::pin(async move {
                    for (number, line) in lines {
                        write(&inner, tx, line).await.map_err(|error| refused(number, error))?;
                    }
                    Ok::<_, ImportError>(())
                })
            });
            written.await?;
        }
        if last {
            break;
        }
    }
    let inner = state.clone();
    let noted = state.store.write(move |tx| {
        Box::pin(async move {
            let command = audit::Actor::command();
            inner.audit.record(tx, Event::new(EventKind::Imported, Mount::Wallet).by(&command)).await?;
            Ok::<_, StoreError>(())
        })
    });
    noted.await?;
    Ok(counts)
}

fn refused(number: u64, error: Refusal) -> ImportError {
    match error {
        Refusal::Unavailable => StoreError::Lost.into(),
        other => ImportError::Refused(number, other.to_string()),
    }
}

async fn write(state: &AppState, tx: &mut Tx, line: Line) -> Result<(), Refusal> {
    match line {
        Line::Head(_) | Line::End { .. } => Ok(()),
        Line::Person(carried) => Ok(registry::settle(state, tx, &carried).await?),
        Line::Population { person, kept } => population::keep(state, tx, PersonId(person), &kept).await,
        Line::Subject(Subject { person, relying_party_id, subject }) => {
            let person = PersonId(person);
            if registry::subject(state, person, &relying_party_id) == subject {
                // The same secret: it is derived here as it was there.
                return Ok(());
            }
            match subjects::import(tx, &relying_party_id, person, &subject).await? {
                Imported::Added | Imported::Present => Ok(()),
                Imported::Taken => Err(Refusal::bad("another person has this subject")),
                Imported::Malformed => Err(Refusal::bad("the subject is malformed")),
            }
        }
        Line::Receipt(receipt) => Ok(consents::settle(state, tx, &receipt).await?),
        Line::Event(event) => {
            let subject = event.person.map(|person| state.audit.subject(person));
            Ok(audit::settle(tx, &event, subject).await?)
        }
        Line::Case(case) => {
            let subject = case.person.map(|person| state.audit.subject(person));
            Ok(audit::settle_case(tx, &case, subject).await?)
        }
    }
}
