//! What there is at one moment: two logins at the server, two phones, what was approved and what was issued.

use std::hash::{Hash, Hasher};

use server::authorization::{Decision, DeniedBy, Request, Stage, Transaction};
use server::dialect::Mount;
use server::registry::PersonId;

use crate::events::Source;
use crate::server_side::Asking;
use crate::world::{Channel, World};

/// The relying party that the citizen wants to log in to.
pub const WANTED: &str = "clinic";
/// Another honest relying party, at which the attacker may begin.
pub const OTHER: &str = "bank";
/// What the citizen agrees to.
pub const AGREED: &[&str] = &["name"];
/// What the attacker makes of it.
pub const ALTERED: &[&str] = &["email", "name"];

/// Who acts: each has a browser, a phone and a bound key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// The citizen's.
    Citizen,
    /// The attacker's.
    Attacker,
}

impl Key {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Citizen, Self::Attacker];

    /// Its thumbprint.
    #[must_use]
    pub fn thumbprint(self) -> &'static str {
        match self {
            Self::Citizen => "citizens-thumbprint",
            Self::Attacker => "attackers-thumbprint",
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn person(self) -> PersonId {
        PersonId(self as i64 + 1)
    }

    /// The identifier of its person.
    #[must_use]
    pub fn individual_id(self) -> &'static str {
        match self {
            Self::Citizen => "7000000001",
            Self::Attacker => "7000000002",
        }
    }

    /// The hash of the browser of its person.
    #[must_use]
    pub fn browser(self) -> Vec<u8> {
        vec![self as u8; 32]
    }

    pub(crate) fn of_person(person: PersonId) -> Option<Self> {
        Self::BOTH.into_iter().find(|key| key.person() == person)
    }
}

/// A row of the database: the server's transaction, comparable.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Transaction);

impl Eq for Row {}

impl Hash for Row {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        // What was asked never changes (A9), so that stage and numbers tell two rows of one login apart.
        serde_json::to_string(&self.0.stage).expect("a stage is JSON").hash(hasher);
        (self.0.id, &self.0.client_id, self.0.expires_at, self.0.version).hash(hasher);
    }
}

/// A login as the server has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Login {
    /// The row.
    pub row: Row,
    /// How its code gets to a wallet.
    pub channel: Channel,
    /// When the code ends.
    pub code_ends_at: i64,
    /// Whether the code was claimed.
    pub claimed: bool,
    /// How many wallets were told that they hold it.
    pub holders: u8,
    /// Whether a first factor was typed in its browser.
    pub factor_typed: bool,
}

/// A signed text: who signed it, and what. Nobody can make one for another's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignedText {
    /// The key.
    pub by: Key,
    /// What was signed, as JSON.
    pub text: String,
}

/// What a wallet learned about a login it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    /// Which login.
    pub login: usize,
    /// The linked transaction's id.
    pub linked: i64,
    /// The nonce.
    pub nonce: String,
    /// The relying party that the screen names, where it names one.
    pub shown: Option<String>,
    /// What the citizen scanned.
    pub from: Source,
}

/// Where a wallet stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Phone {
    /// Nothing scanned yet.
    Idle,
    /// The code was sent.
    Claiming(Source),
    /// The citizen is looking at what is asked.
    Review(Held),
    /// Approved; the token was sent.
    Authenticating(Held),
    /// The token was taken; the consent is to be sent, or was.
    Consenting(Held),
    /// Approved and taken.
    Done(Held),
    /// The citizen said no.
    Denied(Held),
    /// The server said no.
    Failed,
}

impl Phone {
    /// The login it was told it holds.
    #[must_use]
    pub fn held(&self) -> Option<&Held> {
        match self {
            Self::Idle | Self::Claiming(_) | Self::Failed => None,
            Self::Review(held)
            | Self::Authenticating(held)
            | Self::Consenting(held)
            | Self::Done(held)
            | Self::Denied(held) => Some(held),
        }
    }
}

/// What a person agreed to, on a screen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Approval {
    /// In which login.
    pub login: usize,
    /// With which key.
    pub key: Key,
    /// Whom the screen named.
    pub shown: Option<String>,
    /// To what; `None`: whatever is asked.
    pub claims: Option<Vec<String>>,
}

