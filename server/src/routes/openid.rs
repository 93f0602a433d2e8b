//! Tokens, claims, keys and metadata, at every issuer.

use serde_json::{Value, json};

use crate::authorization::par::push::{self, Pushed, PushedRequest};
use crate::clients::requests::KeySet;
use crate::dialect::Mount;
use crate::http::openapi::{Routes, doc};
use crate::oidc::discovery::Metadata;
use crate::oidc::introspection::{Introspection, TokenQuery};
use crate::oidc::registration::{ClientInformation, ClientMetadata};
use crate::oidc::revocation::Revocation;
use crate::oidc::token::{TokenRequest, TokenResponse};
use crate::oidc::userinfo::{Claims, TokenForm};
use crate::oidc::{discovery, introspection, jwks, registration, revocation, token, userinfo};

/// Tokens, claims, keys and metadata, at the paths that the mount has for them.
pub(super) fn openid(mount: Mount) -> Routes {
    let dialect = mount.dialect();
    let mut routes = Routes::new();
    for path in dialect.token_paths {
        let doc = doc("Tokens")
            .takes_form::<TokenRequest>()
            .gives_json::<TokenResponse>()
            .oauth()
            .status(401, "the client does not prove who it is (400 where the mount's own documents say so)")
            .status(415, "the body is no form")
            .example(token_example);
        routes = routes.post(path, token::post, doc);
    }
    for path in dialect.jwks_paths {
        routes = routes.get(path, jwks::get, doc("Public keys").gives_json::<KeySet>());
    }
    for path in dialect.metadata_paths {
        routes = routes.get(path, discovery::get, doc("Metadata").gives_json::<Metadata>());
    }
    if let Some(path) = dialect.par_path {
        let doc = doc("Leave an authorization request for a login that begins soon")
            .takes_form::<PushedRequest>()
            .gives_made::<Pushed>()
            .oauth()
            .status(401, "the client does not prove who it is")
            .status(415, "the body is no form");
        routes = routes.post(path, push::post, doc);
    }
    match dialect.registration_path {
        Some("/register") if dialect.client_metadata => routes = routes.merge(registering()),
        Some(path) => {
            let doc = doc("Dynamic registration is off: the operator or client management registers clients")
                .oauth()
                .status(401, "without a token")
                .status(403, "with any");
            routes = routes.post(path, registration::post, doc);
        }
        None => {}
    }
    if let Some(path) = dialect.introspection_path {
        let doc = doc("What a token is good for")
            .takes_form::<TokenQuery>()
            .gives_json::<Introspection>()
            .gives("application/token-introspection+jwt")
            .oauth()
            .status(401, "the client does not prove who it is")
            .status(415, "the body is no form");
        let doc = if dialect.token_kinds { doc.gives("application/jwt") } else { doc };
        routes = routes.post(path, introspection::post, doc);
    }
    if let Some(path) = dialect.revocation_path {
        let doc = doc("Revokes a token")
            .takes_form::<TokenQuery>()
            .gives_json::<Revocation>()
            .oauth()
            .status(401, "the client does not prove who it is")
            .status(415, "the body is no form");
        routes = routes.post(path, revocation::post, doc);
    }
    if dialect.profile_path.is_some() {
        // Two endpoints of the mount's own: `bankid`.
        return routes;
    }
    let claims = |summary| {
        let doc = doc(summary).login();
        let doc = if dialect.userinfo_json { doc.gives_json::<Claims>() } else { doc };
        doc.gives("application/jwt")
    };
    let same = claims("The same");
    let same = if dialect.bearer_in_form { same.takes_form::<TokenForm>().or_no_body() } else { same };
    routes.get(dialect.userinfo_path, userinfo::get, claims("What the person consented to")).post(
        dialect.userinfo_path,
        userinfo::post,
        same,
    )
}

/// Clients that register themselves and manage that (RFC 7591, RFC 7592).
fn registering() -> Routes {
    let told = |summary| {
        doc(summary)
            .oauth()
            .status(401, "no or no good token for this")
            .status(403, "clients are registered by the operator")
    };
    let sent = |summary| told(summary).takes_json::<ClientMetadata>().status(415, "the body is no JSON");
    Routes::new()
        .post("/register", registration::post, sent("A client registers itself").gives_made::<ClientInformation>())
        .get(
            "/register/{client_id}",
            registration::get,
            told("What a client registered").gives_json::<ClientInformation>(),
        )
        .put(
            "/register/{client_id}",
            registration::put,
            sent("A client replaces what it registered").gives_json::<ClientInformation>(),
        )
        .delete("/register/{client_id}", registration::delete, told("A client removes itself").gives_nothing())
}

fn token_example() -> Value {
    json!({
        "grant_type": "authorization_code",
        "code": "…",
        "redirect_uri": "https://shop.example/callback",
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "eyJhbGciOiJFUzI1NiJ9.…"
    })
}
