//! On what terms a wallet goes on with a login: found out when it claims the code, kept with the login.

use serde::{Deserialize, Serialize};

use super::decide::Findings;

/// The terms of one login. By default those of a wallet on the device that shows the page: nothing is asked of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Whether the wallet is on another device than the browser.
    pub cross_device: bool,
    /// What was found.
    pub findings: Findings,
    /// The page's number.
    pub number: Number,
}

/// The number that the citizen types from the page into the wallet.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Number {
    /// None is asked for.
    #[default]
    NotAsked,
    /// This one is shown.
    Shown(String),
    /// The right one was typed.
    Typed,
}

/// The number itself is told to one browser only.
impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotAsked => "NotAsked",
            Self::Shown(_) => "Shown",
            Self::Typed => "Typed",
        })
    }
}

impl Terms {
    /// Whether the login is risky.
    #[must_use]
    pub fn risky(&self) -> bool {
        self.cross_device && self.findings.risky()
    }

    /// Whether its browser may be taken for the person's own from now on: a login that looked odd makes none known, unless
    /// the citizen proved to look at its page.
    #[must_use]
    pub fn makes_known(&self) -> bool {
        !self.risky() || self.number == Number::Typed
    }

    /// Authentication method references that it adds (RFC 8176 §2): `mca`, for browser and wallet are two channels, and
    /// `rba` where what was found makes it risky.
    #[must_use]
    pub fn amr(&self) -> Vec<&'static str> {
        let marks = [("mca", self.cross_device), ("rba", self.risky())];
        marks.into_iter().filter_map(|(mark, holds)| holds.then_some(mark)).collect()
    }
}
