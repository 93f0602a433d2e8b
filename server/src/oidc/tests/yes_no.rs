//! GS-VER-05, GS-PRI-01b: what is answered by yes or no, and values that the request names (OpenID Connect Core §5.5.1).

use serde_json::{Value, json};

use super::{checked, text};
use crate::dialect::Mount;
use crate::grants::{Approval, ClaimRequest, ClaimsRequest};
use crate::testkit::{Kit, RelyingParty};

fn of_value(value: Value) -> ClaimRequest {
    ClaimRequest { value: Some(value), ..ClaimRequest::default() }
}

fn of_values(values: &[&str]) -> ClaimRequest {
    ClaimRequest { values: values.iter().map(|value| json!(value)).collect(), ..ClaimRequest::default() }
}

#[tokio::test]
async fn gs_ver_05_age_and_matches_are_told_without_the_attribute() {
    let kit = Kit::new().await;
    // Asha Rao, asha@example.org, born 1990-02-03; it is 2026.
    let person = kit.person("100").await;
    let party = RelyingParty::new(&kit, Mount::Op, "clinic").await;
    let names = [
        "age_over_18",
        "age_over_60",
        "name_matches",
        "birthdate_matches",
        "email_matches",
        "phone_number_matches",
        "individual_id_matches",
        "given_name_matches",
    ];
    let mut claims = ClaimsRequest::default();
    for (name, request) in [
        ("age_over_18", ClaimRequest::default()),
        ("name_matches", of_value(json!("asha rao "))),
        ("birthdate_matches", of_value(json!("1990-02-04"))),
        ("email_matches", of_values(&["x@example.org", "asha@example.org"])),
        // Nothing is known of a phone.
        ("phone_number_matches", of_value(json!("+33123456789"))),
        ("individual_id_matches", of_value(json!("100"))),
        // Nothing to compare with.
        ("given_name_matches", ClaimRequest::default()),
    ] {
        claims.userinfo.claims.insert(name.into(), request.clone());
        claims.id_token.claims.insert(name.into(), request);
    }
    let approval = Approval {
        userinfo_claims: names.map(str::to_owned).to_vec(),
        id_token_claims: names.map(str::to_owned).to_vec(),
        claims,
        ..party.approval(&kit, person)
    };
    let body = party.redeem(&kit, &kit.code(&approval).await).await.json();
    let mut userinfo = kit.get("/op/userinfo", body["access_token"].as_str()).await.json();
    userinfo.as_object_mut().unwrap().remove("sub");
    let expected = json!({
        "age_over_18": true, "age_over_60": false, "name_matches": true, "birthdate_matches": false,
        "email_matches": true, "individual_id_matches": true
    });
    assert_eq!(userinfo, expected);
    let id_token = checked(&kit, Mount::Op, &text(&body, "id_token")).await;
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&id_token[name], value, "{name}");
    }
    assert!(!id_token.to_string().contains("1990"));
}

/// A value that is of no use is not told, at the standard mount. Others tell what they told before.
#[tokio::test]
async fn a_claim_asked_for_with_a_value_is_told_where_it_has_it() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let mut claims = ClaimsRequest::default();
        claims.id_token.claims.insert("name".into(), of_value(json!("Somebody Else")));
        claims.id_token.claims.insert("birthdate".into(), of_values(&["1990-02-03", "1990-02-04"]));
        claims.id_token.claims.insert("email".into(), ClaimRequest { essential: true, ..ClaimRequest::default() });
        let names = ["name", "birthdate", "email"].map(str::to_owned).to_vec();
        let approval = Approval { id_token_claims: names, claims, ..party.approval(&kit, person) };
        let body = party.redeem(&kit, &kit.code(&approval).await).await.json();
        let told = checked(&kit, mount, &text(&body, "id_token")).await;
        let name = (mount != Mount::Op).then(|| json!("Asha Rao"));
        assert_eq!(told.get("name"), name.as_ref(), "{mount:?}");
        assert_eq!((&told["birthdate"], &told["email"]), (&json!("1990-02-03"), &json!("asha@example.org")));
    }
}
