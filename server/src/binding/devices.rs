//! `/wallet/devices/*`: a person's phones, seen and managed from any of them.

use axum::extract::State;
use protocol::devices::{Device, DeviceId, List, ListRequest, RenameRequest, RenewRequest, Renewal, RevokeRequest};

use super::caller::Signed;
use super::native::timestamp;
use super::{authority, names, store};
use crate::audit::{Event, EventKind};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::envelope::Reply;
use crate::ids::Kind;
use crate::registry::{Fault, PersonId};
use crate::sessions;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// `POST /wallet/devices/list`: all of them, oldest first, revoked and expired ones too.
///
/// # Errors
/// `invalid_wallet_token`.
pub async fn list(State(state): State<AppState>, caller: Signed<ListRequest>) -> Result<Reply, ApiError> {
    let own = state.ids.name(Kind::Device, caller.key.id);
    let mut devices = of_person(&state, caller.key.person).await?;
    for device in &mut devices {
        device.current = device.device_id == own;
    }
    Reply::of(&List { devices })
}

/// A person's wallets, oldest first, revoked and expired ones too; none of them is `current`.
///
/// # Errors
/// [`ApiError::Unavailable`] where the database does not answer or a row does not open.
pub async fn of_person(state: &AppState, person: PersonId) -> Result<Vec<Device>, ApiError> {
    let rows = state.store.read(|tx| Box::pin(store::of_person(tx, person))).await?;
    let devices = rows.into_iter().map(|row| {
        let key = row.key()?;
        Ok(Device {
            device_id: state.ids.name(Kind::Device, key.id),
            name: names::open(state, &key.thumbprint, &row.name)?,
            created_date_time: timestamp(row.created_at)?,
            expire_date_time: timestamp(key.expires_at)?,
            current: false,
            profile: key.profile,
            alg: key.alg,
            revoked: row.revoked_at.is_some(),
            key_security: key.security,
        })
    });
    devices.collect()
}

/// `POST /wallet/devices/rename`.
///
/// # Errors
/// `invalid_wallet_token`, `invalid_device_name`, `invalid_device_id` for anything but a device of this person.
pub async fn rename(State(state): State<AppState>, caller: Signed<RenameRequest>) -> Result<Reply, ApiError> {
    let name = names::check(&caller.request.name)?;
    let id = device(&state, &caller.request.device_id)?;
    let person = caller.key.person;
    let thumbprint = state.store.read(|tx| Box::pin(store::thumbprint(tx, id, person))).await?;
    let sealed = names::seal(&state, &thumbprint.ok_or(Code::InvalidDeviceId)?, name)?;
    let done = state.store.write(move |tx| Box::pin(store::rename(tx, id, person, sealed))).await?;
    if done { reply(caller.request.device_id) } else { Err(Code::InvalidDeviceId.into()) }
}

/// `POST /wallet/devices/revoke`: any device of the person, the caller's own too. For good.
///
/// # Errors
/// `invalid_wallet_token`, `invalid_device_id`.
pub async fn revoke(State(state): State<AppState>, caller: Signed<RevokeRequest>) -> Result<Reply, ApiError> {
    let done = revoke_of(&state, caller.key.person, &caller.request.device_id).await?;
    if done { reply(caller.request.device_id) } else { Err(Code::InvalidDeviceId.into()) }
}

/// Revokes a wallet of a person, by its `deviceId`, and ends the sessions that it began in browsers; `false` where the person
/// has none such.
///
/// # Errors
/// [`Fault`].
pub async fn revoke_of(state: &AppState, person: PersonId, device_id: &str) -> Result<bool, Fault> {
    let Some(id) = state.ids.named(Kind::Device, device_id) else { return Ok(false) };
    let (now, inner) = (state.clock.now(), state.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let done = store::revoke(tx, id, person, now).await?;
                if done {
                    let event = Event::new(EventKind::KeyRevoked, Mount::Wallet).person(person.0);
                    inner.audit.record(tx, event.object(id)).await?;
                    sessions::end_of_key(&inner, tx, person, id).await?;
                }
                Ok(done)
            })
        })
        .await
}

/// Revokes every wallet of a person and forgets what they are called, inside the write that erases the person. The keys stay,
/// so that a phone is told that its binding has ended, and nobody binds them again.
///
/// # Errors
/// [`Fault`].
pub async fn erase(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), Fault> {
    let now = state.clock.now();
    for row in store::of_person(tx, person).await? {
        store::revoke(tx, row.id, person, now).await?;
        store::rename(tx, row.id, person, names::seal(state, &row.thumbprint, "")?).await?;
        if row.revoked_at.is_none() {
            let event = Event::new(EventKind::KeyRevoked, Mount::Wallet).person(person.0);
            state.audit.record(tx, event.object(row.id)).await?;
        }
    }
    Ok(())
}

/// `POST /wallet/devices/renew`: a new certificate for the caller's own key, while the old one lives. Afterwards only
/// binding again helps.
///
/// # Errors
/// `invalid_wallet_token`; `binding_ended` where the key was revoked, also in the meantime, or has expired.
pub async fn renew(State(state): State<AppState>, caller: Signed<RenewRequest>) -> Result<Reply, ApiError> {
    let RenewRequest {} = caller.request;
    let made = authority::certify(&state, &caller.key.jwk).await?;
    let (id, chain, x5t, expires_at) = (caller.key.id, made.chain.clone(), made.x5t, made.expires_at);
    let (audit, person) = (state.audit.clone(), caller.key.person.0);
    let written: Result<bool, StoreError> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let done = store::renew(tx, id, chain, x5t, expires_at).await?;
                if done {
                    let event = Event::new(EventKind::KeyRenewed, Mount::Wallet).person(person);
                    audit.record(tx, event.object(id)).await?;
                }
                Ok(done)
            })
        })
        .await;
    if !written? {
        return Err(Code::BindingEnded.into());
    }
    Reply::of(&Renewal {
        certificate: made.chain,
        expire_date_time: timestamp(expires_at)?,
        device_id: state.ids.name(Kind::Device, id),
    })
}

fn device(state: &AppState, text: &str) -> Result<i64, Code> {
    state.ids.named(Kind::Device, text).ok_or(Code::InvalidDeviceId)
}

fn reply(device_id: String) -> Result<Reply, ApiError> {
    Reply::of(&DeviceId { device_id })
}
