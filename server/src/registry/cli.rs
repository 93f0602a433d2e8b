//! `tessera person …`: the logic; `main` parses the arguments and opens the state.

mod vid;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

pub use vid::VidCommand;

use super::change::{Change, ChangeError};
use super::history::Because;
use super::model::{AddError, Fault, Identifier, IdentifierKind, NewPerson, PersonId, Status};
use super::person_file::{self, FilePerson, PersonFileError};
use super::store;
use crate::audit::Actor;
use crate::claims::untagged;
use crate::http::envelope::format_time;
use crate::ids::Kind;
use crate::state::AppState;
use crate::store::StoreError;

/// Persons who can log in.
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Add a person.
    ///
    /// `tessera person add --uin 5601934482 --set name#en="Amina Diallo" --set email=amina@example.org
    /// --set phone_number=+221700000000`. Photos and PINs come in by files: see `import`.
    Add(Add),
    /// Add the persons of a JSON file, all or none.
    ///
    /// One object or an array of them: `{"identifiers": [{"kind": "uin", "value": "5601934482"}], "attributes":
    /// {"name#en": "Amina Diallo", "email": "amina@example.org"}, "photo": {"media_type": "image/jpeg", "data":
    /// "<base64>"}, "pin": "314159"}`. Attributes are OpenID Connect claims; docs/person-file.md says more.
    Import {
        /// The file; `-` reads standard input.
        file: PathBuf,
    },
    /// Change what is known about a person.
    ///
    /// `tessera person change 5601934482 --set email=amina@example.net --unset nickname --why "asked at the counter"`.
    /// Relying parties that may be told of it are told (docs/bankid.md); the person's history keeps who did it and why.
    Change(ChangeArgs),
    /// Virtual ids: give one out, list them, revoke one.
    #[command(subcommand)]
    Vid(VidCommand),
    /// List persons by their opaque name, without what is known about them.
    List {
        /// How many at most, the oldest first.
        #[arg(long, default_value = "1000")]
        most: u32,
    },
    /// Refuse every login of a person until enabled again.
    Disable(Named),
    /// Let a disabled person log in again.
    Enable(Named),
    /// End a person's lock-out and forget the wrong guesses, over every channel.
    Unlock(Named),
}

/// Which person.
#[derive(Debug, Args)]
pub struct Named {
    /// Any of the person's identifiers, or the opaque name that `list` prints.
    #[arg(allow_hyphen_values = true)]
    person: String,
}

/// See [`PersonCommand::Add`].
#[derive(Debug, Args)]
pub struct Add {
    /// The unique identity number.
    #[arg(long)]
    uin: Option<String>,
    /// A number that stands for it.
    #[arg(long)]
    vid: Vec<String>,
    /// Another name to log in by.
    #[arg(long)]
    handle: Vec<String>,
    /// An attribute by its claim name: `name`, `name#fr`, `birthdate`, `email`, `phone_number`, `address` …
    #[arg(long, value_name = "CLAIM=VALUE", value_parser = attribute)]
    set: Vec<(String, Value)>,
}

