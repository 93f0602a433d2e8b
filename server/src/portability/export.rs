//! Writing everything.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::base64url;
use sha2::{Digest, Sha256};

use super::cli::CliError;
use super::envelope::Envelope;
use super::line::{Chunk, Counts, FORMAT, Head, Line, Subject, VERSION};
use super::names;
use crate::audit::{self, Event, EventKind};
use crate::authorization::remembered;
use crate::clients;
use crate::consents;
use crate::dialect::Mount;
use crate::enrollment::{self, buffer};
use crate::osia::Refusal;
use crate::population;
use crate::registry::{self, Fault, PersonId, subjects};
use crate::state::AppState;
use crate::statistics;
use crate::store::StoreError;
use crate::verification::identify;
use crate::{binding, events, factors, identity, inbox, notifications};

/// Rows read at once.
const BATCH: u32 = 100;

struct Writer<'w> {
    envelope: &'w Envelope,
    out: &'w mut (dyn Write + Send),
    counts: Counts,
    hash: Sha256,
}

impl Writer<'_> {
    fn write(&mut self, line: &Line) -> Result<(), CliError> {
        if let Some(kind) = line.kind() {
            *self.counts.entry(kind.to_owned()).or_default() += 1;
        }
        let json = zeroize::Zeroizing::new(serde_json::to_string(line).map_err(|_| CliError::Line)?);
        self.hash.update(json.as_bytes());
        self.hash.update(b"\n");
        writeln!(self.out, "{}", self.envelope.line(&json)?)?;
        Ok(())
    }
}

fn unreadable(error: impl Display) -> CliError {
    tracing::error!(%error, "something that is kept cannot be read");
    CliError::Unreadable
}

/// Writes what `page` gives after a key, page by page, until there is no more.
async fn each<T, E: Display>(
    writer: &mut Writer<'_>,
    page: impl AsyncFn(i64) -> Result<Vec<T>, E>,
    key: impl Fn(&T) -> i64,
    line: impl Fn(T) -> Option<Line>,
) -> Result<(), CliError> {
    let mut after = 0;
    loop {
        let page = page(after).await.map_err(unreadable)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = key(last);
        for line in page.into_iter().filter_map(&line) {
            writer.write(&line)?;
        }
    }
}

/// Writes everything, and gives how much it was. What is added while it runs may be missing; that somebody exported is an
/// audit event, which is the first one that may be.
///
/// # Errors
/// [`CliError`]; then the file is not whole, and its last line is missing.
pub async fn export(state: &AppState, envelope: &Envelope, out: &mut (dyn Write + Send)) -> Result<Counts, CliError> {
    while population::catch_up(state).await? > 0 {}
    let mut writer = Writer { envelope, out, counts: Counts::new(), hash: Sha256::new() };
    writer.write(&Line::Head(Head { format: FORMAT.into(), version: VERSION, made_at: state.clock.now() }))?;
    writer.write(&Line::Names(names::carry(state).await.map_err(unreadable)?))?;
    for key in state.keys.carry().await.map_err(unreadable)? {
        writer.write(&Line::EncryptionKey(Box::new(key)))?;
    }
    let known = parties(state).await?;
    let clients = async |after| clients::carry(state, after, BATCH).await;
    each(&mut writer, clients, |one| one.id, |one| Some(Line::Client(Box::new(one)))).await?;
    let persons = persons(state, &mut writer).await?;
    of_persons(state, &mut writer, &persons).await?;
    let agreed = receipts(state, &mut writer, &persons).await?;
    told(state, &mut writer, &persons, &known, agreed).await?;
    answers(state, &mut writer, &persons).await?;
    let enrolled = enrollments(state, &mut writer).await?;
    buffers(state, &mut writer).await?;
    notified(state, &mut writer).await?;
    counted(state, &mut writer, &persons).await?;
    history(state, &mut writer, &persons, &enrolled).await?;
    let Writer { counts, hash, .. } = &writer;
    let counts = counts.clone();
    let digest = Some(base64url::encode(hash.clone().finalize()));
    writer.write(&Line::End { counts, digest })?;
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

/// All with whom clients share what they know persons by.
async fn parties(state: &AppState) -> Result<Vec<String>, CliError> {
    let clients = clients::list(state, None).await?;
    let parties: BTreeSet<String> = clients.iter().map(|client| client.sector().to_owned()).collect();
    Ok(parties.into_iter().collect())
}

/// Every person, by the keyed hash that audit events name them by. Whoever came after the persons were written is not in the
/// file, and neither is what is theirs.
struct Persons<'s> {
    state: &'s AppState,
    known: HashMap<Vec<u8>, PersonId>,
}

