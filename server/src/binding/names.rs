//! Names that this room gives and keeps: of devices, chosen by citizens and so sealed, and of persons towards wallets.

use protocol::base64url;
use protocol::devices::MAX_NAME_CHARS;
use protocol::jwk::{Jwk, KeyMaterial};

use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::keys;
use crate::registry::PersonId;
use crate::secrets::{Column, Key, Purpose, SecretError};
use crate::state::AppState;

/// Checks what a citizen calls a phone, and drops spaces around it.
///
/// # Errors
/// `invalid_device_name` where it is blank, longer than 64 characters or holds control characters.
pub(super) fn check(name: &str) -> Result<&str, Code> {
    let name = name.trim();
    let good = (1..=MAX_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if good { Ok(name) } else { Err(Code::InvalidDeviceName) }
}

fn context(thumbprint: &str) -> Vec<u8> {
    format!("wallet_key.name/{thumbprint}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED_NAME: &[Column] = &[Column {
    table: "wallet_key",
    key: &[Key::Number("id"), Key::Text("thumbprint")],
    column: "name",
    purpose: Purpose::Biographics,
    context: |key| context(key.get(1).copied().unwrap_or_default()),
}];

/// Seals a name for rest: people call phones after themselves.
pub(super) fn seal(state: &AppState, thumbprint: &str, name: &str) -> Result<Vec<u8>, SecretError> {
    state.secrets.seal(Purpose::Biographics, &context(thumbprint), name.as_bytes(), &*state.rng)
}

/// Opens what [`seal`] made.
pub(super) fn open(state: &AppState, thumbprint: &str, sealed: &[u8]) -> Result<String, ApiError> {
    let name = state.secrets.open(Purpose::Biographics, &context(thumbprint), sealed)?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

/// `walletUserId`: what wallets know a person by. Always the same for a person, and worth nothing anywhere else; on
/// eSignet's mount encrypted to the key, where that is RSA (facts §3.3).
pub(super) fn wallet_user_id(state: &AppState, mount: Mount, person: PersonId, jwk: &Jwk) -> Result<String, ApiError> {
    let mac = state.secrets.mac(Purpose::Subject, &[b"wallet-user-id", &person.0.to_be_bytes()]);
    let id = base64url::encode(mac);
    match jwk.key() {
        KeyMaterial::Rsa { .. } if mount.dialect().encrypts_wallet_user_id => {
            keys::encrypt(jwk, Some("JWT"), id.as_bytes()).map_err(|error| {
                tracing::error!(%error, "a walletUserId could not be encrypted");
                Code::KeyBindingFailed.into()
            })
        }
        _ => Ok(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_names_are_short_and_printable() {
        assert_eq!(check(" Anna's phone "), Ok("Anna's phone"));
        assert_eq!(check("هاتف آنا"), Ok("هاتف آنا"));
        for bad in ["", "  ", "a\nb", &"x".repeat(65)] {
            assert_eq!(check(bad), Err(Code::InvalidDeviceName), "{bad:?}");
        }
    }
}
