//! Protection, tested: what the tests share.

mod bounds;
mod encryption;
mod policies;
mod properties;
mod scopes;
mod signatures;
mod vectors;

use std::collections::HashMap;

use futures::future::BoxFuture;
use protocol::jwk::Jwk;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::blocks::HashAlgorithm;
use super::{Buffers, Clear, Fault, NoBuffers, Reason, Scope, canonical, intermediate, verify};
use crate::clients::{Client, EnrollmentPolicy, KeySource, Registration, Status};
use crate::dialect::Mount;
use crate::testkit::Kit;

/// Buffers in memory, in pieces of seven bytes.
#[derive(Default)]
pub(super) struct Held(pub(super) HashMap<String, Vec<u8>>);

impl Held {
    pub(super) fn one(url: &str, bytes: &[u8]) -> Self {
        Self([(url.to_owned(), bytes.to_vec())].into())
    }
}

impl Buffers for Held {
    fn piece<'a>(&'a self, url: &'a str, number: u32) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, Reason>> {
        Box::pin(async move {
            let bytes = self.0.get(url).ok_or(Reason::Reference)?;
            let piece = bytes.chunks(7).nth(number as usize);
            Ok(piece.map(|piece| Zeroizing::new(piece.to_vec())))
        })
    }
}

pub(super) fn client(keys: Vec<Jwk>, policy: Value) -> Client {
    let enrollment_policy = EnrollmentPolicy::read(policy.as_object().unwrap()).unwrap();
    let registration = Registration { keys: KeySource::Keys(keys), enrollment_policy, ..Registration::default() };
    let (id, relying_party_id) = ("office".to_owned(), "office".to_owned());
    Client { row: 1, id, mount: Mount::Op, relying_party_id, status: Status::Active, registration }
}

/// What a client computes.
pub(super) fn hash(node: &Value, scope: &str, alg: &str) -> String {
    let found = Scope::parse(scope).unwrap().locate(node).unwrap();
    let mut hash = HashAlgorithm::named(alg).unwrap().start();
    hash.update(canonical(&intermediate(node, &found)).unwrap().as_bytes());
    hash.finish()
}

/// A block over `scope` of `node`.
pub(super) fn block(node: &Value, scope: &str) -> Value {
    json!({ "scope": scope, "alg": "SHA256", "hash": hash(node, scope, "SHA256") })
}

pub(super) async fn checked(kit: &Kit, document: &Value) -> Result<Clear, Fault> {
    verify(&kit.state, &client(Vec::new(), json!({})), document, &NoBuffers, false).await
}

pub(super) fn person() -> Value {
    json!({
        "biographicData": { "firstName": "Alice", "lastName": "Smith", "height": 170 },
        "biometricData": [
            { "biometricType": "FACE", "image": "aW1hZ2U=", "width": 10 },
            { "biometricType": "FINGER", "imageRef": "https://id.test/v1/enrollments/e/buffer/b" }
        ],
        "documentData": [{ "documentType": "FORM", "parts": [{ "pages": [1, 2], "data": "c3RyaW5n" }, { "pages": [3] }] }]
    })
}