impl Persons<'_> {
    fn has(&self, person: i64) -> bool {
        self.known.contains_key(&self.state.audit.subject(person))
    }

    fn named(&self, subject: &[u8]) -> Option<i64> {
        self.known.get(subject).map(|person| person.0)
    }
}

async fn persons<'s>(state: &'s AppState, writer: &mut Writer<'_>) -> Result<Persons<'s>, CliError> {
    let mut persons = Persons { state, known: HashMap::new() };
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
            .map_err(unreadable)?;
        let Some((last, ..)) = lines.last() else { break };
        after = *last;
        for (person, carried, kept) in lines {
            persons.known.insert(state.audit.subject(person.0), person);
            writer.write(&Line::Person(Box::new(carried)))?;
            if let Some(kept) = kept {
                writer.write(&Line::Population { person: person.0, kept })?;
            }
        }
    }
    Ok(persons)
}

/// Numbers, PINs, wallets.
async fn of_persons(state: &AppState, writer: &mut Writer<'_>, persons: &Persons<'_>) -> Result<(), CliError> {
    let numbers = async |after| registry::carry_numbers(state, after, BATCH).await;
    each(writer, numbers, |one| one.id, |one| Some(Line::Number(one))).await?;
    let pins = async |after| factors::carry(state, after, BATCH).await;
    each(writer, pins, |one| one.person, |one| persons.has(one.person).then_some(Line::Pin(one))).await?;
    let wallets = async |after| binding::carry(state, after, BATCH).await;
    let wallet = |one: binding::Carried| persons.has(one.person).then(|| Line::Wallet(Box::new(one)));
    each(writer, wallets, |one| one.id, wallet).await
}

/// Writes receipts; gives who agreed with which relying parties.
async fn receipts(
    state: &AppState,
    writer: &mut Writer<'_>,
    persons: &Persons<'_>,
) -> Result<BTreeSet<(PersonId, String)>, CliError> {
    let mut agreed = BTreeSet::new();
    let mut relying: HashMap<(Mount, String), Option<String>> = HashMap::new();
    let mut after = 0;
    loop {
        let inner = state.clone();
        let page = state.store.read(move |tx| Box::pin(async move { consents::carry(&inner, tx, after, BATCH).await }));
        let page: Vec<consents::Carried> = page.await.map_err(|error: Fault| unreadable(error))?;
        let Some(last) = page.last() else { return Ok(agreed) };
        after = last.id;
        for receipt in page.into_iter().filter(|receipt| persons.has(receipt.person.0)) {
            let client = (receipt.mount, receipt.client_id.clone());
            if !relying.contains_key(&client) {
                let found = clients::find_any(state, client.0, &client.1).await?;
                relying.insert(client.clone(), found.map(|client| client.sector().to_owned()));
            }
            if let Some(Some(party)) = relying.get(&client) {
                agreed.insert((receipt.person, party.clone()));
            }
            writer.write(&Line::Receipt(Box::new(receipt)))?;
        }
    }
}

/// What relying parties know persons by: what came with an import, what they were told, and what those would be told to whom
/// somebody agreed to something.
async fn told(
    state: &AppState,
    writer: &mut Writer<'_>,
    persons: &Persons<'_>,
    parties: &[String],
    agreed: BTreeSet<(PersonId, String)>,
) -> Result<(), CliError> {
    let mut left = agreed;
    let mut imported = BTreeSet::new();
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
            if persons.has(person.0) {
                imported.insert((person, relying_party_id.clone()));
                writer.write(&Line::Subject(Subject { person: person.0, relying_party_id, subject }))?;
            }
        }
    }
    let mut after = Vec::new();
    while let Some(page) = subjects::told_after(state, after, BATCH, parties).await? {
        after = page.last;
        for (person, party) in page.subjects {
            if persons.has(person.0) {
                left.insert((person, party));
            }
        }
    }
    for (person, relying_party_id) in left.difference(&imported) {
        let subject = registry::subject_for(state, *person, relying_party_id).await?;
        let relying_party_id = relying_party_id.clone();
        writer.write(&Line::Subject(Subject { person: person.0, relying_party_id, subject }))?;
    }
    Ok(())
}

/// What is remembered of consents, and questions.
async fn answers(state: &AppState, writer: &mut Writer<'_>, persons: &Persons<'_>) -> Result<(), CliError> {
    let memories = async |after| remembered::carry(state, after).await;
    let memory = |one: remembered::Carried| persons.has(one.person.0).then(|| Line::Remembered(Box::new(one)));
    each(writer, memories, |one| one.person.0, memory).await?;
    let questions = async |after| inbox::carry(state, after, BATCH).await;
    let question = |one: inbox::Carried| persons.has(one.person.0).then(|| Line::Question(Box::new(one)));
    each(writer, questions, |one| one.id, question).await?;
    let watched = async |after| identify::carry(state, after, BATCH).await;
    each(writer, watched, |one| one.id, |one| Some(Line::Watched(one))).await
}

