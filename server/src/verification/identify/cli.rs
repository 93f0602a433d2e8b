//! `tessera watchlist …`: the logic; `main` parses the arguments and opens the state.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{entry, store};
use crate::audit::{Actor, Event, EventKind};
use crate::claims::osia;
use crate::config::is_set_name;
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::osia::{Refusal, twice};
use crate::registry::Fault;
use crate::secrets::SecretError;
use crate::state::AppState;
use crate::store::StoreError;
use crate::verification::compare::Supplied;
use crate::verification::model::AttributeSet;

/// Persons who are looked for by law, in lists.
#[derive(Debug, Subcommand)]
pub enum WatchListCommand {
    /// Add the entries of a JSON file, all or none.
    ///
    /// One object or an array of them, in the words of OSIA: `{"biographicData": {"firstName": "Jan", "lastName": "Novák",
    /// "dateOfBirth": "1990-02-03"}}`.
    Add {
        /// The list.
        #[arg(long)]
        gallery: String,
        /// The file; `-` reads standard input.
        file: PathBuf,
    },
    /// Print a list, one entry a line: its name, and what it says.
    List {
        /// The list.
        #[arg(long)]
        gallery: String,
    },
    /// Remove an entry.
    Remove {
        /// The entry, by the name that `list` prints.
        #[arg(allow_hyphen_values = true)]
        entry: String,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The list's name.
    #[error("a list's name has 1 to 64 letters, digits, `_` or `-`")]
    Gallery,
    /// The file is no JSON of attribute sets.
    #[error("the file is not a JSON object of OSIA's attributes, or an array of them")]
    NotEntries,
    /// An object of the file has a name twice.
    #[error("a name stands twice in one object of the file; which of the two counts?")]
    Twice,
    /// An entry is refused.
    #[error("entry {0}: {1}")]
    Refused(usize, &'static str),
    /// There is no such entry.
    #[error("there is no such entry")]
    Unknown,
    /// The database, or a sealed value.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The file cannot be read.
    #[error("{} cannot be read ({error}); name a file that this user may read, or `-` for standard input", file.display())]
    Unread {
        /// Which.
        file: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The output.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SecretError> for CliError {
    fn from(error: SecretError) -> Self {
        Self::Fault(error.into())
    }
}

/// Runs a command.
///
/// # Errors
/// [`CliError`].
pub async fn run(state: &AppState, command: WatchListCommand, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    match command {
        WatchListCommand::Add { gallery, file } => add(state, gallery, &file, out).await,
        WatchListCommand::List { gallery } => list(state, gallery, out).await,
        WatchListCommand::Remove { entry } => remove(state, &entry, out).await,
    }
}

async fn add(state: &AppState, gallery: String, file: &Path, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    if !is_set_name(&gallery) {
        return Err(CliError::Gallery);
    }
    let entries = read(file)?;
    let mut rows = Vec::with_capacity(entries.len());
    for (place, entry) in entries.into_iter().enumerate() {
        let claims = claims(entry).map_err(|why| CliError::Refused(place + 1, why))?;
        let id = state.next_id();
        rows.push((id, entry::seal(state, id, &claims)?));
    }
    let names: Vec<String> = rows.iter().map(|(id, _)| state.ids.name(Kind::WatchEntry, *id)).collect();
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                for (id, content) in &rows {
                    store::insert(tx, *id, &gallery, content).await?;
                    changed(&inner, tx, *id, "added").await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    for name in names {
        writeln!(out, "added {name}")?;
    }
    Ok(())
}

/// Writes down who changed a list.
async fn changed(state: &AppState, tx: &mut crate::store::Tx, id: i64, how: &'static str) -> Result<(), StoreError> {
    let actor = Actor::command();
    let event = Event::new(EventKind::WatchListChanged, Mount::Wallet).by(&actor).object(id).reason(how);
    state.audit.record(tx, event).await
}

fn read(file: &Path) -> Result<Vec<AttributeSet>, CliError> {
    let mut text = Zeroizing::new(Vec::new());
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut text)?;
    } else {
        let opened = std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut text));
        opened.map_err(|error| CliError::Unread { file: file.to_owned(), error })?;
    }
    twice::refuse(&text).map_err(|_| CliError::Twice)?;
    let value: Value = serde_json::from_slice(&text).map_err(|_| CliError::NotEntries)?;
    let entries = if value.is_array() {
        serde_json::from_value(value)
    } else {
        serde_json::from_value(value).map(|one| vec![one])
    };
    entries.map_err(|_| CliError::NotEntries)
}

/// What an entry says, by claims.
fn claims(entry: AttributeSet) -> Result<Map<String, Value>, &'static str> {
    let why = "1 to 100 attributes of biographicData and contactData, each with a value that it can have";
    let supplied = Supplied::read(entry).map_err(|_: Refusal| why)?;
    let claims = supplied.sought().map_err(|_| why)?.ok_or(why)?;
    Ok(claims.into_iter().collect())
}

async fn list(state: &AppState, gallery: String, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let mut after = i64::MIN;
    loop {
        let name = gallery.clone();
        let rows =
            state.store.read(move |tx| Box::pin(async move { store::page(tx, &name, after, 500).await })).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for row in &rows {
            let told = osia::biographic(&entry::open(state, row)?);
            writeln!(out, "{}  {}", state.ids.name(Kind::WatchEntry, row.id), Value::Object(told))?;
        }
    }
}

async fn remove(state: &AppState, name: &str, out: &mut (dyn Write + Send)) -> Result<(), CliError> {
    let id = state.ids.named(Kind::WatchEntry, name).ok_or(CliError::Unknown)?;
    let inner = state.clone();
    let removed = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let removed = store::remove(tx, id).await?;
                if removed {
                    changed(&inner, tx, id, "removed").await?;
                }
                Ok::<_, StoreError>(removed)
            })
        })
        .await?;
    if removed { Ok(writeln!(out, "removed")?) } else { Err(CliError::Unknown) }
}