/// See [`PersonCommand::Change`].
#[derive(Debug, Args)]
pub struct ChangeArgs {
    #[command(flatten)]
    named: Named,
    /// An attribute by its claim name, as with `add`; those that are lists or objects as JSON.
    #[arg(long, value_name = "CLAIM=VALUE", value_parser = attribute)]
    set: Vec<(String, Value)>,
    /// An attribute that is known no more.
    #[arg(long, value_name = "CLAIM")]
    unset: Vec<String>,
    /// Why, for the person's history.
    #[arg(long, default_value = "")]
    why: String,
    /// Who does it, for the person's history.
    #[arg(long, default_value = "command")]
    by: String,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A person of a file, or the one person, is refused.
    #[error("person {0}: {1}")]
    Refused(usize, AddError),
    /// The persons were added, but the PIN of one is refused; those after it have none either.
    #[error("the persons were added, but not the PIN of person {0} nor any after it: {1}")]
    Pin(usize, String),
    /// The file is not a person file.
    #[error(transparent)]
    File(#[from] PersonFileError),
    /// A change is refused.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// There is no such person.
    #[error("there is no such person")]
    Unknown,
    /// What is to be revoked is not there.
    #[error("this is no virtual id of the person, or it is revoked already; `tessera person vid list` shows them")]
    NotHeld,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
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

/// `CLAIM=VALUE`: truth for what is true or false, the whole address for `address`, JSON for lists, else text.
fn attribute(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("CLAIM=VALUE")?;
    let value = match untagged(name) {
        "email_verified" | "phone_number_verified" | "pep" | "limited_legal_capacity" => match value {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err("true or false".into()),
        },
        "address" => json!({ "formatted": value }),
        "nationalities" | "addresses" | "idcards" | "paymentAccounts" | "paymentAccountsDetails" => {
            serde_json::from_str(value).map_err(|_| "a JSON list")?
        }
        _ => value.into(),
    };
    Ok((name.into(), value))
}

/// Runs a command; prints its result to `out`. `set_pin` sets a person's PIN, `unlock` ends a lock-out (`false`: there was
/// none): both belong to the login factors, which the registry does not know. An error of `set_pin` is a sentence for the
/// operator.
///
/// # Errors
/// [`CliError`] with what to do about it.
pub async fn run<F, U>(
    state: &AppState,
    command: PersonCommand,
    set_pin: F,
    unlock: U,
    out: &mut (dyn Write + Send),
) -> Result<(), CliError>
where
    F: AsyncFn(PersonId, Zeroizing<String>) -> Result<(), String>,
    U: AsyncFn(PersonId) -> Result<bool, StoreError>,
{
    match command {
        PersonCommand::Add(args) => {
            let added = super::add(state, new_person(args)).await.map_err(|error| CliError::Refused(1, error))?;
            Ok(writeln!(out, "added {}", opaque(state, added))?)
        }
        PersonCommand::Import { file } => import(state, &file, set_pin, out).await,
        PersonCommand::Change(ChangeArgs { named, set, unset, why, by }) => {
            let found = find(state, &named).await?;
            let because = Because { by, why, transaction: None };
            let change = Change { set: set.into_iter().collect(), unset, because, ..Change::default() };
            let changed = super::change(state, found, change).await?;
            let told = if changed.is_empty() { "has not changed".to_owned() } else { changed.join(", ") };
            Ok(writeln!(out, "{}: {told}", opaque(state, found))?)
        }
        PersonCommand::Vid(command) => vid::run(state, command, out).await,
        PersonCommand::List { most } => {
            let listed =
                state.store.read(move |tx| Box::pin(async move { store::list(tx, 0, most.into()).await })).await;
            for store::Listed { id, status, created_at } in listed? {
                writeln!(out, "{}\t{}\t{}", opaque(state, id), status.name(), format_time(created_at))?;
            }
            Ok(())
        }
        PersonCommand::Disable(named) => set_status(state, &named, Status::Disabled, out).await,
        PersonCommand::Enable(named) => set_status(state, &named, Status::Active, out).await,
        PersonCommand::Unlock(named) => {
            let found = find(state, &named).await?;
            let was = if unlock(found).await? { "is unlocked" } else { "had no wrong guesses" };
            Ok(writeln!(out, "{} {was}", opaque(state, found))?)
        }
    }
}

fn opaque(state: &AppState, person: PersonId) -> String {
    state.ids.name(Kind::Person, person.0)
}

fn new_person(args: Add) -> NewPerson {
    let of = |kind| move |value: String| Identifier { kind, value };
    let identifiers = (args.uin.into_iter().map(of(IdentifierKind::Uin)))
        .chain(args.vid.into_iter().map(of(IdentifierKind::Vid)))
        .chain(args.handle.into_iter().map(of(IdentifierKind::Handle)))
        .collect();
    NewPerson { identifiers, attributes: args.set.into_iter().collect::<Map<_, _>>(), ..NewPerson::default() }
}

async fn import<F>(state: &AppState, file: &Path, set_pin: F, out: &mut (dyn Write + Send)) -> Result<(), CliError>
where
    F: AsyncFn(PersonId, Zeroizing<String>) -> Result<(), String>,
{
    let mut text = Zeroizing::new(String::new());
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)?;
    } else {
        let opened = std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text));
        opened.map_err(|error| CliError::Unread { file: file.to_owned(), error })?;
    }
    let (persons, pins): (Vec<_>, Vec<_>) =
        person_file::read(&text)?.into_iter().map(|FilePerson { person, pin }| (person, pin)).unzip();
    let added = super::add_all(state, persons).await.map_err(|(place, error)| CliError::Refused(place + 1, error))?;
    for (place, (person, pin)) in added.iter().zip(pins).enumerate() {
        if let Some(pin) = pin {
            set_pin(*person, pin).await.map_err(|error| CliError::Pin(place + 1, error))?;
        }
    }
    Ok(writeln!(out, "added {} persons", added.len())?)
}

/// The person of an identifier or of an opaque name; the latter is not looked up.
async fn find(state: &AppState, Named { person }: &Named) -> Result<PersonId, CliError> {
    let named = state.ids.named(Kind::Person, person).map(PersonId);
    super::find_any(state, person).await?.map(|(person, _)| person).or(named).ok_or(CliError::Unknown)
}

async fn set_status(
    state: &AppState,
    named: &Named,
    status: Status,
    out: &mut (dyn Write + Send),
) -> Result<(), CliError> {
    let found = find(state, named).await?;
    let because = Because::of(&Actor::command(), "");
    if !super::set_status_because(state, found, status, because).await? {
        return Err(CliError::Unknown);
    }
    Ok(writeln!(out, "{} is {}", opaque(state, found), status.name())?)
}
