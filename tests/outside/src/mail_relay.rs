//! Somebody else's mail relay (aiosmtpd), with STARTTLS and an account.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// A running relay, and the mails that it took. Ends with this value.
pub struct Relay {
    child: Child,
    port: u16,
    mails: Receiver<Value>,
}

impl Relay {
    /// Starts one with this certificate and key, whose account `tessera` has this password. `None` where there is no
    /// aiosmtpd: `TESTS_SMTP_PYTHON` names the Python that has it.
    pub fn start(certificate: &Path, key: &Path, password: &str) -> Option<Self> {
        let Some(python) = std::env::var_os("TESTS_SMTP_PYTHON") else {
            println!("SKIPPED: TESTS_SMTP_PYTHON names no Python with aiosmtpd");
            return None;
        };
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../smtp/relay.py");
        let mut child = Command::new(python)
            .arg(script)
            .args([certificate, key])
            .args(["tessera", password])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let (told, mails) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if told.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        Some(Self { child, port, mails })
    }

    /// What a server must be told to send mail through it; `ca` is whom it believes.
    pub fn settings(&self, ca: &Path, password: &str) -> String {
        format!(
            "otp.delivery.smtp = {{ host = \"localhost\", port = {}, tls = true, ca = \"{}\", user = \"tessera\", \
             password = \"{password}\", from = \"Tessera <no-reply@id.test>\" }}",
            self.port,
            ca.display()
        )
    }

    /// The next mail: `from`, `to`, `subject`, `text`, and whether it came by `tls` and as which `user`.
    pub fn next(&self) -> Value {
        self.mails.recv_timeout(Duration::from_secs(180)).expect("a mail")
    }

    /// Whether there is one that nobody has looked at.
    pub fn has_more(&self) -> bool {
        self.mails.try_recv().is_ok()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
