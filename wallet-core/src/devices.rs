//! A person's phones at a native server: list, rename, revoke, renew.

use crate::activity::{ActivityEntry, ActivityKind};
use crate::bound::{self, BindingProfile, BindingRecord};
use crate::certificate;
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::ports::{HttpHeader, KeyAlgorithm, SigningPrompt, SigningPurpose};
use crate::store::{Change, table};
use protocol::devices::{self as wire, MAX_NAME_CHARS};
use protocol::wallet_request;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One phone of the person.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct Device {
    /// Names it in the other calls.
    pub device_id: String,
    /// What the citizen called it.
    pub name: String,
    /// When it was bound, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When its certificate ends, in milliseconds since 1970.
    pub expires_at_ms: i64,
    /// Whether it is this phone.
    pub current: bool,
    /// How its key was bound.
    pub profile: BindingProfile,
    /// The algorithm of its key; nothing where this wallet makes no such keys.
    pub algorithm: Option<KeyAlgorithm>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Where its key lives, as its maker attested to the server; nothing where nothing was attested.
    pub attested: Option<AttestedSecurity>,
}

/// Where a key lives, as somebody else than the wallet attested to the server (`docs/attestation.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum AttestedSecurity {
    /// In the phone's operating system.
    Software,
    /// In the phone's hardware: a trusted execution environment.
    Hardware,
    /// In a processor of its own.
    StrongBox,
    /// A genuine app on a genuine device vouches for the key; where it lives is the app's word.
    App,
}

crate::redact::redacted_debug!(Device);

impl From<wire::Device> for Device {
    fn from(device: wire::Device) -> Self {
        Self {
            device_id: device.device_id,
            name: device.name,
            created_at_ms: device.created_date_time.epoch_ms(),
            expires_at_ms: device.expire_date_time.epoch_ms(),
            current: device.current,
            profile: match device.profile {
                wire::Profile::Native => BindingProfile::Native,
                wire::Profile::Legacy => BindingProfile::Esignet,
            },
            algorithm: match device.alg {
                protocol::jws::Algorithm::Es256 => Some(KeyAlgorithm::Es256),
                protocol::jws::Algorithm::Rs256 => Some(KeyAlgorithm::Rs256),
                _ => None,
            },
            revoked: device.revoked,
            attested: device.key_security.map(|attested| match attested {
                wire::KeySecurity::Software => AttestedSecurity::Software,
                wire::KeySecurity::Hardware => AttestedSecurity::Hardware,
                wire::KeySecurity::Strongbox => AttestedSecurity::StrongBox,
                wire::KeySecurity::App => AttestedSecurity::App,
            }),
        }
    }
}

pub(crate) async fn list(parts: &Parts, binding_id: &str) -> Result<Vec<Device>, WalletError> {
    let bound = native(parts, binding_id)?;
    let list: wire::List = call(parts, &bound, "/wallet/devices/list", &wire::ListRequest {}).await?;
    Ok(list.devices.into_iter().map(Device::from).collect())
}

pub(crate) async fn rename(parts: &Parts, binding_id: &str, device_id: &str, name: &str) -> Result<(), WalletError> {
    let mut bound = native(parts, binding_id)?;
    let name = checked_name(name)?;
    let request = wire::RenameRequest { device_id: device_id.to_owned(), name: name.clone() };
    let _: wire::DeviceId = call(parts, &bound, "/wallet/devices/rename", &request).await?;
    if bound.device_id.as_deref() == Some(device_id) {
        bound.device_name = name;
        parts.store.write(&[bound.put()?])?;
    }
    Ok(())
}

pub(crate) async fn revoke(parts: &Parts, binding_id: &str, device_id: &str) -> Result<(), WalletError> {
    let bound = native(parts, binding_id)?;
    let request = wire::RevokeRequest { device_id: device_id.to_owned() };
    let _: wire::DeviceId = call(parts, &bound, "/wallet/devices/revoke", &request).await?;
    if bound.device_id.as_deref() == Some(device_id) {
        return forget(parts, &bound).await;
    }
    let entry = ActivityEntry::plain(parts, ActivityKind::DeviceRevoked, &bound.server)?;
    Ok(parts.store.write(&[entry.put()?])?)
}

