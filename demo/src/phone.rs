//! The phone in a browser tab: a page whose buttons drive the real wallet core, with keys in software and the QR code
//! read from pixels. One tab is one phone.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use wallet_core::ports::{KeySecurityLevel, SecurityLevelRule, UserAuthentication};
use wallet_core::{
    BindingFactor, BindingRequest, BindingServer, BindingSession, ConsentReceipt, DenialReason, ErrorCode,
    LoginChoices, LoginReview, LoginSession, OtpChannel, ReceiptState, Wallet, WalletConfig, WalletError, WalletPorts,
};
use wallet_host::{FileDataKey, HttpTransport, SoftwareKeys, TransportOptions, read_qr_picture};

/// A wallet, and what it is in the middle of.
pub struct Phone {
    /// The wallet.
    pub wallet: Arc<Wallet>,
    server: String,
    binding: Mutex<Option<Arc<BindingSession>>>,
    login: Mutex<Option<Arc<LoginSession>>>,
}

/// Why the phone does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// The wallet says why.
    #[error("{0}")]
    Wallet(#[from] WalletError),
    /// The picture holds no QR code.
    #[error("no QR code can be read in this picture")]
    NoCode,
    /// Nothing was begun.
    #[error("nothing was begun on this phone")]
    NothingBegun,
    /// The phone's folder cannot be used.
    #[error("the phone's folder cannot be used: {0}")]
    Folder(#[from] std::io::Error),
    /// HTTP cannot be set up.
    #[error("HTTP cannot be set up")]
    Transport,
}

impl Phone {
    /// A phone whose memory lies in `folder` and that knows one server.
    ///
    /// # Errors
    /// [`PhoneError`] where folder or store cannot be used.
    pub async fn new(folder: &Path, server: &str) -> Result<Arc<Self>, PhoneError> {
        std::fs::create_dir_all(folder)?;
        let mut config = WalletConfig::at(&folder.join("wallet.redb").to_string_lossy());
        config.allow_loopback_http = true;
        config.languages = vec!["eng".into()];
        let options = TransportOptions { loopback_http: true, ..TransportOptions::default() };
        let ports = WalletPorts {
            keys: Arc::new(SoftwareKeys::in_folder(folder.join("keys"))?),
            transport: Arc::new(HttpTransport::new(options).map_err(|_| PhoneError::Transport)?),
            data_key: Arc::new(FileDataKey::at(folder.join("data.key"))?),
            log: None,
            clock: None,
        };
        let wallet = Wallet::open(config, ports).await?;
        Ok(Arc::new(Self { wallet, server: server.into(), binding: Mutex::default(), login: Mutex::default() }))
    }

    /// Begins to bind and has an OTP sent; gives where it went, masked.
    ///
    /// # Errors
    /// The wallet's.
    pub async fn ask_for_otp(&self, individual_id: String) -> Result<String, PhoneError> {
        let session = self.wallet.begin_binding(BindingRequest {
            server: BindingServer::Tessera { origin: self.server.clone() },
            individual_id,
            device_name: "Phone in a browser tab".into(),
            label: String::new(),
            security_level: SecurityLevelRule::Prefer { level: KeySecurityLevel::Software },
            user_authentication: UserAuthentication::None,
            attest: false,
        })?;
        let delivery = session.request_otp(vec![OtpChannel::Email, OtpChannel::Phone]).await?;
        *self.binding.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
        Ok([delivery.masked_email, delivery.masked_phone].into_iter().flatten().collect::<Vec<_>>().join(", "))
    }

    /// Binds with the OTP received.
    ///
    /// # Errors
    /// [`PhoneError::NothingBegun`], or the wallet's.
    pub async fn bind(&self, code: String) -> Result<(), PhoneError> {
        let session = self.binding.lock().unwrap_or_else(PoisonError::into_inner).clone();
        session.ok_or(PhoneError::NothingBegun)?.bind(vec![BindingFactor::Otp { code }]).await?;
        Ok(())
    }

    /// Reads the QR code of a PNG or JPEG picture and claims its login.
    ///
    /// # Errors
    /// [`PhoneError::NoCode`], or the wallet's.
    pub async fn scan(&self, picture: &[u8]) -> Result<LoginReview, PhoneError> {
        let texts = read_qr_picture(picture).map_err(|_| PhoneError::NoCode)?;
        self.open(texts.into_iter().next().ok_or(PhoneError::NoCode)?).await
    }

    /// Claims the login of a link.
    ///
    /// # Errors
    /// The wallet's.
    pub async fn open(&self, link: String) -> Result<LoginReview, PhoneError> {
        let session = self.wallet.begin_login(link, None).await?;
        let review = session.review()?;
        *self.login.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
        Ok(review)
    }

    /// Approves the login on the screen, with the voluntary claims chosen and the number typed, where one is needed.
    ///
    /// # Errors
    /// [`PhoneError::NothingBegun`], or the wallet's.
    pub async fn approve(&self, claims: Vec<String>, number: Option<String>) -> Result<(), PhoneError> {
        let choices = LoginChoices { accepted_voluntary_claims: claims, permitted_scopes: Vec::new(), number };
        self.current()?.approve(choices).await?;
        Ok(())
    }

    /// Denies the login on the screen.
    ///
    /// # Errors
    /// [`PhoneError::NothingBegun`], or the wallet's.
    pub async fn deny(&self) -> Result<(), PhoneError> {
        self.current()?.deny(Some(DenialReason::NotMe)).await?;
        Ok(())
    }

    fn current(&self) -> Result<Arc<LoginSession>, PhoneError> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or(PhoneError::NothingBegun)
    }
}

