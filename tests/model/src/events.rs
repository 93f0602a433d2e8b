//! What may happen next, and what comes of it.

use protocol::consent::{Statement, detached_payload};
use protocol::wla::{LegacyClaims, NativeClaims};
use server::authorization::Stage;

use crate::server_side::{Asking, ISSUER, LEGACY_AUDIENCE, nonce_of, number_of, txn_of};
use crate::state::{AGREED, ALTERED, Approval, Held, Key, Phone, SignedText, State, WANTED, names};
use crate::world::{Channel, STEP, TRAVEL, World};

/// The login that was begun in the citizen's browser.
const OWN: usize = 0;
/// The login that was begun in the attacker's browser.
const FOREIGN: usize = 1;

/// Where the citizen got the code from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// The page in the citizen's own browser.
    OwnPage,
    /// A picture or a message of the attacker's, some while old.
    Picture,
    /// What the attacker shows of his own page this moment.
    Relay,
    /// The attacker's own eyes.
    Eyes,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// Time goes on by one frame.
    Tick,
    /// The citizen scans a code, or opens a link.
    Scan(Source),
    /// The citizen approves, typing a number where one is asked.
    Approve(Option<String>),
    /// The citizen refuses.
    Refuse,
    /// The citizen's phone sends the token it signed.
    SendToken(SignedText),
    /// The citizen's phone sends the consent it signed; altered on its way, or not.
    SendConsent {
        /// Whether the attacker changed the claims.
        altered: bool,
    },
    /// The attacker's phone claims the code of a login.
    Seize(usize),
    /// The attacker sends a token for a login.
    Impersonate(usize, SignedText),
    /// The attacker consents in a login.
    Agree(usize),
    /// A factor is typed into the page in a browser, before it shows a code.
    TypeFactor {
        /// Whose browser.
        browser: Key,
        /// Whose factor.
        of: Key,
    },
    /// A browser comes for the code of a login, with or without what the wallet was given.
    Collect {
        /// Whose.
        browser: Key,
        /// Which.
        login: usize,
        /// Whether it brings what the wallet was given on the same device.
        returned: bool,
    },
    /// A request that was read is written.
    Write(usize),
}

impl World {
    pub(crate) fn possible(&self, state: &State, events: &mut Vec<Event>) {
        if state.now < self.steps * STEP {
            events.push(Event::Tick);
        }
        events.extend((0..state.asking.len()).map(Event::Write));
        // A phone asks one thing at a time; a page may be open twice.
        let asks = |caller: (Key, bool)| state.asking.iter().filter(|(asking, _)| asking.caller() == caller).count();
        let free = |caller: (Key, bool)| asks(caller) < if caller.1 { 1 } else { 2 };
        if free((Key::Citizen, true)) {
            self.citizen(state, events);
        }
        if free((Key::Attacker, true)) {
            self.attacker(state, events);
        }
        for browser in Key::BOTH.into_iter().filter(|browser| free((*browser, false))) {
            self.browser(state, browser, events);
        }
    }

    fn citizen(&self, state: &State, events: &mut Vec<Event>) {
        match &state.phone {
            Phone::Idle | Phone::Failed => {
                let lures =
                    [(Source::Picture, self.attacker.sends_picture), (Source::Relay, self.attacker.relays_frames)];
                let lures = lures.into_iter().filter(|(_, able)| *able && !self.on.true_nearness);
                for source in std::iter::once(Source::OwnPage).chain(lures.map(|(source, _)| source)) {
                    if self.seen(state, source).is_some() {
                        events.push(Event::Scan(source));
                    }
                }
            }
            Phone::Review(held) => {
                // The citizen wants to log in to one relying party and says no to any other that is named.
                if held.shown.as_deref().is_none_or(|shown| shown == WANTED) {
                    if self.asks_number(state.logins[held.login].channel) {
                        events.extend(
                            self.visible_numbers(state, held).into_iter().map(|typed| Event::Approve(Some(typed))),
                        );
                    } else {
                        events.push(Event::Approve(None));
                    }
                }
                events.push(Event::Refuse);
            }
            Phone::Authenticating(_) => {
                events.extend(state.tokens.last().map(|token| Event::SendToken(token.clone())));
            }
            Phone::Consenting(_) => {
                events.push(Event::SendConsent { altered: false });
                if self.attacker.alters_consent {
                    events.push(Event::SendConsent { altered: true });
                }
            }
            Phone::Done(_) => {}
            Phone::Claiming(_) | Phone::Denied(_) => {}
        }
    }

    /// Numbers before the citizen's eyes, and one typed wrong.
    fn visible_numbers(&self, state: &State, held: &Held) -> Vec<String> {
        let mut visible = vec!["000".to_owned()];
        let shown = |login: usize| matches!(state.logins[login].row.0.stage, Stage::Linked(_));
        if shown(OWN) {
            visible.push(number_of(OWN));
        }
        if shown(FOREIGN) && held.from != Source::OwnPage && self.attacker.relays_number {
            visible.push(number_of(FOREIGN));
        }
        visible
    }

