//! Every route, on one page.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::{Extension, Json, Router};
use protocol::linked::{
    Deny, DenyRequest, LinkCode, LinkCodeRequest, LinkStatus, LinkTransaction, LinkTransactionRequest,
};
use serde_json::{Value, json};

use crate::authorization::bodies::{
    AuthCode, AuthCodeRequest, Authenticate, AuthenticateRequest, ClaimDetails, CsrfToken, OAuthDetails,
    OAuthDetailsRequest, OAuthDetailsRequestV2, ParOAuthDetailsRequest, SendOtp, SendOtpRequest, SignupRequest,
};
use crate::authorization::routes as authorization;
use crate::config::Config;
use crate::dialect::Mount;
use crate::health::{self, Health};
use crate::http::envelope;
use crate::http::openapi::{Routes, doc, schema_generator};
use crate::linked;
use crate::pages;
use crate::state::AppState;

/// What every issuer serves under its own prefix: client management, authorization, linked authorization, OpenID Connect.
fn issuer(mount: Mount) -> Routes {
    let _ = mount;
    login_page()
        .post(
            "/linked-authorization/link-code",
            linked::code::post,
            doc("A code to show as QR").envelope::<LinkCodeRequest, LinkCode>(),
        )
        .post(
            "/linked-authorization/link-status",
            linked::status::post,
            doc("Long poll: has a wallet claimed the code?").envelope::<linked::status::StatusRequest, LinkStatus>(),
        )
        .post(
            "/linked-authorization/link-transaction",
            linked::transaction::post,
            doc("A wallet claims the code").envelope::<LinkTransactionRequest, LinkTransaction>(),
        )
        .post(
            "/linked-authorization/v2/link-transaction",
            linked::transaction::post_v2,
            doc("As version 1, with names by language").envelope::<LinkTransactionRequest, LinkTransaction>(),
        )
}

/// What a login page calls, on every issuer; all with a CSRF token, but for reading.
fn login_page() -> Routes {
    use authorization::{auth_code, authenticate, claim_details, csrf, oauth_details, send_otp, signup};
    let page = |summary| doc(summary).status(403, "the CSRF token is missing, foreign or not the cookie's");
    Routes::new()
        .get("/csrf/token", csrf::get, doc("A token for this browser's calls").gives_json::<CsrfToken>())
        .post(
            "/authorization/oauth-details",
            oauth_details::v1,
            page("Begin a login").envelope::<OAuthDetailsRequest, OAuthDetails>(),
        )
        .post(
            "/authorization/v2/oauth-details",
            oauth_details::v2,
            page("Begin a login, with PKCE").envelope::<OAuthDetailsRequestV2, OAuthDetails>(),
        )
        .post(
            "/authorization/v3/oauth-details",
            oauth_details::v2,
            page("Begin a login, with PKCE").envelope::<OAuthDetailsRequestV2, OAuthDetails>(),
        )
        .post(
            "/authorization/par-oauth-details",
            oauth_details::par,
            page("Begin a login from a pushed request: none was, so that each is refused")
                .envelope::<ParOAuthDetailsRequest, OAuthDetails>(),
        )
        .post(
            "/authorization/send-otp",
            send_otp::post,
            page("Send a one-time password").envelope::<SendOtpRequest, SendOtp>(),
        )
        .post(
            "/authorization/authenticate",
            authenticate::v1,
            page("Prove who is there").envelope::<AuthenticateRequest, Authenticate>(),
        )
        .post(
            "/authorization/v2/authenticate",
            authenticate::v2,
            page("Prove who is there; tells whether consent is needed").envelope::<AuthenticateRequest, Authenticate>(),
        )
        .post(
            "/authorization/v3/authenticate",
            authenticate::v2,
            page("Prove who is there; tells whether consent is needed").envelope::<AuthenticateRequest, Authenticate>(),
        )
        .post(
            "/authorization/auth-code",
            auth_code::post,
            page("Consent, and get the code").envelope::<AuthCodeRequest, AuthCode>(),
        )
        .get(
            "/authorization/claim-details",
            claim_details::get,
            page("What is known about the claims asked for").gives_envelope::<ClaimDetails>(),
        )
        .post(
            "/authorization/prepare-signup-redirect",
            signup::prepare,
            page("There is no sign-up detour: refused").envelope::<SignupRequest, ()>(),
        )
        .post(
            "/authorization/complete-signup-redirect",
            signup::complete,
            page("There is no sign-up detour: refused").envelope::<SignupRequest, ()>(),
        )
}

/// What our own wallet calls, under `/wallet`.
fn wallet() -> Routes {
    Routes::new().post("/deny", linked::deny::post, doc("The citizen says no").envelope::<DenyRequest, Deny>())
}

/// What belongs to the host, whatever issuers it serves.
fn host() -> Routes {
    Routes::new()
        .get("/health", health::health, doc("The process answers").gives_json::<Health>())
        .get("/ready", health::ready, doc("The database answers too").gives_json::<Health>())
        .get("/static/{version}/{name}", pages::assets::get, doc("Style and script of the pages").gives("text/css"))
        .get("/openapi.json", openapi_document, doc("This document").gives("application/json"))
}

/// `GET /openapi.json`: the description of every route.
async fn openapi_document(State(state): State<AppState>) -> Json<Value> {
    Json(openapi(&state.config))
}

/// The mounts that the configuration switches on, with where they stand.
fn mounts(config: &Config) -> Vec<(Mount, &'static str, Routes)> {
    let on = &config.mounts;
    let mut mounts = vec![(Mount::Wallet, Mount::Wallet.prefix(), wallet())];
    for mount in Mount::ISSUERS {
        let served = match mount {
            Mount::GovStack => on.govstack,
            Mount::ESignet => on.esignet,
            Mount::Op => on.op,
            Mount::Wallet => false,
        };
        if served {
            mounts.push((mount, mount.prefix(), issuer(mount)));
        }
    }
    if on.esignet && !on.govstack {
        // Where eSignet has the host to itself, its root paths are the bare host's, as in its own installations.
        mounts.push((Mount::ESignet, "", issuer(Mount::ESignet)));
    }
    mounts
}

/// The whole server as one router.
pub fn app(state: &AppState) -> Router {
    let mut router = host().into_router().layer(Extension(Mount::GovStack));
    for (mount, prefix, routes) in mounts(&state.config) {
        let routes =
            routes.into_router().layer(from_fn_with_state(state.clone(), envelope::render)).layer(Extension(mount));
        router = if prefix.is_empty() { router.merge(routes) } else { router.nest(prefix, routes) };
    }
    router.with_state(state.clone())
}

/// The OpenAPI 3.1 document of the same routes.
#[must_use]
pub fn openapi(config: &Config) -> Value {
    let mut schemas = schema_generator();
    let mut paths = BTreeMap::new();
    host().describe("", &mut paths, &mut schemas);
    for (_, prefix, routes) in mounts(config) {
        routes.describe(prefix, &mut paths, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Tessera", "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": config.origin() }],
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } }
        }
    })
}
