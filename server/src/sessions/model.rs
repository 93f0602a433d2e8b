//! What a session is.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::PersonId;

/// Somebody who is logged in at an issuer, in one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The row's primary key.
    pub row: i64,
    /// The issuer.
    pub mount: Mount,
    /// Who.
    pub person: PersonId,
    /// When they last proved who they are.
    pub auth_time: Millis,
    /// The class of authentication reached then, named as it was asked for.
    pub acr: String,
    /// The factors shown then.
    pub amr: Vec<String>,
    /// The one client that it serves, where it does not serve all; see [`NewSession::only_for`].
    pub only_for: Option<String>,
    /// When it ends by itself.
    pub expires_at: Millis,
}

impl Session {
    /// Whether a client may be logged in to with it, without another proof.
    #[must_use]
    pub fn serves(&self, client_id: &str) -> bool {
        self.only_for.as_ref().is_none_or(|only| only == client_id)
    }

    /// Whether they proved who they are within the last `seconds` (`max_age`, OpenID Connect Core §3.1.2.1).
    #[must_use]
    pub fn is_younger_than(&self, seconds: u32, now: Millis) -> bool {
        now - self.auth_time <= Millis::from(seconds) * 1000
    }
}

/// A login that begins a session, or renews that of its browser.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The issuer.
    pub mount: Mount,
    /// Who.
    pub person: PersonId,
    /// When they proved who they are.
    pub auth_time: Millis,
    /// The class of authentication reached, named as it was asked for.
    pub acr: String,
    /// The factors shown.
    pub amr: Vec<String>,
    /// Names the one client that it is to serve: where a wallet on another device approved, it approved a login to that
    /// client and no other. A code that was relayed to it (`docs/qr-security.md`) must not open more than the phone showed.
    pub only_for: Option<String>,
    /// The session that the same browser showed when the login began. The same person's is renewed, and keeps its clients;
    /// another person's ends.
    pub replaces: Option<i64>,
    /// The wallet's key that proved who is there, where one did: the session ends when that is revoked.
    pub key: Option<i64>,
}

/// A session that was begun or renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The row's primary key.
    pub row: i64,
    /// What its cookie is to hold; see [`super::cookie::set`].
    pub cookie: String,
}

/// What is sealed of a session.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) person: PersonId,
    pub(super) auth_time: Millis,
    pub(super) acr: String,
    pub(super) amr: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) only_for: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<i64>,
}

impl Content {
    pub(super) fn of(new: &NewSession) -> Self {
        let NewSession { person, auth_time, acr, amr, only_for, key, .. } = new.clone();
        Self { person, auth_time, acr, amr, only_for, key }
    }

    pub(super) fn session(self, row: i64, mount: Mount, expires_at: Millis) -> Session {
        let Self { person, auth_time, acr, amr, only_for, .. } = self;
        Session { row, mount, person, auth_time, acr, amr, only_for, expires_at }
    }
}

/// A session as its person sees it on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Names it; opens nothing.
    pub name: String,
    /// The session.
    pub session: Session,
    /// When it began.
    pub began_at: Millis,
    /// Ids of the clients that were logged in to with it.
    pub clients: Vec<String>,
}
