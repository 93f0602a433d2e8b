//! Secrets of clients. This server makes them, 384 random bits each, and shows each once. One lies sealed in the database,
//! so that it can check what it signs (`client_secret_jwt`), and beside that keyed and hashed, so that to compare it
//! nothing needs to be opened.

use std::fmt;

use protocol::base64url;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::clock::random;
use crate::dialect::Mount;
use crate::ids::{Kind, Opened};
use crate::secrets::{Purpose, SecretError, Secrets};
use crate::state::AppState;

/// Random bytes of a secret: in base64url 64 characters, as many bytes as HS512 wants at least (RFC 7518 §3.2).
const BYTES: usize = 48;

/// A client's secret as it lies in the database. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// Sealed for its client, base64url.
    sealed: String,
    /// Its MAC for its client, base64url.
    mac: String,
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret")
    }
}

impl ClientSecret {
    /// Makes a secret for a client; the text is for its owner and is not kept.
    ///
    /// # Errors
    /// [`SecretError`] where it cannot be sealed.
    pub fn make(state: &AppState, mount: Mount, client_id: &str) -> Result<(Self, Zeroizing<String>), SecretError> {
        let bytes = Zeroizing::new(random::<BYTES>(&*state.rng));
        let text = Zeroizing::new(base64url::encode(bytes.as_slice()));
        Ok((Self::of(state, mount, client_id, &text)?, text))
    }

    /// A secret that is there already, for a client.
    ///
    /// # Errors
    /// [`SecretError`] where it cannot be sealed.
    pub(super) fn of(state: &AppState, mount: Mount, client_id: &str, text: &str) -> Result<Self, SecretError> {
        let context = context(mount, client_id);
        let sealed = state.secrets.seal(Purpose::ClientSecrets, context.as_bytes(), text.as_bytes(), &*state.rng)?;
        let mac = mac(&state.secrets, mount, client_id, text);
        Ok(Self { sealed: base64url::encode(sealed), mac: base64url::encode(mac) })
    }

    /// The secret itself, to check what it signs and to tell its owner again (RFC 7592 §3).
    ///
    /// # Errors
    /// [`SecretError`] where it was sealed for another client or under another secret file.
    pub fn open(&self, secrets: &Secrets, mount: Mount, client_id: &str) -> Result<Zeroizing<String>, SecretError> {
        let sealed = base64url::decode(&self.sealed).map_err(|_| SecretError::Sealed)?;
        let clear = secrets.open(Purpose::ClientSecrets, context(mount, client_id).as_bytes(), &sealed)?;
        let text = std::str::from_utf8(&clear).map_err(|_| SecretError::Sealed)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

impl ClientSecret {
    /// The same secret, sealed under the newest master secret; `None` where it is that already.
    ///
    /// # Errors
    /// As [`ClientSecret::open`].
    pub(super) fn resealed(
        &self,
        state: &AppState,
        mount: Mount,
        client_id: &str,
    ) -> Result<Option<Self>, SecretError> {
        if !self.is_stale(&state.secrets) {
            return Ok(None);
        }
        let text = self.open(&state.secrets, mount, client_id)?;
        let context = context(mount, client_id);
        let sealed = state.secrets.seal(Purpose::ClientSecrets, context.as_bytes(), text.as_bytes(), &*state.rng)?;
        Ok(Some(Self { sealed: base64url::encode(sealed), mac: self.mac.clone() }))
    }

    /// Whether another master secret than the newest seals it.
    pub(super) fn is_stale(&self, secrets: &Secrets) -> bool {
        !base64url::decode(&self.sealed).is_ok_and(|sealed| sealed.starts_with(&secrets.newest()))
    }
}

/// Whether `given` is a client's secret. As much work where there is none: how long an answer takes does not tell whether
/// a client exists (T26).
#[must_use]
pub fn is_secret(secrets: &Secrets, mount: Mount, client_id: &str, kept: Option<&ClientSecret>, given: &str) -> bool {
    let mac = mac(secrets, mount, client_id, given);
    let kept = kept.and_then(|kept| base64url::decode(&kept.mac).ok());
    let (known, kept) = (kept.is_some(), kept.unwrap_or_else(|| vec![0; mac.len()]));
    bool::from(mac.ct_eq(&kept)) && known
}

fn context(mount: Mount, client_id: &str) -> String {
    format!("client_secret/{}/{client_id}", mount.name())
}

fn mac(secrets: &Secrets, mount: Mount, client_id: &str, text: &str) -> Vec<u8> {
    let parts: [&[u8]; 3] = [mount.name().as_bytes(), client_id.as_bytes(), text.as_bytes()];
    secrets.mac(Purpose::ClientSecrets, &parts)
}

/// What a client that registered itself manages its registration with (RFC 7592 §1.2): the token's number and the hash of
/// its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationAccess {
    id: i64,
    /// Base64url.
    secret_hash: String,
}

impl fmt::Debug for RegistrationAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrationAccess")
    }
}

impl RegistrationAccess {
    /// Makes a token; its text is for the client and is not kept.
    #[must_use]
    pub fn make(state: &AppState) -> (Self, String) {
        let minted = state.mint(Kind::Registration);
        (Self { id: minted.id, secret_hash: base64url::encode(&minted.secret_hash) }, minted.text)
    }

    /// Whether this is the token.
    #[must_use]
    pub fn is(&self, opened: &Opened) -> bool {
        opened.id == self.id && base64url::decode(&self.secret_hash).is_ok_and(|hash| opened.matches(&hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::Kit;

    #[tokio::test]
    async fn a_secret_is_good_for_its_client_alone_and_shows_itself_nowhere() {
        let kit = Kit::new().await;
        let (state, secrets) = (&kit.state, &kit.state.secrets);
        let (kept, text) = ClientSecret::make(state, Mount::Op, "shop").unwrap();
        assert_eq!(text.len(), 64);
        assert!(is_secret(secrets, Mount::Op, "shop", Some(&kept), &text));
        assert_eq!(*kept.open(secrets, Mount::Op, "shop").unwrap(), *text);
        for (mount, id) in [(Mount::Op, "other"), (Mount::ESignet, "shop")] {
            assert!(!is_secret(secrets, mount, id, Some(&kept), &text));
            assert!(kept.open(secrets, mount, id).is_err());
        }
        for wrong in ["", &text[1..], &text.to_lowercase()] {
            assert!(!is_secret(secrets, Mount::Op, "shop", Some(&kept), wrong));
        }
        assert!(!is_secret(secrets, Mount::Op, "shop", None, &text));
        let written = format!("{kept:?}{}", serde_json::to_string(&kept).unwrap());
        assert!(!written.contains(text.as_str()));
    }

    #[tokio::test]
    async fn a_registration_access_token_is_known_by_its_hash() {
        let kit = Kit::new().await;
        let ((one, text), (other, _)) = (RegistrationAccess::make(&kit.state), RegistrationAccess::make(&kit.state));
        let opened = kit.state.ids.open(Kind::Registration, &text).unwrap();
        assert!(one.is(&opened) && !other.is(&opened));
        assert!(!serde_json::to_string(&one).unwrap().contains(&text));
    }
}
