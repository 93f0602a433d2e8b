//! What is told of verified claims, without a database.

use super::*;

fn advertised() -> Assurance {
    Assurance {
        trust_frameworks: vec!["national".into(), "eidas".into()],
        evidence: vec!["document".into()],
        documents: vec!["idcard".into(), "passport".into()],
        check_methods: vec!["vpip".into()],
        electronic_records: Vec::new(),
    }
}

fn known() -> Vec<Verification> {
    let known = json!([{
        "trust_framework": "national", "assurance_level": "high", "time": "2025-12-01T10:00:00+01:00",
        "verification_process": "office-7", "claims": ["given_name", "birthdate"],
        "evidence": [
            {
                "type": "document",
                "check_details": [
                    { "check_method": "vpip", "organization": "Office 7" }, { "check_method": "secret" }
                ],
                "document_details": {
                    "type": "idcard", "document_number": "53554554", "issuer": { "country_code": "SEN" }
                }
            },
            { "type": "document", "document_details": { "type": "passport", "document_number": "P1" } },
            { "type": "document", "document_details": { "type": "library_card" } },
            { "type": "vouch" }
        ]
    }]);
    serde_json::from_value(known).unwrap()
}

const NOW: i64 = 1_767_607_200;

fn told(request: Value) -> Value {
    let values = json!({ "given_name": "Amina", "birthdate": "1990-02-28", "email": "a@example.org" });
    answer(&request, &known(), values.as_object().unwrap(), &advertised(), NOW).unwrap_or_default()
}

fn of(verification: Value) -> Value {
    told(json!({ "verification": verification, "claims": { "given_name": null } }))
}

/// BID-VFC-01, BID-VFC-02: what was not verified never appears inside.
#[test]
fn only_what_was_asked_agreed_to_and_verified_is_told() {
    for any in [Value::Null, json!({}), json!({ "essential": false }), json!({ "purpose": "to greet you" })] {
        let claims =
            json!({ "given_name": any, "email": null, "theirs%1/a&,.b": null, "birthdate": { "essential": true } });
        assert_eq!(
            told(json!({ "verification": { "trust_framework": null }, "claims": claims })),
            json!({
                "verification": { "trust_framework": "national" },
                "claims": { "given_name": "Amina", "birthdate": "1990-02-28" }
            })
        );
    }
    let nothing = told(json!({ "verification": { "trust_framework": null }, "claims": { "email": null } }));
    assert_eq!(nothing, Value::Null);
}

#[test]
fn a_value_that_is_of_no_use_is_left_out() {
    let with = |name: Value| {
        told(
            json!({ "verification": { "trust_framework": null }, "claims": { "given_name": name, "birthdate": null } }),
        )
    };
    assert_eq!(with(json!({ "value": "x" }))["claims"], json!({ "birthdate": "1990-02-28" }));
    assert_eq!(with(json!({ "values": ["x", "Amina"] }))["claims"]["given_name"], "Amina");
    let only = json!({ "verification": { "trust_framework": null }, "claims": { "given_name": { "value": "x" } } });
    assert_eq!(told(only), Value::Null);
}

#[test]
fn a_demand_on_the_verification_that_is_not_met_ends_it() {
    assert_ne!(of(json!({ "trust_framework": { "value": "national" } })), Value::Null);
    assert_eq!(of(json!({ "trust_framework": { "value": "eidas" } })), Value::Null);
    assert_eq!(of(json!({ "trust_framework": { "values": ["eidas", "national"] } }))["claims"]["given_name"], "Amina");
    assert_eq!(of(json!({ "trust_framework": null, "assurance_level": { "value": "low" } })), Value::Null);
    assert_eq!(of(json!({ "trust_framework": null, "time": { "max_age": 60 } })), Value::Null);
    let young = of(json!({ "trust_framework": null, "time": { "max_age": 63_113_852 } }));
    assert_eq!(young["verification"]["time"], "2025-12-01T10:00:00+01:00");
    assert_eq!(of(json!({ "trust_framework": null, "evidence": [{ "type": { "value": "vouch" } }] })), Value::Null);
    // Unknown, and nothing demanded of it.
    let told = of(json!({ "trust_framework": null, "assurance_process": null, "theirs": {} }));
    assert_eq!(told["verification"], json!({ "trust_framework": "national" }));
}

#[test]
fn evidence_is_told_as_far_as_asked_and_advertised() {
    let told = of(json!({ "trust_framework": null, "evidence": [{
        "type": { "value": "document" },
        "check_details": [{ "check_method": null }],
        "document_details": { "type": { "value": "idcard" }, "issuer": { "country_code": null } }
    }] }));
    assert_eq!(
        told["verification"]["evidence"],
        json!([{
            "type": "document",
            "check_details": [{ "check_method": "vpip" }],
            "document_details": { "type": "idcard", "issuer": { "country_code": "SEN" } }
        }])
    );
    let either = of(json!({ "trust_framework": null, "evidence": [
        { "type": { "value": "document" }, "document_details": { "type": { "value": "passport" }, "document_number": null } },
        { "type": { "value": "document" } }
    ] }));
    assert_eq!(
        either["verification"]["evidence"],
        json!([
            { "type": "document" },
            { "type": "document", "document_details": { "type": "passport", "document_number": "P1" } }
        ])
    );
}

#[test]
fn a_list_is_answered_one_by_one() {
    let one = |framework: &str| json!({ "verification": { "trust_framework": { "value": framework } }, "claims": { "given_name": null } });
    assert_eq!(told(json!([one("eidas"), one("national")])).as_array().map(Vec::len), Some(1));
    assert_eq!(told(json!([one("eidas")])), Value::Null);
}

#[test]
fn what_the_operator_does_not_advertise_is_not_told() {
    let request = json!({ "verification": { "trust_framework": null }, "claims": { "given_name": null } });
    let values = json!({ "given_name": "Amina" });
    let other = Assurance { trust_frameworks: vec!["eidas".into()], ..advertised() };
    assert_eq!(answer(&request, &known(), values.as_object().unwrap(), &other, NOW), None);
}

#[test]
fn a_request_must_be_what_the_standard_describes() {
    let good = json!([
        { "verification": { "trust_framework": null }, "claims": { "name": null, "email": { "essential": true } } },
        { "verification": { "trust_framework": null }, "claims": { "name": { "essential": true } } }
    ]);
    let mut wanted = wanted_verified(&good).unwrap();
    wanted.sort_by(|a, b| a.name.cmp(&b.name));
    let of = |name: &str| WantedVerified { name: name.into(), essential: true, purpose: None };
    assert_eq!(wanted, [of("email"), of("name")]);
    for bad in [
        json!([]),
        json!({}),
        json!("x"),
        json!({ "claims": { "name": null } }),
        json!({ "verification": { "trust_framework": null }, "claims": {} }),
        json!({ "verification": {}, "claims": { "name": null } }),
        json!({ "verification": { "trust_framework": null }, "claims": { "name": "x" } }),
        json!({ "verification": { "trust_framework": null }, "claims": { "name": { "purpose": "ab" } } }),
    ] {
        assert_eq!(wanted_verified(&bad), None, "{bad}");
    }
}
