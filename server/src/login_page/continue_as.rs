//! The citizen goes on as who is logged in in this browser, asked by `prompt=select_account`.

use axum::response::Response;

use super::form::Form;
use super::page::Showing;
use super::refusal::{Refusal, send_back};
use super::start::login_page;
use crate::authorization::authorize::{GoneOn, go_on_as_logged_in};

/// `POST /authorize/continue-as`.
pub async fn post(form: Form) -> Response {
    go_on(&form).await.unwrap_or_else(|refusal| refusal.page(form.language()))
}

async fn go_on(form: &Form) -> Result<Response, Refusal> {
    let transaction = form.transaction().await?;
    match go_on_as_logged_in(&form.state, &form.headers, transaction.clone()).await? {
        GoneOn::Finished(finished) => send_back(&form.state, form.mount, &form.headers, &finished).await,
        GoneOn::Consent => {
            let client = form.client(&transaction).await?;
            Ok(form.making(&transaction, &client).consent())
        }
        GoneOn::LogIn => login_page(form, &transaction, Showing { with_qr: true, ..Showing::default() }).await,
    }
}
