//! Tables `audit_event` and `audit_case`.

use super::{Carried, CarriedCase, Event, NewCase};
use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_optional};

/// Keyed hashes of what an event is about.
pub(super) struct Hashes {
    pub(super) subject: Option<Vec<u8>>,
    pub(super) traced: Option<Vec<u8>>,
    pub(super) enrollment: Option<Vec<u8>>,
}

pub(super) async fn insert(tx: &mut Tx, id: i64, event: &Event<'_>, hashes: Hashes) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO audit_event
           (id, kind, mount, client_id, subject, transaction_id, object_id, reason, actor, traced, enrollment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        id,
        event.kind.name(),
        event.mount.name(),
        event.client,
        hashes.subject,
        event.login,
        event.object,
        event.reason,
        event.actor.map(super::Actor::name),
        hashes.traced,
        hashes.enrollment
    )?;
    Ok(())
}

/// An event as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct EventRow {
    pub(super) id: i64,
    pub(super) kind: String,
    pub(super) mount: String,
    pub(super) client_id: Option<String>,
    pub(super) subject: Option<Vec<u8>>,
    pub(super) transaction_id: Option<i64>,
    pub(super) object_id: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) actor: Option<String>,
}

/// What to look for: ids above `after` and below `before`, at most `limit` of them.
pub(super) struct Wanted {
    pub(super) after: i64,
    pub(super) before: i64,
    pub(super) kind: Option<&'static str>,
    pub(super) client_id: Option<String>,
    pub(super) mount: Option<&'static str>,
    pub(super) transaction_id: Option<i64>,
    pub(super) limit: i64,
    /// Rows looked at for one page, found or not.
    pub(super) window: i64,
}

/// Events in the order of time, and the last id looked at where the window ended before the range did.
pub(super) async fn events(tx: &mut Tx, wanted: &Wanted) -> Result<(Vec<EventRow>, Option<i64>), StoreError> {
    let end = fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM audit_event WHERE id > $1 AND id < $2 ORDER BY id LIMIT 1 OFFSET $3",
        wanted.after,
        wanted.before,
        wanted.window
    )?;
    let before = end.map_or(wanted.before, |(id,)| id);
    let rows = fetch_all!(
        tx,
        EventRow,
        "SELECT id, kind, mount, client_id, subject, transaction_id, object_id, reason, actor FROM audit_event
         WHERE id > $1 AND id < $2
           AND ($3 IS NULL OR kind = $3) AND ($4 IS NULL OR client_id = $4) AND ($5 IS NULL OR mount = $5)
           AND (CAST($6 AS BIGINT) IS NULL OR transaction_id = $6)
         ORDER BY id LIMIT $7",
        wanted.after,
        before,
        wanted.kind,
        &wanted.client_id,
        wanted.mount,
        wanted.transaction_id,
        wanted.limit
    )?;
    Ok((rows, end.map(|(id,)| id - 1)))
}

/// Events of one person in the order of time.
pub(super) async fn events_of(tx: &mut Tx, subject: &[u8], wanted: &Wanted) -> Result<Vec<EventRow>, StoreError> {
    fetch_all!(
        tx,
        EventRow,
        "SELECT id, kind, mount, client_id, subject, transaction_id, object_id, reason, actor FROM audit_event
         WHERE subject = $1 AND id > $2 AND id < $3
           AND ($4 IS NULL OR kind = $4) AND ($5 IS NULL OR client_id = $5) AND ($6 IS NULL OR mount = $6)
           AND (CAST($7 AS BIGINT) IS NULL OR transaction_id = $7)
         ORDER BY id LIMIT $8",
        subject,
        wanted.after,
        wanted.before,
        wanted.kind,
        &wanted.client_id,
        wanted.mount,
        wanted.transaction_id,
        wanted.limit
    )
}

/// Events of one call of an OSIA interface, or about one enrollment, or both, in the order of time.
pub(super) async fn events_traced(
    tx: &mut Tx,
    traced: Option<&[u8]>,
    enrollment: Option<&[u8]>,
    wanted: &Wanted,
) -> Result<Vec<EventRow>, StoreError> {
    // One of the two is narrowed by its index.
    macro_rules! of {
        ($column:literal, $other:literal) => {
            concat!(
                "SELECT id, kind, mount, client_id, subject, transaction_id, object_id, reason, actor FROM audit_event
                 WHERE ",
                $column,
                " = $1 AND id > $2 AND id < $3
                   AND ($4 IS NULL OR kind = $4) AND ($5 IS NULL OR client_id = $5) AND ($6 IS NULL OR mount = $6)
                   AND (CAST($7 AS BIGINT) = 0 OR ",
                $other,
                " = $8) ORDER BY id LIMIT $9"
            )
        };
    }
    let (sql, first, other) = match (traced, enrollment) {
        (Some(traced), other) => (of!("traced", "enrollment"), traced, other),
        (None, Some(enrollment)) => (of!("enrollment", "traced"), enrollment, None),
        (None, None) => return Ok(Vec::new()),
    };
    fetch_all!(
        tx,
        EventRow,
        sql,
        first,
        wanted.after,
        wanted.before,
        wanted.kind,
        &wanted.client_id,
        wanted.mount,
        i64::from(other.is_some()),
        other.unwrap_or_default(),
        wanted.limit
    )
}

/// The login and client of an event of one person about one thing; the newest.
pub(super) async fn of_object(
    tx: &mut Tx,
    subject: &[u8],
    kind: &'static str,
    object: i64,
) -> Result<Option<EventRow>, StoreError> {
    fetch_optional!(
        tx,
        EventRow,
        "SELECT id, kind, mount, client_id, subject, transaction_id, object_id, reason, actor FROM audit_event
         WHERE subject = $1 AND kind = $2 AND object_id = $3 ORDER BY id DESC LIMIT 1",
        subject,
        kind,
        object
    )
}

/// An event with the keyed hash of its enrollment.
#[derive(sqlx::FromRow)]
struct Whole {
    #[sqlx(flatten)]
    event: EventRow,
    enrollment: Option<Vec<u8>>,
}

/// Events with ids above `after`, in their order, each with the keyed hash of its enrollment.
pub(super) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<(EventRow, Option<Vec<u8>>)>, StoreError> {
    let rows = fetch_all!(
        tx,
        Whole,
        "SELECT id, kind, mount, client_id, subject, transaction_id, object_id, reason, actor, enrollment FROM audit_event
         WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        most
    )?;
    Ok(rows.into_iter().map(|Whole { event, enrollment }| (event, enrollment)).collect())
}

/// Writes an event as another instance had it.
pub(super) async fn insert_as_it_was(
    tx: &mut Tx,
    event: &Carried,
    subject: Option<Vec<u8>>,
    enrollment: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO audit_event
           (id, kind, mount, client_id, subject, transaction_id, object_id, reason, actor, enrollment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        event.id,
        &event.kind,
        &event.mount,
        &event.client_id,
        subject,
        event.transaction_id,
        event.object_id,
        &event.reason,
        &event.actor,
        enrollment
    )?;
    Ok(())
}

/// Writes a case as another instance had it.
pub(super) async fn insert_case_as_it_was(
    tx: &mut Tx,
    case: &CarriedCase,
    subject: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO audit_case (id, mount, client_id, subject, transaction_id, cause, reason, closed_at, closed_by,
            resolution) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        case.id,
        &case.mount,
        &case.client_id,
        subject,
        case.transaction_id,
        &case.cause,
        &case.reason,
        case.closed_at,
        &case.closed_by,
        &case.resolution
    )?;
    Ok(())
}

