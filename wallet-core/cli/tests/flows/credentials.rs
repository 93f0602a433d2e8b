//! Credentials and backups on the command line.

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use protocol::claim169::{Draft, Identity, Photo};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::json;

use crate::Phone;
use crate::played_server::PlayedServer;

const PASSPHRASE: &str = "correct horse battery\n";

/// A credential, and the file of its issuer.
fn issued(phone: &Phone) -> (String, String) {
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let draft = Draft {
        issuer: Some("https://register.test".into()),
        identity: Identity {
            full_name: Some("Amara\u{1b}[2J".into()),
            address: Some("Street 1\nTown".into()),
            photo: Some(Photo { data: vec![0xff, 0xd8, 0xff, 0xe0, 1], format: None }),
            ..Identity::default()
        },
        ..Draft::default()
    };
    let sign = |bytes: &[u8]| {
        let signature: Signature = key.sign(bytes);
        signature.to_bytes().to_vec()
    };
    let text = draft.to_text(Algorithm::Es256, sign).unwrap();
    let jwk = Jwk::p256_from_uncompressed(key.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
    let issuers = json!([{ "issuer": "https://register.test", "name": "Register", "keys": [jwk] }]);
    let file = phone.home.path().join("issuers.json");
    std::fs::write(&file, issuers.to_string()).unwrap();
    (text, file.to_str().unwrap().to_owned())
}

#[test]
fn keeps_shows_and_deletes_a_credential() {
    let phone = Phone::new();
    let (text, issuers) = issued(&phone);
    let unknown = phone.run(&["credentials", "add", "-"], &format!("{text}\n")).unwrap();
    assert!(unknown.contains("NOT VERIFIED [UnknownIssuer]"), "{unknown}");
    let listed = phone.run(&["--issuers", &issuers, "credentials", "list"], "").unwrap();
    assert!(listed.contains("Claim 169  Amara?[2J  by Register  verified"), "{listed}");
    let id = &listed[..8];
    let photo = phone.home.path().join("photo.jpg");
    let shown = phone.run(&["credentials", "show", id, "--photo", photo.to_str().unwrap()], "").unwrap();
    assert!(shown.contains("address             Street 1, Town"), "{shown}");
    assert_eq!(std::fs::read(photo).unwrap(), [0xff, 0xd8, 0xff, 0xe0, 1]);
    phone.run(&["credentials", "delete", id], "").unwrap();
    assert_eq!(phone.run(&["credentials", "list"], "").unwrap(), "");
    let said = phone.run(&["credentials", "add", "HELLO"], "").unwrap_err();
    assert!(said.contains("InvalidCredential"), "{said}");
    std::fs::write(&issuers, "[{}]").unwrap();
    assert!(phone.run(&["--issuers", &issuers, "credentials", "list"], "").unwrap_err().contains("--issuers"));
}

#[test]
fn moves_to_another_wallet_by_a_backup() {
    let server = PlayedServer::start();
    let old = Phone::bound_to(&server);
    let (text, _) = issued(&old);
    old.run(&["credentials", "add", &text], "").unwrap();
    let file = old.home.path().join("backup");
    let file = file.to_str().unwrap();
    assert!(old.run(&["backup", "export", file], "too short\n").unwrap_err().contains("InvalidInput"));
    old.run(&["backup", "export", file], PASSPHRASE).unwrap();
    assert!(old.run(&["backup", "export", file], PASSPHRASE).is_err(), "never over another file");

    let new = Phone::new();
    let wrong = new.run(&["backup", "restore", file], "wrong horse battery\n").unwrap_err();
    assert!(wrong.contains("BackupPassphraseWrong"), "{wrong}");
    let said = new.run(&["backup", "restore", file], PASSPHRASE).unwrap();
    assert!(said.contains("1 credentials, 0 receipts"), "{said}");
    assert!(said.contains("To bind again:") && said.contains(&server.origin), "{said}");
    assert_eq!(new.run(&["credentials", "list"], "").unwrap().lines().count(), 1);
    assert_eq!(new.run(&["backup", "bind-again"], "").unwrap().lines().count(), 1);
    new.run(&["bind", &server.origin, "--id", "987654321", "--otp", "111111"], "").unwrap();
    assert_eq!(new.run(&["backup", "bind-again"], "").unwrap(), "");
}
