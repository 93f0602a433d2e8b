//! Versions of what lies in the store, and the way from one to the next.

use serde_json::Value;

/// Tables. Each holds records of one type.
pub(crate) mod table {
    /// Servers the wallet is bound to.
    pub(crate) const BINDINGS: &str = "bindings";
    /// Unfinished sessions.
    pub(crate) const SESSIONS: &str = "sessions";
    /// The activity log.
    pub(crate) const ACTIVITY: &str = "activity";
    /// Signed consent statements.
    pub(crate) const RECEIPTS: &str = "receipts";

    /// Logins approved, for as long as their activity entries are kept: what a report must name.
    pub(crate) const APPROVED: &str = "approved";

    /// Aliases of the keys made, so that none is left behind in the device.
    pub(crate) const KEYS: &str = "keys";

    /// Credentials, as they were scanned.
    pub(crate) const CREDENTIALS: &str = "credentials";

    /// Bindings of another phone that came with a backup, until this phone is bound in their place.
    pub(crate) const TO_BIND: &str = "to_bind";

    /// All of them, for migration and for erasing.
    pub(crate) const ALL: &[&str] = &[BINDINGS, SESSIONS, ACTIVITY, RECEIPTS, APPROVED, KEYS, CREDENTIALS, TO_BIND];
}

/// One step to the next version. It sees each record by table and content; `None` drops the record.
pub(crate) type Step = fn(table: &str, content: Value) -> Option<Value>;

/// What version this build writes, and how to come from every older one.
#[derive(Clone, Copy)]
pub(crate) struct Schema {
    /// The version written.
    pub(crate) version: u32,
    /// `steps[i]` leads from version `i + 1` to `i + 2`.
    pub(crate) steps: &'static [Step],
}

/// The schema of this build. A change of a stored type that serde does not read back by itself
/// raises the version and adds a step with a test.
///
/// 2: tables for credentials and for what a backup wants bound again. An older build would erase a wallet and leave them.
pub(crate) const CURRENT: Schema = Schema { version: 2, steps: &[unchanged] };

/// What lay in the store stays as it is.
fn unchanged(_table: &str, content: Value) -> Option<Value> {
    Some(content)
}
