//! The state machine against a reference model that knows only a name and two numbers.

use proptest::prelude::*;

use super::*;
use crate::config::Lifetimes;
use crate::dialect::Mount;
use crate::registry::PersonId;

pub(super) const LINKED: i64 = 77;

pub(super) fn who(key: Option<&str>, remembered: bool) -> Authenticated {
    Authenticated {
        person: PersonId(5),
        acr: "mosip:idp:acr:generated-code".into(),
        amr: vec!["OTP".into()],
        auth_time: 0,
        key: key.map(|key| (1, key.into())),
        remembered: remembered.then(Decision::default),
        session: None,
    }
}

pub(super) fn link(key: Option<&str>) -> Link {
    Link {
        linked: LINKED,
        key: key.map(Into::into),
        nonce: "n".into(),
        linked_at: 0,
        channel: Channel::CrossDevice,
        response: None,
        terms: crate::risk::Terms::default(),
        first: None,
    }
}

pub(super) fn started(id: i64, now: i64) -> Transaction {
    Transaction {
        id,
        mount: Mount::GovStack,
        client_id: "clinic".into(),
        browser: vec![1; 32],
        session: None,
        details_hash: "hash".into(),
        request: Request { redirect_uri: "https://rp.test/cb".into(), ..Request::default() },
        stage: Stage::Started,
        created_at: now,
        expires_at: now + 300_000,
        version: 0,
    }
}

#[derive(Clone, Debug)]
pub(super) enum Act {
    Authenticate,
    Link { key: bool },
    AuthenticateLinked { other_wallet: bool, key: Option<bool>, remembered: bool },
    ConsentLinked { other_wallet: bool },
    Finish,
    FinishLinked,
    Deny { wallet: Option<bool> },
    Wait { seconds: i64 },
}

pub(super) fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Authenticate),
        any::<bool>().prop_map(|key| Act::Link { key }),
        (any::<bool>(), any::<Option<bool>>(), any::<bool>())
            .prop_map(|(other_wallet, key, remembered)| Act::AuthenticateLinked { other_wallet, key, remembered }),
        any::<bool>().prop_map(|other_wallet| Act::ConsentLinked { other_wallet }),
        Just(Act::Finish),
        Just(Act::FinishLinked),
        any::<Option<bool>>().prop_map(|wallet| Act::Deny { wallet }),
        (1..150_i64).prop_map(|seconds| Act::Wait { seconds }),
    ]
}

/// What the picture at the top of `model.rs` says, and nothing more.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) at: &'static str,
    key_named: bool,
    linked: bool,
    pub(super) until: i64,
}

impl Reference {
    /// Of a transaction that was just started.
    pub(super) fn of(started: &Transaction) -> Self {
        Self { at: "started", key_named: false, linked: false, until: started.expires_at }
    }

    /// Whether `act` may happen; moves if so.
    pub(super) fn step(&mut self, act: &Act, now: i64, lives: &Lifetimes) -> bool {
        if now >= self.until {
            return false;
        }
        let (to, lasts) = match (act, self.at) {
            (Act::Authenticate, "started") => ("authenticated", Some(lives.authenticated)),
            (Act::Link { key }, "started") => {
                self.key_named = *key;
                self.linked = true;
                ("linked", Some(lives.linked))
            }
            (Act::AuthenticateLinked { other_wallet: false, key, remembered }, "linked")
                if !self.key_named || *key == Some(true) =>
            {
                if *remembered {
                    ("approved", Some(lives.linked))
                } else {
                    ("linked_authenticated", Some(lives.authenticated))
                }
            }
            (Act::ConsentLinked { other_wallet: false }, "linked_authenticated") => ("approved", Some(lives.linked)),
            (Act::Finish, "authenticated") | (Act::FinishLinked, "approved") => ("finished", Some(lives.code)),
            (Act::Deny { wallet: None }, at) if at != "finished" && at != "denied" => ("denied", None),
            (Act::Deny { wallet: Some(true) }, at) if self.linked && at != "finished" && at != "denied" => {
                ("denied", None)
            }
            _ => return false,
        };
        self.at = to;
        if let Some(seconds) = lasts {
            self.until = now + i64::from(seconds) * 1000;
        }
        true
    }
}

pub(super) fn apply(
    transaction: Transaction,
    act: &Act,
    now: i64,
    lives: &Lifetimes,
) -> Result<Transaction, StageError> {
    let wallet = |other: bool| if other { LINKED + 1 } else { LINKED };
    match act {
        Act::Authenticate => transaction.authenticate(who(None, false), now, lives),
        Act::Link { key } => transaction.link(link(key.then_some("right")), now, lives),
        Act::AuthenticateLinked { other_wallet, key, remembered } => {
            let key = key.map(|right| if right { "right" } else { "wrong" });
            transaction.authenticate_linked(wallet(*other_wallet), who(key, *remembered), now, lives)
        }
        Act::ConsentLinked { other_wallet } => {
            transaction.consent_linked(wallet(*other_wallet), Decision::default(), now, lives)
        }
        Act::Finish => transaction.finish(Decision::default(), now, lives).map(|(moved, ..)| moved),
        Act::FinishLinked => transaction.finish_linked(now, lives).map(|(moved, ..)| moved),
        Act::Deny { wallet: by } => transaction.deny(DeniedBy::Wallet, by.map(|right| wallet(!right)), None, now),
        Act::Wait { .. } => Ok(transaction),
    }
}

