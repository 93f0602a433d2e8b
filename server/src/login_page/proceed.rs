//! How a login by QR code ends in the browser: the script sends this form once the wallet has answered; without script
//! the citizen does.

use axum::response::Response;

use super::form::Form;
use super::page::Showing;
use super::refusal::{Refusal, deliver, send_back};
use super::start::login_page;
use crate::authorization::{Stage, Transaction, authorize};
use crate::linked::{auth_code, returned, scanned_twice};
use crate::pages::Problem;

/// `POST /authorize/continue`.
pub async fn post(form: Form) -> Response {
    let answer = async {
        let transaction = form.transaction().await?;
        proceed(&form, transaction).await
    };
    answer.await.unwrap_or_else(|refusal| refusal.page(form.language()))
}

/// Where the transaction stands decides where the browser goes.
pub(super) async fn proceed(form: &Form, transaction: Transaction) -> Result<Response, Refusal> {
    if returned::is_awaited(&transaction) {
        // The wallet's own link leads on, and nothing else.
        let client = form.client(&transaction).await?;
        return Ok(form.making(&transaction, &client).waiting(None, false));
    }
    match &transaction.stage {
        Stage::Approved(..) | Stage::Finished => {
            let mount = transaction.mount;
            let finished = auth_code::finish(&form.state, transaction).await?;
            send_back(&form.state, mount, &form.headers, &finished).await
        }
        Stage::Denied(_) => deliver(&form.state, &form.headers, authorize::denied(&form.state, &transaction).await?),
        Stage::Started | Stage::FirstFactor(_) => {
            let showing = Showing { with_qr: true, problem: Some(Problem::NotYet), ..Showing::default() };
            login_page(form, &transaction, showing).await
        }
        Stage::Linked(_) | Stage::LinkedAuthenticated(..) => {
            let client = form.client(&transaction).await?;
            let twice = scanned_twice(&form.state, &transaction).await?;
            Ok(form.making(&transaction, &client).waiting(transaction.stage.number(), twice))
        }
        Stage::Authenticated(_) => Err(Refusal::Gone),
    }
}