    /// Which login and which slot a source shows; `None` where there is nothing to see yet.
    fn seen(&self, state: &State, source: Source) -> Option<(usize, Option<i64>)> {
        let (login, age) = match source {
            Source::OwnPage => (OWN, 0),
            Source::Picture => (FOREIGN, TRAVEL),
            Source::Relay | Source::Eyes => (FOREIGN, 0),
        };
        let slot = state.now / STEP - age;
        (slot >= 0 && !self.hides_code(&state.logins[login])).then(|| (login, self.slot(state, login, slot)))
    }

    fn slot(&self, state: &State, login: usize, slot: i64) -> Option<i64> {
        (self.on.frames && state.logins[login].channel == Channel::CrossDevice).then_some(slot)
    }

    fn attacker(&self, state: &State, events: &mut Vec<Event>) {
        for login in [OWN, FOREIGN] {
            let unclaimed = !state.attacker.iter().any(|held| held.login == login);
            let shown = !self.hides_code(&state.logins[login]);
            if unclaimed && shown && (login == FOREIGN || self.attacker.sees_screen) {
                events.push(Event::Seize(login));
            }
            let Some(linked) = self.linked_known(state, login) else { continue };
            match &state.logins[login].row.0.stage {
                Stage::Linked(_) => {
                    events.push(Event::Impersonate(login, self.attackers_token(state, login, linked)));
                    let fresh: &[SignedText] = if self.attacker.reads_fresh_tokens { &state.tokens } else { &[] };
                    let used: &[SignedText] = if self.attacker.reads_used_tokens { &state.taken } else { &[] };
                    let others = fresh.iter().chain(used.iter().filter(|token| !fresh.contains(token)));
                    let citizens = others.filter(|token| token.by == Key::Citizen);
                    events.extend(citizens.map(|token| Event::Impersonate(login, token.clone())));
                }
                Stage::LinkedAuthenticated(..) => events.push(Event::Agree(login)),
                _ => {}
            }
        }
    }

    /// The linked transaction that the attacker can name.
    fn linked_known(&self, state: &State, login: usize) -> Option<i64> {
        let own = state.attacker.iter().find(|held| held.login == login).map(|held| held.linked);
        let citizens = state.phone.held().filter(|held| held.login == login && self.attacker.reads_ids);
        own.or(citizens.map(|held| held.linked))
    }

    fn browser(&self, state: &State, browser: Key, events: &mut Vec<Event>) {
        if self.hides_code(&state.logins[own(browser)]) {
            events.push(Event::TypeFactor { browser, of: browser });
            if browser == Key::Attacker && self.attacker.phishes_factor {
                events.push(Event::TypeFactor { browser, of: Key::Citizen });
            }
        }
        for login in [OWN, FOREIGN] {
            let Stage::Approved(_, who, _) = &state.logins[login].row.0.stage else { continue };
            let begun_here = State::shown_in(login) == browser;
            let knows_id = begun_here || (browser == Key::Attacker && self.attacker.reads_ids);
            if knows_id {
                events.push(Event::Collect { browser, login, returned: false });
            }
            // The wallet that approved opens the page it was given in a browser of its own device.
            let approved_by = who.key.as_ref().map(|(_, thumbprint)| thumbprint.as_str());
            if state.logins[login].channel == Channel::SameDevice && approved_by == Some(browser.thumbprint()) {
                events.push(Event::Collect { browser, login, returned: true });
            }
        }
    }

    fn attackers_token(&self, state: &State, login: usize, linked: i64) -> SignedText {
        let sees = login == FOREIGN || self.attacker.sees_screen;
        let number = (sees && self.asks_number(state.logins[login].channel)).then(|| number_of(login));
        native_token(Key::Attacker, state, linked, number)
    }

