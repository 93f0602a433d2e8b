//! The wallet's log on standard error.

use std::io::Write as _;

use wallet_core::ports::{Log, LogEntry, LogError, LogLevel};

/// Writes one line per entry: level, event, code, milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct StderrLog {
    /// The lowest level written.
    pub at_least: LogLevel,
}

impl Log for StderrLog {
    fn record(&self, entry: LogEntry) -> Result<(), LogError> {
        if entry.level < self.at_least {
            return Ok(());
        }
        writeln!(std::io::stderr().lock(), "{}", line(&entry)).map_err(|_| LogError::Failed)
    }
}

fn line(entry: &LogEntry) -> String {
    let mut line = format!("{:?} {:?}", entry.level, entry.event);
    if let Some(code) = &entry.code {
        line.push(' ');
        line.push_str(code);
    }
    if let Some(ms) = entry.duration_ms {
        line.push_str(&format!(" {ms} ms"));
    }
    line
}

#[cfg(test)]
mod tests {
    use wallet_core::ports::LogEvent;

    use super::*;

    #[test]
    fn a_line_holds_what_there_is() {
        let entry = LogEntry {
            level: LogLevel::Warn,
            event: LogEvent::Exchange,
            code: Some("Timeout".into()),
            duration_ms: Some(12),
        };
        assert_eq!(line(&entry), "Warn Exchange Timeout 12 ms");
        assert_eq!(line(&LogEntry { code: None, duration_ms: None, ..entry }), "Warn Exchange");
    }
}
