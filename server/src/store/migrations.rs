//! The schema, brought forward in numbered steps. Rules: `migrations/README.md`.

use super::StoreError;
use super::tx::{Conn, Tx};

/// Every step, in order. A step that was released is never edited; a new one is added.
const STEPS: &[(i64, &str)] = &[
    (1, include_str!("../../migrations/0001_clients.sql")),
    (2, include_str!("../../migrations/0002_registry.sql")),
    (3, include_str!("../../migrations/0003_grants.sql")),
    (4, include_str!("../../migrations/0004_keys.sql")),
    (5, include_str!("../../migrations/0005_factors.sql")),
    (6, include_str!("../../migrations/0006_binding.sql")),
    (7, include_str!("../../migrations/0007_authorization.sql")),
    (8, include_str!("../../migrations/0008_linked.sql")),
    (9, include_str!("../../migrations/0009_access.sql")),
    (11, include_str!("../../migrations/0011_frames.sql")),
    (12, include_str!("../../migrations/0012_risk.sql")),
    (13, include_str!("../../migrations/0013_audit.sql")),
    (14, include_str!("../../migrations/0014_same_device.sql")),
    (15, include_str!("../../migrations/0015_consents.sql")),
    (16, include_str!("../../migrations/0016_import.sql")),
    (17, include_str!("../../migrations/0017_attestation_and_actors.sql")),
    (19, include_str!("../../migrations/0019_sessions.sql")),
    (20, include_str!("../../migrations/0020_authorize.sql")),
    (21, include_str!("../../migrations/0021_tokens.sql")),
    (22, include_str!("../../migrations/0022_bankid.sql")),
    (23, include_str!("../../migrations/0023_assurance.sql")),
    (30, include_str!("../../migrations/0030_enrollment.sql")),
    (32, include_str!("../../migrations/0032_identity.sql")),
    (33, include_str!("../../migrations/0033_registry_api.sql")),
    (34, include_str!("../../migrations/0034_verification.sql")),
    (35, include_str!("../../migrations/0035_notifications.sql")),
    (36, include_str!("../../migrations/0036_provider.sql")),
    (40, include_str!("../../migrations/0040_portability.sql")),
    (41, include_str!("../../migrations/0041_guesses.sql")),
    (43, include_str!("../../migrations/0043_claims.sql")),
    (44, include_str!("../../migrations/0044_secrets.sql")),
    (45, include_str!("../../migrations/0045_topics.sql")),
];

/// The steps' two words that the databases spell differently.
fn for_backend(sql: &str, conn: &Conn) -> String {
    let (key, bytes) = match conn {
        // Only this exact type is SQLite's own row id, the fastest key it has.
        Conn::Sqlite(_) => ("INTEGER PRIMARY KEY", "BLOB"),
        Conn::Postgres(_) => ("BIGINT PRIMARY KEY", "BYTEA"),
    };
    sql.replace("{key}", key).replace("{bytes}", bytes)
}

/// Applies what is missing, in the caller's transaction.
pub(super) async fn apply(tx: &mut Tx) -> Result<(), StoreError> {
    if matches!(tx.conn, Conn::Postgres(_)) {
        // The limit on statements is for requests: a step may take long, and so may the wait for another node (F12).
        crate::execute!(tx, "SELECT set_config('statement_timeout', '0', true)")?;
        // Two nodes that start at once: the second waits here and then finds nothing to do.
        crate::execute!(tx, "SELECT pg_advisory_xact_lock(7308895158)")?;
    }
    crate::execute!(tx, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
    let (found,) =
        crate::fetch_one!(tx, (i64,), "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM schema_version")?;
    let known = STEPS.last().map_or(0, |(version, _)| *version);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (version, sql) in STEPS.iter().filter(|(version, _)| *version > found) {
        let sql = for_backend(sql, &tx.conn);
        for statement in sql.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            crate::execute!(tx, sqlx::AssertSqlSafe(statement))?;
        }
        crate::execute!(tx, "INSERT INTO schema_version (version) VALUES ($1)", *version)?;
    }
    Ok(())
}
