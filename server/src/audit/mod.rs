//! What happened, for those who must answer for it: written in the same database transaction as what it tells of, so that
//! neither is there without the other (GS-AUD).
//!
//! An event names no person: its subject is a keyed hash, which whoever has the person's identifier can look for and
//! nobody can read back. Codes, tokens and keys never get here; a login is referred to by a name that gives no right.

mod carried;
mod cases;
mod kinds;
mod query;
pub mod routes;
#[cfg(test)]
mod routes_tests;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use carried::{About, Carried, CarriedCase, carry, carry_cases, settle, settle_case, subjects};
pub use cases::{Case, Cause, Closing, NewCase};
pub use kinds::{EventKind, Outcome};
pub use query::{Filter, Found, Page};

use crate::clock::{Clock, Millis, Rng};
use crate::dialect::Mount;
use crate::ids::{Ids, Kind};
use crate::secrets::{Purpose, Secrets};
use crate::store::{StoreError, Tx};

/// Bytes of a subject's keyed hash that are kept.
const SUBJECT_BYTES: usize = 16;
/// Events deleted at once, so that no request waits long behind it.
const BATCH: i64 = 1000;

/// One event. Made by [`Event::new`] and what is known beside.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    kind: EventKind,
    mount: Mount,
    client: Option<&'a str>,
    person: Option<i64>,
    login: Option<i64>,
    object: Option<i64>,
    reason: Option<&'a str>,
    actor: Option<&'a Actor>,
    traced: Option<&'a str>,
    enrollment: Option<&'a str>,
}

/// Who does what a person or the event's client does not do: who manages clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// The operator, by a command of the program.
    #[must_use]
    pub fn command() -> Self {
        Self("command".into())
    }

    /// A client, by its token.
    #[must_use]
    pub fn client(mount: Mount, client_id: &str) -> Self {
        Self(format!("{}:{client_id}", mount.name()))
    }

    /// A client that registered itself, and looks after its registration.
    #[must_use]
    pub fn itself() -> Self {
        Self("itself".into())
    }

    /// `command`, `itself`, or mount and id of a client with a colon between.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl<'a> Event<'a> {
    /// Something that happened at an issuer, or at the wallet's own calls.
    #[must_use]
    pub fn new(kind: EventKind, mount: Mount) -> Self {
        Self {
            kind,
            mount,
            client: None,
            person: None,
            login: None,
            object: None,
            reason: None,
            actor: None,
            traced: None,
            enrollment: None,
        }
    }

    /// For which client.
    #[must_use]
    pub fn client(self, client_id: &'a str) -> Self {
        Self { client: Some(client_id), ..self }
    }

    /// About whom: the person's primary key; stored as a keyed hash.
    #[must_use]
    pub fn person(self, person: i64) -> Self {
        Self { person: Some(person), ..self }
    }

    /// In which login: the primary key of its authorization transaction.
    #[must_use]
    pub fn login(self, transaction: i64) -> Self {
        Self { login: Some(transaction), ..self }
    }

    /// About which thing: the primary key of what the kind is about (see [`EventKind`]).
    #[must_use]
    pub fn object(self, id: i64) -> Self {
        Self { object: Some(id), ..self }
    }

    /// By whom.
    #[must_use]
    pub fn by(self, actor: &'a Actor) -> Self {
        Self { actor: Some(actor), ..self }
    }

    /// In which call of an OSIA interface: its `transactionId`, stored as a keyed hash (GS-ENR-08).
    #[must_use]
    pub fn traced(self, transaction_id: &'a str) -> Self {
        Self { traced: Some(transaction_id), ..self }
    }

    /// About which enrollment: the client's own id of it, stored as a keyed hash (GS-ENR-08).
    #[must_use]
    pub fn enrollment(self, enrollment_id: &'a str) -> Self {
        Self { enrollment: Some(enrollment_id), ..self }
    }

    /// Why: one of a few fixed words of the code, never what somebody typed.
    #[must_use]
    pub fn reason(self, reason: &'a str) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

/// Writes events; part of the state.
pub struct Audit {
    secrets: Arc<Secrets>,
    ids: Arc<Ids>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Audit {
    /// With the state's own parts.
    #[must_use]
    pub fn new(secrets: Arc<Secrets>, ids: Arc<Ids>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { secrets, ids, clock, rng }
    }

    /// Writes an event in the caller's transaction: one insert at the end of a table in the order of time.
    ///
    /// # Errors
    /// [`StoreError`]; then what the event tells of is undone as well.
    pub async fn record(&self, tx: &mut Tx, event: Event<'_>) -> Result<(), StoreError> {
        let id = self.ids.next_id(&*self.clock, &*self.rng);
        let hashes = store::Hashes {
            subject: event.person.map(|person| self.subject(person)),
            traced: event.traced.map(|id| self.traced(id)),
            enrollment: event.enrollment.map(|id| self.enrollment(id)),
        };
        store::insert(tx, id, &event, hashes).await
    }

    fn traced(&self, transaction_id: &str) -> Vec<u8> {
        self.hash(&[b"traced", transaction_id.as_bytes()])
    }

    /// By what the events of an enrollment are found.
    #[must_use]
    pub fn enrollment(&self, enrollment_id: &str) -> Vec<u8> {
        self.hash(&[b"enrollment", enrollment_id.as_bytes()])
    }

    fn hash(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut hash = self.secrets.mac(Purpose::Audit, parts);
        hash.truncate(SUBJECT_BYTES);
        hash
    }

    /// The keyed hash under which a person's events lie.
    #[must_use]
    pub fn subject(&self, person: i64) -> Vec<u8> {
        self.hash(&[b"subject", &person.to_be_bytes()])
    }

    /// The name under which events refer to a login; it opens nothing.
    #[must_use]
    pub fn login_name(&self, transaction: i64) -> String {
        self.ids.name(Kind::AuditedLogin, transaction)
    }

    /// Deletes a batch of events and closed cases older than `days`; gives how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expire(&self, store: &crate::store::Store, days: u32) -> Result<u64, StoreError> {
        let before = self.ids.first_at(self.clock.now() - Millis::from(days) * 24 * 3600 * 1000);
        store.write(move |tx| Box::pin(store::delete_before(tx, before, BATCH))).await
    }

    /// The name of what an event is about.
    fn object_name(&self, kind: EventKind, id: i64) -> Option<String> {
        kind.object().map(|object| self.ids.name(object, id))
    }
}

fn subject_name(subject: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(subject)
}
