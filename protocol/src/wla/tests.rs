use super::*;

const NOW: i64 = 1_767_607_200;

fn claims() -> NativeClaims {
    NativeClaims {
        iss: "thumb".into(),
        sub: "123".into(),
        aud: "https://id.example".into(),
        nonce: "n".into(),
        txn: "L".into(),
        jti: "j".into(),
        iat: NOW,
        exp: NOW + 60,
        match_number: None,
    }
}

fn expected() -> NativeExpected<'static> {
    NativeExpected {
        thumbprint: "thumb",
        individual_id: "123",
        issuer: "https://id.example",
        nonce: "n",
        txn: "L",
        match_number: None,
    }
}

fn check(claims: &NativeClaims) -> Result<(), WlaError> {
    check_native(claims, &expected(), NOW, 30)
}

#[test]
fn gs_wal_08_l8_holds_for_its_own_login_only() {
    assert_eq!(check(&claims()), Ok(()));
    assert_eq!(check(&NativeClaims { iss: "x".into(), ..claims() }), Err(WlaError::WrongIssuer));
    assert_eq!(check(&NativeClaims { sub: "x".into(), ..claims() }), Err(WlaError::WrongSubject));
    assert_eq!(check(&NativeClaims { aud: "https://id.example/op".into(), ..claims() }), Err(WlaError::WrongAudience));
    assert_eq!(check(&NativeClaims { nonce: "x".into(), ..claims() }), Err(WlaError::WrongNonce));
    assert_eq!(check(&NativeClaims { txn: "x".into(), ..claims() }), Err(WlaError::WrongTransaction));
    assert_eq!(check(&NativeClaims { jti: String::new(), ..claims() }), Err(WlaError::MalformedJti));
    assert_eq!(check(&NativeClaims { jti: "j".repeat(129), ..claims() }), Err(WlaError::MalformedJti));
}

#[test]
fn gs_vap_04_l8_lives_a_minute() {
    let times = |iat, exp| check(&NativeClaims { iat, exp, ..claims() });
    assert_eq!(times(NOW, NOW + 61), Err(TimeError::Lifetime.into()));
    assert_eq!(times(NOW - 90, NOW - 30), Err(TimeError::Expired.into()));
    assert_eq!(times(NOW + 31, NOW + 91), Err(TimeError::IssuedInFuture.into()));
    assert_eq!(times(NOW + 30, NOW + 90), Ok(()));
}

#[test]
fn a_blank_nonce_never_matches() {
    let blank = NativeClaims { nonce: String::new(), ..claims() };
    let expected = NativeExpected { nonce: "", ..expected() };
    assert_eq!(check_native(&blank, &expected, NOW, 30), Err(WlaError::WrongNonce));
}

#[test]
fn the_number_counts_when_asked() {
    let expected = NativeExpected { match_number: Some("42"), ..expected() };
    let typed = |n: Option<&str>| NativeClaims { match_number: n.map(str::to_owned), ..claims() };
    assert_eq!(check_native(&typed(Some("42")), &expected, NOW, 30), Ok(()));
    assert_eq!(check_native(&typed(None), &expected, NOW, 30), Err(WlaError::MatchMissing));
    assert_eq!(check_native(&typed(Some("41")), &expected, NOW, 30), Err(WlaError::MatchWrong));
    let late = NativeClaims { iat: NOW - 600, exp: NOW - 540, ..typed(Some("41")) };
    assert_eq!(check_native(&late, &expected, NOW, 30), Err(TimeError::Expired.into()));
}

#[test]
fn legacy_is_checked_for_what_it_has() {
    let inji = LegacyClaims {
        iss: "residentapp".into(),
        sub: "123".into(),
        aud: "ida-binding".into(),
        iat: NOW - 5,
        exp: NOW - 5 + 18_000,
    };
    let check = |c: &LegacyClaims, now| check_legacy(c, "123", &LEGACY_AUDIENCES, now, 30, 30);
    assert_eq!(check(&inji, NOW), Ok(()));
    assert_eq!(check(&inji, NOW + 56), Err(TimeError::TooOld.into()));
    assert_eq!(check(&inji, NOW - 36), Err(TimeError::IssuedInFuture.into()));
    assert_eq!(check(&LegacyClaims { sub: "x".into(), ..inji.clone() }, NOW), Err(WlaError::WrongSubject));
    assert_eq!(check(&LegacyClaims { aud: "x".into(), ..inji.clone() }, NOW), Err(WlaError::WrongAudience));
    assert_eq!(check(&LegacyClaims { exp: NOW - 30, ..inji }, NOW), Err(TimeError::Expired.into()));
}

#[test]
fn names_of_the_wire() {
    let json = serde_json::to_value(NativeClaims { match_number: Some("42".into()), ..claims() }).unwrap();
    assert_eq!(json["match"], "42");
    assert!(serde_json::to_value(claims()).unwrap().get("match").is_none());
    let input = native_signing_input(Algorithm::Es256, Some("c"), &claims()).unwrap();
    let token = crate::jws::Jws::parse(&input.attach(&[0; 64])).unwrap();
    assert!(is_native(token.header()));
    assert_eq!(token.header().kid.as_deref(), Some("thumb"));
    assert_eq!(token.header().x5t_s256.as_deref(), Some("c"));
    assert_eq!(token.require(&NATIVE_PROFILE), Ok(()));
    assert_eq!(format!("{:?}", claims()), "NativeClaims { .. }");
    assert!(input.attach(&[0; 64]).len() > MIN_CHALLENGE_BYTES);
}

#[test]
fn a_claim_given_twice_is_refused() {
    let twice = r#"{"iss":"a","sub":"b","sub":"c","aud":"d","iat":1,"exp":2}"#;
    assert!(serde_json::from_str::<LegacyClaims>(twice).is_err());
}
