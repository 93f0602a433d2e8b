//! Reading events: by time, kind, client, mount, login and person, a page at a time.

use super::{Audit, EventKind, Outcome, store, subject_name};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::store::{StoreError, Tx};

/// Events looked at for one page. A rare kind in a long time takes several pages, some of them empty, rather than one
/// request that reads the whole table.
const WINDOW: i64 = 20_000;

/// What to look for. Members left out do not narrow.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not before.
    pub from: Option<Millis>,
    /// Before.
    pub to: Option<Millis>,
    /// Of one kind.
    pub kind: Option<EventKind>,
    /// Of one client.
    pub client_id: Option<String>,
    /// At one issuer.
    pub mount: Option<Mount>,
    /// Of one login, as events name it.
    pub login: Option<String>,
    /// About one person: the primary key.
    pub person: Option<i64>,
    /// Of one call of an OSIA interface: its `transactionId`.
    pub traced: Option<String>,
    /// About one enrollment: the client's own id of it.
    pub enrollment: Option<String>,
    /// After the page that ended with this cursor.
    pub cursor: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// An event as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub id: String,
    /// When it happened.
    pub at: Millis,
    /// What.
    pub kind: EventKind,
    /// How it went.
    pub outcome: Outcome,
    /// Where.
    pub mount: Mount,
    /// For which client; for `case_closed` and `audit_read`, by which.
    pub client_id: Option<String>,
    /// About whom, as a keyed hash.
    pub subject: Option<String>,
    /// In which login.
    pub login: Option<String>,
    /// About which thing.
    pub object: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// By whom, of changes of clients.
    pub actor: Option<String>,
}

/// A page of events, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// They.
    pub events: Vec<Found>,
    /// Where to go on; `None` at the end. A page may be empty and still have one.
    pub cursor: Option<String>,
}

impl Audit {
    /// A page of events. A cursor or login that is not ours finds nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn events(&self, tx: &mut Tx, filter: &Filter) -> Result<Page, StoreError> {
        let nothing = Page { events: Vec::new(), cursor: None };
        let mut after = filter.from.map_or(i64::MIN, |from| self.ids.first_at(from) - 1);
        if let Some(cursor) = &filter.cursor {
            let Some(id) = self.ids.named(Kind::AuditEvent, cursor) else { return Ok(nothing) };
            after = after.max(id);
        }
        let login = match &filter.login {
            Some(name) => match self.ids.named(Kind::AuditedLogin, name) {
                Some(id) => Some(id),
                None => return Ok(nothing),
            },
            None => None,
        };
        let limit = i64::from(filter.limit);
        let wanted = store::Wanted {
            after,
            before: filter.to.map_or(i64::MAX, |to| self.ids.first_at(to)),
            kind: filter.kind.map(EventKind::name),
            client_id: filter.client_id.clone(),
            mount: filter.mount.map(Mount::name),
            transaction_id: login,
            limit: limit + 1,
            window: WINDOW,
        };
        let traced = filter.traced.as_deref().map(|id| self.traced(id));
        let enrollment = filter.enrollment.as_deref().map(|id| self.enrollment(id));
        let (mut rows, looked_at) = match filter.person {
            Some(person) => (store::events_of(tx, &self.subject(person), &wanted).await?, None),
            None if traced.is_some() || enrollment.is_some() => {
                (store::events_traced(tx, traced.as_deref(), enrollment.as_deref(), &wanted).await?, None)
            }
            None => store::events(tx, &wanted).await?,
        };
        let more = rows.len() > usize::try_from(filter.limit).unwrap_or(usize::MAX);
        if more {
            rows.pop();
        }
        let last = if more { rows.last().map(|row| row.id) } else { looked_at };
        let events = rows.into_iter().map(|row| self.found(row)).collect::<Result<_, _>>()?;
        Ok(Page { events, cursor: last.map(|id| self.ids.name(Kind::AuditEvent, id)) })
    }

    /// The login, client and mount of the newest event of `kind` about this person and this thing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_object(
        &self,
        tx: &mut Tx,
        person: i64,
        kind: EventKind,
        object: i64,
    ) -> Result<Option<(i64, String, Mount)>, StoreError> {
        let row = store::of_object(tx, &self.subject(person), kind.name(), object).await?;
        let Some(store::EventRow { mount, client_id: Some(client), transaction_id: Some(login), .. }) = row else {
            return Ok(None);
        };
        let mount = Mount::named(&mount).ok_or(StoreError::Corrupt { what: "mount" })?;
        Ok(Some((login, client, mount)))
    }

    fn found(&self, row: store::EventRow) -> Result<Found, StoreError> {
        let kind = EventKind::named(&row.kind).ok_or(StoreError::Corrupt { what: "kind" })?;
        Ok(Found {
            id: self.ids.name(Kind::AuditEvent, row.id),
            at: self.ids.made_at(row.id),
            kind,
            outcome: kind.outcome(),
            mount: Mount::named(&row.mount).ok_or(StoreError::Corrupt { what: "mount" })?,
            client_id: row.client_id,
            subject: row.subject.as_deref().map(subject_name),
            login: row.transaction_id.map(|id| self.login_name(id)),
            object: row.object_id.and_then(|id| self.object_name(kind, id)),
            reason: row.reason,
            actor: row.actor,
        })
    }
}