/// An authorization code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issued {
    /// Of which login.
    pub login: usize,
    /// To whose browser.
    pub browser: Key,
    /// For whom.
    pub person: PersonId,
    /// By which key.
    pub key: Option<String>,
    /// For which claims.
    pub claims: Vec<String>,
}

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The time, milliseconds.
    pub now: i64,
    /// The citizen's login, begun in the citizen's browser, and the attacker's, begun in his.
    pub logins: [Login; 2],
    /// The citizen's phone.
    pub phone: Phone,
    /// What the attacker's phone holds.
    pub attacker: Vec<Held>,
    /// Tokens that the citizen's wallet has made.
    pub tokens: Vec<SignedText>,
    /// Tokens that the server has taken.
    pub taken: Vec<SignedText>,
    /// What was approved.
    pub approvals: Vec<Approval>,
    /// What was issued.
    pub issued: Vec<Issued>,
    /// Requests that were read and not yet written, with what the server read.
    pub asking: Vec<(Asking, Row)>,
}

impl World {
    pub(crate) fn beginnings(&self) -> Vec<State> {
        let parties: &[&str] = if self.other_parties { &[WANTED, OTHER] } else { &[WANTED] };
        let mut beginnings = Vec::new();
        for &citizen in &self.citizen_channels {
            for &attacker in &self.attacker_channels {
                for party in parties {
                    beginnings.push(State {
                        now: 0,
                        logins: [login(0, Key::Citizen, WANTED, citizen), login(1, Key::Attacker, party, attacker)],
                        phone: Phone::Idle,
                        attacker: Vec::new(),
                        tokens: Vec::new(),
                        taken: Vec::new(),
                        approvals: Vec::new(),
                        issued: Vec::new(),
                        asking: Vec::new(),
                    });
                }
            }
        }
        beginnings
    }
}

fn login(id: i64, begun_by: Key, party: &str, channel: Channel) -> Login {
    let lifetimes = World::lifetimes();
    let transaction = Transaction {
        id,
        mount: Mount::Op,
        client_id: party.to_owned(),
        browser: begun_by.browser(),
        session: None,
        details_hash: String::new(),
        request: Request { redirect_uri: format!("https://{party}.example/cb"), ..Request::default() },
        stage: Stage::Started,
        created_at: 0,
        expires_at: i64::from(lifetimes.transaction) * 1000,
        version: 0,
    };
    let code_ends_at = i64::from(lifetimes.link_code) * 1000;
    Login { row: Row(transaction), channel, code_ends_at, claimed: false, holders: 0, factor_typed: false }
}

impl State {
    /// See [`crate::P1`].
    #[must_use]
    pub fn was_approved(&self, issued: &Issued) -> bool {
        let party = self.logins[issued.login].row.0.client_id.as_str();
        self.approvals.iter().any(|approval| {
            approval.login == issued.login
                && approval.key.person() == issued.person
                && issued.key.as_deref() == Some(approval.key.thumbprint())
                && approval.shown.as_deref() == Some(party)
                && approval.claims.as_ref().is_none_or(|claims| *claims == issued.claims)
        })
    }

    /// See [`crate::P2`].
    #[must_use]
    pub fn was_looked_at(&self, issued: &Issued) -> bool {
        match Key::of_person(issued.person) {
            // The citizen looks at the citizen's own browser; a picture or a relay shows another's.
            Some(Key::Citizen) => issued.browser == Key::Citizen,
            Some(Key::Attacker) => {
                let held_by_citizen = self.phone.held().is_some_and(|held| held.login == issued.login);
                issued.browser == Key::Attacker || !held_by_citizen
            }
            None => false,
        }
    }

    /// See [`crate::ONE`].
    #[must_use]
    pub fn is_single(&self) -> bool {
        let codes = |login: usize| self.issued.iter().filter(|issued| issued.login == login).count();
        (0..self.logins.len()).all(|login| self.logins[login].holders <= 1 && codes(login) <= 1)
    }

    /// See [`crate::HONEST`].
    #[must_use]
    pub fn citizen_is_in(&self) -> bool {
        self.issued.iter().any(|issued| issued.browser == Key::Citizen && issued.person == Key::Citizen.person())
    }

    /// See [`crate::REFUSED`].
    #[must_use]
    pub fn citizen_refused(&self) -> bool {
        self.logins
            .iter()
            .any(|login| matches!(&login.row.0.stage, Stage::Denied(denial) if denial.by == DeniedBy::Wallet))
    }

    /// The browser that shows the page of a login.
    #[must_use]
    pub fn shown_in(login: usize) -> Key {
        Key::BOTH[login]
    }
}

pub(crate) fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

pub(crate) fn decision(claims: &[String]) -> Decision {
    Decision { accepted_claims: claims.to_vec(), ..Decision::default() }
}
