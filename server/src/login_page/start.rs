//! The login page again: with a fresh QR code, after a detour, or for the script that refreshes the code.

use axum::response::Response;

use super::form::Form;
use super::page::Showing;
use super::proceed::proceed;
use super::refusal::Refusal;
use crate::authorization::Transaction;

/// `POST /authorize/start`. Where a wallet is at work already, what it did counts.
pub async fn post(form: Form) -> Response {
    let answer = async {
        let transaction = form.transaction().await?;
        if transaction.stage.is_open() {
            let other_device = form.one("device") == "other";
            login_page(&form, &transaction, Showing { with_qr: true, other_device, ..Showing::default() }).await
        } else {
            proceed(&form, transaction).await
        }
    };
    answer.await.unwrap_or_else(|refusal| refusal.page(form.language()))
}

/// The login page of a transaction that nobody answered yet.
pub(super) async fn login_page(form: &Form, transaction: &Transaction, showing: Showing) -> Result<Response, Refusal> {
    if !transaction.stage.is_open() {
        return Err(Refusal::Gone);
    }
    let client = form.client(transaction).await?;
    let showing = Showing { first_given: transaction.stage.first_factor().is_some(), ..showing };
    form.making(transaction, &client).login(showing).await
}