proptest! {
    /// GS-VAP-04, E6, L6: every order of calls does what the picture says.
    #[test]
    fn transitions_agree_with_the_reference(acts in prop::collection::vec(act(), 1..25)) {
        let lives = Lifetimes::default();
        let mut now = 0;
        let mut transaction = started(1, now);
        let mut reference = Reference::of(&transaction);
        for act in acts {
            if let Act::Wait { seconds } = act {
                now += seconds * 1000;
                continue;
            }
            let before = reference.clone();
            let allowed = reference.step(&act, now, &lives);
            let moved = apply(transaction.clone(), &act, now, &lives);
            prop_assert_eq!(allowed, moved.is_ok(), "{:?} at {:?}: {:?}", act, before, moved);
            if let Ok(moved) = moved {
                transaction = moved;
            }
            prop_assert_eq!(transaction.stage.name(), reference.at);
            prop_assert_eq!(transaction.expires_at, reference.until);
        }
    }

    /// No order of calls yields two codes.
    #[test]
    fn one_transaction_finishes_at_most_once(acts in prop::collection::vec(act(), 1..40)) {
        let lives = Lifetimes::default();
        let mut transaction = started(1, 0);
        let mut finished = 0;
        for act in acts {
            if let Ok(moved) = apply(transaction.clone(), &act, 0, &lives) {
                finished += i32::from(matches!(act, Act::Finish | Act::FinishLinked));
                transaction = moved;
            }
        }
        prop_assert!(finished <= 1);
    }
}

#[test]
fn what_the_database_holds_is_what_was_meant() {
    let stages = [
        Stage::Started,
        Stage::FirstFactor(FirstFactor { person: PersonId(5), amr: vec!["otp".into()] }),
        Stage::Authenticated(who(Some("k"), true)),
        Stage::Linked(link(None)),
        Stage::LinkedAuthenticated(link(Some("k")), who(Some("k"), false)),
        Stage::Approved(link(None), who(None, false), Decision::default()),
        Stage::Finished,
        Stage::Denied(Denial { by: DeniedBy::Wallet, reason: Some("not_me".into()), link: Some(link(None)) }),
    ];
    for stage in stages {
        let text = serde_json::to_string(&stage).unwrap();
        assert_eq!(serde_json::from_str::<Stage>(&text).unwrap(), stage);
    }
}

/// `after_first_factor`: whoever proved a first factor is the only one who may go on, in the browser and in a wallet.
#[test]
fn a_first_factor_names_who_may_go_on() {
    let lives = Lifetimes::default();
    let other = Authenticated { person: PersonId(6), ..who(None, false) };
    let first = FirstFactor { person: PersonId(5), amr: vec!["pin".into()] };
    let proved = || started(1, 0).prove_first(first.clone(), 1).unwrap();
    assert_eq!(proved().expires_at, started(1, 0).expires_at);
    assert_eq!(proved().prove_first(first.clone(), 2), Err(StageError::Stage("first_factor")));
    assert_eq!(proved().authenticate(other.clone(), 2, &lives), Err(StageError::OtherPerson));
    assert!(proved().authenticate(who(None, false), 2, &lives).is_ok());
    let linked = || proved().link(link(None), 2, &lives).unwrap();
    assert_eq!(linked().authenticate_linked(LINKED, other, 3, &lives), Err(StageError::OtherPerson));
    let gone_on = linked().authenticate_linked(LINKED, who(None, false), 3, &lives).unwrap();
    assert!(matches!(&gone_on.stage, Stage::LinkedAuthenticated(_, who) if who.amr == ["OTP", "pin"]));
    assert!(proved().deny(DeniedBy::Browser, None, None, 2).is_ok());
    assert_eq!(started(1, 0).prove_first(first, started(1, 0).expires_at), Err(StageError::Expired));
}

/// A relying party for tests of this room: may ask for name and mail, by OTP or wallet.
pub(super) fn client(mount: Mount) -> crate::clients::Client {
    use crate::acr::Acr;
    use crate::clients::{AuthMethod, Client, GrantType, Registration, Status};
    Client {
        row: 1,
        id: "clinic".into(),
        mount,
        relying_party_id: "health".into(),
        status: Status::Active,
        registration: Registration {
            name: [("@none", "Clinic"), ("fra", "Clinique")].map(|(k, v)| (k.into(), v.into())).into(),
            logo_uri: Some("https://rp.test/logo.png".into()),
            redirect_uris: vec!["https://rp.test/cb".into()],
            user_claims: vec!["name".into(), "email".into()],
            acrs: vec![Acr::GeneratedCode, Acr::LinkedWallet],
            grant_types: vec![GrantType::AuthorizationCode],
            auth_methods: vec![AuthMethod::PrivateKeyJwt],
            ..Registration::default()
        },
    }
}