/// The page and its calls.
pub fn routes(phone: Arc<Phone>) -> Router {
    Router::new()
        .route("/phone", get(|| async { Html(include_str!("phone.html")) }))
        .route("/phone.js", get(|| async { ([(header::CONTENT_TYPE, "text/javascript")], include_str!("phone.js")) }))
        .route("/phone/state", get(state))
        .route("/phone/otp", post(otp))
        .route("/phone/bind", post(bind))
        .route("/phone/scan", post(scan))
        .route("/phone/open", post(open))
        .route("/phone/approve", post(approve))
        .route("/phone/deny", post(deny))
        .route("/phone/withdraw", post(withdraw))
        .with_state(phone)
}

impl IntoResponse for PhoneError {
    fn into_response(self) -> Response {
        let text = match &self {
            Self::Wallet(error) => explain(error.code()).map_or_else(|| error.to_string(), ToOwned::to_owned),
            other => other.to_string(),
        };
        (StatusCode::BAD_REQUEST, Json(serde_json::json!({ "error": text }))).into_response()
    }
}

/// What a citizen can do about it, for the errors met in a demonstration.
fn explain(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::UnknownServer => "This code is of a server that this phone is not bound to. Bind it first.",
        ErrorCode::LinkExpired | ErrorCode::LinkCodeRefused => "This code is over. Scan the one on the screen now.",
        ErrorCode::LoginEnded => "This login is over. Begin again in the browser.",
        ErrorCode::NumberNeeded => "Type the number that the browser shows.",
        ErrorCode::NumberWrong => "That was not the number in the browser. This login is over: begin again there.",
        ErrorCode::LoginNotAllowed => "The service takes no login from this place or browser.",
        ErrorCode::AuthenticationFailed => "That was not right. Try again.",
        ErrorCode::AttemptsExceeded => "Too many attempts. Wait some minutes.",
        ErrorCode::Offline | ErrorCode::Timeout => "The server does not answer.",
        _ => return None,
    })
}

#[derive(Serialize)]
struct Shown {
    bound: bool,
    log: Vec<String>,
    receipts: Vec<Receipt>,
}

#[derive(Serialize)]
struct Receipt {
    id: String,
    said: String,
    given: bool,
}

impl From<ConsentReceipt> for Receipt {
    fn from(receipt: ConsentReceipt) -> Self {
        let what = [receipt.claims, receipt.scopes].concat().join(", ");
        let said = format!("{}: {what} ({:?})", receipt.relying_party, receipt.state);
        Self { id: receipt.id, said, given: receipt.state == ReceiptState::Given }
    }
}

async fn state(State(phone): State<Arc<Phone>>) -> Result<Json<Shown>, PhoneError> {
    let log = phone.wallet.activity()?.into_iter().map(|entry| {
        let whom = entry.relying_party.unwrap_or(entry.server);
        format!("{:?}: {whom} {}", entry.kind, entry.claims.join(", "))
    });
    let receipts = phone.wallet.receipts()?.into_iter().map(Receipt::from).collect();
    Ok(Json(Shown { bound: !phone.wallet.bindings()?.is_empty(), log: log.collect(), receipts }))
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct Chosen {
    claims: Vec<String>,
    number: Option<String>,
}

#[derive(Serialize)]
struct Review {
    name: String,
    domain: Option<String>,
    page: Option<String>,
    browser: Option<String>,
    place: Option<String>,
    near: Option<bool>,
    number: bool,
    essential: Vec<String>,
    voluntary: Vec<String>,
}

impl From<LoginReview> for Review {
    fn from(review: LoginReview) -> Self {
        let (essential, voluntary): (Vec<_>, Vec<_>) = review.claims.into_iter().partition(|claim| claim.essential);
        let names = |claims: Vec<wallet_core::RequestedClaim>| claims.into_iter().map(|claim| claim.name).collect();
        Self {
            name: review.relying_party.name,
            domain: review.relying_party.domain,
            page: review.page_origin,
            browser: review.from.browser,
            place: review.from.place,
            near: review.from.near,
            number: review.number_required,
            essential: names(essential),
            voluntary: names(voluntary),
        }
    }
}

async fn otp(State(phone): State<Arc<Phone>>, Json(Text { text }): Json<Text>) -> Result<Json<String>, PhoneError> {
    Ok(Json(phone.ask_for_otp(text).await?))
}

async fn bind(State(phone): State<Arc<Phone>>, Json(Text { text }): Json<Text>) -> Result<Json<()>, PhoneError> {
    Ok(Json(phone.bind(text).await?))
}

async fn scan(State(phone): State<Arc<Phone>>, picture: Bytes) -> Result<Json<Review>, PhoneError> {
    Ok(Json(phone.scan(&picture).await?.into()))
}

async fn open(State(phone): State<Arc<Phone>>, Json(Text { text }): Json<Text>) -> Result<Json<Review>, PhoneError> {
    Ok(Json(phone.open(text).await?.into()))
}

async fn approve(
    State(phone): State<Arc<Phone>>,
    Json(Chosen { claims, number }): Json<Chosen>,
) -> Result<Json<()>, PhoneError> {
    Ok(Json(phone.approve(claims, number).await?))
}

async fn deny(State(phone): State<Arc<Phone>>) -> Result<Json<()>, PhoneError> {
    Ok(Json(phone.deny().await?))
}

async fn withdraw(State(phone): State<Arc<Phone>>, Json(Text { text }): Json<Text>) -> Result<Json<()>, PhoneError> {
    phone.wallet.withdraw_consent(text).await?;
    Ok(Json(()))
}
