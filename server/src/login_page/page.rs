//! The login and consent pages of a transaction.

use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use super::refusal::{Refusal, browser_language};
use crate::acr::{Acr, Factor};
use crate::authorization::store::open_id;
use crate::authorization::{Claim, Request, auth_factors, first_factor, scopes};
use crate::clients::{Client, CrossDevice};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::csrf::Browser;
use crate::linked::browser_kind::{browser_kind, is_phone};
use crate::linked::deep_link::deep_link;
use crate::linked::{code, same_device};
use crate::pages::{
    self, AccountChoicePage, AppView, Choice, ConsentPage, Frame, Language, LoginPage, Party, Problem, QrView, Step,
    WaitingPage, show,
};
use crate::registry::{self, PersonId};
use crate::state::AppState;

/// What the pages of one transaction are made of.
pub(super) struct Making<'a> {
    pub(super) state: &'a AppState,
    pub(super) mount: Mount,
    pub(super) headers: &'a HeaderMap,
    pub(super) browser: &'a Browser,
    pub(super) request: &'a Request,
    pub(super) client: &'a Client,
    pub(super) step: Step,
}

/// What differs between one showing of the login page and the next.
#[derive(Default)]
pub(super) struct Showing {
    /// Whether the QR code is shown, where a wallet may answer; on a phone, the link that opens the wallet.
    pub(super) with_qr: bool,
    /// Whether the citizen asked for the code, on a phone.
    pub(super) other_device: bool,
    /// What was typed.
    pub(super) individual_id: String,
    /// Where the OTP went, once it was sent.
    pub(super) sent_to: Option<String>,
    /// Whether what was typed, or is to be typed, comes before the code for the wallet.
    pub(super) then_wallet: bool,
    /// Whether the browser has proved a first factor in this login.
    pub(super) first_given: bool,
    /// What went wrong.
    pub(super) problem: Option<Problem>,
}

