//! What a relying party asked for, after every check: nothing in here needs to be looked at again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clients::ResponseMode;
use crate::grants::{ClaimRequest, ClaimsRequest};
use crate::risk::Origin;

/// An authorization request that passed every check. It stays in force as it is, whatever later calls of the same
/// transaction say (A9).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Registered for the client, to the letter.
    pub redirect_uri: String,
    /// Given back byte for byte.
    pub state: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// The scopes that are known here, `openid` and the authorize scopes among them, in the order asked.
    pub scopes: Vec<String>,
    /// The scopes that the citizen must permit one by one.
    pub authorize_scopes: Vec<String>,
    /// The authentication context classes that may be used, as they are to be named in answers; never empty.
    pub acrs: Vec<String>,
    /// PKCE challenge, S256 (RFC 7636 §4.2).
    pub code_challenge: Option<String>,
    /// The claims asked for, those behind scopes included, without those the client is not registered for.
    pub claims: Claims,
    /// What the citizen must be asked again.
    pub prompt: Vec<Prompt>,
    /// How the page is shown.
    pub display: Display,
    /// Seconds since the last active login at most (OpenID Connect Core §3.1.2.1).
    pub max_age: Option<u32>,
    /// The one pairwise subject that will do, where `claims` names it (OpenID Connect Core §5.5.1).
    pub subject: Option<Value>,
    /// Who is likely to log in, to fill into the page.
    pub login_hint: Option<String>,
    /// Languages of the page, best first.
    pub ui_locales: Vec<String>,
    /// Languages of the claims, best first.
    pub claims_locales: Vec<String>,
    /// Where the browser was that brought it.
    #[serde(default)]
    pub from: Origin,
    /// How the answer is given.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// The `claims` parameter, without the claims the client is not registered for.
    #[serde(default)]
    pub asked_claims: ClaimsRequest,
    /// The one pairwise subject that will do, where `id_token_hint` names it (OpenID Connect Core §3.1.2.1).
    #[serde(default)]
    pub hinted_subject: Option<String>,
    /// Thumbprint of the key that the code is to be bound to (RFC 9449 §10).
    #[serde(default)]
    pub dpop_jkt: Option<String>,
    /// The row of the pushed request that this is.
    #[serde(default)]
    pub pushed: Option<i64>,
    /// The session that the browser showed when it came; another proof renews it.
    #[serde(default)]
    pub session: Option<i64>,
}

impl Request {
    /// Names of the claims the relying party cannot do without, wherever they are to appear, as the consent page
    /// lists them.
    #[must_use]
    pub fn essential_claims(&self) -> Vec<String> {
        self.named(true)
    }

    /// Names of the other claims, as the consent page lists them.
    #[must_use]
    pub fn voluntary_claims(&self) -> Vec<String> {
        self.named(false)
    }

    fn named(&self, essential: bool) -> Vec<String> {
        self.listed(essential).into_iter().map(|claim| claim.name.clone()).collect()
    }

    /// The claims themselves, essential or not, each once: what a consent page shows.
    #[must_use]
    pub fn listed(&self, essential: bool) -> Vec<&Claim> {
        let all = || self.claims.userinfo.iter().chain(&self.claims.id_token).chain(&self.claims.verified);
        let is_essential = |claim: &Claim| all().any(|other| other.name == claim.name && other.essential);
        let mut listed: Vec<&Claim> = Vec::new();
        for claim in all() {
            if is_essential(claim) == essential && !listed.iter().any(|have| have.name == claim.name) {
                listed.push(claim);
            }
        }
        listed
    }

    /// Whether there is anything to consent to.
    #[must_use]
    pub fn asks_consent(&self) -> bool {
        let Claims { userinfo, id_token, verified } = &self.claims;
        let nothing = userinfo.is_empty() && id_token.is_empty() && verified.is_empty();
        !nothing || !self.authorize_scopes.is_empty()
    }

    /// Whether `prompt` names this.
    #[must_use]
    pub fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }
}

/// The claims asked for, by where they are to appear (OpenID Connect Core §5.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// In userinfo.
    pub userinfo: Vec<Claim>,
    /// In the ID token, besides what is always there.
    pub id_token: Vec<Claim>,
    /// As verified claims, in either place (OpenID Connect for Identity Assurance §6).
    #[serde(default)]
    pub verified: Vec<Claim>,
}

/// One claim asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Whether the relying party cannot do without it.
    pub essential: bool,
    /// The only value that is of use.
    pub value: Option<Value>,
    /// The values that are of use.
    pub values: Vec<Value>,
    /// What it is needed for, shown to the citizen (OpenID Connect for Identity Assurance: 3 to 300 characters).
    pub purpose: Option<String>,
}

impl Claim {
    /// What is said about it, for an approval.
    #[must_use]
    pub fn asked(&self) -> ClaimRequest {
        ClaimRequest {
            essential: self.essential,
            value: self.value.clone(),
            values: self.values.clone(),
            purpose: self.purpose.clone(),
        }
    }
}

/// `prompt` (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// No page may be shown.
    None,
    /// The citizen must authenticate again.
    Login,
    /// The citizen must be asked for consent again.
    Consent,
    /// The citizen must be able to choose who to be.
    SelectAccount,
}

impl Prompt {
    /// Reads one value.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Self::None),
            "login" => Some(Self::Login),
            "consent" => Some(Self::Consent),
            "select_account" => Some(Self::SelectAccount),
            _ => None,
        }
    }
}

/// `display` (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// A whole page.
    #[default]
    Page,
    /// A small window.
    Popup,
    /// A touch screen.
    Touch,
    /// A phone of long ago.
    Wap,
}

impl Display {
    /// Reads the value.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "page" => Some(Self::Page),
            "popup" => Some(Self::Popup),
            "touch" => Some(Self::Touch),
            "wap" => Some(Self::Wap),
            _ => None,
        }
    }
}
