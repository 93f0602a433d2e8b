//! JSON bodies of the binding calls.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::lenient::null_as_default;
use crate::linked::Challenge;
use crate::timestamp::Timestamp;

/// `/wallet/binding-otp`, and `binding-otp` of GovStack and eSignet: send an OTP to the person.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BindingOtpRequest {
    /// UIN or another identifier of the person.
    #[serde(default, deserialize_with = "null_as_default")]
    pub individual_id: String,
    /// `email`, `phone`; one or both.
    #[serde(default, deserialize_with = "null_as_default")]
    pub otp_channels: Vec<String>,
    /// eSignet v2 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captcha_token: Option<String>,
}

/// Answer of the OTP calls: where the OTP went, masked.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BindingOtp {
    /// Absent where no e-mail was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masked_email: Option<String>,
    /// Absent where no message was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masked_mobile: Option<String>,
}

/// `/wallet/binding-challenge`: nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BindingChallengeRequest {}

/// Answer of `/wallet/binding-challenge`: what the proof must repeat.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BindingChallenge {
    /// `nonce` of the proof; good once.
    pub challenge: String,
    /// When it expires.
    pub expire_date_time: Timestamp,
    /// `aud` of the proof: the server's origin.
    pub issuer: String,
}

/// `/wallet/binding`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BindingRequest {
    /// UIN or another identifier of the person.
    #[serde(default, deserialize_with = "null_as_default")]
    pub individual_id: String,
    /// What the person proves himself with: OTP or PIN.
    #[serde(default, deserialize_with = "null_as_default")]
    pub challenge_list: Vec<Challenge>,
    /// The key to bind, a public JWK. Kept as JSON so that a bad key gets its own error code; read it with
    /// [`crate::jwk::Jwk::from_value`].
    #[serde(default)]
    pub public_key: Value,
    /// Compact JWS by the key, see [`super::ProofClaims`].
    #[serde(default, deserialize_with = "null_as_default")]
    pub proof: String,
    /// What the citizen calls this phone.
    #[serde(default, deserialize_with = "null_as_default")]
    pub device_name: String,
    /// What the phone's maker says about the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
}

/// An attestation of the key, by its format.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attestation {
    /// For example `android-key`, `apple-appattest`.
    pub format: String,
    /// The members of that format.
    #[serde(flatten)]
    pub statement: Map<String, Value>,
}

/// Answer of `/wallet/binding`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// The person's name at this server, for wallets; says nothing about the person.
    pub wallet_user_id: String,
    /// This phone at this server.
    pub device_id: String,
    /// PEM chain, the key's certificate first, then the binding authority.
    pub certificate: String,
    /// When the certificate ends; renew before.
    pub expire_date_time: Timestamp,
    /// The issuers this server may name in links.
    #[serde(default, deserialize_with = "null_as_default")]
    pub issuers: Vec<String>,
    /// The server's origin.
    pub issuer: String,
}

/// `wallet-binding` of GovStack and eSignet.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WalletBindingRequest {
    /// UIN or another identifier of the person.
    #[serde(default, deserialize_with = "null_as_default")]
    pub individual_id: String,
    /// `WLA`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub auth_factor_type: String,
    /// `jwt`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub format: String,
    /// What the person proves himself with.
    #[serde(default, deserialize_with = "null_as_default")]
    pub challenge_list: Vec<Challenge>,
    /// The key to bind: a JWK, which GovStack's harness sends as text.
    #[serde(default)]
    pub public_key: Value,
    /// Compact JWS by the key, taken when sent. Ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// Answer of `wallet-binding`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WalletBinding {
    /// The person's name at this server, for wallets; eSignet encrypts it to the key.
    pub wallet_user_id: String,
    /// PEM.
    pub certificate: String,
    /// When the certificate ends.
    pub expire_date_time: Timestamp,
}

crate::redact::redacted_debug!(
    BindingOtpRequest,
    BindingOtp,
    BindingChallenge,
    BindingRequest,
    Attestation,
    Binding,
    WalletBindingRequest,
    WalletBinding,
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn gs_wal_07_reads_the_forms_there_are() {
        for key in [json!({"kty": "RSA"}), json!("{\"kty\":\"RSA\"}"), json!(null)] {
            let request: WalletBindingRequest = serde_json::from_value(json!({
                "individualId": "1", "authFactorType": "WLA", "format": "jwt", "publicKey": key,
                "challengeList": [{"authFactorType": "OTP", "challenge": "111111", "format": "alpha-numeric"}],
            }))
            .unwrap();
            assert_eq!(request.public_key, key);
            assert_eq!(request.challenge_list.len(), 1);
        }
    }

    #[test]
    fn attestation_keeps_its_members() {
        let text = json!({"format": "android-key", "chain": ["a", "b"]});
        let read: Attestation = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(read.statement["chain"], json!(["a", "b"]));
        assert_eq!(serde_json::to_value(&read).unwrap(), text);
    }

    #[test]
    fn names_of_the_wire() {
        let answer = Binding {
            wallet_user_id: "w".into(),
            device_id: "d".into(),
            certificate: "PEM".into(),
            expire_date_time: "2026-01-05T10:00:00.000Z".parse().unwrap(),
            issuers: vec!["https://id.example".into()],
            issuer: "https://id.example".into(),
        };
        assert_eq!(
            serde_json::to_value(&answer).unwrap(),
            json!({"walletUserId": "w", "deviceId": "d", "certificate": "PEM", "issuer": "https://id.example",
                   "expireDateTime": "2026-01-05T10:00:00.000Z", "issuers": ["https://id.example"]})
        );
    }
}
