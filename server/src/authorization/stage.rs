//! Where a login stands, and what is known of it there; how it gets from one to the next is `model`.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::registry::PersonId;
use crate::risk::Terms;

/// Where a transaction stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody answered yet.
    Started,
    /// Nobody answered yet, but the browser proved who will: only that person may.
    FirstFactor(FirstFactor),
    /// The browser proved who is there.
    Authenticated(Authenticated),
    /// A wallet claimed the link code.
    Linked(Link),
    /// The wallet proved who is there; consent is awaited.
    LinkedAuthenticated(Link, Authenticated),
    /// The wallet approved; the browser has not come for its code yet.
    Approved(Link, Authenticated, Decision),
    /// The authorization code was issued.
    Finished,
    /// Refused by the citizen or ended for too many wrong factors.
    Denied(Denial),
}

impl Stage {
    /// Its name in the database and in errors.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::FirstFactor(_) => "first_factor",
            Self::Authenticated(_) => "authenticated",
            Self::Linked(_) => "linked",
            Self::LinkedAuthenticated(..) => "linked_authenticated",
            Self::Approved(..) => "approved",
            Self::Finished => "finished",
            Self::Denied(_) => "denied",
        }
    }

    /// The wallet's side of it, where a wallet is or was at work.
    #[must_use]
    pub fn link(&self) -> Option<&Link> {
        match self {
            Self::Linked(link) | Self::LinkedAuthenticated(link, _) | Self::Approved(link, ..) => Some(link),
            Self::Denied(denial) => denial.link.as_ref(),
            Self::Started | Self::FirstFactor(_) | Self::Authenticated(_) | Self::Finished => None,
        }
    }

    /// Whether nobody answered yet, so that browser or wallet may.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Started | Self::FirstFactor(_))
    }

    /// The first factor that the browser proved, where it did and nobody answered yet.
    #[must_use]
    pub fn first_factor(&self) -> Option<&FirstFactor> {
        match self {
            Self::FirstFactor(first) => Some(first),
            _ => None,
        }
    }

    /// What was agreed to earlier and still holds, where the browser authenticated.
    #[must_use]
    pub fn remembered(&self) -> Option<&Decision> {
        match self {
            Self::Authenticated(who) => who.remembered.as_ref(),
            _ => None,
        }
    }

    /// What is known by now about the login of a wallet that has not finished it.
    pub fn terms_mut(&mut self) -> Option<&mut Terms> {
        match self {
            Self::Linked(link) | Self::LinkedAuthenticated(link, _) | Self::Approved(link, ..) => Some(&mut link.terms),
            Self::Started | Self::FirstFactor(_) | Self::Authenticated(_) | Self::Finished | Self::Denied(_) => None,
        }
    }
}

/// Which wallet claimed the transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Primary key of the linked transaction.
    pub linked: i64,
    /// RFC 7638 thumbprint of the key the wallet named when it claimed the code; then only that key may go on.
    pub key: Option<String>,
    /// What the native wallet token must repeat.
    pub nonce: String,
    /// When the code was claimed.
    pub linked_at: Millis,
    /// What kind of code it was.
    #[serde(default)]
    pub channel: Channel,
    /// Same device, once approved: SHA-256 of the secret in the `response_code` that the wallet was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Vec<u8>>,
    /// On what terms the wallet may go on.
    #[serde(default)]
    pub terms: Terms,
    /// What the browser had proved before: then only that person's wallet may go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<FirstFactor>,
}

/// Who proved a first factor in the browser, before a wallet may answer from another device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstFactor {
    /// Who.
    pub person: PersonId,
    /// The factors given.
    pub amr: Vec<String>,
}

/// What kind of link code a login went by; the server decides when it makes the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// One device shows the code, another scans it.
    #[default]
    CrossDevice,
    /// A link opens the wallet on the device that shows the page. The browser gets its code only where the wallet sends
    /// the citizen back to it.
    SameDevice,
}

impl Channel {
    /// Name in the database and in `configs.tessera.channel`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CrossDevice => "cross_device",
            Self::SameDevice => "same_device",
        }
    }

    /// Reads what the database has of a link code: nothing stands for the first.
    #[must_use]
    pub fn named(name: Option<&str>) -> Self {
        if name == Some(Self::SameDevice.name()) { Self::SameDevice } else { Self::CrossDevice }
    }
}

/// Who is there, and how they proved it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticated {
    /// Who.
    pub person: PersonId,
    /// The authentication context class reached, named as it was asked for.
    pub acr: String,
    /// The factors given.
    pub amr: Vec<String>,
    /// When.
    pub auth_time: Millis,
    /// The wallet key that signed: its primary key and its RFC 7638 thumbprint.
    pub key: Option<(i64, String)>,
    /// What was agreed to earlier and still holds: then nothing needs to be asked (`NOCAPTURE`).
    pub remembered: Option<Decision>,
    /// The session that proved it, where the browser was logged in already: its primary key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<i64>,
}

/// What the citizen agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Claims that may be given.
    pub accepted_claims: Vec<String>,
    /// Authorize scopes that are permitted.
    pub permitted_scopes: Vec<String>,
    /// When the consent ends, where the client's consents do.
    pub consent_expires: Option<Millis>,
    /// The receipt it is written down in: of this login once it is approved; of an earlier one while that is only
    /// remembered. `None` where nothing had to be agreed to.
    #[serde(default)]
    pub receipt: Option<i64>,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// Who ended it.
    pub by: DeniedBy,
    /// `not_me`, `changed_mind`, `suspicious`, or nothing.
    pub reason: Option<String>,
    /// The wallet that had claimed it.
    pub link: Option<Link>,
}

/// Who ended a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeniedBy {
    /// The citizen, in the browser.
    Browser,
    /// The citizen, in the wallet.
    Wallet,
    /// The server: too many wrong factors.
    Attempts,
    /// The server: the number typed in the wallet was not the one on the page.
    Number,
    /// The server: the client's policy does not admit what turned out about the login.
    Policy,
}
