//! The JSON calls of a login page, at every issuer.

use crate::authorization::bodies::{
    AuthCode, AuthCodeRequest, Authenticate, AuthenticateRequest, ClaimDetails, CsrfToken, FirstFactor, OAuthDetails,
    OAuthDetailsRequest, OAuthDetailsRequestV2, ParOAuthDetailsRequest, SendOtp, SendOtpRequest, SignupRequest,
};
use crate::authorization::routes::{
    auth_code, authenticate, claim_details, csrf, first_factor, oauth_details, send_otp, signup,
};
use crate::dialect::Mount;
use crate::http::openapi::{Doc, Routes, doc};

const KEY: &str = "oauth-details-key";
const HASH: &str = "oauth-details-hash";

/// What a login page calls, on every issuer; all with a CSRF token, but for reading.
pub(super) fn login_page(mount: Mount) -> Routes {
    let page = |summary| doc(summary).csrf();
    let details = |doc: Doc| {
        doc.header(KEY, true, "the transaction").header(
            HASH,
            true,
            "SHA-256, base64url, of the text of `response` of oauth-details: what the page shows is what the server said",
        )
    };
    let shown = |summary| details(page(summary));
    let reading = |summary| details(doc(summary).cookie());
    let routes = Routes::new()
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
                .refuses()
                .envelope::<ParOAuthDetailsRequest, OAuthDetails>(),
        )
        .post(
            "/authorization/send-otp",
            send_otp::post,
            shown("Send a one-time password").envelope::<SendOtpRequest, SendOtp>(),
        )
        .post(
            "/authorization/authenticate",
            authenticate::v1,
            shown("Prove who is there").envelope::<AuthenticateRequest, Authenticate>(),
        )
        .post(
            "/authorization/v2/authenticate",
            authenticate::v2,
            shown("Prove who is there; tells whether consent is needed")
                .envelope::<AuthenticateRequest, Authenticate>(),
        )
        .post(
            "/authorization/v3/authenticate",
            authenticate::v2,
            shown("Prove who is there; tells whether consent is needed")
                .envelope::<AuthenticateRequest, Authenticate>(),
        )
        .post(
            "/authorization/auth-code",
            auth_code::post,
            shown("Consent, and get the code").envelope::<AuthCodeRequest, AuthCode>(),
        )
        .get(
            "/authorization/claim-details",
            claim_details::get,
            reading("What is known about the claims asked for").gives_envelope::<ClaimDetails>(),
        )
        .post(
            "/authorization/prepare-signup-redirect",
            signup::prepare,
            page("There is no sign-up detour: refused").refuses().envelope::<SignupRequest, ()>(),
        )
        .post(
            "/authorization/complete-signup-redirect",
            signup::complete,
            page("There is no sign-up detour: refused").refuses().envelope::<SignupRequest, ()>(),
        );
    let Some(path) = mount.dialect().first_factor_path else { return routes };
    routes.post(
        path,
        first_factor::post,
        shown("OTP or PIN, before a code is shown, where the client's policy wants it")
            .envelope::<AuthenticateRequest, FirstFactor>(),
    )
}
