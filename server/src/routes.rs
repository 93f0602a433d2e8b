//! Every route, on one page.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use axum::{Extension, Json, Router};
use protocol::binding::{
    Binding, BindingChallenge, BindingChallengeRequest, BindingOtp, BindingOtpRequest, BindingRequest, WalletBinding,
    WalletBindingRequest,
};
use protocol::devices::{DeviceId, List, ListRequest, RenameRequest, RenewRequest, Renewal, RevokeRequest};
use protocol::linked::{Deny, DenyRequest};
use serde_json::{Value, json};

use crate::access;
use crate::authorization::bodies::{
    AuthCode, AuthCodeRequest, Authenticate, AuthenticateRequest, ClaimDetails, CsrfToken, OAuthDetails,
    OAuthDetailsRequest, OAuthDetailsRequestV2, ParOAuthDetailsRequest, SendOtp, SendOtpRequest, SignupRequest,
};
use crate::authorization::routes as authorization;
use crate::binding;
use crate::clients::requests as clients;
use crate::clients::routes as management;
use crate::config::Config;
use crate::dialect::Mount;
use crate::health::{self, Health};
use crate::http::envelope;
use crate::http::openapi::{Routes, doc, schema_generator};
use crate::linked;
use crate::login_page;
use crate::oidc;
use crate::oidc::token::{TokenRequest, TokenResponse};
use crate::pages;
use crate::state::AppState;

