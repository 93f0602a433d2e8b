//! The citizen's own page.

use crate::account;
use crate::config::Config;
use crate::http::openapi::{Routes, doc};

/// The citizen's own page, where the issuer that it signs in at is served.
pub(super) fn account(config: &Config) -> Routes {
    use account::{fields, forms, page, sign_in};
    if !config.mounts.op {
        return Routes::new();
    }
    let html = |summary| doc(summary).gives("text/html");
    let form = |summary| {
        doc(summary).status(303, "back to the page").status(403, "the form is not this session's").gives("text/html")
    };
    Routes::new()
        .get("/account", page::get, html("The citizen's page: consents, receipts, wallets"))
        .get("/account/sign-in", sign_in::get, html("To the login page").status(303, "to the login page"))
        .get(
            "/account/callback",
            sign_in::callback,
            html("Back from the login page").status(303, "signed in").status(400, "not this browser's sign-in"),
        )
        .post(
            "/account/consents/withdraw",
            forms::withdraw,
            form("Withdraws what was agreed to").takes_form::<fields::Withdraw>(),
        )
        .post("/account/devices/revoke", forms::revoke, form("Revokes a wallet").takes_form::<fields::Revoke>())
        .post(
            "/account/sessions/end",
            forms::end_session,
            form("Ends a session in another browser").takes_form::<fields::EndSession>(),
        )
        .post(
            "/account/logins/end",
            forms::end_login,
            form("Ends a login, in whatever browser it is").takes_form::<fields::EndLogin>(),
        )
        .post("/account/sign-out", forms::sign_out, form("Ends the session").takes_form::<fields::SignOut>())
}
