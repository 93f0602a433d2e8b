//! What the templates are filled with: plain data, in the page's language.

use askama::Template;

use super::claim_names::claim_name;
use super::{Language, Text, assets};

/// What every page has.
#[derive(Clone, Copy)]
pub struct Frame {
    /// The page's language.
    pub language: Language,
}

impl Frame {
    pub(super) fn t(&self) -> &'static Text {
        self.language.text()
    }

    pub(super) fn lang(&self) -> &'static str {
        self.language.tag()
    }

    pub(super) fn dir(&self) -> &'static str {
        self.language.direction()
    }

    pub(super) fn assets(&self) -> &'static str {
        assets::tag()
    }
}

/// The relying party, as registered.
pub struct Party {
    /// Its name in the page's language.
    pub name: String,
    /// Its logo.
    pub logo_url: Option<String>,
    /// What it does with people's data (`policy_uri`).
    pub policy_url: Option<String>,
    /// Its terms (`tos_uri`).
    pub terms_url: Option<String>,
}

/// What the forms of a login need.
#[derive(Clone)]
pub struct Step {
    /// Path of the mount, without a slash at its end.
    pub base: String,
    /// The transaction.
    pub transaction_id: String,
    /// The CSRF token.
    pub csrf: String,
}

/// The QR code and what the script needs to keep it fresh.
pub struct QrView {
    /// The picture.
    pub svg: String,
    /// What it holds.
    pub deep_link: String,
    /// The link code.
    pub link_code: String,
    /// Milliseconds until the page is to show another code.
    pub shown_ms: i64,
    /// The server's time in milliseconds: browsers' clocks are not to be relied on.
    pub now_ms: i64,
    /// Where to get the wallet.
    pub download_url: Option<String>,
}

/// The link that opens the wallet on this device.
pub struct AppView {
    /// It.
    pub deep_link: String,
    /// Whether another device may be used instead.
    pub other_device: bool,
    /// Where to get the wallet.
    pub download_url: Option<String>,
}

/// What went wrong with the form that was sent, in one fixed sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Wrong factor or person.
    AuthFailed,
    /// Blank or malformed.
    CheckInput,
    /// Locked.
    NoAttemptsLeft,
    /// The OTP could not be sent.
    SendFailed,
    /// No more QR codes.
    NoMoreCodes,
    /// The wallet has not answered.
    NotYet,
}

impl Problem {
    fn sentence(self, t: &Text) -> &'static str {
        match self {
            Self::AuthFailed => t.auth_failed,
            Self::CheckInput => t.check_input,
            Self::NoAttemptsLeft => t.no_attempts_left,
            Self::SendFailed => t.send_failed,
            Self::NoMoreCodes => t.no_more_codes,
            Self::NotYet => t.not_yet,
        }
    }
}

/// The login page.
#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// Language.
    pub frame: Frame,
    /// Who asks.
    pub party: Party,
    /// The forms' hidden fields.
    pub step: Step,
    /// On a phone: the link that opens the wallet there. Then there is no QR code.
    pub app: Option<AppView>,
    /// The QR code, where a wallet may answer and a code could be made.
    pub qr: Option<QrView>,
    /// Whether the citizen asked for the code on a phone, where it is not shown by itself.
    pub other_device: bool,
    /// Whether a first factor is to be typed before the QR code is shown.
    pub first: bool,
    /// Whether the OTP that was sent is that first factor.
    pub then_wallet: bool,
    /// Whether an OTP may answer.
    pub otp: bool,
    /// Whether a PIN may answer.
    pub pin: bool,
    /// What was typed, or hinted by the relying party.
    pub individual_id: String,
    /// Where the OTP went, once it was sent.
    pub sent_to: Option<String>,
    /// Digits of an OTP.
    pub otp_digits: u8,
    /// What went wrong.
    pub problem: Option<Problem>,
}

/// Something the citizen may agree to.
pub struct Choice {
    /// Name on the wire.
    pub value: String,
    /// Name for people.
    pub label: String,
    /// What it is needed for.
    pub purpose: Option<String>,
}

impl Choice {
    /// A claim.
    #[must_use]
    pub fn claim(name: &str, purpose: Option<&str>, language: Language) -> Self {
        Self { value: name.into(), label: claim_name(name, language), purpose: purpose.map(str::to_owned) }
    }

    /// A scope.
    #[must_use]
    pub fn scope(name: &str) -> Self {
        Self { value: name.into(), label: name.into(), purpose: None }
    }
}

/// The consent page of a login in the browser.
#[derive(Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// Language.
    pub frame: Frame,
    /// Who asks.
    pub party: Party,
    /// The forms' hidden fields.
    pub step: Step,
    /// Claims that must be accepted to go on.
    pub essential: Vec<Choice>,
    /// Claims that may be accepted.
    pub voluntary: Vec<Choice>,
    /// Scopes that may be permitted.
    pub scopes: Vec<Choice>,
    /// Scopes that are permitted by whoever goes on.
    pub fixed_scopes: Vec<Choice>,
}

/// The page that asks whether to go on as who is logged in.
#[derive(Template)]
#[template(path = "account_choice.html")]
pub struct AccountChoicePage {
    /// Language.
    pub frame: Frame,
    /// Who asks.
    pub party: Party,
    /// The forms' hidden fields.
    pub step: Step,
    /// Who is logged in, where a name is known.
    pub name: Option<String>,
}

/// A form that goes to the relying party (OAuth 2.0 Form Post Response Mode).
#[derive(Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage {
    /// Language.
    pub frame: Frame,
    /// Its redirect URI.
    pub action: String,
    /// What it is told.
    pub fields: Vec<(String, String)>,
}

/// A page with one sentence: the end of the road.
#[derive(Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// Language.
    pub frame: Frame,
    /// The sentence.
    pub sentence: &'static str,
    /// The error's registered name, for the relying party's developer.
    pub code: Option<&'static str>,
}

/// The page of a login that a wallet is at work on, for those without script.
#[derive(Template)]
#[template(path = "waiting.html")]
pub struct WaitingPage {
    /// The number to be typed into the wallet, where one is asked for.
    pub number: Option<String>,
    /// Whether a second wallet tried to claim the code.
    pub scanned_twice: bool,
    /// Language.
    pub frame: Frame,
    /// Who asks.
    pub party: Party,
    /// The forms' hidden fields.
    pub step: Step,
}
