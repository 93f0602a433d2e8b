//! What a form of our pages sends: fields, some of them several times, and the CSRF token.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::Response;

use super::page::Making;
use super::refusal::{Refusal, browser_language};
use crate::authorization::login::client_of;
use crate::authorization::store::{load, open_id};
use crate::authorization::{Transaction, authorize};
use crate::clients::Client;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::http::csrf::{self, Browser};
use crate::pages::{Language, Step};
use crate::state::AppState;

/// Fields looked at in one form.
const MOST: usize = 200;

/// A form that a page of ours sent, from the browser it was shown to.
pub struct Form {
    pub(super) state: AppState,
    pub(super) mount: Mount,
    pub(super) headers: HeaderMap,
    pub(super) browser: Browser,
    fields: Vec<(String, String)>,
}

impl FromRequest<AppState> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let refuse = |refusal: Refusal| refusal.page(browser_language(state, &headers, &[]));
        let mount = request.extensions().get::<Mount>().copied().unwrap_or(Mount::GovStack);
        let fields = fields(request, state).await.map_err(refuse)?;
        let token = fields.iter().find(|(name, _)| name == csrf::FIELD).map(|(_, value)| value.as_str());
        let browser = csrf::check(state, &headers, token).map_err(|error| refuse(error.into()))?;
        Ok(Self { state: state.clone(), mount, browser, fields, headers: headers.clone() })
    }
}

/// Whether a body is a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().map(str::trim) == Some("application/x-www-form-urlencoded")
}

async fn fields(request: Request, state: &AppState) -> Result<Vec<(String, String)>, Refusal> {
    if !is_form(request.headers()) {
        return Err(Refusal::MALFORMED);
    }
    let bytes = Bytes::from_request(request, state).await.map_err(|_| Refusal::MALFORMED)?;
    Ok(url::form_urlencoded::parse(&bytes).take(MOST).map(|(name, value)| (name.into(), value.into())).collect())
}

impl Form {
    /// A field's value; blank where it was not sent. Of several the first.
    pub(super) fn one(&self, name: &str) -> &str {
        self.fields.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.trim())
    }

    /// All values of a field.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.fields.iter().filter(|(found, _)| found == name).map(|(_, value)| value.clone()).collect()
    }

    /// Whether a field was sent at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(found, _)| found == name)
    }

    fn transaction_id(&self) -> &str {
        self.one("transactionId")
    }

    /// The transaction of this browser.
    ///
    /// # Errors
    /// [`Refusal::Gone`] for any other.
    pub(super) async fn transaction(&self) -> Result<Transaction, Refusal> {
        Ok(authorize::resume(&self.state, self.mount, &self.browser, self.transaction_id()).await?)
    }

    /// The same transaction right after this browser logged in, when its session cookie is no longer the one it sent.
    ///
    /// # Errors
    /// [`Refusal::Gone`] where it is over.
    pub(super) async fn transaction_after_login(&self) -> Result<Transaction, Refusal> {
        let (state, id) = (self.state.clone(), open_id(&self.state, Some(self.transaction_id()))?);
        let found = self.state.store.read(move |tx| Box::pin(async move { load(&state, tx, &id).await })).await;
        Ok(found.map_err(ApiError::from)?)
    }

    /// The relying party of a transaction.
    ///
    /// # Errors
    /// [`Refusal`] where it is no longer active.
    pub(super) async fn client(&self, transaction: &Transaction) -> Result<Arc<Client>, Refusal> {
        Ok(client_of(&self.state, transaction).await?)
    }

    /// What the next page is made of.
    pub(super) fn making<'a>(&'a self, transaction: &'a Transaction, client: &'a Client) -> Making<'a> {
        Making {
            state: &self.state,
            mount: self.mount,
            headers: &self.headers,
            browser: &self.browser,
            request: &transaction.request,
            client,
            step: Step {
                base: self.mount.prefix().to_owned(),
                transaction_id: self.transaction_id().to_owned(),
                csrf: self.one(csrf::FIELD).to_owned(),
            },
        }
    }

    /// The language of a page that belongs to no transaction.
    pub(super) fn language(&self) -> Language {
        browser_language(&self.state, &self.headers, &[])
    }
}
