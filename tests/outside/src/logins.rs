//! QR logins at a server that may fail at any moment, and what of each was acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Answer;
use crate::browser::{Browser, Transaction};
use crate::relying_party::{Begun, RelyingParty};
use crate::wallet::{Linked, Wallet};

/// The issuer whose logins need no more than the standard's steps.
pub const MOUNT: &str = "/v1/esignet";

/// Why a login went no further.
#[derive(Debug)]
pub enum Stopped {
    /// No answer was seen, for this reason: what was asked for may have happened.
    Unseen(String),
    /// An answer that was not the one hoped for.
    Refused(Answer),
}

impl From<reqwest::Error> for Stopped {
    fn from(error: reqwest::Error) -> Self {
        Self::Unseen(format!("{error:?}"))
    }
}

/// How far a login was acknowledged.
#[derive(Debug)]
pub enum Stage {
    /// The browser shows a link code.
    Shown,
    /// A wallet has claimed it.
    Claimed,
    /// The wallet has approved.
    Approved,
    /// The browser has its authorization code.
    Coded(String),
    /// The code was sent to the token endpoint, by this form.
    Asked(String, Vec<(&'static str, String)>),
    /// The token endpoint gave this access token for the code.
    Redeemed(String, Vec<(&'static str, String)>, String),
}

/// A login and its people.
pub struct Login {
    /// Where it began.
    pub browser: Browser,
    /// `oauth-details`' answer.
    pub transaction: Transaction,
    /// What its QR code holds.
    pub link_code: String,
    /// The relying party's part.
    pub begun: Begun,
    /// How far it was acknowledged.
    pub stage: Stage,
}

fn good(answer: Answer) -> Result<Answer, Stopped> {
    if answer.status == 200 && answer.code().is_empty() { Ok(answer) } else { Err(Stopped::Refused(answer)) }
}

impl Login {
    /// A browser that shows a link code.
    ///
    /// # Errors
    /// Where it is not answered, or refused.
    pub async fn begin(party: &RelyingParty, origin: &str) -> Result<Self, Stopped> {
        let browser = Browser::try_new(origin, party.mount).await?;
        let (request, begun) = party.begin();
        let started = good(browser.try_post_with("/authorization/v2/oauth-details", request, &[]).await?)?;
        let transaction = Browser::started(&started);
        let request = json!({ "transactionId": transaction.id });
        let made = good(browser.try_post_with("/linked-authorization/link-code", request, &[]).await?)?;
        Ok(Self { browser, transaction, link_code: made.text_of("linkCode"), begun, stage: Stage::Shown })
    }

    /// The rest, as far as it goes.
    ///
    /// # Errors
    /// Where a step is not answered, or refused.
    pub async fn proceed(&mut self, party: &RelyingParty, wallet: &Wallet) -> Result<(), Stopped> {
        let linked = good(wallet.try_link(party.mount, &self.link_code).await?)?;
        self.stage = Stage::Claimed;
        let linked = Linked::of(&linked);
        let token = wallet.wla(&wallet.wla_claims(&linked));
        let authenticated = good(wallet.try_authenticate(party.mount, &linked, &token).await?)?;
        if authenticated.good()["consentAction"] == "CAPTURE" {
            good(wallet.try_consent(party.mount, &linked, &["name"]).await?)?;
        }
        self.stage = Stage::Approved;
        let code = good(self.poll().await?)?.text_of("code");
        self.stage = Stage::Coded(code.clone());
        let form = party.token_form(&code, &self.begun);
        self.stage = Stage::Asked(code.clone(), form.clone());
        let tokens = good(party.try_post_token(&form).await?)?;
        let token = tokens.body["access_token"].as_str().unwrap().to_owned();
        self.stage = Stage::Redeemed(code, form, token);
        Ok(())
    }

    /// The browser's poll for its code.
    ///
    /// # Errors
    /// Where no answer was seen.
    pub async fn poll(&self) -> Result<Answer, reqwest::Error> {
        let request = json!({ "transactionId": self.transaction.id, "linkedCode": self.link_code });
        self.browser.try_post_with("/linked-authorization/link-auth-code", request, &[]).await
    }
}

/// A whole login that must go well.
pub async fn log_in(party: &RelyingParty, wallet: &Wallet, origin: &str) -> Login {
    let mut login = Login::begin(party, origin).await.unwrap_or_else(|stopped| panic!("{stopped:?}"));
    login.proceed(party, wallet).await.unwrap_or_else(|stopped| panic!("{stopped:?}"));
    login
}

/// What a load came to.
#[derive(Default)]
pub struct Came {
    /// Every login that began.
    pub logins: Vec<Login>,
    /// Answers that were not the good ones, with the time they took.
    pub refused: Vec<(Duration, Answer)>,
    /// Requests that were not answered, with the time they took and why.
    pub unseen: Vec<(Duration, String)>,
    /// Logins that came to their end.
    pub ended: usize,
    /// The longest that a whole login took.
    pub longest: Duration,
}

impl Came {
    /// Fails where the server ended a connection in place of an answer. (A client on a busy machine that needs longer than
    /// the server's limit to send a request's head is no fault.)
    pub fn assert_all_answered(&self) {
        let cut: Vec<_> = self.unseen.iter().filter(|(took, _)| *took < Duration::from_secs(9)).collect();
        assert!(cut.is_empty(), "every request is answered: {cut:?}");
    }

    /// Fails where an answer was a server's fault other than the one allowed, 503.
    pub fn assert_no_fault(&self) {
        for (_, answer) in &self.refused {
            assert!(answer.status < 500 || answer.status == 503, "{} {}", answer.status, answer.text);
        }
    }
}

/// Logins without end, by so many browsers at once.
pub struct Load {
    over: Arc<AtomicBool>,
    ended: Arc<AtomicUsize>,
    workers: Vec<tokio::task::JoinHandle<Came>>,
}

impl Load {
    /// Begins. Workers of even and odd number use the origins in turn, where there are two.
    pub fn start(party: &RelyingParty, wallet: &Wallet, origins: &[String], at_once: usize) -> Self {
        let (over, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let workers = (0..at_once)
            .map(|number| {
                let origin = origins[number % origins.len()].clone();
                let (party, wallet) = (party.clone(), wallet.clone());
                tokio::spawn(work(party, wallet, origin, over.clone(), ended.clone()))
            })
            .collect();
        Self { over, ended, workers }
    }

    /// Waits until so many logins have come to their end.
    pub async fn until_ended(&self, count: usize) {
        let began = Instant::now();
        while self.ended.load(Ordering::SeqCst) < count {
            assert!(began.elapsed() < Duration::from_secs(300), "no {count} logins in five minutes");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets each worker finish the login it is at.
    pub async fn end(self) -> Came {
        self.over.store(true, Ordering::SeqCst);
        let mut all = Came::default();
        for worker in self.workers {
            let one = worker.await.unwrap();
            all.logins.extend(one.logins);
            all.refused.extend(one.refused);
            all.unseen.extend(one.unseen);
            all.ended += one.ended;
            all.longest = all.longest.max(one.longest);
        }
        all
    }
}

async fn work(
    party: RelyingParty,
    wallet: Wallet,
    origin: String,
    over: Arc<AtomicBool>,
    ended: Arc<AtomicUsize>,
) -> Came {
    let mut came = Came::default();
    while !over.load(Ordering::SeqCst) {
        let began = Instant::now();
        let stopped = match Login::begin(&party, &origin).await {
            Ok(mut login) => {
                let stopped = login.proceed(&party, &wallet).await;
                came.logins.push(login);
                stopped
            }
            Err(stopped) => Err(stopped),
        };
        let took = began.elapsed();
        came.longest = came.longest.max(took);
        match stopped {
            Ok(()) => {
                came.ended += 1;
                ended.fetch_add(1, Ordering::SeqCst);
            }
            Err(Stopped::Refused(answer)) => came.refused.push((took, answer)),
            Err(Stopped::Unseen(why)) => came.unseen.push((took, why)),
        }
        if came.refused.len() + came.unseen.len() > came.ended {
            // While the server is away: no faster than a patient client.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    came
}

/// Logs in until it goes well, which must be soon.
pub async fn until_well(party: &RelyingParty, wallet: &Wallet, origin: &str) {
    let began = Instant::now();
    loop {
        let done = match Login::begin(party, origin).await {
            Ok(mut login) => login.proceed(party, wallet).await,
            Err(stopped) => Err(stopped),
        };
        match done {
            Ok(()) => return,
            Err(stopped) => assert!(began.elapsed() < Duration::from_secs(240), "not well again: {stopped:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// So many browsers that show a link code each; those that find the server busy come again.
pub async fn begin_many(party: &RelyingParty, origin: &str, count: usize) -> Vec<Login> {
    let began = Instant::now();
    let mut logins = Vec::new();
    while logins.len() < count {
        let more = (0..20.min(count - logins.len())).map(|_| Login::begin(party, origin));
        for begun in futures::future::join_all(more).await {
            match begun {
                Ok(login) => logins.push(login),
                Err(Stopped::Refused(answer)) if answer.status == 503 => {}
                Err(Stopped::Unseen(_)) => {}
                Err(stopped) => panic!("{stopped:?}"),
            }
        }
        assert!(began.elapsed() < Duration::from_secs(240), "{} of {count} logins begun", logins.len());
    }
    logins
}

/// Goes on with a login that may find the server busy, as a browser and a wallet do that ask again. The steps are asked
/// for in their order; one that was taken without an answer is not taken twice, so the login ends as refused.
pub async fn proceed_patiently(login: &mut Login, party: &RelyingParty, wallet: &Wallet) {
    let began = Instant::now();
    while let Err(stopped) = login.proceed(party, wallet).await {
        let busy = matches!(&stopped, Stopped::Refused(answer) if answer.status == 503);
        let begun = matches!(login.stage, Stage::Shown);
        assert!(busy && begun && began.elapsed() < Duration::from_secs(240), "{stopped:?} at {:?}", login.stage);
    }
}
