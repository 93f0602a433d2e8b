//! One JSON call to a server: envelope, address rule, size limit, errors, and what its clock says.

pub(crate) mod address;
pub(crate) mod server_clock;

use crate::ports::{HttpHeader, HttpMethod, HttpRequest, HttpResponse, Log, LogEntry, LogEvent, LogLevel};
use crate::ports::{Transport, TransportError};
use address::LoopbackHttp;
use protocol::envelope;
use protocol::timestamp::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use server_clock::{Learned, ServerClock};
use std::sync::Arc;

/// Largest answer read, in bytes. Ours are under 4 kB; eSignet's `configs` make its answers longer.
const MAX_ANSWER_BYTES: u32 = 256 * 1024;
/// Longest server code handed on, in characters.
const MAX_CODE_CHARS: usize = 64;

/// Why a call had no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExchangeError {
    #[error("no answer")]
    Transport(TransportError),
    #[error("address not allowed")]
    InsecureAddress,
    #[error("not an answer of the protocol")]
    UnexpectedAnswer { status: Option<u16> },
    #[error("the server is overloaded or broken")]
    Unavailable { status: u16 },
    #[error("the server refused")]
    Refused { code: String },
}

impl ExchangeError {
    /// Whether the server may have taken the step although no answer says so.
    pub(crate) fn outcome_unknown(&self) -> bool {
        matches!(
            self,
            Self::Transport(
                TransportError::Offline
                    | TransportError::Timeout
                    | TransportError::Cancelled
                    | TransportError::TooLarge
                    | TransportError::Failed { .. }
            ) | Self::Unavailable { .. }
                | Self::UnexpectedAnswer { .. }
        )
    }

    /// Whether the server refused with one of these codes.
    pub(crate) fn is_refusal(&self, codes: &[&str]) -> bool {
        matches!(self, Self::Refused { code } if codes.contains(&code.as_str()))
    }
}

/// A failed call, and whether it may have failed for the clock only.
pub(crate) struct CallFailure {
    pub(crate) error: ExchangeError,
    pub(crate) clock_was_wrong: bool,
}

pub(crate) struct Exchange {
    transport: Arc<dyn Transport>,
    pub(crate) clock: ServerClock,
    pub(crate) loopback: LoopbackHttp,
    timeout_ms: u32,
    log: Option<Arc<dyn Log>>,
}

