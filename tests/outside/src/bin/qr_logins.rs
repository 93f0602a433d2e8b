//! How many complete QR logins a second, and what one costs: every request over a socket, real signatures, durable
//! commits. One login: csrf token, oauth-details, link-code, link-transaction, link-status, authenticate, consent,
//! link-auth-code, token, userinfo.
//!
//! usage: `qr_logins [seconds] [at once]`. `TESSERA_TEST_BIN` names the server; `TESSERA_TEST_POSTGRES` adds a run on PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use outside::browser::Browser;
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;

const MOUNT: &str = "/op";
/// Logins before measuring, so that caches and connections are warm.
const WARM_UP: usize = 50;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds: u64 = arguments.next().map_or(10, |text| text.parse().expect("seconds"));
    let at_once: usize = arguments.next().map_or(16, |text| text.parse().expect("how many at once"));
    for database in Database::all() {
        measure(database, seconds, at_once).await;
    }
}

async fn measure(database: Database, seconds: u64, at_once: usize) {
    let server = Server::start(database, "log = \"warn\"\nlimits.attempts = 1000000").await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    for _ in 0..WARM_UP {
        login(&server, &party, &wallet).await;
    }
    let (server, party, wallet) = (Arc::new(server), Arc::new(party), Arc::new(wallet));
    let over = Arc::new(AtomicBool::new(false));
    let (cpu, began) = (server.cpu_seconds(), Instant::now());
    let mut running = Vec::new();
    for _ in 0..at_once {
        let (server, party, wallet, over) = (server.clone(), party.clone(), wallet.clone(), over.clone());
        running.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let began = Instant::now();
                login(&server, &party, &wallet).await;
                times.push(began.elapsed());
            }
            times
        }));
    }
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    over.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    for one in running {
        times.extend(one.await.unwrap());
    }
    let (wall, cpu) = (began.elapsed().as_secs_f64(), server.cpu_seconds() - cpu);
    times.sort();
    let percentile = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{database:?}: {} QR logins, {at_once} at once: {:.0} logins/s, p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, server CPU {:.2} ms/login ({:.0} logins per CPU second)",
        times.len(),
        times.len() as f64 / wall,
        percentile(0.50),
        percentile(0.95),
        percentile(0.99),
        cpu * 1000.0 / times.len() as f64,
        times.len() as f64 / cpu,
    );
}

async fn login(server: &Server, party: &RelyingParty, wallet: &Wallet) {
    let browser = Browser::new(server, MOUNT).await;
    let (request, begun) = party.begin();
    let transaction = browser.start(request).await;
    let code = browser.link_code(&transaction).await;
    let (status, _) = tokio::join!(browser.link_status(&transaction, &code), wallet.approve(MOUNT, &code, &["name"]));
    status.good();
    let code = browser.link_auth_code(&transaction, &code).await.text_of("code");
    let tokens = party.redeem(&code, &begun).await;
    let (status, _) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(status, 200);
}
