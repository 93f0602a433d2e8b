//! Consent in the browser: essential claims stand, voluntary ones and scopes are what was ticked.

use axum::response::Response;

use super::form::Form;
use super::refusal::{Refusal, send_back};
use crate::authorization::authorize;

/// `POST /authorize/consent`.
pub async fn post(form: Form) -> Response {
    consent(&form).await.unwrap_or_else(|refusal| refusal.page(form.language()))
}

async fn consent(form: &Form) -> Result<Response, Refusal> {
    let transaction = form.transaction().await?;
    // The essential ones are shown ticked and fixed, so that no browser sends them.
    let mut claims = transaction.request.essential_claims();
    claims.extend(form.all("claim"));
    let finished = authorize::consent(&form.state, transaction, &claims, &form.all("scope")).await?;
    send_back(&form.state, form.mount, &form.headers, &finished).await
}
