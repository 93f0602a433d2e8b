//! Cases: what a citizen found suspicious, for somebody to look at. A login has at most one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Audit, Event, EventKind, store, subject_name};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::store::{StoreError, Tx};

/// What opened a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The citizen refused a login and called it suspicious.
    Denied,
    /// The citizen reported a login that had been approved.
    Reported,
}

impl Cause {
    /// Name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Reported => "reported",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Denied, Self::Reported].into_iter().find(|cause| cause.name() == name)
    }
}

/// A case to be opened.
#[derive(Clone, Copy, Debug)]
pub struct NewCase<'a> {
    /// Where the login began.
    pub mount: Mount,
    /// Who asked for it.
    pub client: &'a str,
    /// Whose it was: the person's primary key, where somebody authenticated.
    pub person: Option<i64>,
    /// The login: the primary key of its transaction.
    pub login: i64,
    /// What opened it.
    pub cause: Cause,
    /// What the citizen said, one of a few fixed words.
    pub reason: &'a str,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// When it was opened.
    pub opened_at: Millis,
    /// Where the login began.
    pub mount: Mount,
    /// Who asked for it.
    pub client_id: String,
    /// Whose it was, as a keyed hash.
    pub subject: Option<String>,
    /// The login, as events name it.
    pub login: String,
    /// What opened it.
    pub cause: Cause,
    /// What the citizen said.
    pub reason: String,
    /// When it was closed.
    pub closed_at: Option<Millis>,
    /// By which client.
    pub closed_by: Option<String>,
    /// With what result.
    pub resolution: Option<String>,
}

/// How closing a case went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// It is closed now.
    Closed,
    /// Somebody else was first.
    ClosedBefore,
    /// There is none such.
    Unknown,
}

impl Audit {
    /// Opens a case in the caller's transaction, and records that; `false` where this login has one already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_case(&self, tx: &mut Tx, case: NewCase<'_>) -> Result<bool, StoreError> {
        let id = self.ids.next_id(&*self.clock, &*self.rng);
        if !store::open_case(tx, id, &case, case.person.map(|person| self.subject(person))).await? {
            return Ok(false);
        }
        let event = Event::new(EventKind::CaseOpened, case.mount).client(case.client).login(case.login).object(id);
        let event = Event { person: case.person, ..event.reason(case.reason) };
        self.record(tx, event).await?;
        Ok(true)
    }

    /// Cases after the one named by `after`, oldest first; `open` tells which.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cases(
        &self,
        tx: &mut Tx,
        after: Option<&str>,
        open: Option<bool>,
        limit: u32,
    ) -> Result<Vec<Case>, StoreError> {
        let after = after.and_then(|name| self.ids.named(Kind::AuditCase, name)).unwrap_or(i64::MIN);
        let rows = store::cases(tx, after, open, i64::from(limit)).await?;
        rows.into_iter().map(|row| self.case(row)).collect()
    }

    fn case(&self, row: store::CaseRow) -> Result<Case, StoreError> {
        Ok(Case {
            id: self.ids.name(Kind::AuditCase, row.id),
            opened_at: self.ids.made_at(row.id),
            mount: Mount::named(&row.mount).ok_or(StoreError::Corrupt { what: "mount" })?,
            client_id: row.client_id,
            subject: row.subject.as_deref().map(subject_name),
            login: self.login_name(row.transaction_id),
            cause: Cause::named(&row.cause).ok_or(StoreError::Corrupt { what: "cause" })?,
            reason: row.reason,
            closed_at: row.closed_at,
            closed_by: row.closed_by,
            resolution: row.resolution,
        })
    }

    /// Closes a case, once, in the caller's transaction, and records who did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_case(&self, tx: &mut Tx, name: &str, by: &str, resolution: &str) -> Result<Closing, StoreError> {
        let Some(id) = self.ids.named(Kind::AuditCase, name) else { return Ok(Closing::Unknown) };
        let closed = store::close_case(tx, id, by, resolution, self.clock.now()).await?;
        let Some((mount, _, login)) = closed else {
            let known = store::case_exists(tx, id).await?;
            return Ok(if known { Closing::ClosedBefore } else { Closing::Unknown });
        };
        let mount = Mount::named(&mount).ok_or(StoreError::Corrupt { what: "mount" })?;
        // `client` of this event is who closed it.
        self.record(tx, Event::new(EventKind::CaseClosed, mount).client(by).login(login).object(id)).await?;
        Ok(Closing::Closed)
    }
}
