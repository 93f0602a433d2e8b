//! What the templates of the citizen's page are filled with.

use askama::Template;
use protocol::devices::KeySecurity;

use super::claim_names::claim_name;
use super::text::Text;
use super::{Frame, Language};

/// A time for people: day and minute of `yyyy-MM-ddTHH:mm:ss.SSSZ`, and that it is UTC.
fn short(time: &str) -> String {
    time.get(..16).map_or_else(|| time.to_owned(), |minute| format!("{} UTC", minute.replace('T', " ")))
}

/// The way in.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub struct SignedOutPage {
    /// Language.
    pub frame: Frame,
}

/// The page of somebody who is signed in.
#[derive(Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// Language.
    pub frame: Frame,
    /// What its forms repeat.
    pub csrf: String,
    /// One for each relying party's client.
    pub given: Vec<GivenView>,
    /// The person's wallets.
    pub devices: Vec<DeviceView>,
    /// Where the person is logged in at issuers.
    pub logins: Vec<LoginView>,
    /// Where the person is signed in to this page.
    pub sessions: Vec<SessionView>,
}

/// One browser that is logged in at an issuer.
pub struct LoginView {
    /// Names it.
    pub id: String,
    /// When it logged in.
    pub since: String,
    /// Names of the services that were logged in to with it.
    pub services: Vec<String>,
    /// Whether it is the one that shows the page.
    pub current: bool,
}

impl LoginView {
    fn since_short(&self) -> String {
        short(&self.since)
    }
}

/// One browser that is signed in.
pub struct SessionView {
    /// Names it.
    pub id: String,
    /// When it signed in.
    pub since: String,
    /// Whether it is the one that shows the page.
    pub current: bool,
}

impl SessionView {
    fn since_short(&self) -> String {
        short(&self.since)
    }
}

/// What was agreed to with one relying party.
pub struct GivenView {
    /// Names the newest consent that holds, else the newest.
    pub id: String,
    /// The relying party's name.
    pub name: String,
    /// Whether some consent holds.
    pub stands: bool,
    /// All of them, newest first.
    pub receipts: Vec<ReceiptView>,
}

/// One receipt.
pub struct ReceiptView {
    /// Names it.
    pub id: String,
    /// Names of the claims, for people.
    pub claims: Vec<String>,
    /// Scopes.
    pub scopes: Vec<String>,
    /// Whether a wallet signed a statement.
    pub signed: bool,
    /// Whether it is neither withdrawn nor over.
    pub stands: bool,
    /// `yyyy-MM-ddTHH:mm:ss.SSSZ`.
    pub given: String,
    /// When it ends by itself.
    pub expires: Option<String>,
    /// When it was withdrawn.
    pub withdrawn: Option<String>,
}

impl ReceiptView {
    /// Names of claims in the page's language.
    #[must_use]
    pub fn claims(names: &[String], language: Language) -> Vec<String> {
        names.iter().map(|name| claim_name(name, language)).collect()
    }

    fn given_short(&self) -> String {
        short(&self.given)
    }

    fn expires_short(&self) -> String {
        self.expires.as_deref().map(short).unwrap_or_default()
    }

    fn withdrawn_short(&self) -> String {
        self.withdrawn.as_deref().map(short).unwrap_or_default()
    }
}

/// One wallet.
pub struct DeviceView {
    /// Names it.
    pub id: String,
    /// What the citizen calls it.
    pub name: String,
    /// When it was bound.
    pub since: String,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Where its key lives, as its maker attested.
    pub security: Option<KeySecurity>,
}

impl DeviceView {
    fn since_short(&self) -> String {
        short(&self.since)
    }

    fn security_told(&self, text: &'static Text) -> Option<&'static str> {
        self.security.map(|security| match security {
            KeySecurity::Software => text.in_software,
            KeySecurity::Hardware | KeySecurity::Strongbox => text.in_hardware,
            KeySecurity::App => text.in_app,
        })
    }
}