/// Ids and subjects of events of one kind between two ids; those about nobody are left out.
pub(super) async fn subjects(
    tx: &mut Tx,
    kind: &'static str,
    after: i64,
    before: i64,
    most: i64,
) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    fetch_all!(
        tx,
        (i64, Vec<u8>),
        "SELECT id, subject FROM audit_event
         WHERE id > $1 AND id < $2 AND kind = $3 AND subject IS NOT NULL ORDER BY id LIMIT $4",
        after,
        before,
        kind,
        most
    )
}

/// Opens a case; `false` where this login has one already.
pub(super) async fn open_case(
    tx: &mut Tx,
    id: i64,
    case: &NewCase<'_>,
    subject: Option<Vec<u8>>,
) -> Result<bool, StoreError> {
    let opened = execute!(
        tx,
        "INSERT INTO audit_case (id, mount, client_id, subject, transaction_id, cause, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (transaction_id) DO NOTHING",
        id,
        case.mount.name(),
        case.client,
        subject,
        case.login,
        case.cause.name(),
        case.reason
    )?;
    Ok(opened == 1)
}

/// A case as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct CaseRow {
    pub(super) id: i64,
    pub(super) mount: String,
    pub(super) client_id: String,
    pub(super) subject: Option<Vec<u8>>,
    pub(super) transaction_id: i64,
    pub(super) cause: String,
    pub(super) reason: String,
    pub(super) closed_at: Option<Millis>,
    pub(super) closed_by: Option<String>,
    pub(super) resolution: Option<String>,
}

/// Cases in the order in which they were opened; `open` ones, closed ones, or both.
pub(super) async fn cases(tx: &mut Tx, after: i64, open: Option<bool>, limit: i64) -> Result<Vec<CaseRow>, StoreError> {
    let (with_open, with_closed) = (i64::from(open != Some(false)), i64::from(open != Some(true)));
    fetch_all!(
        tx,
        CaseRow,
        "SELECT id, mount, client_id, subject, transaction_id, cause, reason, closed_at, closed_by, resolution
         FROM audit_case
         WHERE id > $1 AND ((closed_at IS NULL AND $2 = 1) OR (closed_at IS NOT NULL AND $3 = 1))
         ORDER BY id LIMIT $4",
        after,
        with_open,
        with_closed,
        limit
    )
}

/// Closes a case, once: gives mount, client and login of the one that was open.
pub(super) async fn close_case(
    tx: &mut Tx,
    id: i64,
    by: &str,
    resolution: &str,
    now: Millis,
) -> Result<Option<(String, String, i64)>, StoreError> {
    fetch_optional!(
        tx,
        (String, String, i64),
        "UPDATE audit_case SET closed_at = $1, closed_by = $2, resolution = $3
         WHERE id = $4 AND closed_at IS NULL RETURNING mount, client_id, transaction_id",
        now,
        by,
        resolution,
        id
    )
}

/// Whether there is such a case, open or closed.
pub(super) async fn case_exists(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    Ok(fetch_optional!(tx, (i64,), "SELECT id FROM audit_case WHERE id = $1", id)?.is_some())
}

/// Deletes at most `batch` events, and closed cases, with ids below `before`.
pub(super) async fn delete_before(tx: &mut Tx, before: i64, batch: i64) -> Result<u64, StoreError> {
    let events = execute!(
        tx,
        "DELETE FROM audit_event WHERE id IN (SELECT id FROM audit_event WHERE id < $1 ORDER BY id LIMIT $2)",
        before,
        batch
    )?;
    let cases = execute!(
        tx,
        "DELETE FROM audit_case WHERE id IN
            (SELECT id FROM audit_case WHERE id < $1 AND closed_at IS NOT NULL ORDER BY id LIMIT $2)",
        before,
        batch
    )?;
    Ok(events + cases)
}
