//! F3: PostgreSQL goes away for ten seconds and comes back.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use outside::logins::{Load, MOUNT, log_in};
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;

/// A PostgreSQL of this test's own, by `tests/postgres/start`.
struct Cluster {
    folder: PathBuf,
}

fn script(name: &str) -> Command {
    Command::new(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../postgres").join(name))
}

impl Cluster {
    fn start() -> Self {
        let output = script("start").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { folder: String::from_utf8(output.stdout).unwrap().trim().into() }
    }

    fn url(&self) -> String {
        std::fs::read_to_string(self.folder.join("url")).unwrap().trim().into()
    }

    fn halt(&self) {
        assert!(script("halt").arg(&self.folder).status().unwrap().success());
    }

    fn resume(&self) {
        assert!(script("resume").arg(&self.folder).status().unwrap().success());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = script("stop").arg(&self.folder).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f3_without_its_database_the_server_says_so_and_recovers_by_itself() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let cluster = Cluster::start();
    let server = Server::start_on(&cluster.url(), "log = \"warn\"\nlimits.attempts = 1000000").await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    log_in(&party, &wallet, &server.origin).await;

    let load = Load::start(&party, &wallet, std::slice::from_ref(&server.origin), 8);
    cluster.halt();
    let gone = Instant::now();
    let http = outside::http().build().unwrap();
    let mut longest = Duration::ZERO;
    while gone.elapsed() < Duration::from_secs(10) {
        for path in ["/op/.well-known/openid-configuration", "/op/jwks.json", "/.well-known/jwks.json", "/health"] {
            let answer = http.get(format!("{}{path}", server.origin)).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
        }
        let began = Instant::now();
        let answer = http
            .post(format!("{}/wallet/binding-otp", server.origin))
            .json(&outside::envelope(serde_json::json!({ "individualId": AMARA.id, "otpChannels": ["email"] })))
            .send()
            .await
            .unwrap();
        longest = longest.max(began.elapsed());
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
        let token = party.post_token(&party.token_form("x", &party.begin().1)).await;
        assert_eq!((token.status, token.body["error"].as_str()), (503, Some("temporarily_unavailable")));
        assert_eq!(http.get(format!("{}/ready", server.origin)).send().await.unwrap().status(), 503);
    }
    cluster.resume();
    let back = Instant::now();
    while http.get(format!("{}/ready", server.origin)).send().await.unwrap().status() != 200 {
        assert!(back.elapsed() < Duration::from_secs(180), "not ready again:\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ready = back.elapsed();
    let came = load.end().await;
    came.assert_no_fault();
    println!(
        "PostgreSQL gone: 503 after {} ms at most; ready {} ms after it came back; {} logins whole, {} refused",
        longest.as_millis(),
        ready.as_millis(),
        came.ended,
        came.refused.len()
    );
    assert!(longest < Duration::from_secs(30), "{longest:?}");
    log_in(&party, &wallet, &server.origin).await;
}
