//! The citizen does not go on: back to the relying party with `access_denied`.

use axum::response::Response;

use super::form::Form;
use super::refusal::{Refusal, deliver};
use crate::authorization::authorize;

/// `POST /authorize/deny`.
pub async fn post(form: Form) -> Response {
    deny(&form).await.unwrap_or_else(|refusal| refusal.page(form.language()))
}

async fn deny(form: &Form) -> Result<Response, Refusal> {
    let transaction = form.transaction().await?;
    deliver(&form.state, &form.headers, authorize::deny(&form.state, transaction).await?)
}
