//! Binding at an eSignet 1.x server: an RSA key of its own, a partner's headers, no proof.

use super::{BindingRequest, PartnerAccess, make_key};
use crate::bound::{self, BindingProfile, BindingRecord};
use crate::certificate;
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::ports::{HttpHeader, KeyAlgorithm};
use protocol::binding as wire;
use protocol::linked::Challenge;

/// An eSignet 1.x server.
pub(super) struct Server<'a> {
    pub(super) base_url: &'a str,
    pub(super) partner: Option<&'a PartnerAccess>,
    pub(super) wla_audience: &'a str,
}

/// The headers the binding calls ask of a partner.
pub(super) fn headers(partner: Option<&PartnerAccess>) -> Vec<HttpHeader> {
    let Some(partner) = partner else { return Vec::new() };
    let mut headers = vec![
        HttpHeader { name: "PARTNER-ID".into(), value: partner.partner_id.clone() },
        HttpHeader { name: "PARTNER-API-KEY".into(), value: partner.partner_api_key.clone() },
    ];
    if let Some(token) = &partner.access_token {
        headers.push(HttpHeader { name: "Authorization".into(), value: format!("Bearer {token}") });
    }
    headers
}

pub(super) async fn bind(
    parts: &Parts,
    server: &Server<'_>,
    request: &BindingRequest,
    challenges: Vec<Challenge>,
    alias: &str,
) -> Result<BindingRecord, WalletError> {
    // Its verifier takes RS256 only, and its minimum of 500 characters refuses ES256 tokens.
    let key = make_key(parts, request, alias, KeyAlgorithm::Rs256, None).await?;
    let jwk = bound::jwk_of(&key.public_key)?;
    let body = wire::WalletBindingRequest {
        individual_id: request.individual_id.clone(),
        auth_factor_type: "WLA".into(),
        format: "jwt".into(),
        challenge_list: challenges,
        public_key: serde_json::to_value(&jwk).map_err(|_| ErrorCode::KeyStoreFailed)?,
        proof: None,
    };
    let headers = headers(server.partner);
    let bound: wire::WalletBinding =
        parts.exchange.call(server.base_url, "/binding/wallet-binding", &headers, &body).await?;
    Ok(BindingRecord {
        id: parts.random_id()?,
        profile: BindingProfile::Esignet,
        server: server.base_url.to_owned(),
        issuers: vec![server.base_url.to_owned()],
        individual_id: request.individual_id.clone(),
        wallet_user_id: bound.wallet_user_id,
        device_id: None,
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
        legacy_audience: Some(server.wla_audience.to_owned()),
    })
}
