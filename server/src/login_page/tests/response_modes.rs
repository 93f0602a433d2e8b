//! How answers are given: in the query, in a form, signed (A7, A8).

use serde_json::Value;

use super::*;
use crate::keys::UNDERSTOOD;
use crate::testkit::{Pair, RelyingParty};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;

const MOUNT: Mount = Mount::Op;
const STATE: &str = "s\"><script>&t";

/// The fields of the form that goes to the relying party.
fn posted(answer: &Answer) -> std::collections::HashMap<String, String> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(answer.headers.get(header::LOCATION).is_none());
    assert!(
        answer.text.contains("<form id=\"form-post\" method=\"post\" action=\"https://rp.test/cb\">"),
        "{}",
        answer.text
    );
    let text = |text: &str| {
        let escapes = [
            ("&quot;", "\""),
            ("&#34;", "\""),
            ("&lt;", "<"),
            ("&#60;", "<"),
            ("&gt;", ">"),
            ("&#62;", ">"),
            ("&#38;", "&"),
            ("&amp;", "&"),
        ];
        escapes.into_iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
    };
    let fields = answer.text.split("<input type=\"hidden\" name=\"").skip(1);
    fields
        .map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            (name.to_owned(), text(rest.split('"').next().unwrap()))
        })
        .collect()
}

/// The claims of a signed answer, checked with the published keys.
async fn signed(kit: &Kit, token: &str) -> Value {
    let keys = kit.get("/op/jwks.json", None).await.json();
    let keys: Vec<Jwk> = keys["keys"].as_array().unwrap().iter().filter_map(|key| Jwk::from_value(key).ok()).collect();
    kit.state.keys.verify(&keys, &UNDERSTOOD, token).unwrap().claims().unwrap()
}

/// A8: the state comes back byte for byte, escaped, on a page that runs nothing but our own script.
#[tokio::test]
async fn a8_a_form_carries_the_code_and_nothing_breaks_out_of_it() {
    let kit = kit().await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.authorize(&[("response_mode", "form_post")]).await;
    visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
    let answer = visitor.submit("consent", &[]).await;
    let fields = posted(&answer);
    assert_eq!((fields["code"].len(), fields["state"].as_str()), (64, STATE));
    assert_eq!((fields["iss"].clone(), fields.len()), (kit.state.issuer(MOUNT), 3));
    assert!(!answer.text.contains("<script>&"), "{}", answer.text);
    assert_eq!(
        answer.headers[header::CONTENT_SECURITY_POLICY],
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self' https:; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    // Where the script does not run there is a button.
    assert!(answer.text.contains("<button id=\"form-post-button\">"));
    // Without a page, and for faults, the same.
    assert_eq!(posted(&visitor.authorize(&[("response_mode", "form_post")]).await)["code"].len(), 64);
    for (change, error) in [(("response_type", "-"), "invalid_request"), (("prompt", "none login"), "invalid_request")]
    {
        let fields = posted(&visitor.authorize(&[("response_mode", "form_post"), change]).await);
        assert_eq!((fields["error"].as_str(), fields["state"].as_str()), (error, STATE));
    }
    visitor.authorize(&[("response_mode", "form_post"), ("prompt", "login")]).await;
    assert_eq!(posted(&visitor.submit("deny", &[]).await)["error"], "access_denied");
}

/// JARM §2.
#[tokio::test]
async fn signed_answers_are_for_one_client_and_a_short_time() {
    let kit = kit().await;
    let pair = Pair::new(Algorithm::Es256);
    RelyingParty::with(&kit, MOUNT, "shop", pair, |registration| {
        registration.authorization_signed_response_alg = Some(Algorithm::Es256);
    })
    .await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    for (client, alg) in [("clinic", "RS256"), ("shop", "ES256")] {
        for mode in ["jwt", "query.jwt", "form_post.jwt"] {
            let ask = [("client_id", client), ("response_mode", mode), ("prompt", "login consent")];
            visitor.authorize(&ask).await;
            visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
            let answer = visitor.submit("consent", &[]).await;
            let told = if mode == "form_post.jwt" { posted(&answer) } else { told(&answer) };
            assert_eq!(told.len(), 1, "{told:?}");
            let token = &told["response"];
            let header = protocol::base64url::decode(token.split('.').next().unwrap()).unwrap();
            let header: Value = serde_json::from_slice(&header).unwrap();
            assert_eq!(header["alg"], alg);
            let claims = signed(&kit, token).await;
            assert_eq!(claims["code"].as_str().unwrap().len(), 64);
            assert_eq!((&claims["aud"], &claims["state"]), (&json!(client), &json!(STATE)));
            assert_eq!(claims["iss"], kit.state.issuer(MOUNT));
            assert_eq!(claims["exp"], kit.state.clock.now() / 1000 + 600);
        }
        let ask = [("client_id", client), ("response_mode", "jwt"), ("scope", "-")];
        let claims = signed(&kit, &told(&visitor.authorize(&ask).await)["response"]).await;
        assert_eq!((&claims["error"], &claims["aud"]), (&json!("invalid_scope"), &json!(client)));
    }
}
