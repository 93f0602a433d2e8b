//! One-time passwords by mail, through somebody else's SMTP server (aiosmtpd), with STARTTLS and an account.

use std::time::{Duration, Instant};

use outside::certificate::make_certificate;
use outside::mail_relay::Relay;
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;
use serde_json::Value;

/// GS-VAP: the mail arrives, in clear for nobody on the way, and what it says binds a wallet.
#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_password_arrives_by_mail() {
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = make_certificate(files.path(), "relay");
    let Some(relay) = Relay::start(&certificate, &key, "hidden-Marker") else { return };
    let server = Server::start(Database::Sqlite, &relay.settings(&certificate, "hidden-Marker")).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.binding_otp().await.good();
    let mail = relay.next();
    assert_eq!(mail["to"][0], AMARA.email);
    assert_eq!(mail["from"], "no-reply@id.test");
    assert_eq!((&mail["tls"], &mail["user"]), (&Value::Bool(true), &"tessera".into()));
    let text = mail["text"].as_str().unwrap();
    let otp = text.split(|letter: char| !letter.is_ascii_digit()).find(|part| part.len() == 6).unwrap();
    let request = wallet.binding_request(otp).await;
    let bound = wallet.post("/wallet/binding", request).await;
    wallet.x5t = outside::wallet::x5t(&bound.text_of("certificate"));
}

/// A relay with a certificate of nobody's, or a wrong password: nothing is sent, the log says why, and nothing breaks.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_a_relay_that_is_not_the_right_one() {
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = make_certificate(files.path(), "relay");
    let (other, _) = make_certificate(files.path(), "other");
    let Some(relay) = Relay::start(&certificate, &key, "right") else { return };
    let missing = files.path().join("missing.pem");
    for (ca, password, told) in [
        (&other, "right", "cannot be reached securely"),
        (&certificate, "wrong", "refused the mail"),
        (&missing, "right", "cannot be read"),
    ] {
        let server = Server::start(Database::Sqlite, &relay.settings(ca, password)).await;
        Wallet::new(&server, AMARA.id).binding_otp().await.good();
        let began = Instant::now();
        while !server.log().contains(told) {
            assert!(began.elapsed() < Duration::from_secs(180), "{told}:\n{}", server.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert!(!relay.has_more(), "a mail was sent");
}
