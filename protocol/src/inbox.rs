//! JSON bodies of `/wallet/inbox/*`: questions of relying parties to a person, which wallets pull, and their answers.
//! Every call carries the `Tessera-Wallet` header ([`crate::wallet_request`]), but for a yes: its statement says who calls.

use serde::{Deserialize, Serialize};

use crate::lenient::null_as_default;
use crate::timestamp::Timestamp;

/// `/wallet/inbox/list`: nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "QuestionListRequest"))]
pub struct ListRequest {}

/// Answer of `/wallet/inbox/list`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "QuestionList"))]
#[serde(rename_all = "camelCase")]
pub struct List {
    /// Questions that can be answered, oldest first.
    #[serde(default, deserialize_with = "null_as_default")]
    pub questions: Vec<Question>,
}

/// A relying party asks whether it may be told claims of a person, by calls of its own, until the person withdraws.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// Names it, and is the `txn` of the consent statement that answers it.
    pub question_id: String,
    /// The relying party's client id.
    pub client_id: String,
    /// Its registered name.
    pub client_name: String,
    /// The issuer that it belongs to, and the `aud` of the consent statement.
    pub issuer: String,
    /// Names of the claims that it asks for. None is essential.
    #[serde(default, deserialize_with = "null_as_default")]
    pub claims: Vec<String>,
    /// What it wants them for, in its own words: not verified by anybody.
    #[serde(default, deserialize_with = "null_as_default")]
    pub purpose: String,
    /// When it asked.
    pub asked_date_time: Timestamp,
    /// Until when it can be answered.
    pub expire_date_time: Timestamp,
}

/// `/wallet/inbox/answer`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AnswerRequest"))]
#[serde(rename_all = "camelCase")]
pub struct AnswerRequest {
    /// Which question.
    #[serde(default, deserialize_with = "null_as_default")]
    pub question_id: String,
    /// Names of the claims that are agreed to; none: a no.
    #[serde(default, deserialize_with = "null_as_default")]
    pub accepted_claims: Vec<String>,
    /// The consent statement over them ([`crate::consent::Statement`]), a compact JWS by the key of the call; none with a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_statement: Option<String>,
}

/// Answer of `/wallet/inbox/answer`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AnsweredQuestion"))]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// As in the request.
    pub question_id: String,
    /// Names the consent, by which it is withdrawn; none after a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_id: Option<String>,
}

crate::redact::redacted_debug!(List, Question, AnswerRequest, Answered);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_the_wire() {
        let text = json!({"questions": [{
            "questionId": "q", "clientId": "clinic", "clientName": "Clinic", "issuer": "https://id.example/op",
            "claims": ["name"], "purpose": "Your file", "askedDateTime": "2026-01-05T10:00:00.000Z",
            "expireDateTime": "2026-01-08T10:00:00.000Z",
        }]});
        let list: List = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(serde_json::to_value(&list).unwrap(), text);
        assert_eq!(format!("{list:?}"), "List { .. }");
        let no = AnswerRequest { question_id: "q".into(), ..AnswerRequest::default() };
        assert_eq!(serde_json::to_value(&no).unwrap(), json!({"questionId": "q", "acceptedClaims": []}));
    }
}