impl Making<'_> {
    fn language(&self) -> Language {
        browser_language(self.state, self.headers, &self.request.ui_locales)
    }

    fn party(&self, language: Language) -> Party {
        let registered = &self.client.registration;
        let secure = |url: &Option<String>| url.clone().filter(|url| url.starts_with("https://"));
        Party {
            name: self.client.name_in(language.tag()).to_owned(),
            logo_url: secure(&registered.logo_uri),
            policy_url: secure(&registered.policy_uri),
            terms_url: secure(&registered.tos_uri),
        }
    }

    /// The login page.
    ///
    /// # Errors
    /// [`Refusal`] where the transaction is over.
    pub(super) async fn login(self, showing: Showing) -> Result<Response, Refusal> {
        let (language, request) = (self.language(), self.request);
        let mut problem = showing.problem;
        let wallet = showing.with_qr && auth_factors::offers(request, Factor::Wla);
        let on_phone = self.mount.dialect().same_device && is_phone(self.headers);
        let elsewhere = self.client.login_policy().cross_device != CrossDevice::Deny;
        let here = on_phone && !(showing.other_device && elsewhere);
        let app = if wallet && here { self.app(elsewhere, &mut problem).await? } else { None };
        let first = wallet && !here && !showing.first_given && first_factor::is_wanted(self.client, request);
        let qr = if wallet && !here && !first { self.qr(language, &mut problem).await? } else { None };
        let party = self.party(language);
        let image = party.logo_url.clone();
        let page = LoginPage {
            frame: Frame { language },
            party,
            step: self.step,
            app,
            qr,
            other_device: on_phone && !here,
            first,
            then_wallet: showing.then_wallet,
            otp: alone(request, Factor::Otp),
            pin: alone(request, Factor::Pin),
            individual_id: showing.individual_id,
            sent_to: showing.sent_to,
            otp_digits: self.state.config.otp.digits,
            problem,
        };
        Ok(show(&page, |html| html.image(image.as_deref()).forms_lead_to(&request.redirect_uri)))
    }

    async fn qr(&self, language: Language, problem: &mut Option<Problem>) -> Result<Option<QrView>, Refusal> {
        let id = open_id(self.state, Some(&self.step.transaction_id))?;
        let mount = self.mount;
        let issued = match code::issue(self.state, mount, self.browser.clone(), id, browser_kind(self.headers)).await {
            Ok(issued) => issued,
            Err(error) => return no_more_codes(error, problem),
        };
        let deep_link = deep_link(self.state, mount, &issued);
        let now = self.state.clock.now();
        Ok(pages::svg(&deep_link, language.text().qr_code).map(|svg| QrView {
            svg,
            deep_link,
            link_code: issued.code,
            shown_ms: issued.next_at - now,
            now_ms: now,
            download_url: self.state.config.wallet.download_url.as_ref().map(ToString::to_string),
        }))
    }

    /// The link that opens the wallet on this device.
    async fn app(&self, other_device: bool, problem: &mut Option<Problem>) -> Result<Option<AppView>, Refusal> {
        let id = open_id(self.state, Some(&self.step.transaction_id))?;
        let (browser, kind) = (self.browser.clone(), browser_kind(self.headers));
        let issued = match same_device::issue(self.state, self.mount, browser, id, kind).await {
            Ok(issued) => issued,
            Err(error) => return no_more_codes(error, problem),
        };
        let download_url = self.state.config.wallet.download_url.as_ref().map(ToString::to_string);
        Ok(Some(AppView { deep_link: deep_link(self.state, self.mount, &issued), other_device, download_url }))
    }

    /// The page while the wallet is at work: no QR code any more, a button to look again, and the number to be typed.
    pub(super) fn waiting(self, number: Option<&str>, scanned_twice: bool) -> Response {
        let language = self.language();
        let page = WaitingPage {
            number: number.map(str::to_owned),
            scanned_twice,
            frame: Frame { language },
            party: self.party(language),
            step: self.step,
        };
        show(&page, |html| html.image(page.party.logo_url.as_deref()).forms_lead_to(&self.request.redirect_uri))
    }

    /// The page that asks whether to go on as who is logged in.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub(super) async fn account(self, person: PersonId) -> Result<Response, Refusal> {
        let language = self.language();
        let locales = [language.tag().to_owned()];
        let known =
            registry::claims(self.state, person, &["name".to_owned()], &locales).await.map_err(ApiError::from)?;
        let page = AccountChoicePage {
            frame: Frame { language },
            party: self.party(language),
            step: self.step,
            name: known.get("name").and_then(Value::as_str).map(str::to_owned),
        };
        Ok(show(&page, |html| html.image(page.party.logo_url.as_deref()).forms_lead_to(&self.request.redirect_uri)))
    }

    /// The consent page.
    pub(super) fn consent(self) -> Response {
        let (language, request) = (self.language(), self.request);
        let party = self.party(language);
        let image = party.logo_url.clone();
        let of = |claim: &Claim| Choice::claim(&claim.name, claim.purpose.as_deref(), language);
        let chosen = |essential: bool| -> Vec<Choice> { request.listed(essential).into_iter().map(of).collect() };
        let asked = || request.authorize_scopes.iter();
        let away = |scope: &String| Choice { label: language.text().offline_access.to_owned(), ..Choice::scope(scope) };
        let page = ConsentPage {
            frame: Frame { language },
            party,
            step: self.step,
            essential: chosen(true),
            voluntary: chosen(false),
            scopes: asked().filter(|scope| *scope != scopes::OFFLINE).map(|scope| Choice::scope(scope)).collect(),
            fixed_scopes: asked().filter(|scope| *scope == scopes::OFFLINE).map(away).collect(),
        };
        show(&page, |html| html.image(image.as_deref()).forms_lead_to(&request.redirect_uri))
    }
}

/// A page without a code, where no further one can be made; another error ends the login.
fn no_more_codes<T>(error: ApiError, problem: &mut Option<Problem>) -> Result<Option<T>, Refusal> {
    match error {
        ApiError::Refused(codes) if codes.iter().any(|(code, _)| *code == Code::LinkCodeLimitReached) => {
            *problem = problem.or(Some(Problem::NoMoreCodes));
            Ok(None)
        }
        error => Err(error.into()),
    }
}

/// Whether this factor suffices by itself for some class that was asked for.
fn alone(request: &Request, factor: Factor) -> bool {
    request.acrs.iter().filter_map(|name| Acr::read(name)).any(|acr| acr.made_of(&[factor]))
}