pub(crate) async fn renew(parts: &Parts, binding_id: &str) -> Result<BindingRecord, WalletError> {
    let mut bound = native(parts, binding_id)?;
    let renewal: wire::Renewal = call(parts, &bound, "/wallet/devices/renew", &wire::RenewRequest {}).await?;
    let key = bound::jwk_of(&parts.keys.info(bound.key_alias.clone()).await?.public_key)?;
    bound.certificate_thumbprint = certificate::thumbprint_for(&renewal.certificate, &key)?;
    bound.certificate = renewal.certificate;
    bound.expires_at_ms = renewal.expire_date_time.epoch_ms();
    let entry = ActivityEntry::plain(parts, ActivityKind::Renewed, &bound.server)?;
    parts.store.write(&[bound.put()?, entry.put()?])?;
    Ok(bound)
}

/// Removes a binding from this phone: first the record, so that a key that cannot be deleted now
/// is found and deleted when the wallet is opened the next time.
pub(crate) async fn forget(parts: &Parts, bound: &BindingRecord) -> Result<(), WalletError> {
    let entry = ActivityEntry::plain(parts, ActivityKind::Unbound, &bound.server)?;
    parts.store.write(&[Change::delete(table::BINDINGS, &bound.id), entry.put()?])?;
    parts.delete_key(&bound.key_alias).await
}

/// Trims a device's name. Errors: `InvalidInput` where it is blank or too long.
pub(crate) fn checked_name(name: &str) -> Result<String, WalletError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(ErrorCode::InvalidInput.into());
    }
    Ok(name.to_owned())
}

pub(crate) fn native(parts: &Parts, binding_id: &str) -> Result<BindingRecord, WalletError> {
    let bound = bound::find(parts, binding_id)?;
    // eSignet 1.x has no such calls.
    if bound.profile == BindingProfile::Native { Ok(bound) } else { Err(ErrorCode::InvalidInput.into()) }
}

async fn call<Q: Serialize, A: DeserializeOwned>(
    parts: &Parts,
    bound: &BindingRecord,
    path: &str,
    request: &Q,
) -> Result<A, WalletError> {
    signed_call(parts, bound, path, request, SigningPurpose::ManageDevices).await
}

/// A call signed by the bound key, and once more where the device's clock was the trouble.
pub(crate) async fn signed_call<Q: Serialize, A: DeserializeOwned>(
    parts: &Parts,
    bound: &BindingRecord,
    path: &str,
    request: &Q,
    purpose: SigningPurpose,
) -> Result<A, WalletError> {
    match attempt(parts, bound, path, request, purpose).await? {
        Ok(answer) => Ok(answer),
        Err(failure) if failure.clock_was_wrong => {
            attempt(parts, bound, path, request, purpose).await?.map_err(|failure| failure.error.into())
        }
        Err(failure) => Err(failure.error.into()),
    }
}

async fn attempt<Q: Serialize, A: DeserializeOwned>(
    parts: &Parts,
    bound: &BindingRecord,
    path: &str,
    request: &Q,
    purpose: SigningPurpose,
) -> Result<Result<A, crate::exchange::CallFailure>, WalletError> {
    let body = parts.exchange.envelope(&bound.server, request)?;
    let url = format!("{}{path}", bound.server);
    let now = parts.exchange.now(&bound.server)?.epoch_seconds();
    let claims = wallet_request::claims(&url, &body, &parts.random_id()?, now);
    let input = wallet_request::signing_input(bound.jws_algorithm(), &bound.key_thumbprint, &claims)
        .map_err(|_| ErrorCode::InvalidInput)?;
    let prompt = SigningPrompt { purpose, audience: Some(bound.server.clone()) };
    let signature = parts.keys.sign(bound.key_alias.clone(), input.bytes().to_vec(), prompt).await?;
    let header = HttpHeader { name: wallet_request::HEADER_NAME.to_owned(), value: input.attach(&signature) };
    Ok(parts.exchange.post(&bound.server, path, vec![header], body).await)
}
