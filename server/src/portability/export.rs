//! Writing everything.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;

use super::cli::CliError;
use super::envelope::Envelope;
use super::line::{Counts, FORMAT, Head, Line, Subject, VERSION};
use crate::audit;
use crate::audit::{Event, EventKind};
use crate::clients;
use crate::consents;
use crate::dialect::Mount;
use crate::osia::Refusal;
use crate::population;
use crate::registry::{self, Fault, PersonId};
use crate::state::AppState;
use crate::store::StoreError;

/// Rows read at once.
const BATCH: u32 = 100;

struct Writer<'w> {
    envelope: &'w Envelope,
    out: &'w mut (dyn Write + Send),
    counts: Counts,
}

impl Writer<'_> {
    fn write(&mut self, line: &Line) -> Result<(), CliError> {
        if let Some(kind) = line.kind() {
            *self.counts.entry(kind.to_owned()).or_default() += 1;
        }
        let json = zeroize::Zeroizing::new(serde_json::to_string(line).map_err(|_| CliError::Line)?);
        writeln!(self.out, "{}", self.envelope.line(&json)?)?;
        Ok(())
    }
}

/// Writes everything, and gives how much it was. What is added while it runs may be missing; that somebody exported is an
/// audit event, which is the first one that may be.
///
/// # Errors
/// [`CliError`]; then the file is not whole, and its last line is missing.
pub async fn export(state: &AppState, envelope: &Envelope, out: &mut (dyn Write + Send)) -> Result<Counts, CliError> {
    while population::catch_up(state).await? > 0 {}
    let mut writer = Writer { envelope, out, counts: Counts::new() };
    writer.write(&Line::Head(Head { format: FORMAT.into(), version: VERSION, made_at: state.clock.now() }))?;
    let persons = persons(state, &mut writer).await?;
    let parties = receipts(state, &mut writer, &persons).await?;
    subjects(state, &mut writer, &persons, &parties).await?;
    events(state, &mut writer, &persons).await?;
    let counts = writer.counts.clone();
    writer.write(&Line::End { counts })?;
    let inner = state.clone();
    let noted = state.store.write(move |tx| {
        Box::pin(async move {
            let command = audit::Actor::command();
            inner.audit.record(tx, Event::new(EventKind::Exported, Mount::Wallet).by(&command)).await?;
            Ok::<_, StoreError>(())
        })
    });
    noted.await?;
    Ok(writer.counts)
}

/// Every person, by the keyed hash that audit events name them by.
type Persons = HashMap<Vec<u8>, PersonId>;

async fn persons(state: &AppState, writer: &mut Writer<'_>) -> Result<Persons, CliError> {
    let mut persons = Persons::new();
    let mut after = PersonId(0);
    loop {
        let inner = state.clone();
        let lines = state
            .store
            .read(move |tx| {
                Box::pin(async move {
                    let mut lines = Vec::new();
                    for person in registry::persons_after(tx, after, BATCH).await? {
                        if let Some(carried) = registry::carry(&inner, tx, person).await? {
                            lines.push((person, carried, population::kept(&inner, tx, person).await?));
                        }
                    }
                    Ok::<_, Refusal>(lines)
                })
            })
            .await
            .map_err(|_| CliError::Unreadable)?;
        let Some((last, ..)) = lines.last() else { return Ok(persons) };
        after = *last;
        for (person, carried, kept) in lines {
            persons.insert(state.audit.subject(person.0), person);
            writer.write(&Line::Person(Box::new(carried)))?;
            if let Some(kept) = kept {
                writer.write(&Line::Population { person: person.0, kept })?;
            }
        }
    }
}

/// Writes receipts; gives who agreed with which relying parties.
async fn receipts(
    state: &AppState,
    writer: &mut Writer<'_>,
    persons: &Persons,
) -> Result<BTreeSet<(PersonId, String)>, CliError> {
    let mut parties = BTreeSet::new();
    let mut relying: HashMap<(Mount, String), Option<String>> = HashMap::new();
    let mut after = 0;
    loop {
        let inner = state.clone();
        let page = state.store.read(move |tx| Box::pin(async move { consents::carry(&inner, tx, after, BATCH).await }));
        let page: Vec<consents::Carried> = page.await.map_err(|_: Fault| CliError::Unreadable)?;
        let Some(last) = page.last() else { return Ok(parties) };
        after = last.id;
        for receipt in page {
            // Whoever came after the persons were written is not in this file.
            if !persons.contains_key(&state.audit.subject(receipt.person.0)) {
                continue;
            }
            let client = (receipt.mount, receipt.client_id.clone());
            if !relying.contains_key(&client) {
                let found = clients::find(state, client.0, &client.1).await?;
                relying.insert(client.clone(), found.map(|client| client.relying_party_id.clone()));
            }
            if let Some(Some(party)) = relying.get(&client) {
                parties.insert((receipt.person, party.clone()));
            }
            writer.write(&Line::Receipt(Box::new(receipt)))?;
        }
    }
}

async fn subjects(
    state: &AppState,
    writer: &mut Writer<'_>,
    persons: &Persons,
    parties: &BTreeSet<(PersonId, String)>,
) -> Result<(), CliError> {
    let mut told = BTreeSet::new();
    let mut after = (String::new(), PersonId(0));
    loop {
        let from = after.clone();
        let page = state
            .store
            .read(move |tx| Box::pin(async move { registry::subjects::after(tx, &from.0, from.1, BATCH).await }));
        let page: Result<Vec<(String, PersonId, String)>, StoreError> = page.await;
        let page = page?;
        let Some((party, person, _)) = page.last() else { break };
        after = (party.clone(), *person);
        for (relying_party_id, person, subject) in page {
            if persons.contains_key(&state.audit.subject(person.0)) {
                told.insert((person, relying_party_id.clone()));
                writer.write(&Line::Subject(Subject { person: person.0, relying_party_id, subject }))?;
            }
        }
    }
    for (person, relying_party_id) in parties.difference(&told) {
        let subject = registry::subject_for(state, *person, relying_party_id).await?;
        let relying_party_id = relying_party_id.clone();
        writer.write(&Line::Subject(Subject { person: person.0, relying_party_id, subject }))?;
    }
    Ok(())
}

/// Lines of the audit trail, each with the keyed hash of its person.
type Named<T> = Result<Vec<(T, Option<Vec<u8>>)>, StoreError>;

async fn events(state: &AppState, writer: &mut Writer<'_>, persons: &Persons) -> Result<(), CliError> {
    let whose = |subject: &Vec<u8>| persons.get(subject).map(|person| person.0);
    let mut after = 0;
    loop {
        let page = state.store.read(move |tx| Box::pin(audit::carry(tx, after, i64::from(BATCH) * 10)));
        let page: Named<audit::Carried> = page.await;
        let page = page?;
        let Some((last, _)) = page.last() else { break };
        after = last.id;
        for (event, subject) in page {
            let person = subject.as_ref().and_then(whose);
            writer.write(&Line::Event(Box::new(audit::Carried { person, ..event })))?;
        }
    }
    after = 0;
    loop {
        let page = state.store.read(move |tx| Box::pin(audit::carry_cases(tx, after, BATCH.into())));
        let page: Named<audit::CarriedCase> = page.await;
        let page = page?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = last.id;
        for (case, subject) in page {
            let person = subject.as_ref().and_then(whose);
            writer.write(&Line::Case(Box::new(audit::CarriedCase { person, ..case })))?;
        }
    }
}
