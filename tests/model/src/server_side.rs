//! The server's side of each request: what it reads, what it decides by its own types, what it writes.

use protocol::consent::{Statement, StatementExpected, check_statement, detached_payload};
use protocol::wla::{LegacyClaims, NativeClaims, NativeExpected, check_legacy, check_native};
use server::authorization::{Authenticated, Channel as Kind, DeniedBy, FirstFactor, Link, Stage, Transaction};
use server::linked::Slots;
use server::risk::{Number, Terms};

use crate::events::Source;
use crate::state::{Approval, Held, Issued, Key, Login, Phone, Row, SignedText, State, decision};
use crate::world::{Channel, STEP, World};

/// The issuer of the mount.
pub(crate) const ISSUER: &str = "https://id.example/op";
/// The audience of eSignet's tokens.
pub(crate) const LEGACY_AUDIENCE: &str = "esignet-sandbox";
/// The hash of what the wallet is given on the same device, to bring the browser back with.
const RESPONSE: &[u8] = &[9; 32];
/// Seconds that clocks may be apart.
const SKEW: i64 = 30;
/// Seconds that a legacy token may be old.
const LEGACY_AGE: i64 = 30;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asking {
    /// A wallet claims a code: the slot of the frame it saw, or the bare code.
    Claim { login: usize, by: Key, slot: Option<i64>, names: Option<Key>, from: Source },
    /// A browser proves a first factor of somebody.
    First { login: usize, browser: Key, of: Key },
    /// A wallet proves who is there.
    Authenticate { login: usize, by: Key, linked: i64, token: SignedText },
    /// A wallet tells what was agreed to.
    Consent {
        login: usize,
        by: Key,
        linked: i64,
        claims: Vec<String>,
        signature: Option<SignedText>,
        statement: Option<SignedText>,
    },
    /// A wallet says no.
    Deny { login: usize, linked: i64 },
    /// A browser comes for its code, with or without what the wallet was given on the same device.
    Finish { login: usize, browser: Key, returned: bool },
}

impl Asking {
    pub(crate) fn login(&self) -> usize {
        match self {
            Self::Claim { login, .. }
            | Self::First { login, .. }
            | Self::Authenticate { login, .. }
            | Self::Consent { login, .. }
            | Self::Deny { login, .. }
            | Self::Finish { login, .. } => *login,
        }
    }

    /// Who asks: a phone or a browser of a person; each asks one thing at a time.
    pub(crate) fn caller(&self) -> (Key, bool) {
        match self {
            Self::Claim { by, .. } | Self::Authenticate { by, .. } | Self::Consent { by, .. } => (*by, true),
            Self::Deny { .. } => (Key::Citizen, true),
            Self::Finish { browser, .. } | Self::First { browser, .. } => (*browser, false),
        }
    }
}

/// The server said no, and nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

impl<E: std::error::Error> From<E> for Refused {
    fn from(_: E) -> Self {
        Self
    }
}

pub(crate) fn linked_id(login: usize, by: Key) -> i64 {
    10 * (by as i64 + 1) + login as i64
}

pub(crate) fn nonce_of(linked: i64) -> String {
    format!("nonce-{linked}")
}

pub(crate) fn txn_of(linked: i64) -> String {
    format!("linked-{linked}")
}

/// The number that the page of a login shows once its code was claimed.
pub(crate) fn number_of(login: usize) -> String {
    ["417", "902"][login].to_owned()
}

impl World {
    pub(crate) fn asks_number(&self, channel: Channel) -> bool {
        self.on.number && channel == Channel::CrossDevice
    }

    /// Whether a login shows no code yet, because nobody typed a factor in its browser.
    pub(crate) fn hides_code(&self, login: &Login) -> bool {
        self.on.first_factor && login.channel == Channel::CrossDevice && !login.factor_typed
    }