/// Enrollments by the keyed hash that audit events name them by.
type Enrolled = HashMap<Vec<u8>, String>;

/// Enrollments, one at a time: each may be as large as a request; and what became of them.
async fn enrollments(state: &AppState, writer: &mut Writer<'_>) -> Result<Enrolled, CliError> {
    let mut enrolled = Enrolled::new();
    let mut after = 0;
    while let Some(one) = enrollment::carry(state, after).await.map_err(unreadable)? {
        after = one.id;
        if let Some(id) = &one.enrollment.enrollment_id {
            enrolled.insert(state.audit.enrollment(id), id.clone());
        }
        writer.write(&Line::Enrollment(Box::new(one)))?;
    }
    let tasks = async |after| identity::carry(state, after, BATCH).await;
    each(writer, tasks, |one| one.enrollment, |one| Some(Line::Task(Box::new(one)))).await?;
    Ok(enrolled)
}

/// Buffers, chunk by chunk.
async fn buffers(state: &AppState, writer: &mut Writer<'_>) -> Result<(), CliError> {
    let mut after = 0;
    while let Some(next) = buffer::carry(state, after).await.map_err(unreadable)? {
        after = next.id;
        let Some(carried) = next.buffer else { continue };
        let (buffer, chunks) = (carried.id, carried.chunks);
        writer.write(&Line::Buffer(Box::new(carried)))?;
        for place in 0..chunks {
            let clear = buffer::carry_chunk(state, buffer, place).await.map_err(unreadable)?;
            writer.write(&Line::Chunk(Chunk { buffer, place, data: STANDARD.encode(&*clear) }))?;
        }
    }
    Ok(())
}

/// Who is told what.
async fn notified(state: &AppState, writer: &mut Writer<'_>) -> Result<(), CliError> {
    for topic in notifications::carry_topics(state).await.map_err(unreadable)? {
        writer.write(&Line::Topic(topic))?;
    }
    let subscriptions = async |after| notifications::carry_subscriptions(state, after, BATCH).await;
    each(writer, subscriptions, |one| one.id, |one| Some(Line::Subscription(Box::new(one)))).await?;
    let happened = async |after| events::carry(state, after, BATCH).await;
    each(writer, happened, |one| one.id, |one| Some(Line::Happened(Box::new(one)))).await?;
    let deliveries = async |after| notifications::carry_deliveries(state, after, BATCH).await;
    each(writer, deliveries, |one| one.id, |one| Some(Line::Delivery(one))).await
}

/// What was counted, and where persons live for what is to be.
async fn counted(state: &AppState, writer: &mut Writer<'_>, persons: &Persons<'_>) -> Result<(), CliError> {
    let days = async |after| statistics::carry_days(state, after, BATCH).await;
    each(writer, days, |one| one.day, |one| Some(Line::Day(one))).await?;
    let mut after = Vec::new();
    loop {
        let page = statistics::carry_homes(state, after, BATCH).await.map_err(unreadable)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = last.clone();
        for (subject, home) in page {
            if let Some(person) = persons.named(&subject) {
                writer.write(&Line::Home(statistics::CarriedHome { person, ..home }))?;
            }
        }
    }
}

/// The audit trail.
async fn history(
    state: &AppState,
    writer: &mut Writer<'_>,
    persons: &Persons<'_>,
    enrolled: &Enrolled,
) -> Result<(), CliError> {
    let mut after = 0;
    loop {
        let page = state.store.read(move |tx| Box::pin(audit::carry(tx, after, i64::from(BATCH) * 10)));
        let page: Result<Vec<(audit::Carried, audit::About)>, StoreError> = page.await;
        let page = page?;
        let Some((last, _)) = page.last() else { break };
        after = last.id;
        for (event, about) in page {
            let person = about.subject.and_then(|subject| persons.named(&subject));
            let enrollment = about.enrollment.and_then(|id| enrolled.get(&id).cloned());
            writer.write(&Line::Event(Box::new(audit::Carried { person, enrollment, ..event })))?;
        }
    }
    after = 0;
    loop {
        let page = state.store.read(move |tx| Box::pin(audit::carry_cases(tx, after, BATCH.into())));
        let page: Result<Vec<_>, StoreError> = page.await;
        let page = page?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = last.id;
        for (case, subject) in page {
            let person = subject.and_then(|subject| persons.named(&subject));
            writer.write(&Line::Case(Box::new(audit::CarriedCase { person, ..case })))?;
        }
    }
}
