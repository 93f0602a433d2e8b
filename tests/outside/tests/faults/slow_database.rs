//! F4, F5: a database that answers late, or not at all, or whose lock another process holds.

use std::time::{Duration, Instant};

use outside::logins::{Came, Load, MOUNT, log_in, until_well};
use outside::proxy::Proxy;
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;
use sqlx::Connection;

/// One person logs in all the time, and an attempt whose outcome could not be written counts.
const SETTINGS: &str = "log = \"error\"\nlimits.attempts = 1000000";

/// Longer than any request may take, by far.
const FAR_TOO_LONG: Duration = Duration::from_secs(120);

/// A PostgreSQL that is reached through a proxy: the proxy, and the URL that leads through it.
async fn through_a_proxy() -> (Proxy, String) {
    let url = std::env::var("TESSERA_TEST_POSTGRES").unwrap();
    let mut url = url::Url::parse(&url).unwrap();
    let proxy = Proxy::start(&format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432))).await;
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(proxy.address.port())).unwrap();
    (proxy, url.into())
}

fn tell(what: &str, came: &Came, before: u64, after: u64) {
    println!(
        "{what}: {} logins whole, {} refused; the longest took {} ms; memory {before} kB before, {after} kB after",
        came.ended,
        came.refused.len(),
        came.longest.as_millis()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn f4_late_answers_make_requests_late_or_refused_and_pile_nothing_up() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let (proxy, url) = through_a_proxy().await;
    let server = Server::start_on(&url, SETTINGS).await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    log_in(&party, &wallet, &server.origin).await;
    let before = server.memory();

    proxy.delay_answers(Duration::from_millis(500));
    let load = Load::start(&party, &wallet, std::slice::from_ref(&server.origin), 100);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let http = outside::http().build().unwrap();
    assert_eq!(http.get(format!("{}/op/jwks.json", server.origin)).send().await.unwrap().status(), 200);
    let came = load.end().await;
    came.assert_no_fault();
    came.assert_all_answered();
    tell("answers 500 ms late", &came, before, server.memory());
    assert!(came.refused.iter().all(|(took, _)| *took < FAR_TOO_LONG));
    assert!(server.memory() < before + 100_000, "memory is flat");

    proxy.delay_answers(Duration::ZERO);
    until_well(&party, &wallet, &server.origin).await;
}

/// A network that was cut in two tells nobody: connections stay open, and nothing ever comes.
#[tokio::test(flavor = "multi_thread")]
async fn f4_a_silent_database_is_given_up_and_found_again() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let (proxy, url) = through_a_proxy().await;
    let server = Server::start_on(&url, SETTINGS).await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    let load = Load::start(&party, &wallet, std::slice::from_ref(&server.origin), 40);
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.silence(true);
    tokio::time::sleep(Duration::from_secs(14)).await;
    // In the middle of it, the server says so in time.
    let began = Instant::now();
    let http = outside::http().build().unwrap();
    let ready = http.get(format!("{}/ready", server.origin)).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    proxy.silence(false);
    let back = Instant::now();
    let came = load.end().await;
    came.assert_no_fault();
    came.assert_all_answered();
    until_well(&party, &wallet, &server.origin).await;
    println!(
        "silent for 14 s: the longest login took {} ms; well again {} ms after",
        came.longest.as_millis(),
        back.elapsed().as_millis()
    );
    assert!(came.longest < FAR_TOO_LONG, "{:?}", came.longest);
}

#[tokio::test(flavor = "multi_thread")]
async fn f5_who_finds_sqlite_locked_waits_or_is_told_to_come_back() {
    let server = Server::start(Database::Sqlite, SETTINGS).await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    let url = format!("sqlite:{}", server.path("tessera.sqlite").display());
    for seconds in [3, 9] {
        let before = server.memory();
        let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let load = Load::start(&party, &wallet, std::slice::from_ref(&server.origin), 50);
        sqlx::query("PRAGMA busy_timeout = 120000").execute(&mut other).await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        sqlx::query("COMMIT").execute(&mut other).await.unwrap();
        other.close().await.unwrap();
        let came = load.end().await;
        came.assert_no_fault();
        came.assert_all_answered();
        tell(&format!("locked for {seconds} s"), &came, before, server.memory());
        assert!(came.longest < FAR_TOO_LONG, "{:?}", came.longest);
        for (_, answer) in &came.refused {
            assert!(!answer.text.contains("locked"), "{}", answer.text);
        }
        log_in(&party, &wallet, &server.origin).await;
    }
}