    pub(crate) fn after(&self, before: &State, event: Event) -> Option<State> {
        let mut state = before.clone();
        match event {
            Event::Tick => state.now += STEP,
            Event::Write(at) => {
                let (asking, read) = state.asking.remove(at);
                self.write(&mut state, asking, &read);
            }
            Event::Scan(source) => {
                let (login, slot) = self.seen(before, source)?;
                let names = (self.on.named_key && !self.legacy_wallet).then_some(Key::Citizen);
                state.phone = Phone::Claiming(source);
                self.ask(&mut state, Asking::Claim { login, by: Key::Citizen, slot, names, from: source });
            }
            Event::Approve(typed) => {
                let Phone::Review(held) = before.phone.clone() else { return None };
                let claims = Some(names(AGREED));
                let shown = held.shown.clone();
                state.approve(Approval { login: held.login, key: Key::Citizen, shown, claims });
                let token = if self.legacy_wallet {
                    legacy_token(&state)
                } else {
                    native_token(Key::Citizen, &state, held.linked, typed)
                };
                state.tokens.push(token);
                state.phone = Phone::Authenticating(held);
            }
            Event::Refuse => {
                let held = before.phone.held()?;
                self.ask(&mut state, Asking::Deny { login: held.login, linked: held.linked });
            }
            Event::SendToken(token) => {
                let held = before.phone.held()?;
                let (login, linked) = (held.login, held.linked);
                self.ask(&mut state, Asking::Authenticate { login, by: Key::Citizen, linked, token });
            }
            Event::SendConsent { altered } => {
                let held = before.phone.held()?.clone();
                self.ask(&mut state, self.consent(before, &held, altered));
            }
            Event::Seize(login) => {
                let slot = self.slot(before, login, before.now / STEP);
                let asking = Asking::Claim { login, by: Key::Attacker, slot, names: None, from: Source::Eyes };
                self.ask(&mut state, asking);
            }
            Event::Impersonate(login, token) => {
                let linked = self.linked_known(before, login)?;
                self.ask(&mut state, Asking::Authenticate { login, by: Key::Attacker, linked, token });
            }
            Event::Agree(login) => {
                let linked = self.linked_known(before, login)?;
                let claims = names(ALTERED);
                let asking =
                    Asking::Consent { login, by: Key::Attacker, linked, claims, signature: None, statement: None };
                self.ask(&mut state, asking);
            }
            Event::TypeFactor { browser, of } => {
                self.ask(&mut state, Asking::First { login: own(browser), browser, of });
            }
            Event::Collect { browser, login, returned } => {
                self.ask(&mut state, Asking::Finish { login, browser, returned });
            }
        }
        (state != *before).then_some(state)
    }

    /// A request arrives: it is read, and written now or at any later moment.
    fn ask(&self, state: &mut State, asking: Asking) {
        let read = state.logins[asking.login()].row.clone();
        if self.interleaved && self.reads(state, &asking) {
            state.asking.push((asking, read));
        } else {
            self.write(state, asking, &read);
        }
    }

    fn write(&self, state: &mut State, asking: Asking, read: &crate::state::Row) {
        let issued = Self::issued(&asking, read);
        let version = state.logins[asking.login()].row.0.version;
        let login = asking.login();
        self.writes(state, asking, read);
        if state.logins[login].row.0.version > version {
            state.issued.extend(issued);
        }
    }

    /// What the citizen's wallet signed at the approval; the claims changed, where altered, under the old signatures.
    fn consent(&self, state: &State, held: &Held, altered: bool) -> Asking {
        let agreed = names(AGREED);
        let payload = detached_payload(&agreed, &[]).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let statement = Statement {
            iss: Key::Citizen.thumbprint().into(),
            aud: ISSUER.into(),
            txn: txn_of(held.linked),
            client_id: None,
            client_name: held.shown.clone().unwrap_or_else(|| WANTED.into()),
            claims: agreed.clone(),
            scopes: Vec::new(),
            iat: state.now / 1000,
            jti: format!("statement-{}", held.linked),
        };
        Asking::Consent {
            login: held.login,
            by: Key::Citizen,
            linked: held.linked,
            claims: if altered { names(ALTERED) } else { agreed },
            signature: payload.ok().map(|text| SignedText { by: Key::Citizen, text }),
            statement: (!self.legacy_wallet).then(|| signed(Key::Citizen, &statement)),
        }
    }
}

/// The login that was begun in a browser.
fn own(browser: Key) -> usize {
    match browser {
        Key::Citizen => OWN,
        Key::Attacker => FOREIGN,
    }
}

fn signed<T: serde::Serialize>(by: Key, claims: &T) -> SignedText {
    SignedText { by, text: serde_json::to_string(claims).expect("claims are JSON") }
}

fn native_token(by: Key, state: &State, linked: i64, number: Option<String>) -> SignedText {
    let iat = state.now / 1000;
    let claims = NativeClaims {
        iss: by.thumbprint().into(),
        sub: by.individual_id().into(),
        aud: ISSUER.into(),
        nonce: nonce_of(linked),
        txn: txn_of(linked),
        jti: format!("token-{linked}-{iat}"),
        iat,
        exp: iat + 60,
        match_number: number,
    };
    signed(by, &claims)
}

fn legacy_token(state: &State) -> SignedText {
    let iat = state.now / 1000;
    let claims = LegacyClaims {
        iss: "wallet".into(),
        sub: Key::Citizen.individual_id().into(),
        aud: LEGACY_AUDIENCE.into(),
        iat,
        exp: iat + 120,
    };
    signed(Key::Citizen, &claims)
}
