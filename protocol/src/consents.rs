//! JSON bodies of `/wallet/consents/*`: what a person agreed to, seen and withdrawn from any of the person's wallets.
//! Every call carries the `Tessera-Wallet` header ([`crate::wallet_request`]).

use serde::{Deserialize, Serialize};

use crate::lenient::null_as_default;
use crate::timestamp::Timestamp;

/// `/wallet/consents/list`: nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ConsentListRequest"))]
pub struct ListRequest {}

/// Answer of `/wallet/consents/list`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ConsentList"))]
#[serde(rename_all = "camelCase")]
pub struct List {
    /// One for each approval, newest first. Very old ones are left out, but for the newest of each relying party that is
    /// still agreed with.
    #[serde(default, deserialize_with = "null_as_default")]
    pub consents: Vec<Consent>,
}

/// What was agreed to in one login.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "GivenConsent"))]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    /// Names it.
    pub consent_id: String,
    /// The relying party's client id.
    pub client_id: String,
    /// Its registered name; its id where it is no longer registered.
    #[serde(default, deserialize_with = "null_as_default")]
    pub client_name: String,
    /// The issuer where it was given.
    pub issuer: String,
    /// Names of the claims accepted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub claims: Vec<String>,
    /// Scopes permitted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub scopes: Vec<String>,
    /// Whether a wallet signed a statement of it.
    #[serde(default)]
    pub signed: bool,
    /// The earlier consent that it stands on, where nothing was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_on: Option<String>,
    /// When it was given.
    pub given_date_time: Timestamp,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expire_date_time: Option<Timestamp>,
    /// When it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_date_time: Option<Timestamp>,
}

/// `/wallet/consents/withdraw`: ends this consent, and with it every other that was given to the same relying party's
/// client until now.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WithdrawConsentRequest"))]
#[serde(rename_all = "camelCase")]
pub struct WithdrawRequest {
    /// Which.
    #[serde(default, deserialize_with = "null_as_default")]
    pub consent_id: String,
}

/// Answer of `/wallet/consents/withdraw`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WithdrawnConsent"))]
#[serde(rename_all = "camelCase")]
pub struct Withdrawn {
    /// As in the request.
    pub consent_id: String,
    /// Since when; earlier than now where it was withdrawn before.
    pub withdrawn_date_time: Timestamp,
}

crate::redact::redacted_debug!(List, Consent, WithdrawRequest, Withdrawn);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_the_wire() {
        let text = json!({"consents": [{
            "consentId": "c", "clientId": "clinic", "clientName": "Clinic", "issuer": "https://id.example/op",
            "claims": ["name"], "scopes": [], "signed": true, "givenDateTime": "2026-01-05T10:00:00.000Z",
            "withdrawnDateTime": "2026-01-06T10:00:00.000Z",
        }]});
        let list: List = serde_json::from_value(text.clone()).unwrap();
        assert!(list.consents[0].expire_date_time.is_none());
        assert_eq!(serde_json::to_value(&list).unwrap(), text);
        assert_eq!(format!("{list:?}"), "List { .. }");
    }
}
