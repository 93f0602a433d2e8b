//! Binding at our own server: the key proves itself, no partner secret is needed.

use super::{BindingRequest, make_key};
use crate::bound::{self, BindingProfile, BindingRecord};
use crate::certificate;
use crate::errors::{ErrorCode, WalletError};
use crate::exchange::address;
use crate::parts::Parts;
use crate::ports::{KeyAlgorithm, KeyAttestation, KeyError, SigningPrompt, SigningPurpose};
use protocol::base64url;
use protocol::binding::{self as wire, ProofClaims, attestation};
use protocol::linked::Challenge;
use serde_json::{Map, Value};

/// Lifetime of the proof, in seconds: enough for a prompt.
const PROOF_LIFE_S: i64 = 300;

pub(super) async fn bind(
    parts: &Parts,
    origin: &str,
    request: &BindingRequest,
    challenges: Vec<Challenge>,
    alias: &str,
) -> Result<BindingRecord, WalletError> {
    let asked: wire::BindingChallenge =
        parts.exchange.call(origin, "/wallet/binding-challenge", &[], &wire::BindingChallengeRequest {}).await?;
    // A server that names another audience would get a proof good for that other server.
    if asked.issuer != origin {
        return Err(ErrorCode::UnexpectedAnswer.into());
    }
    let for_maker = request.attest.then(|| asked.challenge.as_bytes().to_vec());
    let key = match make_key(parts, request, alias, KeyAlgorithm::Es256, for_maker).await {
        // Some devices refuse a key with a challenge they cannot attest: then without.
        Err(error) if error.code() == ErrorCode::KeyUnsupported && request.attest => {
            make_key(parts, request, alias, KeyAlgorithm::Es256, None).await?
        }
        other => other?,
    };
    let jwk = bound::jwk_of(&key.public_key)?;
    let vouched_for = attestation::client_data_hash(&asked.challenge, &jwk);
    let attestation = attestation(parts, request, alias, vouched_for.to_vec()).await?;
    let now = parts.exchange.now(origin)?.epoch_seconds();
    let claims =
        ProofClaims { aud: asked.issuer, nonce: asked.challenge, iat: now, exp: now.saturating_add(PROOF_LIFE_S) };
    let algorithm = bound::jws_algorithm(key.algorithm);
    let input = wire::proof_signing_input(algorithm, &jwk, &claims).map_err(|_| ErrorCode::KeyStoreFailed)?;
    let prompt = SigningPrompt { purpose: SigningPurpose::Binding, audience: Some(origin.to_owned()) };
    let signature = parts.keys.sign(alias.to_owned(), input.bytes().to_vec(), prompt).await?;
    let body = wire::BindingRequest {
        individual_id: request.individual_id.clone(),
        challenge_list: challenges,
        public_key: serde_json::to_value(&jwk).map_err(|_| ErrorCode::KeyStoreFailed)?,
        proof: input.attach(&signature),
        device_name: request.device_name.clone(),
        attestation,
    };
    let bound: wire::Binding = parts.exchange.call(origin, "/wallet/binding", &[], &body).await?;
    Ok(BindingRecord {
        id: parts.random_id()?,
        profile: BindingProfile::Native,
        server: origin.to_owned(),
        issuers: own_issuers(parts, origin, bound.issuers),
        individual_id: request.individual_id.clone(),
        wallet_user_id: bound.wallet_user_id,
        device_id: Some(bound.device_id),
        label: request.label.clone(),
        device_name: request.device_name.clone(),
        key_alias: alias.to_owned(),
        key_thumbprint: jwk.thumbprint(),
        algorithm: key.algorithm,
        security_level: key.security_level,
        certificate_thumbprint: certificate::thumbprint_for(&bound.certificate, &jwk)?,
        certificate: bound.certificate,
        bound_at_ms: parts.exchange.clock.device_ms(),
        expires_at_ms: bound.expire_date_time.epoch_ms(),
        legacy_audience: None,
    })
}

/// The issuers of the server's own origin: a server must not claim another's links.
fn own_issuers(parts: &Parts, origin: &str, issuers: Vec<String>) -> Vec<String> {
    let own = |issuer: &String| address::origin(issuer, parts.exchange.loopback).is_ok_and(|of| of == origin);
    issuers.into_iter().filter(own).collect()
}

/// What the maker says about the key; nothing where the device says nothing.
async fn attestation(
    parts: &Parts,
    request: &BindingRequest,
    alias: &str,
    client_data_hash: Vec<u8>,
) -> Result<Option<wire::Attestation>, WalletError> {
    if !request.attest {
        return Ok(None);
    }
    match parts.keys.attest(alias.to_owned(), client_data_hash).await {
        Ok(KeyAttestation { format, certificates, statement }) => {
            let mut members = Map::new();
            if !certificates.is_empty() {
                let chain = certificates.iter().map(|der| Value::String(base64url::encode(der))).collect();
                members.insert("certificates".into(), Value::Array(chain));
            }
            if let Some(statement) = statement {
                members.insert("statement".into(), Value::String(base64url::encode(statement)));
            }
            Ok(Some(wire::Attestation { format, statement: members }))
        }
        Err(KeyError::Unsupported) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