/// What every issuer serves under its own prefix: client management, authorization, linked authorization, OpenID Connect.
fn issuer(mount: Mount) -> Routes {
    openid(mount)
        .merge(client_management(mount))
        .merge(binding(mount))
        .merge(login_page())
        .merge(linked())
        .merge(authorize())
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

/// Binding of others' wallets, whose paths GovStack's document and eSignet spell differently.
fn binding(mount: Mount) -> Routes {
    let otp = || {
        doc("An OTP for binding; a bearer token with scope send_binding_otp where configured")
            .envelope::<BindingOtpRequest, BindingOtp>()
    };
    let wallet = || {
        doc("A wallet's backend binds a key; a bearer token with scope wallet_binding where configured")
            .envelope::<WalletBindingRequest, WalletBinding>()
    };
    match mount {
        Mount::GovStack => Routes::new().post("/binding-otp", binding::compatible::otp, otp()).post(
            "/wallet-binding",
            binding::compatible::wallet_binding,
            wallet(),
        ),
        Mount::ESignet => Routes::new()
            .post("/binding/binding-otp", binding::compatible::otp, otp())
            .post("/binding/v2/binding-otp", binding::compatible::otp, otp())
            .post("/binding/wallet-binding", binding::compatible::wallet_binding, wallet()),
        Mount::Op | Mount::Wallet => Routes::new(),
    }
}

/// Client management: GovStack's `oidc-client`, eSignet's `oauth-client` and `client`, and what eSignet lacks: reading,
/// removing and the roll-over of keys.
fn client_management(mount: Mount) -> Routes {
    let create = || {
        let doc = doc("Register a client").scope("add_oidc_client");
        doc.envelope::<clients::Create, clients::Registered>()
    };
    let change = |summary| doc(summary).scope("update_oidc_client").envelope::<clients::Change, clients::Registered>();
    let replace = || change("Replace what may change of a client");
    let mut routes = Routes::new()
        .post("/client-mgmt/oidc-client", management::create, create())
        .put("/client-mgmt/oidc-client", management::replace_named, replace())
        .put("/client-mgmt/oidc-client/{client_id}", management::replace, replace())
        .post("/client-mgmt/oauth-client", management::create, create())
        .put("/client-mgmt/oauth-client/{client_id}", management::replace, replace())
        .post("/client-mgmt/client", management::create, create())
        .put("/client-mgmt/client/{client_id}", management::replace, replace())
        .patch("/client-mgmt/client/{client_id}", management::patch, change("Change what is named of a client"))
        .get(
            "/client-mgmt/client/{client_id}",
            management::show,
            doc("All about a client").scope("update_oidc_client").gives_envelope::<clients::Details>(),
        )
        .delete(
            "/client-mgmt/client/{client_id}",
            management::remove,
            doc("Remove a client for ever").scope("update_oidc_client").gives_envelope::<clients::Removed>(),
        );
    if mount.dialect().key_roll_over {
        routes = routes.post(
            "/client-mgmt/client/{client_id}/keys",
            management::set_keys,
            doc("Replace a client's signature keys: first old and new together, then the new alone")
                .scope("update_oidc_client")
                .envelope::<clients::Keys, clients::Replaced>(),
        );
    }
    routes
}

/// Tokens, claims, keys and metadata, at the paths that the mount has for them.
fn openid(mount: Mount) -> Routes {
    let dialect = mount.dialect();
    let mut routes = Routes::new();
    for path in dialect.token_paths {
        routes = routes.post(
            path,
            oidc::token::post,
            doc("Tokens").takes_form::<TokenRequest>().gives_json::<TokenResponse>(),
        );
    }
    for path in dialect.jwks_paths {
        routes = routes.get(path, oidc::jwks::get, doc("Public keys").gives("application/json"));
    }
    for path in dialect.metadata_paths {
        routes = routes.get(path, oidc::discovery::get, doc("Metadata").gives("application/json"));
    }
    if let Some(path) = dialect.registration_path {
        routes = routes.post(
            path,
            oidc::registration::post,
            doc("Dynamic registration: off").status(401, "off").status(403, "off"),
        );
    }
    routes
        .get(dialect.userinfo_path, oidc::userinfo::get, doc("What the person consented to").gives("application/jwt"))
        .post(dialect.userinfo_path, oidc::userinfo::get, doc("The same").gives("application/jwt"))
}

/// The QR login, on every issuer. The browser's calls need a CSRF token; a wallet's need nothing but the code or the id.
fn linked() -> Routes {
    use protocol::linked as body;
    let page = |summary| doc(summary).status(403, "the CSRF token is missing, foreign or not the cookie's");
    Routes::new()
        .post(
            "/linked-authorization/link-code",
            linked::code::post,
            page("A code to show as QR").envelope::<body::LinkCodeRequest, body::LinkCode>(),
        )
        .post(
            "/linked-authorization/link-status",
            linked::status::post,
            page("Long poll: has a wallet claimed the code?")
                .envelope::<linked::status::StatusRequest, body::LinkStatus>(),
        )
        .post(
            "/linked-authorization/link-auth-code",
            linked::auth_code::post,
            page("Long poll: has the citizen consented?").envelope::<body::LinkAuthCodeRequest, body::LinkAuthCode>(),
        )
        .post(
            "/linked-authorization/link-transaction",
            linked::transaction::post,
            doc("A wallet claims the code").envelope::<body::LinkTransactionRequest, body::LinkTransaction>(),
        )
        .post(
            "/linked-authorization/v2/link-transaction",
            linked::transaction::post_v2,
            doc("As version 1, with names by language")
                .envelope::<body::LinkTransactionRequest, body::LinkTransaction>(),
        )
        .post(
            "/linked-authorization/send-otp",
            linked::send_otp::post,
            doc("Send a one-time password, for the wallet").envelope::<body::SendOtpRequest, body::SendOtp>(),
        )
        .post(
            "/linked-authorization/authenticate",
            linked::authenticate::post,
            doc("The wallet proves who is there").envelope::<body::AuthenticateRequest, body::Authenticate>(),
        )
        .post(
            "/linked-authorization/v2/authenticate",
            linked::authenticate::post_v2,
            doc("As version 1; tells whether consent is needed")
                .envelope::<body::AuthenticateRequest, body::Authenticate>(),
        )
        .post(
            "/linked-authorization/consent",
            linked::consent::post,
            doc("The citizen consents, for this login").envelope::<body::ConsentRequest, body::Consent>(),
        )
        .post(
            "/linked-authorization/v2/consent",
            linked::consent::post_v2,
            doc("The citizen consents, with a signature").envelope::<body::ConsentRequest, body::Consent>(),
        )
}

/// The login page and its forms, on every issuer.
fn authorize() -> Routes {
    use login_page::{authorize, consent, deny, proceed, sign_in, start};
    let form = |summary| {
        doc(summary)
            .gives("text/html")
            .status(303, "back to the relying party")
            .status(403, "the CSRF token is missing, foreign or not the cookie's")
    };
    let begin = |summary| {
        doc(summary)
            .gives("text/html")
            .status(303, "back to the relying party, with an error")
            .status(400, "the redirect URI is not the client's, or there is no such client")
    };
    Routes::new()
        .get("/authorize", authorize::get, begin("OpenID Connect: the login page"))
        .post("/authorize", authorize::post, begin("The same, with the parameters in a form"))
        .post("/authorize/start", start::post, form("The login page again, with a fresh QR code"))
        .post("/authorize/otp", sign_in::send_otp, form("Sends a one-time password, then asks for it"))
        .post("/authorize/login", sign_in::post, form("Checks OTP or PIN, then asks for consent"))
        .post("/authorize/consent", consent::post, form("Consent in the browser"))
        .post("/authorize/continue", proceed::post, form("Goes on once the wallet has answered"))
        .post("/authorize/deny", deny::post, form("The citizen does not go on"))
}

/// What our own wallet calls, under `/wallet`.
fn wallet() -> Routes {
    Routes::new()
        .post("/deny", linked::deny::post, doc("The citizen says no").envelope::<DenyRequest, Deny>())
        .post(
            "/binding-otp",
            binding::native::otp,
            doc("An OTP for binding").envelope::<BindingOtpRequest, BindingOtp>(),
        )
        .post(
            "/binding-challenge",
            binding::native::challenge,
            doc("What the proof of a key must repeat").envelope::<BindingChallengeRequest, BindingChallenge>(),
        )
        .post(
            "/binding",
            binding::native::binding,
            doc("A wallet's key becomes a factor of a person").envelope::<BindingRequest, Binding>(),
        )
        .post(
            "/devices/list",
            binding::devices::list,
            doc("A person's wallets; header Tessera-Wallet").envelope::<ListRequest, List>(),
        )
        .post(
            "/devices/rename",
            binding::devices::rename,
            doc("Names a wallet; header Tessera-Wallet").envelope::<RenameRequest, DeviceId>(),
        )
        .post(
            "/devices/revoke",
            binding::devices::revoke,
            doc("Revokes a wallet for good; header Tessera-Wallet").envelope::<RevokeRequest, DeviceId>(),
        )
        .post(
            "/devices/renew",
            binding::devices::renew,
            doc("A new certificate for the caller's key; header Tessera-Wallet").envelope::<RenewRequest, Renewal>(),
        )
}

/// What belongs to the host, whatever issuers it serves.
fn host() -> Routes {
    Routes::new()
        .get("/health", health::health, doc("The process answers").gives_json::<Health>())
        .get("/ready", health::ready, doc("The database answers too").gives_json::<Health>())
        .get("/static/{version}/{name}", pages::assets::get, doc("Style and script of the pages").gives("text/css"))
        .get(
            "/.well-known/oauth-authorization-server/v1/esignet",
            oidc::discovery::get_esignet,
            doc("Metadata of the eSignet mount").gives("application/json"),
        )
        .get(
            "/.well-known/oauth-authorization-server/op",
            oidc::discovery::get_op,
            doc("Metadata of the standard mount").gives("application/json"),
        )
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
    let guard = |scope, handler: MethodRouter<AppState>| {
        handler.route_layer(from_fn_with_state((state.clone(), scope), access::demand))
    };
    let mut router = host().into_router(guard).layer(Extension(Mount::GovStack));
    for (mount, prefix, routes) in mounts(&state.config) {
        let routes = routes
            .into_router(guard)
            .layer(from_fn_with_state(state.clone(), envelope::render))
            .layer(Extension(mount));
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
