//! The nine operations through the whole app, as enrollment clients see them.

mod births;
mod buffers;
mod finding;
mod kept;
mod operations;
mod protecting;
mod racing;
mod rehashing;
mod seclusion;

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::clients::{AuthMethod, GrantType, Registration};
use crate::dialect::Mount;
use crate::grants;
use crate::testkit::{Answer, Kit};

/// The scopes of an enrollment client.
const SCOPES: [&str; 4] = ["enroll.write", "enroll.read", "enroll.buf.write", "enroll.buf.read"];

/// Registers a client of a relying party, on the mount of GovStack.
async fn register(kit: &Kit, client: &str, party: &str) {
    let registration = Registration {
        name: [("@none".to_owned(), client.to_owned())].into(),
        grant_types: vec![GrantType::ClientCredentials],
        auth_methods: vec![AuthMethod::PrivateKeyJwt],
        ..Registration::default()
    };
    let (text, row) = (serde_json::to_string(&registration).unwrap(), kit.state.next_id());
    let (client, party) = (client.to_owned(), party.to_owned());
    kit.state
        .store
        .write(move |tx| {
            Box::pin(async move {
                crate::execute!(
                    tx,
                    "INSERT INTO client (id, mount, client_id, relying_party_id, status, registration, changes, created_at,
                        updated_at)
                     VALUES ($1, $2, $3, $4, 'active', $5, 0, 0, 0) ON CONFLICT DO NOTHING",
                    row,
                    Mount::GovStack.name(),
                    client,
                    party,
                    text
                )?;
                Ok::<_, crate::store::StoreError>(())
            })
        })
        .await
        .unwrap();
}

/// A token of a client's own.
async fn token(kit: &Kit, client: &str, scopes: &[&str]) -> String {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    grants::issue_to_client(&kit.state, Mount::GovStack, client, &scopes, grants::Shown::default())
        .await
        .unwrap()
        .unwrap()
}

/// An enrollment client.
struct Office<'k> {
    kit: &'k Kit,
    token: String,
}

impl<'k> Office<'k> {
    /// Of a relying party, with all scopes.
    async fn new(kit: &'k Kit, client: &str, party: &str) -> Self {
        register(kit, client, party).await;
        Self { kit, token: token(kit, client, &SCOPES).await }
    }

    fn request(&self, method: Method, path: &str, kind: Option<&str>) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        match kind {
            Some(kind) => request.header(header::CONTENT_TYPE, kind),
            None => request,
        }
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.request(method, path, Some("application/json"));
        self.kit.send(request.body(body.to_string().into()).unwrap()).await
    }

    async fn bare(&self, method: Method, path: &str) -> Answer {
        self.kit.send(self.request(method, path, None).body(Body::empty()).unwrap()).await
    }

    async fn create(&self, id: &str, body: &Value) {
        let answer = self.json(Method::POST, &at(id), body).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NO_CONTENT, ""));
    }

    async fn put(&self, id: &str, body: &Value) -> StatusCode {
        self.json(Method::PUT, &at(id), body).await.status
    }

    async fn patch(&self, id: &str, body: &Value) -> StatusCode {
        self.json(Method::PATCH, &at(id), body).await.status
    }

    async fn finalize(&self, id: &str) -> StatusCode {
        self.bare(Method::PUT, &format!("/v1/enrollments/{id}/finalize?transactionId=T-finalize")).await.status
    }

    async fn read(&self, id: &str) -> Answer {
        self.bare(Method::GET, &at(id)).await
    }

    async fn delete(&self, id: &str) -> StatusCode {
        self.bare(Method::DELETE, &at(id)).await.status
    }

    /// The ids that a search finds, in its order.
    async fn find(&self, query: &str, expressions: &Value) -> Vec<String> {
        let answer = self.json(Method::POST, &format!("/v1/enrollments?transactionId=T{query}"), expressions).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let found = answer.json().as_array().unwrap().clone();
        found.iter().map(|of| of["enrollmentId"].as_str().unwrap().to_owned()).collect()
    }

    /// Sends a buffer with extra headers.
    async fn buffer(&self, id: &str, kind: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request =
            self.request(Method::POST, &format!("/v1/enrollments/{id}/buffer?transactionId=T"), Some(kind));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.kit.send(request.body(body.into()).unwrap()).await
    }

    /// Stores a buffer and gives its id.
    async fn store(&self, id: &str, kind: &str, bytes: &[u8]) -> String {
        let answer = self.buffer(id, kind, &[], bytes.to_vec()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["bufferId"].as_str().unwrap().to_owned()
    }

    /// Reads a buffer: status, headers, bytes.
    async fn load(&self, id: &str, buffer: &str) -> (StatusCode, axum::http::HeaderMap, Bytes) {
        use tower::ServiceExt;
        let path = format!("/v1/enrollments/{id}/buffer/{buffer}?transactionId=T");
        let request = self.request(Method::GET, &path, None).body(Body::empty()).unwrap();
        let response = crate::routes::app(&self.kit.state).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        (parts.status, parts.headers, axum::body::to_bytes(body, usize::MAX).await.unwrap())
    }
}

/// The path of an enrollment.
fn at(id: &str) -> String {
    format!("/v1/enrollments/{id}?transactionId=T-{id}")
}

/// Somebody.
fn jana() -> Value {
    json!({
        "enrollmentType": "citizen",
        "requestData": { "priority": 1, "requestType": "FIRST_ISSUANCE" },
        "contextualData": { "enrollmentDate": "2019-01-11" },
        "biographicData": {
            "firstName": "Jana", "lastName": "Nováková", "gender": "F", "dateOfBirth": "1985-11-30", "nationality": "CZE"
        },
        "biometricData": [{ "biometricType": "FACE", "image": "c3RyaW5n", "mimeType": "image/jp2" }],
        "documentData": [{ "documentType": "PASSPORT", "parts": [{ "pages": [1], "data": "c3RyaW5n" }] }]
    })
}

/// An enrollment as it is read.
fn with_head(mut enrollment: Value, id: &str, status: &str) -> Value {
    enrollment["enrollmentId"] = json!(id);
    enrollment["status"] = json!(status);
    enrollment
}
