//! Sends mail through a relay (SMTP, RFC 5321), over TLS unless the configuration says otherwise.

use std::path::Path;
use std::time::Duration;

use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config::Delivery;

/// How long a relay may take for each step.
const PATIENCE: Duration = Duration::from_secs(10);
/// The port on which TLS comes before SMTP (RFC 8314 §7.3).
const IMPLICIT_TLS: u16 = 465;

/// A relay and the address mail comes from.
#[derive(Clone, Copy)]
pub struct Relay<'a> {
    /// Host name; with TLS, the name in its certificate.
    pub host: &'a str,
    /// Port: 465 has TLS from the start, all others STARTTLS (RFC 3207).
    pub port: u16,
    /// Whether TLS is demanded. Without it passwords and mails go in clear: for a relay on the same machine.
    pub tls: bool,
    /// PEM file with an authority that is believed beside the public ones.
    pub ca: Option<&'a Path>,
    /// User and password at the relay.
    pub account: Option<(&'a str, &'a str)>,
    /// Sender's address.
    pub from: &'a str,
}

/// Why a mail was not sent. Holds no address and nothing of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Sender's or receiver's address cannot be read.
    #[error("an address cannot be read")]
    Address,
    /// The file with the relay's authority cannot be read.
    #[error("the file `ca` of the relay cannot be read")]
    Authority,
    /// The relay cannot be reached, its certificate is not good, or it offers no TLS.
    #[error("the relay cannot be reached securely")]
    NoAnswer,
    /// The relay refused this mail.
    #[error("the relay refused the mail")]
    Refused,
}

impl<'a> Relay<'a> {
    /// The relay that one-time passwords go through; `None` where they go another way.
    #[must_use]
    pub fn of(delivery: &'a Delivery) -> Option<Self> {
        let Delivery::Smtp { host, port, tls, ca, user, password, from } = delivery else { return None };
        let account = user.as_deref().zip(password.as_deref());
        Some(Self { host, port: *port, tls: *tls, ca: ca.as_deref(), account, from })
    }

    /// Hands one plain-text mail to the relay.
    ///
    /// # Errors
    /// See [`MailError`].
    pub async fn send(&self, to: &str, subject: &str, text: String) -> Result<(), MailError> {
        let address = |text: &str| text.parse::<Mailbox>().map_err(|_| MailError::Address);
        let mail = Message::builder()
            .from(address(self.from)?)
            .to(address(to)?)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|_| MailError::Address)?;
        let sent = self.transport().await?.send(mail).await;
        sent.map(|_| ()).map_err(|error| {
            if error.is_permanent() || error.is_transient() { MailError::Refused } else { MailError::NoAnswer }
        })
    }

    async fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
        // lettre's TLS asks for the process's provider; a second installation finds the first, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = match (self.tls, self.port) {
            (false, _) => Tls::None,
            (true, port) => {
                let mut parameters = TlsParameters::builder(self.host.into());
                if let Some(file) = self.ca {
                    let pem = tokio::fs::read(file).await.map_err(|_| MailError::Authority)?;
                    let authority = Certificate::from_pem(&pem).map_err(|_| MailError::Authority)?;
                    parameters = parameters.add_root_certificate(authority);
                }
                let parameters = parameters.build().map_err(|_| MailError::NoAnswer)?;
                if port == IMPLICIT_TLS { Tls::Wrapper(parameters) } else { Tls::Required(parameters) }
            }
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.host)
            .port(self.port)
            .timeout(Some(PATIENCE))
            .tls(tls);
        if let Some((user, password)) = self.account {
            builder = builder.credentials(Credentials::new(user.into(), password.into()));
        }
        Ok(builder.build())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    /// A relay that takes one mail; gives its port, and the mail once it has come.
    async fn relay(refuse: bool) -> (u16, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = socket.into_split();
            let mut lines = BufReader::new(reader).lines();
            let (mut mail, mut in_data) = (String::new(), false);
            writer.write_all(b"220 relay\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                if in_data && line != "." {
                    mail.push_str(&line);
                    mail.push('\n');
                    continue;
                }
                let answer = match line.split(' ').next().unwrap_or_default() {
                    "." => "250 taken",
                    "DATA" => "354 go on",
                    "RCPT" if refuse => "550 no such box",
                    "QUIT" => "221 bye",
                    _ => "250 ok",
                };
                in_data = line == "DATA";
                if line.starts_with("MAIL") || line.starts_with("RCPT") {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                writer.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
                if line == "QUIT" || line == "." {
                    break;
                }
            }
            mail
        });
        (port, task)
    }

    fn to_port(port: u16) -> Relay<'static> {
        Relay { host: "127.0.0.1", port, tls: false, ca: None, account: None, from: "Tessera <no-reply@id.example>" }
    }

    #[tokio::test]
    async fn a_mail_reaches_the_relay_whole() {
        let (port, task) = relay(false).await;
        to_port(port).send("anna@example.org", "Your code", "Your code: 123456".into()).await.unwrap();
        let mail = task.await.unwrap();
        for part in ["MAIL FROM:<no-reply@id.example>", "RCPT TO:<anna@example.org>", "Subject: Your code", "123456"] {
            assert!(mail.contains(part), "{part} in {mail}");
        }
    }

    #[tokio::test]
    async fn refusals_and_silence_are_told_apart() {
        let (port, _task) = relay(true).await;
        let send = |port: u16, to: &'static str| async move { to_port(port).send(to, "s", "t".into()).await };
        assert_eq!(send(port, "nobody@example.org").await, Err(MailError::Refused));
        assert_eq!(send(1, "anna@example.org").await, Err(MailError::NoAnswer));
        assert_eq!(send(1, "anna\r\nBcc: evil@evil.test").await, Err(MailError::Address));
    }

    #[tokio::test]
    async fn tls_is_never_given_up() {
        let (port, _task) = relay(false).await;
        let relay = Relay { tls: true, ..to_port(port) };
        assert_eq!(relay.send("anna@example.org", "s", "t".into()).await, Err(MailError::NoAnswer));
    }
}
