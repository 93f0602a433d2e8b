//! How a one-time password reaches a person: the log (development only), mail, or a gateway of the operator's.
//!
//! Delivery runs after the answer: a person must not be told from nobody by the time it takes. So a caller cannot be
//! told that his own message failed; but while a gateway is known not to answer, everybody is told.

use std::sync::atomic::{AtomicI64, Ordering};

use serde::Serialize;
use tokio::sync::Semaphore;

use super::model::Channel;
use crate::clock::Millis;
use crate::config::Delivery;
use crate::http::fetch::FetchError;
use crate::http::mail::{MailError, Relay};
use crate::state::AppState;

/// Deliveries at once; more are not started, so that a slow gateway cannot fill the memory.
static SLOTS: Semaphore = Semaphore::const_new(64);
/// When the gateway did not answer last; 0: it did since.
#[derive(Default)]
struct Silent(AtomicI64);

/// How long everybody is told that OTPs cannot be sent, before the gateway is tried again.
const PAUSE: Millis = 10_000;

/// One message, and the body that a webhook is posted.
#[derive(Clone, Serialize)]
pub(super) struct Message {
    channel: &'static str,
    to: String,
    otp: String,
    language: String,
    expires_in: u32,
}

impl Message {
    pub(super) fn new(state: &AppState, channel: Channel, to: String, otp: &str, language: Option<&str>) -> Self {
        let language = language.or_else(|| state.config.languages.first().map(String::as_str)).unwrap_or("en");
        let expires_in = state.config.lifetimes.otp;
        Self { channel: channel.name(), to, otp: otp.into(), language: language.into(), expires_in }
    }
}

/// The channels that a delivery reaches.
#[must_use]
pub fn channels(delivery: &Delivery) -> &'static [Channel] {
    match delivery {
        Delivery::Log | Delivery::Webhook { .. } => &Channel::ALL,
        Delivery::Smtp { .. } => &[Channel::Email],
    }
}

/// Whether the gateway did not answer a moment ago.
pub(super) fn is_failing(state: &AppState) -> bool {
    let since = state.kept.get::<Silent>().0.load(Ordering::Relaxed);
    since != 0 && state.clock.now() - since < PAUSE
}

/// Starts the delivery of messages; does not wait for it, except for the log.
pub(super) fn send(state: &AppState, messages: Vec<Message>) {
    for message in messages {
        #[cfg(test)]
        captured::add(state, &message);
        if matches!(state.config.otp.delivery, Delivery::Log) {
            // The one place where an OTP is logged; `Config::check` refuses this delivery in production.
            let Message { channel, to, otp, .. } = &message;
            tracing::info!(target: "tessera::otp", channel, to, otp, "one-time password (development only)");
            continue;
        }
        let Ok(slot) = SLOTS.try_acquire() else {
            tracing::error!("a one-time password was not sent: too many deliveries wait for the gateway");
            continue;
        };
        let state = state.clone();
        tokio::spawn(async move {
            deliver(&state, &message).await;
            drop(slot);
        });
    }
}

async fn deliver(state: &AppState, message: &Message) {
    let delivery = &state.config.otp.delivery;
    let reached = match delivery {
        Delivery::Log => true,
        Delivery::Smtp { host, port, tls, ca, user, password, from } => {
            let account = user.as_deref().zip(password.as_deref());
            let relay = Relay { host, port: *port, tls: *tls, ca: ca.as_deref(), account, from };
            let (subject, text) = words(message);
            match relay.send(&message.to, subject, text).await {
                Ok(()) => true,
                Err(error) => {
                    tracing::error!(%error, "a one-time password was not sent");
                    !matches!(error, MailError::NoAnswer | MailError::Authority)
                }
            }
        }
        Delivery::Webhook { url, token } => match state.fetch.post_json(url, token.as_deref(), message).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "a one-time password was not sent");
                error == FetchError::Refused
            }
        },
    };
    let silent = if reached { 0 } else { state.clock.now() };
    state.kept.get::<Silent>().0.store(silent, Ordering::Relaxed);
}

/// Subject and text of a mail, in the person's language where it is one of the pages' languages.
fn words(message: &Message) -> (&'static str, String) {
    let (otp, minutes) = (&message.otp, message.expires_in.div_ceil(60));
    match message.language.split(['-', '_']).next().unwrap_or_default() {
        "fr" | "fra" | "fre" => (
            "Votre code de connexion",
            format!(
                "Votre code : {otp}\n\nIl est valable {minutes} minute(s), une seule fois. Ne le donnez à personne, \
                 pas même au téléphone. Si vous ne l'avez pas demandé, ignorez ce message.\n"
            ),
        ),
        "ar" | "ara" => (
            "رمز الدخول الخاص بك",
            format!(
                "رمزك: {otp}\n\nصالح لمدة {minutes} دقيقة ولمرة واحدة فقط. لا تعطه لأحد، ولا حتى عبر الهاتف. \
                 إذا لم تطلبه فتجاهل هذه الرسالة.\n"
            ),
        ),
        _ => (
            "Your login code",
            format!(
                "Your code: {otp}\n\nIt is good for {minutes} minute(s), once. Give it to nobody, not even on the \
                 phone. If you did not ask for it, ignore this message.\n"
            ),
        ),
    }
}

/// What tests see of the messages sent.
#[cfg(test)]
pub(crate) mod captured {
    use std::sync::Mutex;

    use super::{AppState, Message};

    /// Receivers and OTPs, oldest first.
    #[derive(Default)]
    struct Sent(Mutex<Vec<(String, String)>>);

    pub(super) fn add(state: &AppState, message: &Message) {
        state.kept.get::<Sent>().0.lock().unwrap().push((message.to.clone(), message.otp.clone()));
    }

    /// The OTPs sent to an address by this server, oldest first.
    pub(crate) fn otps(state: &AppState, to: &str) -> Vec<String> {
        let sent = state.kept.get::<Sent>();
        let sent = sent.0.lock().unwrap();
        sent.iter().filter(|(address, _)| address == to).map(|(_, otp)| otp.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_speak_the_language_of_the_person() {
        let of = |language: &str| {
            let (channel, to, otp) = ("email", String::new(), "123456".to_owned());
            words(&Message { channel, to, otp, language: language.into(), expires_in: 180 })
        };
        for (language, subject) in
            [("fr-CA", "Votre code de connexion"), ("ar", "رمز الدخول الخاص بك"), ("de", "Your login code")]
        {
            let (title, text) = of(language);
            assert_eq!(title, subject);
            assert!(text.contains("123456") && text.contains('3'), "{text}");
        }
    }
}
