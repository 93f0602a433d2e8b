//! From an approval to a browser that is logged in.

use super::review::LoginChoices;
use super::signing::{self, SignedConsent};
use super::state::{Asked, Event, LoginOutcome, State};
use super::{ActivityKind, LoginSession};
use crate::errors::{ErrorCode, WalletError};
use crate::exchange::ExchangeError;
use crate::receipts::{ConsentReceipt, Given};
use protocol::linked::{Authenticate, AuthenticateRequest, Challenge, Consent, ConsentAction, ConsentRequest};
use url::Url;

/// Whether an earlier attempt may have reached the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    First,
    Again,
}

impl LoginSession {
    pub(super) async fn sign_and_send(&self, choices: LoginChoices) -> Result<LoginOutcome, WalletError> {
        let State::Review(asked) = self.state() else { return Err(ErrorCode::WrongState.into()) };
        let agreed = asked.review.agree(&choices)?;
        let (token, consent) = signing::token_and_consent(&self.parts, &self.bound, &asked, agreed).await?;
        self.advance(Event::Approved(consent.clone()), Vec::new())?;
        self.authenticate(&asked, &consent, token, Attempt::First).await
    }

    pub(super) async fn send_again(&self) -> Result<LoginOutcome, WalletError> {
        match self.state() {
            State::Approved(asked, consent) => {
                let number = consent.agreed.number.as_deref();
                let token = signing::token(&self.parts, &self.bound, &asked, number).await?;
                self.authenticate(&asked, &consent, token, Attempt::Again).await
            }
            State::Consenting(asked, consent) => self.consent(&asked, &consent, Attempt::Again).await,
            _ => Err(ErrorCode::WrongState.into()),
        }
    }

    async fn authenticate(
        &self,
        asked: &Asked,
        consent: &SignedConsent,
        token: String,
        attempt: Attempt,
    ) -> Result<LoginOutcome, WalletError> {
        let request = AuthenticateRequest {
            linked_transaction_id: asked.link_transaction_id.clone(),
            individual_id: self.bound.individual_id.clone(),
            challenge_list: vec![Challenge {
                auth_factor_type: "WLA".to_owned(),
                challenge: token,
                format: "jwt".to_owned(),
            }],
        };
        let path = "/linked-authorization/v2/authenticate";
        let answer: Result<Authenticate, ExchangeError> =
            self.parts.exchange.call(&asked.review.issuer, path, &[], &request).await;
        match answer {
            Ok(Authenticate { consent_action: Some(ConsentAction::NoCapture), .. }) => {
                self.complete(asked, consent, None, true)
            }
            Ok(_) => {
                self.advance(Event::TokenTaken, Vec::new())?;
                self.consent(asked, consent, Attempt::First).await
            }
            // Stays approved: the citizen need not approve again.
            Err(error) if error.outcome_unknown() => Err(error.into()),
            Err(error) => {
                let error = WalletError::from(error);
                match (error.code(), attempt) {
                    // An earlier attempt may have been taken: then the consent will be.
                    (ErrorCode::LoginEnded, Attempt::Again) => {
                        self.advance(Event::TokenTaken, Vec::new())?;
                        self.consent(asked, consent, Attempt::Again).await
                    }
                    (ErrorCode::LoginEnded, Attempt::First) => Err(self.fail(asked, error)?),
                    _ => {
                        self.advance(Event::TokenRefused, Vec::new())?;
                        Err(error)
                    }
                }
            }
        }
    }

    async fn consent(
        &self,
        asked: &Asked,
        consent: &SignedConsent,
        attempt: Attempt,
    ) -> Result<LoginOutcome, WalletError> {
        let request = ConsentRequest {
            linked_transaction_id: asked.link_transaction_id.clone(),
            accepted_claims: consent.agreed.claims.clone(),
            permitted_authorize_scopes: consent.agreed.scopes.clone(),
            signature: Some(consent.signature.clone()),
            consent_statement: consent.statement.clone(),
        };
        let path = "/linked-authorization/v2/consent";
        let answer: Result<Consent, ExchangeError> =
            self.parts.exchange.call(&asked.review.issuer, path, &[], &request).await;
        match answer {
            Ok(taken) => self.complete(asked, consent, Some(taken), false),
            Err(error) if error.outcome_unknown() => Err(error.into()),
            Err(error) => {
                let error = WalletError::from(error);
                let unknown = error.code() == ErrorCode::LoginEnded && attempt == Attempt::Again;
                Err(self.fail(asked, if unknown { ErrorCode::OutcomeUnknown.into() } else { error })?)
            }
        }
    }

    /// Ends the login well: outcome, activity and receipt, in one transaction.
    fn complete(
        &self,
        asked: &Asked,
        consent: &SignedConsent,
        taken: Option<Consent>,
        consent_remembered: bool,
    ) -> Result<LoginOutcome, WalletError> {
        let mut changes = Vec::new();
        let mut entry = self.entry(ActivityKind::LoginApproved, asked)?;
        if taken.is_some() {
            let consent_id = taken.as_ref().and_then(|taken| taken.consent_id.clone());
            let given = Given { binding_id: &self.bound.id, client_id: asked.client_id.clone(), consent_id };
            let receipt = ConsentReceipt::of(&self.parts, asked.review.clone(), consent, given)?;
            entry.receipt_id = Some(receipt.id.clone());
            entry.claims.clone_from(&consent.agreed.claims);
            entry.scopes.clone_from(&consent.agreed.scopes);
            changes.push(receipt.put()?);
        }
        let outcome = LoginOutcome {
            consent_remembered,
            return_uri: taken
                .and_then(|taken| taken.redirect_uri)
                .or_else(|| asked.return_uri.clone())
                .filter(|link| is_web_link(link)),
            receipt_id: entry.receipt_id.clone(),
        };
        changes.push(entry.put()?);
        self.advance(Event::Completed(outcome.clone()), changes)?;
        Ok(outcome)
    }
}

/// Only a verified web link may be opened: any app could have claimed another scheme.
fn is_web_link(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| url.scheme() == "https" && url.username().is_empty() && url.password().is_none())
}
