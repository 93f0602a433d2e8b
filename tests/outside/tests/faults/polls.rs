//! L4, L5: thousands of browsers that wait, and browsers that go away while they wait.

use std::time::{Duration, Instant};

use outside::logins::{Load, Login, MOUNT, begin_many, log_in};
use outside::metrics::{Metrics, WAITING};
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::slow_clients::connect;

/// Polls that are held at once.
const POLLS: usize = 2000;
/// How long a poll is held here.
const HELD: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn l4_two_thousand_polls_wait_while_logins_run() {
    let (settings, metrics) = Metrics::listening(&format!(
        "log = \"warn\"\nlimits.attempts = 1000000\nlifetimes.poll = {HELD}\nlifetimes.link_code = 600\nlifetimes.transaction = 600"
    ));
    let server = Server::start(Database::Sqlite, &settings).await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    // Ten polls of each transaction: they wait by themselves, each on a connection of its own.
    let logins = begin_many(&party, &server.origin, POLLS / 10).await;
    let idle = pace(&server, &party, &wallet).await;
    let (memory, began) = (server.memory(), Instant::now());
    let polls: Vec<_> = (0..POLLS)
        .map(|number| {
            let login = &logins[number % logins.len()];
            let call = login
                .browser
                .http
                .post(format!("{}{MOUNT}/linked-authorization/link-status", server.origin))
                .header("X-XSRF-TOKEN", login.browser.csrf())
                .json(&outside::envelope(json!({
                    "transactionId": login.transaction.id, "linkCode": login.link_code
                })));
            tokio::spawn(async move {
                let mut refused = 0;
                loop {
                    let answer = outside::Answer::of(call.try_clone().unwrap().send().await.unwrap()).await;
                    if answer.status != 503 || refused == 30 {
                        return (answer, began.elapsed(), refused);
                    }
                    // Too many came at once: told to come back in a while, a browser does.
                    refused += 1;
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            })
        })
        .collect();
    // All of them wait at once where the machine is quick enough; that is told, not asserted.
    let (mut waiting, mut held) = (0.0f64, 0);
    let scanned = logins.len() / 4;
    while waiting < POLLS as f64 && began.elapsed() < Duration::from_secs(HELD) {
        let now = metrics.value(WAITING).await;
        if now > waiting {
            (waiting, held) = (now, server.memory().saturating_sub(memory));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(waiting >= 1.0, "no poll waited");
    let each = held as f64 / waiting;
    // A quarter of the transactions is claimed; the other polls end by themselves.
    for login in &logins[..scanned] {
        wallet.link(MOUNT, &login.link_code).await.good();
    }
    let busy = pace(&server, &party, &wallet).await;
    let (mut last, mut refused) = (Duration::ZERO, 0);
    for (number, poll) in polls.into_iter().enumerate() {
        let (answer, took, busy) = poll.await.unwrap();
        (last, refused) = (last.max(took), refused + busy);
        if number % logins.len() < scanned {
            assert!(["", "response_timeout"].contains(&answer.code()), "{}", answer.text);
        } else {
            assert_eq!(answer.code(), "response_timeout", "{}", answer.text);
        }
    }
    println!(
        "{waiting} polls waited at once, {refused} times one was told that the server is busy; {each:.1} kB each; held for {HELD} s, the last ended {} ms after the first began; a login took {} ms before, {} ms among them",
        last.as_millis(),
        idle.as_millis(),
        busy.as_millis()
    );
    assert!(held < 100 * POLLS as u64, "{held} kB for {waiting} polls");
    assert!(last < Duration::from_secs(HELD + 240), "{last:?}");
    // Whoever was claimed is told by the next poll.
    for login in &logins[..scanned] {
        assert_eq!(
            login.browser.link_status(&login.transaction, &login.link_code).await.good()["linkStatus"],
            "LINKED"
        );
    }
}

/// How long a login takes, of twenty in a row.
async fn pace(server: &Server, party: &outside::relying_party::RelyingParty, wallet: &Wallet) -> Duration {
    let began = Instant::now();
    for _ in 0..20 {
        log_in(party, wallet, &server.origin).await;
    }
    began.elapsed() / 20
}

#[tokio::test(flavor = "multi_thread")]
async fn l5_pollers_that_go_away_leave_nothing_and_the_result_is_still_there() {
    let rounds = if std::env::var_os("TESTS_FAULT_ROUNDS").is_some() { 10_000 } else { 2000 };
    let (settings, metrics) = Metrics::listening(
        "log = \"warn\"\nlimits.attempts = 1000000\nlifetimes.link_code = 600\nlifetimes.transaction = 600\nlifetimes.linked = 600",
    );
    let server = Server::start(Database::Sqlite, &settings).await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    let logins = begin_many(&party, &server.origin, 20).await;
    let requests: Vec<String> = logins.iter().map(raw_poll).collect();
    let mut figures = Vec::new();
    for round in 0..rounds / 200 {
        let mut sockets = Vec::new();
        for request in requests.iter().cycle().take(200) {
            let mut socket = connect(&server).await.unwrap();
            socket.write_all(request.as_bytes()).await.unwrap();
            sockets.push(socket);
        }
        metrics.until(WAITING, 200.0, 200.0).await;
        drop(sockets);
        metrics.until(WAITING, 0.0, 0.0).await;
        if round == 1 || round + 1 == rounds / 200 {
            figures.push((server.memory(), server.descriptors()));
        }
    }
    println!("{rounds} polls went away: memory (kB) and descriptors {:?} → {:?}", figures[0], figures[1]);
    assert!(figures[1].0 < figures[0].0 + 30_000, "{figures:?}");
    assert!(figures[1].1 < figures[0].1 + 50, "{figures:?}");
    // The wallet approves while nobody waits; a new poll has the result, also after one that was cut off.
    let load = Load::start(&party, &wallet, std::slice::from_ref(&server.origin), 2);
    for mut login in logins {
        let mut socket = connect(&server).await.unwrap();
        socket.write_all(raw_poll(&login).as_bytes()).await.unwrap();
        drop(socket);
        login.proceed(&party, &wallet).await.unwrap();
    }
    load.end().await.assert_no_fault();
}

/// The bytes of a poll for the wallet's approval.
fn raw_poll(login: &Login) -> String {
    let body =
        outside::envelope(json!({ "transactionId": login.transaction.id, "linkCode": login.link_code })).to_string();
    let (token, cookies) = (login.browser.csrf(), login.browser.cookies());
    format!(
        "POST {MOUNT}/linked-authorization/link-status HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         X-XSRF-TOKEN: {token}\r\nCookie: {cookies}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
