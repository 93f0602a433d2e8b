//! Reading everything into an instance that holds nothing.

use std::io::{BufRead, Read};

use protocol::base64url;
use sha2::{Digest, Sha256};

use super::envelope::{EnvelopeError, Opener};
use super::line::{Chunk, Counts, FORMAT, Line, VERSION};
use super::settle::settle;
use super::store::{self, Progress};
use crate::audit::{self, Event, EventKind};
use crate::clients;
use crate::dialect::Mount;
use crate::enrollment;
use crate::osia::Refusal;
use crate::registry;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Lines written in one transaction at most.
const LINES: usize = 100;
/// Bytes of them after which no more are added.
const BYTES: usize = 4 * 1024 * 1024;
/// Bytes of a line at most: a person with every document and finger.
const LONGEST: u64 = 512 * 1024 * 1024;

/// Why a file is not read in. Names lines, never what stands in them.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Somebody is here already.
    #[error("this instance holds persons, enrollments or clients already: restore into an empty one")]
    NotEmpty,
    /// Another file was begun.
    #[error("another file is half read in: restore that one again, or begin with an empty database")]
    Another,
    /// Somebody else restores at the same time.
    #[error("another restore is under way: let it end")]
    UnderWay,
    /// It is another file.
    #[error("the file is not an export of this kind, or of a later version")]
    Foreign,
    /// A line.
    #[error("line {0} cannot be read")]
    Line(u64),
    /// The end is missing, or lines are.
    #[error("the file is not whole: make the export anew")]
    Cut,
    /// It is not what was written.
    #[error("the file was changed or damaged since it was written: take another copy, or make the export anew")]
    Changed,
    /// A line says what the registry refuses.
    #[error("line {0} is refused: {1}. What came before it is written: begin again with an empty database")]
    Refused(u64, String),
    /// Encryption.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The database.
    #[error("{0}; what is written stays: restore the same file again, and it goes on there")]
    Store(#[from] StoreError),
    /// The file.
    #[error(transparent)]
    File(#[from] std::io::Error),
}

/// A line with its number, from 1, and how long it is.
struct Numbered {
    number: u64,
    line: Line,
    bytes: usize,
}

/// Reads lines one by one, and hashes all but the last.
struct Reader<'r, R> {
    file: R,
    opener: &'r Opener,
    number: u64,
    hash: Sha256,
}

impl<'r, R: BufRead> Reader<'r, R> {
    fn new(file: R, opener: &'r Opener) -> Self {
        Self { file, opener, number: 0, hash: Sha256::new() }
    }

    fn next(&mut self) -> Result<Option<Numbered>, ImportError> {
        let mut text = zeroize::Zeroizing::new(String::new());
        let read = Read::take(&mut self.file, LONGEST).read_line(&mut text)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let json = zeroize::Zeroizing::new(self.opener.line(self.number, text.trim_end())?);
        let line = serde_json::from_slice(&json).map_err(|_| ImportError::Line(self.number))?;
        if !matches!(line, Line::End { .. }) {
            self.hash.update(&*json);
            self.hash.update(b"\n");
        }
        Ok(Some(Numbered { number: self.number, line, bytes: read }))
    }

    /// The hash of what was read.
    fn digest(&self) -> String {
        base64url::encode(self.hash.clone().finalize())
    }
}

/// The chunks of a buffer that must come next.
#[derive(Default)]
struct Awaited {
    buffer: i64,
    place: i64,
    chunks: i64,
}

impl Awaited {
    /// Whether a line may come here.
    fn takes(&mut self, line: &Line) -> bool {
        match line {
            Line::Chunk(Chunk { buffer, place, .. }) => {
                let next = self.place < self.chunks && (self.buffer, self.place) == (*buffer, *place);
                self.place += 1;
                next
            }
            _ if self.place < self.chunks => false,
            Line::Buffer(buffer) => {
                *self = Self { buffer: buffer.id, place: 0, chunks: buffer.chunks };
                true
            }
            _ => true,
        }
    }
}

/// Holds a whole file against its own first and last line, without writing anything; gives how much of everything there is,
/// and its hash.
///
/// # Errors
/// [`ImportError`].
pub fn check<R: BufRead>(file: R, opener: &Opener) -> Result<(Counts, String), ImportError> {
    let mut reader = Reader::new(file, opener);
    let version = match reader.next()?.map(|first| first.line) {
        Some(Line::Head(head)) if head.format == FORMAT && (1..=VERSION).contains(&head.version) => head.version,
        _ => return Err(ImportError::Foreign),
    };
    let (mut found, mut awaited) = (Counts::new(), Awaited::default());
    while let Some(Numbered { number, line, .. }) = reader.next()? {
        if !awaited.takes(&line) {
            return Err(ImportError::Cut);
        }
        if let Line::End { counts, digest } = line {
            if counts != found || reader.next()?.is_some() {
                return Err(ImportError::Cut);
            }
            let hash = reader.digest();
            let same = if version == 1 { digest.is_none() } else { digest.as_ref() == Some(&hash) };
            return if same { Ok((found, hash)) } else { Err(ImportError::Changed) };
        }
        let kind = line.kind().ok_or(ImportError::Line(number))?;
        *found.entry(kind.to_owned()).or_default() += 1;
    }
    Err(ImportError::Cut)
}

