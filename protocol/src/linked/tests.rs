use serde_json::{Value, json};

use super::*;

fn wire<T: Serialize>(body: &T) -> Value {
    serde_json::to_value(body).unwrap()
}

#[test]
fn gs_wal_04_reads_esignets_answer() {
    let answer: LinkTransaction = serde_json::from_value(json!({
        "linkTransactionId": "0Lr", "clientName": {"@none": "Clinic", "deu": "Klinik"},
        "logoUrl": "https://rp.example/logo.png",
        "authFactors": [[{"type": "OTP", "count": 0, "subTypes": null}], [{"type": "WLA", "count": 0, "subTypes": null}]],
        "authorizeScopes": [], "essentialClaims": ["name"], "voluntaryClaims": ["email"], "credentialScopes": [],
        "configs": {"linked-transaction-expire-in-secs": 240}, "new": {"a": [1]},
    }))
    .unwrap();
    assert_eq!(answer.client_name.in_language(&["deu"]), Some("Klinik"));
    assert_eq!(answer.client_name.in_language(&["fra"]), Some("Clinic"));
    assert!(answer.auth_factors[1][0].is_wla());
    assert!(answer.configs.tessera.is_none());
    assert_eq!(answer.configs.other["linked-transaction-expire-in-secs"], 240);
}

#[test]
fn gs_wal_04_reads_govstacks_answer() {
    let answer: LinkTransaction = serde_json::from_value(json!({
        "linkTransactionId": "L", "clientName": "Clinic", "logoUrl": null, "authorizeScopes": null,
        "essentialClaims": [], "voluntaryClaims": [], "configs": null,
        "authFactors": [[{"type": "Wallet", "count": 1, "bioSubTypes": ["x"]}]],
    }))
    .unwrap();
    assert_eq!(answer.client_name, ClientName::Plain("Clinic".into()));
    assert!(answer.auth_factors[0][0].is_wla());
    assert!(answer.authorize_scopes.is_empty());
}

#[test]
fn configs_keep_what_is_foreign_and_type_what_is_ours() {
    let text = json!({
        "tessera": {"iss": "https://id.example", "nonce": "n", "rp_domain": "clinic.example",
                    "started_at": "2026-01-05T10:00:00.000Z", "later": true},
        "wallet.config": [],
    });
    let configs: Configs = serde_json::from_value(text).unwrap();
    let tessera = configs.tessera.clone().unwrap();
    assert_eq!(tessera.rp_domain.as_deref(), Some("clinic.example"));
    assert_eq!(tessera.started_at.unwrap().epoch_seconds(), 1_767_607_200);
    assert_eq!(wire(&configs)["wallet.config"], json!([]));
    assert_eq!(wire(&configs)["tessera"]["nonce"], "n");
}

#[test]
fn names_of_the_wire_and_their_traps() {
    let auth_code = LinkAuthCodeRequest { transaction_id: "T".into(), linked_code: "C".into() };
    assert_eq!(wire(&auth_code), json!({"transactionId": "T", "linkedCode": "C"}));
    let status = LinkStatusRequest { transaction_id: "T".into(), link_code: "C".into() };
    assert_eq!(wire(&status), json!({"transactionId": "T", "linkCode": "C"}));
    let authenticate = AuthenticateRequest {
        linked_transaction_id: "L".into(),
        individual_id: "1".into(),
        challenge_list: vec![Challenge { auth_factor_type: "WLA".into(), challenge: "t".into(), format: "jwt".into() }],
    };
    assert_eq!(
        wire(&authenticate),
        json!({"linkedTransactionId": "L", "individualId": "1",
               "challengeList": [{"authFactorType": "WLA", "challenge": "t", "format": "jwt"}]})
    );
    let consent = ConsentRequest {
        linked_transaction_id: "L".into(),
        permitted_authorize_scopes: vec!["s".into()],
        consent_statement: Some("j".into()),
        ..Default::default()
    };
    assert_eq!(
        wire(&consent),
        json!({"linkedTransactionId": "L", "acceptedClaims": [], "permittedAuthorizeScopes": ["s"],
               "consentStatement": "j"})
    );
    let otp =
        SendOtpRequest { transaction_id: "L".into(), individual_id: "1".into(), otp_channels: vec!["email".into()] };
    assert_eq!(wire(&otp), json!({"transactionId": "L", "individualId": "1", "otpChannels": ["email"]}));
    let deny = DenyRequest { linked_transaction_id: "L".into(), reason: Some(DenyReason::NotMe) };
    assert_eq!(wire(&deny), json!({"linkedTransactionId": "L", "reason": "not_me"}));
    let done = Authenticate {
        linked_transaction_id: "L".into(),
        consent_action: Some(ConsentAction::NoCapture),
        ..Default::default()
    };
    assert_eq!(wire(&done), json!({"linkedTransactionId": "L", "consentAction": "NOCAPTURE"}));
}

#[test]
fn missing_and_null_read_as_blank() {
    for text in ["{}", r#"{"linkedTransactionId":null,"acceptedClaims":null,"signature":null,"other":1}"#] {
        let request: ConsentRequest = serde_json::from_str(text).unwrap();
        assert!(request == ConsentRequest::default());
    }
    // Lists sent as text are not lists.
    assert!(serde_json::from_str::<ConsentRequest>(r#"{"acceptedClaims":"name"}"#).is_err());
}

#[test]
fn prints_no_content() {
    let challenge =
        Challenge { auth_factor_type: "OTP".into(), challenge: "111111".into(), format: "alpha-numeric".into() };
    assert_eq!(format!("{challenge:?}"), "Challenge { .. }");
}
