//! F2: the disk under the database is full. Two ways, for not every machine lets a test mount a file system: a tmpfs of
//! 8 MB in a mount namespace of the server's own, and a limit on the size of its files, which needs no privilege.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use outside::logins::{Login, MOUNT, Stopped, log_in, until_well};
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, Launch, Server};
use outside::wallet::Wallet;

/// Puts the folder `$0` on a small file system that only this process sees, and becomes the program.
const ON_8_MB: &str = r#"set -e
copy=$(mktemp -d); cp -a "$0/." "$copy/"
mount -t tmpfs -o size=8m tmpfs "$0"
cp -a "$copy/." "$0/"; rm -rf "$copy"
exec "$@""#;

/// How a mount namespace may be had here: as root, or as root of a user namespace.
fn own_mounts() -> Option<Vec<String>> {
    let ways = [vec!["unshare", "-m"], vec!["unshare", "-rm"]];
    let works = |way: &&Vec<&str>| {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).args(["mount", "-t", "tmpfs", "tmpfs"]).arg(folder.path());
        command.output().is_ok_and(|output| output.status.success())
    };
    ways.iter().find(works).map(|way| way.iter().map(ToString::to_string).collect())
}

async fn prepared() -> (Server, RelyingParty, Wallet) {
    let server = Server::start(Database::Sqlite, "log = \"warn\"\nlimits.attempts = 1000000").await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    log_in(&party, &wallet, &server.origin).await;
    (server, party, wallet)
}

/// Logs in until the server says that it cannot; whatever it says is 503.
async fn until_full(server: &Server, party: &RelyingParty, wallet: &Wallet) {
    let began = Instant::now();
    loop {
        let done = match Login::begin(party, &server.origin).await {
            Ok(mut login) => login.proceed(party, wallet).await,
            Err(stopped) => Err(stopped),
        };
        match done {
            Ok(()) => assert!(began.elapsed() < Duration::from_secs(600), "the disk does not fill"),
            Err(Stopped::Refused(answer)) => {
                assert_eq!(answer.status, 503, "{}", answer.text);
                return;
            }
            Err(Stopped::Unseen(why)) => panic!("a request was not answered: {why}\n{}", server.log()),
        }
    }
}

/// What must hold while nothing can be written, and after.
async fn full_then_free(server: &Server, party: &RelyingParty, wallet: &Wallet, free: impl FnOnce()) {
    until_full(server, party, wallet).await;
    let http = outside::http().build().unwrap();
    for path in ["/op/.well-known/openid-configuration", "/op/jwks.json", "/ready"] {
        assert_eq!(http.get(format!("{}{path}", server.origin)).send().await.unwrap().status(), 200, "{path}");
    }
    for _ in 0..20 {
        if let Err(Stopped::Refused(answer)) = Login::begin(party, &server.origin).await {
            assert_eq!(answer.status, 503, "{}", answer.text);
        }
    }
    let log = server.log();
    let told = log.lines().find(|line| line.contains("ERROR") && line.contains("writes"));
    println!("the log says: {}", told.unwrap_or_else(|| panic!("the log says nothing:\n{log}")));
    free();
    until_well(party, wallet, &server.origin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_a_full_disk_is_told_and_survived() {
    let Some(own_mounts) = own_mounts() else {
        println!("no mounts on this machine: only the limit on the size of files is tested");
        return;
    };
    let (mut server, party, wallet) = prepared().await;
    server.kill();
    let folder = server.path("");
    let mut wrapper = own_mounts;
    wrapper.extend(["sh", "-c", ON_8_MB].map(String::from));
    wrapper.push(folder.display().to_string());
    server.start_again(&Launch { wrapper, environment: Vec::new() }).await;
    // The same folder, as the server sees it.
    let seen: PathBuf = Path::new(&format!("/proc/{}/root", server.pid())).join(folder.strip_prefix("/").unwrap());
    fill(&seen.join("fill"));
    full_then_free(&server, &party, &wallet, || std::fs::remove_file(seen.join("fill")).unwrap()).await;
}

fn fill(path: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    let mut written = 0;
    for size in [64 * 1024, 4096, 512] {
        while file.write_all(&vec![b'x'; size]).is_ok() {
            written += size;
            assert!(written < 64 << 20, "{} is no small file system", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f2_files_that_may_not_grow_are_told_and_survived() {
    let (mut server, party, wallet) = prepared().await;
    server.kill();
    // Who ignores the signal is told by an error instead, and keeps ignoring it as the program it becomes.
    let wrapper = ["sh", "-c", r#"trap "" XFSZ; exec "$@""#, "sh"].map(String::from).to_vec();
    server.start_again(&Launch { wrapper, environment: Vec::new() }).await;
    let largest = server.database_files().iter().map(|path| path.metadata().unwrap().len()).max().unwrap();
    let limit = |size: &str| {
        let pid = server.pid().to_string();
        let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}:unlimited")]).status().unwrap();
        assert!(set.success());
    };
    limit(&(largest + 200_000).to_string());
    full_then_free(&server, &party, &wallet, || limit("unlimited")).await;
}
