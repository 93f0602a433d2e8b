//! Pages of other origins (the Fetch standard).

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::registration::config;
use crate::config::Opening;
use crate::testkit::Kit;

/// They may call what the mount shares, and nothing else.
#[tokio::test]
async fn pages_of_other_origins_may_call_what_op_shares() {
    let kit = Kit::with(config(Opening::Open)).await;
    let preflight = async |path: &str| {
        let request = Request::builder().method("OPTIONS").uri(path);
        let request = request.header(header::ORIGIN, "https://spa.test");
        let request = request.header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
        use tower::ServiceExt;
        crate::routes::app(&kit.state).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    for path in ["/op/token", "/op/userinfo", "/op/jwks.json", "/op/.well-known/openid-configuration", "/op/register"] {
        let answer = preflight(path).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        let sent = answer.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        assert!(["Authorization", "Content-Type", "DPoP"].iter().all(|name| sent.contains(name)));
        assert!(!answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }
    for path in ["/op/authorize", "/oauth/token", "/v1/esignet/oauth/v2/token", "/op/client-mgmt/client"] {
        let answer = preflight(path).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(!answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    }
    // Errors can be read too.
    let refused = kit.get("/op/userinfo", None).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN).iter().count(), 1);
    let shown = refused.headers[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
    assert!(shown.contains("WWW-Authenticate") && shown.contains("DPoP-Nonce"));
    let keys = kit.get("/op/jwks.json", None).await;
    assert_eq!(keys.headers.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN).iter().count(), 1);
}
