//! Buffers: OSIA-BUF, GS-EAP-05 to GS-EAP-08.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::stream;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::kept::{nothing_is_left, rows};
use super::{Office, jana};
use crate::config::{Config, Enrollment};
use crate::enrollment::buffer::{self, Piece};
use crate::enrollment::{EnrollmentId, Service};
use crate::testkit::Kit;

/// Bytes that differ from one another.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from((n ^ (n >> 8) ^ (n >> 16)) & 0xff).unwrap()).collect()
}

fn sha_256(bytes: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(Sha256::digest(bytes)))
}

#[tokio::test]
async fn osia_buf_01_and_02_what_is_sent_is_given_back() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        office.create("E1", &jana()).await;
        let kinds =
            ["image/png", "application/pdf", "image/wsq", "image/jp2", "application/octet-stream", "image/svg+xml"];
        let lengths = [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 700_000];
        let mut ids = Vec::new();
        for (kind, length) in kinds.into_iter().zip(lengths) {
            let sent = bytes(length);
            // In pieces that fit nothing.
            let pieces: Vec<Result<Bytes, std::io::Error>> =
                sent.chunks(10_007).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            let digest = [("digest", sha_256(&sent))];
            let headers = digest.each_ref().map(|(name, value)| (*name, value.as_str()));
            let answer = office.buffer("E1", kind, &headers, Body::from_stream(stream::iter(pieces))).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
            let id = answer.json()["bufferId"].as_str().unwrap().to_owned();
            let (status, headers, given) = office.load("E1", &id).await;
            assert_eq!((status, headers["content-type"].to_str().unwrap()), (StatusCode::OK, kind));
            assert_eq!(headers["content-length"], length.to_string().as_str());
            assert!(headers["digest"].to_str().unwrap().split(',').any(|one| one == sha_256(&sent)));
            assert!(given == sent, "{kind}");
            ids.push(id);
        }
        ids.dedup();
        assert_eq!(ids.len(), 6);
        assert_eq!(office.load("E1", "AAAAAAAAAAAAAAAAAAAAAA").await.0, StatusCode::NOT_FOUND);
        for tricky in ["..", "%2e%2e%2fE2", "0", "a%00b"] {
            let (status, ..) = office.load("E1", tricky).await;
            assert!([StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST].contains(&status), "{tricky} {status}");
        }
        office.create("E2", &jana()).await;
        assert_eq!(office.load("E2", &ids[0]).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn osia_buf_01c_what_is_refused_leaves_nothing() {
    let config =
        Config { enrollment: Enrollment { largest_buffer: 600_000, ..Enrollment::default() }, ..Config::default() };
    for kit in Kit::both_with(&config).await {
        let office = Office::new(&kit, "office", "ministry").await;
        let sent = bytes(600_000);
        let wrong = sha_256(b"something else");
        let right = sha_256(&sent);
        for (kind, digest, status) in [
            ("image/png", wrong.as_str(), StatusCode::BAD_REQUEST),
            ("image/png", "SHA=a9993e364706816aba3e25717850c26c9cd0d89d", StatusCode::BAD_REQUEST),
            ("image/png", "MD5=AAAA", StatusCode::BAD_REQUEST),
            ("text/plain", right.as_str(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("image/", right.as_str(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("image/*", right.as_str(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
            ("imagine/png", right.as_str(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ] {
            let answer = office.buffer("E1", kind, &[("digest", digest)], sent.clone()).await;
            assert_eq!(answer.status, status, "{kind} {digest}");
            assert_eq!(answer.json()["code"], status.as_u16());
        }
        // Too large, told or not.
        let large = bytes(600_001);
        let told = office.buffer("E1", "image/png", &[("content-length", "600001")], large.clone()).await;
        assert_eq!((told.status, told.json()["code"].as_i64()), (StatusCode::PAYLOAD_TOO_LARGE, Some(413)));
        let untold = stream::iter(
            large.chunks(5000).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece))).collect::<Vec<_>>(),
        );
        let untold = office.buffer("E1", "image/png", &[], Body::from_stream(untold)).await;
        assert_eq!(untold.status, StatusCode::PAYLOAD_TOO_LARGE);
        // Broken off.
        let broken = stream::iter([Ok(Bytes::from(bytes(300_000))), Err(std::io::Error::other("gone"))]);
        assert_eq!(
            office.buffer("E1", "image/png", &[], Body::from_stream(broken)).await.status,
            StatusCode::BAD_REQUEST
        );
        // What was begun is cleared away by a task of its own.
        for _ in 0..10_000 {
            if rows(&kit).await == [0; 8] {
                break;
            }
            tokio::task::yield_now().await;
        }
        nothing_is_left(&kit).await;
    }
}

/// OSIA's functional chapter, GS-EAP-06: by reference, the buffer first.
#[tokio::test]
async fn gs_eap_06_a_buffer_may_come_before_its_enrollment_and_waits_a_day_for_it() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        let first = office.store("E1", "image/png", b"one").await;
        let orphan = office.store("E2", "image/png", b"two").await;
        let url = format!("{}v1/enrollments/E1/buffer/{first}", kit.state.config.public_url);
        let portrait = json!({ "biometricData": [{ "biometricType": "FACE", "imageRef": url }] });
        let path = "/v1/enrollments/E1?transactionId=T&finalize=true";
        assert_eq!(office.json(axum::http::Method::POST, path, &portrait).await.status, StatusCode::NO_CONTENT);

        let (service, id) = (Service::from("ministry".to_owned()), EnrollmentId::read("E1".to_owned()).unwrap());
        let piece = buffer::piece(&kit.state, &service, &id, &url, 0).await.unwrap();
        assert!(matches!(piece, Piece::Bytes(clear) if clear.as_slice() == b"one"));
        assert!(matches!(buffer::piece(&kit.state, &service, &id, &url, 1).await.unwrap(), Piece::End));
        let foreign = url.replace(&first, &orphan);
        assert!(matches!(buffer::piece(&kit.state, &service, &id, &foreign, 0).await.unwrap(), Piece::Unknown));

        assert_eq!(buffer::expire(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(24 * 3600 + 1);
        while buffer::expire(&kit.state).await.unwrap() > 0 {}
        // Tokens live less than a day.
        let office = Office::new(&kit, "office", "ministry").await;
        assert_eq!(office.load("E1", &first).await.2, b"one".as_slice());
        assert_eq!(office.load("E2", &orphan).await.0, StatusCode::NOT_FOUND);
        assert_eq!(rows(&kit).await[6..], [1, 1]);
    }
}

/// One that is finalized while a buffer is on its way does not get it.
#[tokio::test]
async fn osia_enr_06b_a_buffer_that_ends_after_the_finalize_is_refused() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        office.create("E1", &jana()).await;
        let (state, token) = (kit.state.clone(), office.token.clone());
        let body = stream::once(async move {
            use tower::ServiceExt;
            let request = axum::http::Request::put("/v1/enrollments/E1/finalize?transactionId=T")
                .header("authorization", format!("Bearer {token}"));
            let request = request.body(Body::empty()).unwrap();
            let answer = crate::routes::app(&state).oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::NO_CONTENT);
            Ok::<_, std::io::Error>(Bytes::from_static(b"late"))
        });
        let answer = office.buffer("E1", "image/png", &[], Body::from_stream(body)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
    }
}

/// What was being sent when the process died is cleared away, and nobody sees it before.
#[tokio::test]
async fn a_buffer_that_was_never_completed_is_nobodys_and_goes() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        office.create("E1", &jana()).await;
        let (service, id) = (Service::from("ministry".to_owned()), EnrollmentId::read("E1".to_owned()).unwrap());
        let (row, lookup, now) = (kit.state.next_id(), id.lookup(&kit.state, &service), kit.state.clock.now());
        kit.state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    crate::enrollment::store::buffers::begin(tx, row, &lookup, b"office", now).await?;
                    crate::enrollment::store::buffers::add(tx, row, 0, b"sealed").await
                })
            })
            .await
            .unwrap();
        let name = kit.state.ids.name(crate::ids::Kind::EnrollmentBuffer, row);
        assert_eq!(office.load("E1", &name).await.0, StatusCode::NOT_FOUND);
        kit.clock.advance_seconds(1790);
        assert_eq!(buffer::expire(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(20);
        assert_eq!(buffer::expire(&kit.state).await.unwrap(), 1);
        assert_eq!(rows(&kit).await[6..], [0, 0]);
    }
}
