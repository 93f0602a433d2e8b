//! Binding itself, the same for all paths: the person proves to be one, the key is certified and belongs to the person.
//!
//! Binding the same key again gives it a new certificate, where the mount allows it (eSignet) and natively: a wallet
//! whose certificate has expired, or whose citizen proves himself anew, keeps its key and its `deviceId`. A key never
//! changes its profile, and a revoked one never comes back: both are `duplicate_public_key`.

use protocol::binding::Attestation;
use protocol::devices::KeySecurity;
use protocol::linked::Challenge;
use serde_json::Value;

use super::attestation::{self, Key};
use super::authority::{self, Certified};
use super::model::Profile;
use super::store::{self, NewKey};
use super::{names, proof, public_key};
use crate::audit::{Event, EventKind};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::factors::{self, OtpFor};
use crate::registry::PersonId;
use crate::state::AppState;

/// What is to be bound, to whom.
pub(super) struct Wish<'a> {
    /// Where it came in.
    pub(super) mount: Mount,
    /// Decides the form of token that the key may sign.
    pub(super) profile: Profile,
    /// UIN or another identifier.
    pub(super) individual_id: &'a str,
    /// OTP, PIN or both.
    pub(super) challenges: &'a [Challenge],
    /// JWK, or text of one.
    pub(super) public_key: &'a Value,
    /// Compact JWS by that key.
    pub(super) proof: Option<&'a str>,
    /// What the phone's maker says about that key. Only native wallets have a place for it, and for the policy.
    pub(super) attestation: Option<&'a Attestation>,
    /// What the citizen calls the phone.
    pub(super) device_name: &'a str,
}

/// What came of it.
pub(super) struct Bound {
    pub(super) person: PersonId,
    pub(super) id: i64,
    pub(super) jwk: protocol::jwk::Jwk,
    pub(super) certified: Certified,
}

/// What the transaction decided.
enum Outcome {
    Bound(PersonId, i64),
    /// The person proved to be one, but the key is taken: guesses are forgotten all the same.
    Taken,
}

/// Binds.
///
/// # Errors
/// The faults of identifier and challenges, `invalid_public_key`, `invalid_proof`, `invalid_attestation`,
/// `duplicate_public_key`, `individual_id_blocked`, `auth_failed` (GovStack: `invalid_auth_challenge`) for wrong factors and unknown persons.
pub(super) async fn bind(state: &AppState, wish: &Wish<'_>) -> Result<Bound, ApiError> {
    let given = factors::read_login(state, wish.mount, OtpFor::Binding, wish.individual_id, wish.challenges)?;
    let mut key = public_key::read(wish.public_key)?;
    let proven = wish.proof.map(|text| proof::check(state, text, &mut key)).transpose()?;
    let security = match (wish.profile, &proven) {
        (Profile::Native, Some(proven)) => {
            attestation::check(state, wish.attestation, Key { jwk: &key.jwk, challenge: &proven.text }).await?
        }
        _ => None,
    };
    let challenge = proven.map(|proven| proven.challenge);
    let attempt = factors::begin(state, OtpFor::Binding, wish.individual_id, &given).await?;
    let certified = authority::certify(state, &key.jwk).await?;
    let now = state.clock.now();
    let thumbprint = key.jwk.thumbprint();
    let new = NewKey {
        id: state.next_id(),
        jwk: serde_json::to_string(&key.jwk).map_err(|_| Code::InvalidPublicKey)?,
        alg: key.alg,
        profile: wish.profile,
        mount: wish.mount,
        proven: challenge.is_some(),
        security,
        name: names::seal(state, &thumbprint, wish.device_name)?,
        certificate: certified.chain.clone(),
        x5t: certified.x5t.clone(),
        thumbprint,
        now,
        expires_at: certified.expires_at,
        again: wish.mount.dialect().rebinds_own_key,
    };
    let (audit, mount) = (state.audit.clone(), wish.mount);
    let outcome = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let person = attempt.settle(tx).await?;
                if let Some(challenge) = &challenge
                    && !store::take_challenge(tx, challenge, now).await?
                {
                    return Err(ApiError::from(Code::InvalidProof));
                }
                let Some(id) = store::bind(tx, person, new).await? else { return Ok(Outcome::Taken) };
                let event = Event::new(EventKind::KeyBound, mount).person(person.0).object(id);
                audit.record(tx, event.reason(security.map_or("not_attested", KeySecurity::name))).await?;
                Ok(Outcome::Bound(person, id))
            })
        })
        .await?;
    match outcome {
        Outcome::Bound(person, id) => Ok(Bound { person, id, jwk: key.jwk, certified }),
        Outcome::Taken => Err(Code::DuplicatePublicKey.into()),
    }
}
