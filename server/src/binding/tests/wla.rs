//! The wallet's factor (GS-WAL-08, GS-VAP-03, L6, L8).

use protocol::wla::{LegacyClaims, NativeClaims};
use sha2::{Digest, Sha256};

use super::*;
use crate::binding::{Expected, Profile, WalletProof, verify_wla};
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::factors::OtpFor;

const TXN: &str = "the-linked-transaction";

/// Another linked transaction each time, so that only the person's limit counts.
pub(super) fn expected(mount: Mount, transaction: i64) -> Expected {
    Expected { mount, purpose: OtpFor::Linked(transaction), nonce: "the-nonce".into(), txn: TXN.into(), key: None }
}

pub(super) fn native(kit: &Kit, phone: &Phone, mount: Mount, jti: &str) -> NativeClaims {
    let now = kit.state.clock.now() / 1000;
    NativeClaims {
        iss: phone.jwk.thumbprint(),
        sub: ANNA.into(),
        aud: kit.state.issuer(mount),
        nonce: "the-nonce".into(),
        txn: TXN.into(),
        jti: jti.into(),
        iat: now,
        exp: now + 60,
        match_number: None,
    }
}

fn legacy(kit: &Kit, aud: &str) -> LegacyClaims {
    let now = kit.state.clock.now() / 1000;
    LegacyClaims { iss: "residentapp".into(), sub: ANNA.into(), aud: aud.into(), iat: now, exp: now + 18_000 }
}

/// `x5t#S256` of the certificate a wallet got.
fn x5t(answer: &Answer) -> String {
    let chain = openssl::x509::X509::stack_from_pem(member(answer, "certificate").as_bytes()).unwrap();
    protocol::base64url::encode(Sha256::digest(chain[0].to_der().unwrap()))
}

fn code(result: &Result<WalletProof, ApiError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(ApiError::Refused(codes)) => codes[0].0.name(),
        Err(other) => panic!("{other:?}"),
    }
}

/// GS-WAL-08 and GS-VAP-03: a bound wallet is a factor of its own, on every mount.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_gs_wal_08_a_bound_key_of_each_kind_logs_its_person_in() {
    for kit in Kit::both().await {
        let (anna, _) = people(&kit).await;
        for phone in [Phone::es256(), Phone::ed25519(), Phone::rs256()] {
            bind(&kit, ANNA, &phone).await;
            for (n, mount) in Mount::ISSUERS.into_iter().enumerate() {
                let token = phone.native(&native(&kit, &phone, mount, &format!("j{n}")));
                let proof = verify_wla(&kit.state, ANNA, &token, &expected(mount, 1)).await.unwrap();
                assert_eq!((proof.person, proof.profile, proof.proven), (anna, Profile::Native, true));
                assert_eq!(proof.amr, ["pop"]);
                assert_eq!(proof.thumbprint, phone.jwk.thumbprint());
                let key = crate::binding::key_for_consent(&kit.state, anna, proof.key).await.unwrap();
                assert_eq!(key.unwrap().jwk.key(), phone.jwk.key());
            }
        }
    }
}

/// Case L8: everything that is wrong with a token is refused alike, and counts as an attempt.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_l8_a_bad_token_is_refused_and_counted() {
    for kit in Kit::both().await {
        people(&kit).await;
        let (phone, bens, unbound) = (Phone::es256(), Phone::es256(), Phone::es256());
        bind(&kit, ANNA, &phone).await;
        bind(&kit, BEN, &bens).await;
        let mount = Mount::GovStack;
        let good = |jti: &str| native(&kit, &phone, mount, jti);
        let with = |change: fn(&mut NativeClaims)| {
            let mut claims = good("x");
            change(&mut claims);
            phone.native(&claims)
        };
        let foreign = {
            let input = protocol::wla::native_signing_input(phone.alg, None, &good("x")).unwrap();
            input.attach(&unbound.sign(input.bytes()))
        };
        let bad = [
            unbound.native(&native(&kit, &unbound, mount, "x")),
            bens.native(&native(&kit, &bens, mount, "x")),
            foreign,
            phone.legacy("AAAA", &legacy(&kit, "esignet-binding")),
            with(|claims| claims.sub = BEN.into()),
            with(|claims| claims.aud = "http://localhost:8080/op".into()),
            with(|claims| claims.nonce = "another".into()),
            with(|claims| claims.txn = "another".into()),
            with(|claims| claims.jti = String::new()),
            with(|claims| claims.exp += 1),
            with(|claims| {
                claims.iat -= 91;
                claims.exp -= 91;
            }),
            with(|claims| {
                claims.iat += 31;
                claims.exp += 31;
            }),
        ];
        let mut transaction = 0;
        let mut verify = async |token: &str| {
            transaction += 1;
            code(&verify_wla(&kit.state, ANNA, token, &expected(mount, transaction)).await)
        };
        for (n, token) in bad.iter().enumerate() {
            assert_eq!(verify(token).await, "auth_failed", "{n}");
            // A right one between makes the count begin again, so that each bad one is looked at.
            assert_eq!(verify(&phone.native(&good(&format!("good-{n}")))).await, "ok", "{n}");
        }
        let used = phone.native(&good("good-0"));
        for _ in 0..5 {
            assert_eq!(verify(&used).await, "auth_failed", "replayed");
        }
        assert_eq!(verify(&phone.native(&good("fresh"))).await, "individual_id_blocked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_l8_of_twenty_who_send_one_token_at_once_one_is_in() {
    for kit in Kit::both().await {
        people(&kit).await;
        let phone = Phone::es256();
        bind(&kit, ANNA, &phone).await;
        let token = phone.native(&native(&kit, &phone, Mount::Op, "one"));
        let tries = (0..20).map(|n| {
            let (state, token) = (kit.state.clone(), token.clone());
            async move { verify_wla(&state, ANNA, &token, &expected(Mount::Op, n)).await.is_ok() }
        });
        let answers = futures::future::join_all(tries).await;
        assert_eq!(answers.into_iter().filter(|good| *good).count(), 1);
    }
}

/// GS-WAL-08: after the certificate's end, or its revocation, nothing helps but binding again.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_gs_wal_08_an_expired_or_revoked_key_logs_nobody_in() {
    for kit in Kit::both().await {
        people(&kit).await;
        let (phone, lost) = (Phone::es256(), Phone::es256());
        let device = member(&bind(&kit, ANNA, &lost).await, "deviceId");
        bind(&kit, ANNA, &phone).await;
        let answer = phone.call(&kit, "/wallet/devices/revoke", json!({ "deviceId": device }), "r").await;
        assert_eq!(member(&answer, "deviceId"), device);
        let mount = Mount::ESignet;
        let verify = async |phone: &Phone, jti: &str| {
            let token = phone.native(&native(&kit, phone, mount, jti));
            code(&verify_wla(&kit.state, ANNA, &token, &expected(mount, 1)).await)
        };
        assert_eq!(verify(&lost, "a").await, "binding_ended");
        assert_eq!(bind(&kit, ANNA, &lost).await.code(), "duplicate_public_key", "a revoked key never comes back");
        kit.clock.advance_seconds(365 * 86_400 - 1);
        assert_eq!(verify(&phone, "b").await, "ok");
        kit.clock.advance_seconds(1);
        assert_eq!(verify(&phone, "c").await, "binding_ended");
        bind(&kit, ANNA, &phone).await;
        assert_eq!(verify(&phone, "d").await, "ok");
    }
}