    /// What becomes of a row that was read; or that it is refused.
    fn moved(&self, state: &State, asking: &Asking, read: &Row) -> Result<Transaction, Refused> {
        let (now, lifetimes) = (state.now, Self::lifetimes());
        let transaction = read.0.clone();
        let login = &state.logins[asking.login()];
        match asking {
            Asking::Claim { login: at, by, slot, names, .. } => {
                let frames = self.on.frames && login.channel == Channel::CrossDevice;
                let end = match (frames, slot) {
                    (true, Some(slot)) => {
                        let slots = Slots { made_at: 0, length: STEP, ends_at: login.code_ends_at };
                        slots.claimable(*slot, now)
                    }
                    (false, None) => Some(login.code_ends_at),
                    _ => None,
                };
                if end.is_none_or(|end| end <= now) || (self.on.conditional_claim && login.claimed) {
                    return Err(Refused);
                }
                // A key that is named is held against the first factor before the code is used up.
                let first = transaction.stage.first_factor();
                if self.hides_code(login) || first.zip(*names).is_some_and(|(first, key)| first.person != key.person())
                {
                    return Err(Refused);
                }
                let linked = linked_id(*at, *by);
                let key = names.map(|key| key.thumbprint().to_owned());
                let asked = self.asks_number(login.channel).then(|| number_of(*at));
                let number = asked.map_or(Number::NotAsked, Number::Shown);
                let terms = Terms { number, ..Terms::default() };
                // Switched off, the server makes no difference between the two kinds of code.
                let channel = if self.on.return_to_browser { login.channel.kind() } else { Kind::CrossDevice };
                let nonce = nonce_of(linked);
                let link = Link { linked, key, nonce, linked_at: now, terms, channel, response: None, first: None };
                Ok(transaction.link(link, now, &lifetimes)?)
            }
            Asking::First { browser, of, .. } => {
                if self.on.bound_browser && transaction.browser != browser.browser() {
                    return Err(Refused);
                }
                let first = FirstFactor { person: of.person(), amr: vec!["otp".into()] };
                let proved = transaction.clone().prove_first(first, now)?;
                // Switched off, the server remembers that somebody typed a factor, and forgets who.
                Ok(if self.on.first_factor_binds { proved } else { transaction })
            }
            Asking::Authenticate { linked, token, .. } => {
                let Stage::Linked(link) = &transaction.stage else { return Err(Refused) };
                self.checked(state, link, token)?;
                let typed = typed_in(token);
                let transaction = transaction.type_number(*linked, typed.as_deref(), now)?;
                match transaction.stage {
                    // The number was wrong, and the login is over.
                    Stage::Denied(_) => Ok(transaction),
                    _ => {
                        let who = Authenticated {
                            person: token.by.person(),
                            acr: "mosip:idp:acr:linked-wallet".into(),
                            amr: vec!["WLA".into()],
                            auth_time: 0,
                            key: Some((token.by as i64, token.by.thumbprint().into())),
                            remembered: None,
                            session: None,
                        };
                        Ok(transaction.authenticate_linked(*linked, who, now, &lifetimes)?)
                    }
                }
            }
            Asking::Consent { linked, claims, signature, statement, .. } => {
                let Stage::LinkedAuthenticated(link, who) = &transaction.stage else { return Err(Refused) };
                let party = transaction.client_id.clone();
                self.held(&party, link, who, claims, signature.as_ref(), statement.as_ref(), now)?;
                Ok(transaction
                    .consent_linked(*linked, decision(claims), now, &lifetimes)?
                    .expect_return(RESPONSE.to_vec()))
            }
            Asking::Deny { linked, .. } => Ok(transaction.deny(DeniedBy::Wallet, Some(*linked), None, now)?),
            Asking::Finish { browser, returned, .. } => {
                if self.on.bound_browser && transaction.browser != browser.browser() {
                    return Err(Refused);
                }
                let finished = if *returned {
                    transaction.finish_returned(|response| response == RESPONSE, now, &lifetimes)?
                } else {
                    transaction.finish_linked(now, &lifetimes)?
                };
                Ok(finished.0)
            }
        }
    }

    /// Whether a token proves who is there, in this login.
    fn checked(&self, state: &State, link: &Link, token: &SignedText) -> Result<(), Refused> {
        let key = token.by;
        if link.key.as_deref().is_some_and(|named| named != key.thumbprint()) {
            return Err(Refused);
        }
        let now = state.now / 1000;
        if self.legacy_wallet && key == Key::Citizen {
            let claims: LegacyClaims = read(&token.text)?;
            check_legacy(&claims, key.individual_id(), &[LEGACY_AUDIENCE], now, LEGACY_AGE, SKEW)?;
        } else {
            let claims: NativeClaims = read(&token.text)?;
            let txn = txn_of(link.linked);
            let expected = NativeExpected {
                thumbprint: key.thumbprint(),
                individual_id: key.individual_id(),
                issuer: ISSUER,
                nonce: if self.on.bound_token { &link.nonce } else { &claims.nonce },
                txn: if self.on.bound_token { &txn } else { &claims.txn },
                match_number: None,
            };
            check_native(&claims, &expected, now, SKEW)?;
        }
        if self.on.token_once && state.taken.contains(token) { Err(Refused) } else { Ok(()) }
    }

