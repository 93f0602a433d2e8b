//! What holds and what does not: attestations by makers of our own, and those that real phones made.

mod android;
mod apple;
mod files;
mod published;

use protocol::base64url;
use protocol::binding::Attestation;
use protocol::devices::KeySecurity;
use serde_json::json;

use super::{Key, Refused, Trust};
use crate::binding::phone::Phone;
use crate::clock::Millis;
use crate::config;
use crate::testkit::START;

const CHALLENGE: &str = "a challenge of this server";
/// Now, in seconds.
const NOW: i64 = START / 1000;

/// A folder of the operator's files, and the configuration that names them.
struct Operator {
    folder: tempfile::TempDir,
    config: config::Attestation,
}

impl Operator {
    /// Trusts a root as Android's.
    fn of_android(root_pem: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("roots.pem");
        std::fs::write(&root, root_pem).unwrap();
        let app = config::AndroidApp { package: "org.example.wallet".into(), signing_digests: vec!["5d".repeat(32)] };
        let android = config::AndroidKey {
            roots: vec![root],
            revoked: None,
            apps: vec![app],
            least_level: config::AndroidLevel::Hardware,
            verified_boot: true,
            boot_keys: Vec::new(),
            user_authentication: false,
        };
        let policy = config::AttestationPolicy::Required;
        Self { folder, config: config::Attestation { policy, android: Some(android), apple: None } }
    }

    /// Trusts a root as Apple's.
    fn of_apple(root_pem: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root.pem");
        std::fs::write(&root, root_pem).unwrap();
        let apps = vec!["TEAM012345.org.example.wallet".to_owned()];
        let apple = config::AppAttest { roots: vec![root], apps, development: false };
        let policy = config::AttestationPolicy::Required;
        Self { folder, config: config::Attestation { policy, android: None, apple: Some(apple) } }
    }

    fn android(&mut self) -> &mut config::AndroidKey {
        self.config.android.as_mut().unwrap()
    }

    fn apple(&mut self) -> &mut config::AppAttest {
        self.config.apple.as_mut().unwrap()
    }

    fn trust(&self) -> Trust {
        Trust::read(&self.config).unwrap()
    }

    /// What is thought of an attestation for this phone's key.
    fn thinks(&self, attestation: &Attestation, phone: &Phone, now: Millis) -> Result<KeySecurity, Refused> {
        self.trust().check(attestation, Key { jwk: &phone.jwk, challenge: CHALLENGE }, now).unwrap()
    }
}

fn attestation(format: &str, members: serde_json::Value) -> Attestation {
    Attestation { format: format.into(), statement: members.as_object().unwrap().clone() }
}

fn of_chain(chain: &[Vec<u8>]) -> Attestation {
    let chain: Vec<String> = chain.iter().map(base64url::encode).collect();
    attestation("android-key", json!({ "certificates": chain }))
}

fn of_object(object: &[u8]) -> Attestation {
    attestation("apple-appattest", json!({ "statement": base64url::encode(object) }))
}