/// Wallets of eSignet 1.x: their form on the mounts that know it, from keys bound for it, each token once.
#[tokio::test(flavor = "multi_thread")]
async fn l8_the_legacy_form_is_taken_on_compatible_mounts_only() {
    let kit = open_kit().await;
    people(&kit).await;
    let (old, new) = (Phone::rs256(), Phone::rs256());
    let x5t_of_old = x5t(&bind_at(&kit, ESIGNET, ANNA, old.jwk_json()).await);
    let x5t_of_new = x5t(&bind(&kit, ANNA, &new).await);
    let mut transaction = 100;
    let mut verify = async |mount: Mount, token: &str| {
        transaction += 1;
        verify_wla(&kit.state, ANNA, token, &expected(mount, transaction)).await
    };
    let at = |seconds: i64| {
        let mut claims = legacy(&kit, "ida-binding");
        claims.iat += seconds;
        old.legacy(&x5t_of_old, &claims)
    };
    let first = old.legacy(&x5t_of_old, &legacy(&kit, "esignet-binding"));
    let proof = verify(Mount::ESignet, &first).await.unwrap();
    assert_eq!((proof.profile, proof.proven), (Profile::Legacy, false));
    assert_eq!(code(&verify(Mount::ESignet, &first).await), "auth_failed", "replayed");
    assert_eq!(code(&verify(Mount::GovStack, &at(0)).await), "ok");
    assert_eq!(code(&verify(Mount::Op, &at(-1)).await), "auth_failed", "not on the standard mount");
    assert_eq!(code(&verify(Mount::GovStack, &at(-60)).await), "ok", "30 s and skew");
    assert_eq!(code(&verify(Mount::GovStack, &at(-61)).await), "auth_failed");
    assert_eq!(code(&verify(Mount::GovStack, &at(30)).await), "ok", "a clock that is ahead");
    assert_eq!(code(&verify(Mount::GovStack, &at(31)).await), "auth_failed");
    let aud = old.legacy(&x5t_of_old, &legacy(&kit, "elsewhere"));
    assert_eq!(code(&verify(Mount::GovStack, &aud).await), "auth_failed");
    let by_native_key = new.legacy(&x5t_of_new, &legacy(&kit, "esignet-binding"));
    assert_eq!(code(&verify(Mount::GovStack, &by_native_key).await), "auth_failed", "never from a native key");
    let by_legacy_key = old.native(&native(&kit, &old, Mount::GovStack, "j"));
    assert_eq!(code(&verify(Mount::GovStack, &by_legacy_key).await), "auth_failed", "nor the other way round");
}

/// Case L6: where the wallet named its key at the scan, no other key of the same person may answer.
#[tokio::test]
async fn l6_only_the_key_that_was_named_may_answer() {
    let kit = Kit::new().await;
    people(&kit).await;
    let (named, other) = (Phone::es256(), Phone::es256());
    bind(&kit, ANNA, &named).await;
    bind(&kit, ANNA, &other).await;
    let login = Expected { key: Some(named.jwk.thumbprint()), ..expected(Mount::Op, 1) };
    let verify = async |phone: &Phone| {
        let token = phone.native(&native(&kit, phone, Mount::Op, "j"));
        code(&verify_wla(&kit.state, ANNA, &token, &login).await)
    };
    assert_eq!(verify(&other).await, "auth_failed");
    assert_eq!(verify(&named).await, "ok");
}

#[tokio::test]
async fn an_unknown_person_answers_like_a_wrong_token() {
    let kit = Kit::new().await;
    people(&kit).await;
    let phone = Phone::es256();
    bind(&kit, ANNA, &phone).await;
    let token = phone.native(&NativeClaims { sub: "nobody".into(), ..native(&kit, &phone, Mount::Op, "j") });
    assert_eq!(code(&verify_wla(&kit.state, "nobody", &token, &expected(Mount::Op, 1)).await), "auth_failed");
}
