//! From an approval to a browser that is logged in.

use super::review::LoginChoices;
use super::signing::{self, SignedConsent};
use super::state::{Asked, Event, LoginOutcome, State};
use super::{ActivityKind, LoginSession};
use crate::errors::{ErrorCode, WalletError};
use crate::exchange::ExchangeError;
use crate::exchange::address;
use crate::receipts::{ConsentReceipt, Given};
use crate::reports;
use protocol::linked::{Authenticate, AuthenticateRequest, Challenge, Consent, ConsentAction, ConsentRequest};

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
            Ok(Authenticate { consent_action: Some(ConsentAction::NoCapture), redirect_uri, .. }) => {
                self.complete(asked, consent, Ended::Remembered(redirect_uri))
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
                    (ErrorCode::LoginEnded, Attempt::First)
                    // Another number, another place, another binding: none of it comes into this login.
                    | (ErrorCode::NumberWrong | ErrorCode::LoginNotAllowed | ErrorCode::BindingEnded, _) => {
                        Err(self.fail(asked, error)?)
                    }
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
            Ok(taken) => self.complete(asked, consent, Ended::Consented(taken)),
            Err(error) if error.outcome_unknown() => Err(error.into()),
            Err(error) => {
                let error = WalletError::from(error);
                let unknown = error.code() == ErrorCode::LoginEnded && attempt == Attempt::Again;
                Err(self.fail(asked, if unknown { ErrorCode::OutcomeUnknown.into() } else { error })?)
            }
        }
    }

    /// Whether a link may be opened: one of the issuer's own, where the citizen was told of it before, with nothing added
    /// but a query. Any app could have claimed another scheme, and another host is not the one that asked.
    fn leads_back(&self, asked: &Asked, link: &str) -> bool {
        let Some(told) = &asked.return_uri else { return false };
        let base = link.split_once('?').map_or(link, |(base, _)| base);
        let loopback = self.parts.exchange.loopback;
        let issuer = address::origin(&asked.review.issuer, loopback);
        base == told && issuer.is_ok() && address::origin(base, loopback) == issuer
    }

    /// Ends the login well: outcome, activity and receipt, in one transaction.
    fn complete(&self, asked: &Asked, consent: &SignedConsent, ended: Ended) -> Result<LoginOutcome, WalletError> {
        let (taken, consent_remembered, redirect_uri) = match ended {
            Ended::Consented(mut taken) => {
                let redirect_uri = taken.redirect_uri.take();
                (Some(taken), false, redirect_uri)
            }
            Ended::Remembered(redirect_uri) => (None, true, redirect_uri),
        };
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
            return_uri: redirect_uri.filter(|link| self.leads_back(asked, link)),
            receipt_id: entry.receipt_id.clone(),
        };
        changes.extend(reports::keep(&entry, &self.bound, &asked.link_transaction_id)?);
        changes.push(entry.put()?);
        self.advance(Event::Completed(outcome.clone()), changes)?;
        Ok(outcome)
    }
}

/// How the server took an approval.
enum Ended {
    /// With the consent given now.
    Consented(Consent),
    /// By a consent given earlier; with the link back to the browser, on the same device.
    Remembered(Option<String>),
}
