//! Every route: the QR login, the pages and the host's on this page, the others beside it, in `routes/`.

mod account;
mod audit;
mod authorization;
mod bankid;
mod data_access;
mod enrollment;
mod identity;
mod inbox;
mod management;
mod notifications;
mod openid;
mod population;
mod protection;
mod statistics;
#[cfg(test)]
mod tests;
mod verification;
mod wallet;

use std::collections::HashSet;

use axum::extract::State;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;
use axum::{Extension, Json, Router};
use serde_json::Value;

use crate::access;
use crate::bankid::trace;
use crate::config::Config;
use crate::dialect::Mount;
use crate::health::{self, Health};
use crate::http::envelope;
use crate::http::openapi::{Routes, doc, document};
use crate::linked;
use crate::login_page;
use crate::logout;
use crate::oidc;
use crate::oidc::discovery::Metadata;
use crate::osia;
use crate::pages;
use crate::sessions;
use crate::state::AppState;

/// What every issuer serves under its own prefix: client management, authorization, linked authorization, OpenID Connect.
fn issuer(mount: Mount) -> Routes {
    let routes = openid::openid(mount)
        .merge(bankid::bankid(mount))
        .merge(linked())
        .merge(authorize(mount))
        .merge(end_session(mount));
    if !mount.dialect().json_apis {
        return routes;
    }
    routes
        .merge(management::client_management(mount))
        .merge(management::binding(mount))
        .merge(authorization::login_page(mount))
}