/// Whether a file was begun and not read to its end: nobody may be served then.
///
/// # Errors
/// [`StoreError`].
pub async fn is_unfinished(state: &AppState) -> Result<bool, StoreError> {
    let progress: Option<Progress> = state.store.read(|tx| Box::pin(store::progress(tx))).await?;
    Ok(progress.is_some_and(|progress| progress.ended_at.is_none()))
}

async fn is_empty(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(registry::is_empty(tx).await? && clients::is_empty(tx).await? && enrollment::is_empty(tx).await?)
}

/// Reads a file into an instance that holds nothing; gives how much it was. `open` opens the file: it is read twice, so
/// that nothing is written of one that is not whole. Where it stops early, the same file again goes on after the last line
/// that is written.
///
/// # Errors
/// [`ImportError`].
pub async fn import<R: BufRead>(
    state: &AppState,
    opener: &Opener,
    open: impl Fn() -> std::io::Result<R>,
) -> Result<Counts, ImportError> {
    let known: Result<(Option<Progress>, bool), StoreError> =
        state.store.read(|tx| Box::pin(async move { Ok((store::progress(tx).await?, is_empty(tx).await?)) })).await;
    let (known, is_empty) = known?;
    if known.as_ref().map_or(!is_empty, |known| known.ended_at.is_some()) {
        return Err(ImportError::NotEmpty);
    }
    let (counts, digest) = check(open()?, opener)?;
    let done = match known {
        Some(known) if known.digest == digest => known.lines,
        Some(_) => return Err(ImportError::Another),
        None => {
            begin(state, digest.clone()).await?;
            0
        }
    };
    let mut reader = Reader::new(open()?, opener);
    let mut batch = Batch { digest, written: done, lines: Vec::new(), bytes: 0 };
    while let Some(next) = reader.next()? {
        if i64::try_from(next.number).is_ok_and(|number| number <= done) {
            continue;
        }
        batch.bytes += next.bytes;
        batch.lines.push(next);
        if batch.lines.len() >= LINES || batch.bytes >= BYTES {
            batch.write(state).await?;
        }
    }
    if reader.digest() != batch.digest {
        return Err(ImportError::Changed);
    }
    batch.write(state).await?;
    end(state, batch.digest).await?;
    Ok(counts)
}

/// Takes the instance for a file.
async fn begin(state: &AppState, digest: String) -> Result<(), ImportError> {
    let begun = state.store.write(move |tx| {
        Box::pin(async move {
            if !store::begin(tx, &digest).await? {
                return Err(ImportError::UnderWay);
            }
            if is_empty(tx).await? { Ok(()) } else { Err(ImportError::NotEmpty) }
        })
    });
    begun.await
}

/// Lines to be written, and those that are.
struct Batch {
    digest: String,
    written: i64,
    lines: Vec<Numbered>,
    bytes: usize,
}

impl Batch {
    async fn write(&mut self, state: &AppState) -> Result<(), ImportError> {
        let Some(to) = self.lines.last().and_then(|last| i64::try_from(last.number).ok()) else { return Ok(()) };
        let (inner, digest, from) = (state.clone(), self.digest.clone(), self.written);
        let lines = std::mem::take(&mut self.lines);
        let written = state.store.write(move |tx| {
            Box::pin(async move {
                if !store::advance(tx, &digest, from, to).await? {
                    return Err(ImportError::UnderWay);
                }
                for Numbered { number, line, .. } in lines {
                    settle(&inner, tx, line).await.map_err(|error| refused(number, error))?;
                }
                Ok(())
            })
        });
        written.await?;
        (self.written, self.bytes) = (to, 0);
        Ok(())
    }
}

/// From here on the instance serves.
async fn end(state: &AppState, digest: String) -> Result<(), ImportError> {
    let inner = state.clone();
    let ended = state.store.write(move |tx| {
        Box::pin(async move {
            if !store::end(tx, &digest, inner.clock.now()).await? {
                return Err(ImportError::UnderWay);
            }
            let command = audit::Actor::command();
            inner.audit.record(tx, Event::new(EventKind::Imported, Mount::Wallet).by(&command)).await?;
            Ok(())
        })
    });
    ended.await
}

fn refused(number: u64, error: Refusal) -> ImportError {
    match error {
        Refusal::Unavailable => StoreError::Lost.into(),
        other => ImportError::Refused(number, other.to_string()),
    }
}
