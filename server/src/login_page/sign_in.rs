//! Sign-in by typing: an OTP that was sent, or a PIN.

use axum::http::header;
use axum::response::Response;
use protocol::linked::{Challenge, ConsentAction};

use super::form::Form;
use super::page::Showing;
use super::refusal::{Refusal, send_back};
use super::start::login_page;
use crate::acr::Factor;
use crate::authorization::authorize;
use crate::error::{ApiError, Code};
use crate::pages::Problem;

/// `POST /authorize/otp`: sends a one-time password, then asks for it.
pub async fn send_otp(form: Form) -> Response {
    let answer = async {
        let transaction = form.transaction().await?;
        let individual_id = form.one("individualId").to_owned();
        let sent = authorize::send_otp(&form.state, &transaction, &individual_id, &form.all("channel")).await;
        let showing = match sent {
            Ok(masked) => {
                let to = [masked.email, masked.phone].into_iter().flatten().collect::<Vec<_>>().join(", ");
                Showing { individual_id, sent_to: Some(to), then_wallet: before_wallet(&form), ..Showing::default() }
            }
            Err(error) => {
                let problem = problem(error)?;
                Showing { with_qr: true, individual_id, problem: Some(problem), ..Showing::default() }
            }
        };
        login_page(&form, &transaction, showing).await
    };
    answer.await.unwrap_or_else(|refusal| refusal.page(form.language()))
}

/// `POST /authorize/login`: checks what was typed, then asks for consent where it is needed.
pub async fn post(form: Form) -> Response {
    log_in(&form).await.unwrap_or_else(|refusal| refusal.page(form.language()))
}

/// Whether a form is of a first factor, after which the code for the wallet is shown.
fn before_wallet(form: &Form) -> bool {
    form.one("then") == "wallet"
}

/// `POST /authorize/first`: checks what was typed as a first factor, then shows the code for the wallet.
pub async fn first(form: Form) -> Response {
    let answer = async {
        let transaction = form.transaction().await?;
        let individual_id = form.one("individualId").to_owned();
        let proved = authorize::prove_first(&form.state, transaction.clone(), &individual_id, &challenges(&form)).await;
        match proved {
            Ok(transaction) => {
                login_page(&form, &transaction, Showing { with_qr: true, individual_id, ..Showing::default() }).await
            }
            Err(error) => {
                let showing = Showing { then_wallet: true, ..again(&form, individual_id, problem(error)?) };
                login_page(&form, &transaction, showing).await
            }
        }
    };
    answer.await.unwrap_or_else(|refusal| refusal.page(form.language()))
}

/// What was typed.
fn challenges(form: &Form) -> Vec<Challenge> {
    let factors = [(Factor::Otp, "otp", "alpha-numeric"), (Factor::Pin, "pin", "number")];
    factors
        .into_iter()
        .filter(|(_, field, _)| form.has(field))
        .map(|(factor, field, format)| Challenge {
            auth_factor_type: factor.name().into(),
            challenge: form.one(field).to_owned(),
            format: format.into(),
        })
        .collect()
}

/// The page again, for another try.
fn again(form: &Form, individual_id: String, problem: Problem) -> Showing {
    let typed = form.has("otp").then(|| form.one("sentTo").to_owned());
    // Another QR code only where there was one: each counts.
    Showing { with_qr: typed.is_none(), individual_id, sent_to: typed, problem: Some(problem), ..Showing::default() }
}

async fn log_in(form: &Form) -> Result<Response, Refusal> {
    let transaction = form.transaction().await?;
    let individual_id = form.one("individualId").to_owned();
    let challenges = challenges(form);
    let done = authorize::log_in(&form.state, &form.browser, transaction.clone(), &individual_id, &challenges).await;
    let done = match done {
        Ok(done) => done,
        Err(error) => {
            let showing = again(form, individual_id, problem(error)?);
            return login_page(form, &transaction, showing).await;
        }
    };
    let mut response = match done.consent {
        ConsentAction::Capture => {
            let client = form.client(&transaction).await?;
            form.making(&transaction, &client).consent()
        }
        // Nothing is to be asked: straight back to the relying party.
        ConsentAction::NoCapture => {
            let transaction = form.transaction_after_login().await?;
            let finished = authorize::consent(&form.state, transaction, &[], &[]).await?;
            send_back(&form.state, form.mount, &form.headers, &finished).await?
        }
    };
    if let Some(cookie) = done.set_cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// What the page says about a form that was refused; another error ends the login.
fn problem(error: ApiError) -> Result<Problem, Refusal> {
    let ApiError::Refused(codes) = &error else { return Err(error.into()) };
    let problem = codes.iter().find_map(|(code, _)| match code {
        Code::AuthFailed => Some(Problem::AuthFailed),
        Code::NoAttemptsLeft | Code::IndividualIdBlocked => Some(Problem::NoAttemptsLeft),
        Code::SendOtpFailed => Some(Problem::SendFailed),
        Code::InvalidIdentifier
        | Code::InvalidOtpChannel
        | Code::InvalidNoOfChallenges
        | Code::InvalidChallenge
        | Code::InvalidChallengeLength
        | Code::InvalidChallengeFormat
        | Code::AuthFactorMismatch => Some(Problem::CheckInput),
        _ => None,
    });
    problem.ok_or_else(|| error.into())
}