/// The QR login, on every issuer. The browser's calls need a CSRF token; a wallet's need nothing but the code or the id.
fn linked() -> Routes {
    use protocol::linked as body;
    let page = |summary| doc(summary).csrf();
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
            "/linked-authorization/link-events",
            linked::events::post,
            page("Server-sent events: what to show, and how the login goes on")
                .envelope::<body::LinkEventsRequest, ()>()
                .gives("text/event-stream"),
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

/// Where relying parties log people out, on issuers that keep sessions.
fn end_session(mount: Mount) -> Routes {
    use logout::{fields, rp_initiated};
    let Some(path) = mount.dialect().end_session_path else { return Routes::new() };
    let leave = |summary| {
        let leave = doc(summary)
            .page("back to the relying party, or to nobody")
            .status(400, "the hint is not this issuer's, or the address not the client's; nothing changed");
        if mount.dialect().request_refusals.is_empty() { leave } else { leave.page_or_oauth() }
    };
    Routes::new()
        .get(path, rp_initiated::get, leave("OpenID RP-Initiated Logout").takes_query::<fields::EndSession>())
        .post(
            path,
            rp_initiated::post,
            leave("The same, with the parameters in a form")
                .takes_form::<fields::EndSession>()
                .status(415, "the body is no form"),
        )
        .post(
            logout::CONFIRM_PATH,
            rp_initiated::confirm,
            leave("What the person answered")
                .csrf_form()
                .takes_form::<fields::Confirm>()
                .status(415, "the body is no form"),
        )
}

/// The login page and its forms, on every issuer.
fn authorize(mount: Mount) -> Routes {
    use login_page::{authorize, consent, continue_as, deny, fields, proceed, returned, sign_in, start};
    let form = |summary| doc(summary).csrf_form().page("back to the relying party");
    let begin = |summary| {
        let begin = doc(summary)
            .page("back to the relying party, with an error")
            .status(400, "the redirect URI is not the client's, or there is no such client");
        if mount.dialect().request_refusals.is_empty() {
            return begin;
        }
        begin.page_or_oauth().status(415, "the body is no form")
    };
    let path = mount.dialect().authorization_path;
    let routes = Routes::new()
        .get(path, authorize::get, begin("OpenID Connect: the login page").takes_query::<fields::Begin>())
        .post(path, authorize::post, begin("The same, with the parameters in a form").takes_form::<fields::Begin>())
        .post(
            "/authorize/start",
            start::post,
            form("The login page again, with a fresh QR code").takes_form::<fields::Step>(),
        )
        .post(
            "/authorize/otp",
            sign_in::send_otp,
            form("Sends a one-time password, then asks for it").takes_form::<fields::Otp>(),
        )
        .post(
            "/authorize/login",
            sign_in::post,
            form("Checks OTP or PIN, then asks for consent").takes_form::<fields::Login>(),
        )
        .post(
            "/authorize/first",
            sign_in::first,
            form("Checks OTP or PIN as a first factor, then shows the code for the wallet")
                .takes_form::<fields::Login>(),
        )
        .post("/authorize/consent", consent::post, form("Consent in the browser").takes_form::<fields::Consent>())
        .post(
            "/authorize/continue",
            proceed::post,
            form("Goes on once the wallet has answered").takes_form::<fields::Step>(),
        )
        .post("/authorize/deny", deny::post, form("The citizen does not go on").takes_form::<fields::Step>());
    let dialect = mount.dialect();
    // Asked for by `prompt=select_account`.
    let routes = if sessions::are_kept(mount) && dialect.prompts.contains(&"select_account") {
        routes.post(
            "/authorize/continue-as",
            continue_as::post,
            form("The citizen goes on as who is logged in").takes_form::<fields::Step>(),
        )
    } else {
        routes
    };
    if !dialect.same_device {
        return routes;
    }
    routes.get(
        "/authorize/return",
        returned::get,
        doc("Same device: the wallet sends the citizen back")
            .takes_query::<fields::Return>()
            .page("back to the relying party")
            .status(403, "another browser began this login"),
    )
}

/// What belongs to the host, whatever issuers it serves.
fn host() -> Routes {
    Routes::new()
        .get("/health", health::health, doc("The process answers").gives_json::<Health>())
        .get("/ready", health::ready, doc("The database answers too").gives_json::<Health>().alike(503))
        .get(
            "/static/{version}/{name}",
            pages::assets::get,
            doc("Style and script of the pages")
                .gives("text/css")
                .gives("text/javascript")
                .status(404, "not of this version"),
        )
        .get(
            "/.well-known/oauth-authorization-server/v1/esignet",
            oidc::discovery::get_esignet,
            doc("Metadata of the eSignet mount").gives_json::<Metadata>().status(404, "the issuer is off"),
        )
        .get(
            "/.well-known/oauth-authorization-server/op",
            oidc::discovery::get_op,
            doc("Metadata of the standard mount").gives_json::<Metadata>().status(404, "the issuer is off"),
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
    let mut mounts =
        vec![(Mount::Wallet, Mount::Wallet.prefix(), wallet::wallet()), (Mount::Wallet, "/audit", audit::audit())];
    for mount in Mount::ALL_ISSUERS {
        if on.serves(mount) {
            mounts.push((mount, mount.prefix(), issuer(mount)));
        }
    }
    if on.esignet && !on.govstack {
        // Where eSignet has the host to itself, its root paths are the bare host's, as in its own installations.
        mounts.push((Mount::ESignet, "", issuer(Mount::ESignet)));
    }
    mounts
}

/// OSIA's interfaces, with where they stand.
fn interfaces(config: &Config) -> Vec<(&'static str, Routes)> {
    let callback = config.identity.abis.as_ref().is_some_and(|abis| abis.callback.is_some());
    vec![
        ("/v1", enrollment::enrollment()),
        ("/v1", identity::uin()),
        ("/identity", identity::identity()),
        ("/identity", if callback { identity::callback() } else { Routes::new() }),
        ("/enrollment", protection::encryption_keys()),
        ("/pr", population::population()),
        ("/data", data_access::data_access()),
        ("/statistics", statistics::statistics()),
        ("/v1", verification::verification()),
        ("/inbox", inbox::inbox()),
        ("/v1", notifications::osia()),
        ("/notifications", notifications::dead_letters()),
    ]
}

/// The routes whose handlers read the body themselves.
#[must_use]
pub fn streamed(config: &Config) -> Vec<(&'static str, String)> {
    interfaces(config).iter().flat_map(|(prefix, routes)| routes.streamed(prefix)).collect()
}

/// The paths of OSIA's interfaces, as patterns: whatever refuses there owes OSIA's body.
#[must_use]
pub fn osia_paths(config: &Config) -> HashSet<String> {
    interfaces(config).iter().flat_map(|(prefix, routes)| routes.paths(prefix)).collect()
}

/// The whole server as one router.
pub fn app(state: &AppState) -> Router {
    let guard = |scopes, handler: MethodRouter<AppState>| {
        handler.route_layer(from_fn_with_state((state.clone(), scopes), access::demand))
    };
    let mut router =
        host().merge(account::account(&state.config)).into_router("", guard).layer(Extension(Mount::GovStack));
    for (mount, prefix, routes) in mounts(&state.config) {
        // Whole paths and one layer: nested routers and further layers cost every request allocations.
        let routes = routes.into_router(prefix, guard);
        router = router.merge(routes.layer(from_fn_with_state((state.clone(), mount), envelope::on_mount)));
    }
    for (prefix, routes) in interfaces(&state.config) {
        router = router.merge(routes.into_router(prefix, guard).layer(from_fn(osia::answer)));
    }
    if state.config.mounts.bankid {
        // Over everything, so that what is routed nowhere has its name too.
        router = router.layer(from_fn_with_state(state.clone(), trace::on_host));
    }
    router.with_state(state.clone())
}

/// The OpenAPI 3.1 document of the same routes.
#[must_use]
pub fn openapi(config: &Config) -> Value {
    let mut all = mounts(config);
    all.extend(interfaces(config).into_iter().map(|(prefix, routes)| (Mount::Wallet, prefix, routes)));
    // The host speaks no dialect of its own; its routes refuse by status alone.
    all.push((Mount::Wallet, "", host().merge(account::account(config))));
    document(config.origin(), &all)
}