impl Exchange {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        clock: ServerClock,
        loopback: LoopbackHttp,
        timeout_ms: u32,
        log: Option<Arc<dyn Log>>,
    ) -> Self {
        Self { transport, clock, loopback, timeout_ms, log }
    }

    /// Calls `base` + `path` with the request in an envelope, and once more where the device's
    /// clock was the trouble.
    pub(crate) async fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        base: &str,
        path: &str,
        headers: &[HttpHeader],
        request: &Q,
    ) -> Result<A, ExchangeError> {
        let body = self.envelope(base, request)?;
        match self.post(base, path, headers.to_vec(), body).await {
            Err(failure) if failure.clock_was_wrong => {
                let body = self.envelope(base, request)?;
                self.post(base, path, headers.to_vec(), body).await.map_err(|failure| failure.error)
            }
            other => other.map_err(|failure| failure.error),
        }
    }

    /// The bytes of a request made now by the server's clock.
    pub(crate) fn envelope<Q: Serialize>(&self, base: &str, request: &Q) -> Result<Vec<u8>, ExchangeError> {
        let now = self.now(base)?;
        serde_json::to_vec(&envelope::Request::new(now, request))
            .map_err(|_| ExchangeError::UnexpectedAnswer { status: None })
    }

    /// The time at the server.
    pub(crate) fn now(&self, base: &str) -> Result<Timestamp, ExchangeError> {
        let server = address::origin(base, self.loopback)?;
        Timestamp::from_epoch_ms(self.clock.now_ms(&server))
            .map_err(|_| ExchangeError::UnexpectedAnswer { status: None })
    }

    /// Posts a finished envelope to `base` + `path`.
    pub(crate) async fn post<A: DeserializeOwned>(
        &self,
        base: &str,
        path: &str,
        headers: Vec<HttpHeader>,
        body: Vec<u8>,
    ) -> Result<A, CallFailure> {
        let server = address::origin(base, self.loopback).map_err(certain)?;
        let url = format!("{}{path}", address::base(base, self.loopback).map_err(certain)?);
        let sent = self.clock.device_ms();
        let answer = self.transport.send(self.request(url, headers, body)).await;
        let received = self.clock.device_ms();
        let result = answer.map_err(ExchangeError::Transport).and_then(|answer| read_answer(&answer));
        let took = u64::try_from(received.saturating_sub(sent)).ok();
        let (learned, result) = match result {
            Ok((time, result)) => {
                let learned =
                    time.map_or(Learned::Nothing, |at| self.clock.learn(&server, sent, received, at.epoch_ms()));
                (learned, result)
            }
            Err(error) => (Learned::Nothing, Err(error)),
        };
        self.log_exchange(took, result.as_ref().err(), learned);
        result.map_err(|error| {
            let refused = matches!(error, ExchangeError::Refused { .. });
            CallFailure { error, clock_was_wrong: refused && learned == Learned::Harmful }
        })
    }

    fn request(&self, url: String, mut headers: Vec<HttpHeader>, body: Vec<u8>) -> HttpRequest {
        for (name, value) in [("Content-Type", "application/json"), ("Accept", "application/json")] {
            headers.push(HttpHeader { name: name.into(), value: value.into() });
        }
        HttpRequest {
            method: HttpMethod::Post,
            url,
            headers,
            body,
            timeout_ms: self.timeout_ms,
            max_response_bytes: MAX_ANSWER_BYTES,
        }
    }

    fn log_exchange(&self, duration_ms: Option<u64>, error: Option<&ExchangeError>, learned: Learned) {
        let (level, code) = match error {
            None => (LogLevel::Debug, None),
            Some(ExchangeError::Refused { .. }) => (LogLevel::Warn, Some("refused")),
            Some(ExchangeError::Transport(_)) => (LogLevel::Warn, Some("no_answer")),
            Some(ExchangeError::Unavailable { .. }) => (LogLevel::Warn, Some("unavailable")),
            Some(ExchangeError::UnexpectedAnswer { .. }) => (LogLevel::Error, Some("unexpected_answer")),
            Some(ExchangeError::InsecureAddress) => (LogLevel::Error, Some("insecure_address")),
        };
        self.log(LogEntry { level, event: LogEvent::Exchange, code: code.map(str::to_owned), duration_ms });
        if learned != Learned::Nothing {
            let event = LogEvent::ClockCorrected;
            self.log(LogEntry { level: LogLevel::Info, event, code: None, duration_ms: None });
        }
    }

    /// Hands an entry to the app's log. A log that fails is the app's affair.
    pub(crate) fn log(&self, entry: LogEntry) {
        if let Some(log) = &self.log {
            let _ = log.record(entry);
        }
    }
}

fn certain(error: ExchangeError) -> CallFailure {
    CallFailure { error, clock_was_wrong: false }
}

type Answer<A> = (Option<Timestamp>, Result<A, ExchangeError>);

/// Takes an answer apart: the server's time where told, and the result. Errors of the envelope
/// count whatever the status; without an envelope the status decides.
fn read_answer<A: DeserializeOwned>(answer: &HttpResponse) -> Result<Answer<A>, ExchangeError> {
    // The transport was told the limit; one that ignores it must not feed the parser.
    if answer.body.len() > MAX_ANSWER_BYTES as usize {
        return Err(ExchangeError::Transport(TransportError::TooLarge));
    }
    let ok = answer.status == 200;
    let no_envelope = || match answer.status {
        429 | 500.. => ExchangeError::Unavailable { status: answer.status },
        200 => ExchangeError::UnexpectedAnswer { status: None },
        status => ExchangeError::UnexpectedAnswer { status: Some(status) },
    };
    // First without the body's type: an answer whose body we cannot read still tells time and errors.
    let outer: envelope::Response<serde_json::Value> =
        serde_json::from_slice(&answer.body).map_err(|_| no_envelope())?;
    let time = outer.server_time();
    let result = match outer.into_result() {
        Ok(body) if ok => serde_json::from_value(body).map_err(|_| ExchangeError::UnexpectedAnswer { status: None }),
        Ok(_) => Err(no_envelope()),
        Err(errors) => match errors.first().map(|error| error.error_code.as_str()) {
            Some("unknown_error") => Err(ExchangeError::Unavailable { status: answer.status }),
            Some(code) if is_code(code) => Err(ExchangeError::Refused { code: code.to_owned() }),
            _ => Err(no_envelope()),
        },
    };
    Ok((time, result))
}

/// Whether a server's code may be handed to the app: a word, not a text that could hold anything.
fn is_code(code: &str) -> bool {
    !code.is_empty()
        && code.len() <= MAX_CODE_CHARS
        && code.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-')
}
