//! What the wallet tells a developer: events by name, never data.

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum LogLevel {
    /// For a developer at work.
    Debug,
    /// A step was done.
    Info,
    /// A step failed in a way the citizen or the network can cause.
    Warn,
    /// A step failed in a way only a fault can cause.
    Error,
}

/// What happened. A closed list, so that no personal data can slip into a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum LogEvent {
    /// The store was opened.
    StoreOpened,
    /// The store was brought to a newer schema.
    StoreMigrated,
    /// A request was answered.
    Exchange,
    /// The device's clock differs from a server's; what is signed is corrected.
    ClockCorrected,
    /// A phone was bound, renewed, or its binding removed.
    BindingChanged,
    /// A login moved on.
    LoginMoved,
    /// An operation failed.
    Failed,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct LogEntry {
    /// How much it matters.
    pub level: LogLevel,
    /// What happened.
    pub event: LogEvent,
    /// The name of a step or of an error code: from a fixed list in the source.
    pub code: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
}

/// The log could not be written. The wallet goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum LogError {
    /// Anything.
    #[error("the log failed")]
    Failed,
}

#[cfg(feature = "uniffi")]
impl From<uniffi::UnexpectedUniFFICallbackError> for LogError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Takes the wallet's log.
#[cfg_attr(feature = "uniffi", uniffi::export(rust, foreign))]
pub trait Log: Send + Sync {
    /// Takes one entry; must return quickly. An error is ignored.
    fn record(&self, entry: LogEntry) -> Result<(), LogError>;
}