    /// Holds what was signed at consent against what was sent.
    #[expect(clippy::too_many_arguments, reason = "the parts of one request")]
    fn held(
        &self,
        party: &str,
        link: &Link,
        who: &Authenticated,
        claims: &[String],
        signature: Option<&SignedText>,
        statement: Option<&SignedText>,
        now: i64,
    ) -> Result<(), Refused> {
        if !self.on.checked_consent {
            return Ok(());
        }
        let Some((_, thumbprint)) = &who.key else { return Err(Refused) };
        let by_key = |text: &SignedText| text.by.thumbprint() == thumbprint;
        let payload = detached_payload(claims, &[])?;
        let signed = signature.is_none_or(|text| by_key(text) && text.text.as_bytes() == payload);
        let txn = txn_of(link.linked);
        let expected = StatementExpected {
            thumbprint,
            issuer: ISSUER,
            txn: &txn,
            client_id: party,
            client_names: &[party],
            claims,
            scopes: &[],
        };
        let stated = statement.is_none_or(|text| {
            by_key(text)
                && read::<Statement>(&text.text)
                    .is_ok_and(|said| check_statement(&said, &expected, now / 1000, SKEW).is_ok())
        });
        let needed = link.key.is_some() && signature.is_none() && statement.is_none();
        if signed && stated && !needed { Ok(()) } else { Err(Refused) }
    }

    /// The first half of a request: what is read is good.
    pub(crate) fn reads(&self, state: &State, asking: &Asking) -> bool {
        self.moved(state, asking, &state.logins[asking.login()].row).is_ok()
    }

    /// The second half: writes what was decided on what was read, and answers.
    pub(crate) fn writes(&self, state: &mut State, asking: Asking, read: &Row) {
        let moved = self.moved(state, &asking, read).ok();
        let login = &mut state.logins[asking.login()];
        let unchanged = !self.on.conditional_save || login.row.0.version == read.0.version;
        let moved = moved.filter(|_| unchanged);
        if let Some(moved) = &moved {
            let version = login.row.0.version + 1;
            login.row = Row(Transaction { version, ..moved.clone() });
            match asking {
                Asking::Claim { .. } => {
                    login.claimed = true;
                    login.holders += 1;
                }
                Asking::First { .. } => login.factor_typed = true,
                _ => {}
            }
        }
        if let Asking::Authenticate { token, .. } = &asking
            && moved.is_some()
            && !state.taken.contains(token)
        {
            state.taken.push(token.clone());
            state.taken.sort();
        }
        self.answers(state, asking, moved.as_ref());
    }

    /// What the caller learns.
    fn answers(&self, state: &mut State, asking: Asking, moved: Option<&Transaction>) {
        match asking {
            Asking::Claim { login, by, from, .. } => {
                let linked = linked_id(login, by);
                // The attacker knows what he approves, whatever his wallet shows.
                let shown = self.on.shown_party || by == Key::Attacker;
                let shown = shown.then(|| state.logins[login].row.0.client_id.clone());
                let held = moved.map(|_| Held { login, linked, nonce: nonce_of(linked), shown, from });
                match (by, held) {
                    (Key::Citizen, held) => state.phone = held.map_or(Phone::Failed, Phone::Review),
                    (Key::Attacker, Some(held)) => state.attacker.push(held),
                    (Key::Attacker, None) => {}
                }
            }
            Asking::Authenticate { login, by, token, .. } => {
                let taken = moved.is_some_and(|moved| matches!(moved.stage, Stage::LinkedAuthenticated(..)));
                match by {
                    Key::Citizen => {
                        let held = state.phone.held().cloned().filter(|_| taken);
                        state.phone = held.map_or(Phone::Failed, Phone::Consenting);
                    }
                    // He looks at his own phone, where it shows him what he holds.
                    Key::Attacker if taken && token.by == Key::Attacker => {
                        if let Some(held) = state.attacker.iter().find(|held| held.login == login) {
                            let shown = held.shown.clone();
                            state.approve(Approval { login, key: Key::Attacker, shown, claims: None });
                        }
                    }
                    Key::Attacker => {}
                }
            }
            Asking::Consent { by: Key::Citizen, .. } => {
                let held = state.phone.held().cloned().filter(|_| moved.is_some());
                state.phone = held.map_or(Phone::Failed, Phone::Done);
            }
            Asking::Consent { .. } => {}
            Asking::Deny { .. } => {
                if let Some(held) = state.phone.held().cloned() {
                    state.phone = Phone::Denied(held);
                }
            }
            Asking::First { .. } | Asking::Finish { .. } => {}
        }
    }

    /// A code for a browser, as the row that was read says.
    pub(crate) fn issued(asking: &Asking, read: &Row) -> Option<Issued> {
        let (Asking::Finish { login, browser, .. }, Stage::Approved(_, who, decision)) = (asking, &read.0.stage) else {
            return None;
        };
        Some(Issued {
            login: *login,
            browser: *browser,
            person: who.person,
            key: who.key.as_ref().map(|(_, thumbprint)| thumbprint.clone()),
            claims: decision.accepted_claims.clone(),
        })
    }
}

/// The number that a token carries.
fn typed_in(token: &SignedText) -> Option<String> {
    read::<NativeClaims>(&token.text).ok()?.match_number
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refused> {
    Ok(serde_json::from_str(text)?)
}

impl State {
    pub(crate) fn approve(&mut self, approval: Approval) {
        if !self.approvals.contains(&approval) {
            self.approvals.push(approval);
            self.approvals.sort();
        }
    }
}
