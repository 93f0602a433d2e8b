//! Logins at a moderate pace for as long as one likes, and whether anything grows (F15): memory, descriptors and the
//! database, told each minute.
//!
//! usage: `soak [minutes] [logins a second]` (30 and 5). `TESSERA_TEST_BIN` names the server; `TESSERA_TEST_POSTGRES` adds a
//! run on PostgreSQL. Ends with status 1 where something grew after things had begun to expire.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use outside::logins::{Login, MOUNT};
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;

/// Short lives, so that what is kept is soon as much as it will ever be.
const SETTINGS: &str = "log = \"warn\"
limits.attempts = 1000000
lifetimes.transaction = 60
lifetimes.linked = 60
lifetimes.link_code = 60
lifetimes.authenticated = 60
lifetimes.code = 30
lifetimes.access_token = 60
lifetimes.id_token = 60
lifetimes.assertion = 60
lifetimes.session = 60";

/// What the server holds at one moment.
#[derive(Clone, Copy, Debug)]
struct Held {
    memory: u64,
    descriptors: usize,
    database: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let minutes: usize = arguments.next().map_or(30, |text| text.parse().expect("minutes"));
    let pace: f64 = arguments.next().map_or(5.0, |text| text.parse().expect("logins a second"));
    let mut grew = false;
    for database in Database::all() {
        grew |= soak(database, minutes, pace).await;
    }
    if grew { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn soak(database: Database, minutes: usize, pace: f64) -> bool {
    let server = Server::start(database, SETTINGS).await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    let (party, wallet, origin) = (Arc::new(party), Arc::new(wallet), Arc::new(server.origin.clone()));
    let (ended, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut beat = tokio::time::interval(Duration::from_secs_f64(1.0 / pace));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let began = Instant::now();
    let mut seen = Vec::new();
    while seen.len() < minutes {
        beat.tick().await;
        let (party, wallet, origin) = (party.clone(), wallet.clone(), origin.clone());
        let (ended, failed) = (ended.clone(), failed.clone());
        tokio::spawn({
            let (ended, failed) = (ended.clone(), failed.clone());
            async move {
                let done = match Login::begin(&party, &origin).await {
                    Ok(mut login) => login.proceed(&party, &wallet).await,
                    Err(stopped) => Err(stopped),
                };
                if done.is_ok() { &ended } else { &failed }.fetch_add(1, Ordering::Relaxed);
            }
        });
        if began.elapsed() >= Duration::from_secs(60) * (seen.len() as u32 + 1) {
            let held = Held {
                memory: server.memory(),
                descriptors: server.descriptors(),
                database: server.database_size().await,
            };
            println!(
                "{database:?} minute {}: {} logins, {} failed; memory {} kB, {} descriptors, database {} kB",
                seen.len() + 1,
                ended.load(Ordering::Relaxed),
                failed.load(Ordering::Relaxed),
                held.memory,
                held.descriptors,
                held.database / 1024
            );
            seen.push(held);
        }
    }
    verdict(database, &seen) || failed.load(Ordering::Relaxed) * 100 > ended.load(Ordering::Relaxed)
}

/// Whether the last third held more than the second by more than chance would have it. The first third is for caches, pools
/// and the first things to expire.
fn verdict(database: Database, seen: &[Held]) -> bool {
    let third = seen.len() / 3;
    if third == 0 {
        println!("{database:?}: three minutes at least tell whether anything grows");
        return false;
    }
    let (middle, last) = (&seen[third..2 * third], &seen[2 * third..]);
    let mut grew = false;
    let mut compare = |what: &str, slack: u64, of: fn(&Held) -> u64| {
        let most = |part: &[Held]| part.iter().map(of).max().unwrap_or_default();
        let (before, after) = (most(middle), most(last));
        let more = after > before + before / 5 + slack;
        println!("{database:?}: {what} {before} → {after}: {}", if more { "GREW" } else { "flat" });
        grew |= more;
    };
    compare("memory (kB)", 8 * 1024, |held| held.memory);
    compare("descriptors", 20, |held| held.descriptors as u64);
    compare("database (bytes)", 2 << 20, |held| held.database);
    grew
}
