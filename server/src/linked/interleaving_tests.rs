//! Two wallets and a browser that call in any order, through the whole app, against a small reference: what is refused
//! changes nothing, and nobody but the wallet that claimed the code moves the login.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;

use super::auth_code;
use super::test_kit::{OTHER_UIN, Phone, Scanned, Tab, UIN, person, wallet};
use crate::authorization::Transaction;
use crate::authorization::store::load_id;
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::testkit::Kit;

/// Where wallets of every kind may log in, and codes stand for themselves.
const MOUNT: Mount = Mount::ESignet;

#[derive(Clone, Debug)]
enum Call {
    /// The page asks for one more code.
    Code,
    /// A wallet claims one of the codes; the second names its key, or not.
    Scan { phone: usize, code: usize, named: bool },
    /// A wallet proves who is there, with the ids it was told, or those it stole.
    Authenticate { phone: usize },
    /// A wallet consents, likewise.
    Consent { phone: usize },
    /// A wallet says no, likewise.
    Deny,
    /// The browser comes for its code.
    Collect,
    /// Time goes on.
    Wait(i64),
}

fn call() -> impl Strategy<Value = Call> {
    let phone = 0..2_usize;
    prop_oneof![
        2 => Just(Call::Code),
        4 => (phone.clone(), 0..2_usize, any::<bool>())
            .prop_map(|(phone, code, named)| Call::Scan { phone, code, named }),
        4 => phone.clone().prop_map(|phone| Call::Authenticate { phone }),
        4 => phone.prop_map(|phone| Call::Consent { phone }),
        1 => Just(Call::Deny),
        3 => Just(Call::Collect),
        1 => (1..90_i64).prop_map(Call::Wait),
    ]
}

/// What there is to know of a login from outside.
struct Reference {
    at: &'static str,
    until: i64,
    /// End of each code, and whether it was claimed.
    codes: Vec<(i64, bool)>,
    /// Who claimed, and whether a key was named.
    holder: Option<(usize, bool)>,
    /// Whose key proved who is there.
    who: Option<usize>,
}

impl Reference {
    fn step(&mut self, call: &Call, now: i64) -> bool {
        if now >= self.until {
            return false;
        }
        let (to, seconds) = match (call, self.at) {
            (Call::Scan { phone, code, named }, "started") => match self.codes.get_mut(*code) {
                Some((ends, claimed)) if now < *ends && !*claimed => {
                    *claimed = true;
                    self.holder = Some((*phone, *named));
                    ("linked", Some(300))
                }
                _ => return false,
            },
            (Call::Authenticate { phone }, "linked") => match self.holder {
                Some((holder, true)) if holder != *phone => return false,
                _ => {
                    self.who = Some(*phone);
                    ("linked_authenticated", Some(120))
                }
            },
            (Call::Consent { phone }, "linked_authenticated") if self.who == Some(*phone) => ("approved", Some(300)),
            (Call::Deny, "linked" | "linked_authenticated" | "approved") => ("denied", None),
            (Call::Collect, "approved") => ("finished", Some(60)),
            // A browser whose answer was lost hears the same again.
            (Call::Collect, "finished") => ("finished", None),
            _ => return false,
        };
        self.at = to;
        if let Some(seconds) = seconds {
            self.until = now + seconds * 1000;
        }
        true
    }
}

/// L1, L6, E6, GS-VAP-04.
#[test]
fn any_order_of_calls_by_two_wallets_and_a_browser_keeps_to_the_reference() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut config = crate::config::Config::default();
    (config.limits.attempts, config.limits.attempts_per_transaction) = (1000, 1000);
    let (kit, phones) = runtime.block_on(async {
        let kit = Kit::with(config).await;
        person(&kit, UIN).await;
        person(&kit, OTHER_UIN).await;
        let phones = [Phone::bind(&kit, UIN).await, Phone::bind(&kit, OTHER_UIN).await];
        (kit, phones)
    });
    let bounded = Config { cases: 48, failure_persistence: None, ..Config::default() };
    TestRunner::new(bounded)
        .run(&prop::collection::vec(call(), 4..18), |calls| runtime.block_on(check(&kit, &phones, calls)))
        .unwrap_or_else(|error| panic!("{error}"));
}

async fn check(kit: &Kit, phones: &[Phone; 2], calls: Vec<Call>) -> Result<(), TestCaseError> {
    let tab = Tab::new(kit);
    let id = tab.begin(kit, MOUNT).await;
    let row = kit.state.ids.open(Kind::Transaction, &id).unwrap().id;
    let now = kit.state.clock.now();
    let mut reference = Reference { at: "started", until: now + 300_000, codes: Vec::new(), holder: None, who: None };
    let (mut codes, mut known, mut told): (Vec<String>, Option<Scanned>, Option<String>) = (Vec::new(), None, None);
    for call in calls {
        let now = kit.state.clock.now();
        let done = match &call {
            Call::Wait(seconds) => {
                kit.clock.advance_seconds(*seconds);
                continue;
            }
            Call::Code => {
                let answer = tab.post(kit, MOUNT, "link-code", json!({ "transactionId": id })).await.json();
                let code = answer["response"]["linkCode"].as_str().map(str::to_owned);
                let may = reference.at == "started" && now < reference.until && codes.len() < 10;
                prop_assert_eq!(code.is_some(), may, "{}", answer);
                if let Some(code) = code {
                    codes.push(code);
                    reference.codes.push((reference.until.min(now + 60_000), false));
                }
                continue;
            }
            Call::Scan { phone, code, named } => match codes.get(*code) {
                Some(code) => match phones[*phone].try_scan(kit, MOUNT, code, *named).await {
                    Ok(scanned) => known.replace(scanned).is_none(),
                    Err(_) => false,
                },
                None => continue,
            },
            Call::Authenticate { phone } => match &known {
                Some(scanned) => {
                    phones[*phone].authenticate(kit, MOUNT, "authenticate", scanned).await.code().is_empty()
                }
                None => continue,
            },
            Call::Consent { phone } => match &known {
                Some(scanned) => {
                    let consent = phones[*phone].consent(kit, scanned, &["name"]);
                    wallet(kit, MOUNT, "consent", consent).await.code().is_empty()
                }
                None => continue,
            },
            Call::Deny => match &known {
                Some(scanned) => {
                    let denial = json!({ "linkedTransactionId": scanned.linked });
                    kit.post("/wallet/deny", denial, &[]).await.code().is_empty()
                }
                None => continue,
            },
            Call::Collect => match find(kit, row).await {
                Some(transaction) => match auth_code::finish(&kit.state, transaction).await {
                    Ok(finished) => told.replace(finished.code.clone()).is_none_or(|before| before == finished.code),
                    Err(_) => false,
                },
                None => false,
            },
        };
        let allowed = reference.step(&call, now);
        prop_assert_eq!(done, allowed, "{:?} where it is {}", call, reference.at);
        if now < reference.until {
            let stage = find(kit, row).await.map(|transaction| transaction.stage.name());
            prop_assert_eq!(stage, Some(reference.at));
        }
    }
    // Whatever was wrong is forgotten before the next login.
    kit.clock.advance_seconds(3600);
    Ok(())
}

async fn find(kit: &Kit, row: i64) -> Option<Transaction> {
    let inner = kit.state.clone();
    kit.state.store.read(move |tx| Box::pin(async move { load_id(&inner, tx, row).await })).await.ok()
}
