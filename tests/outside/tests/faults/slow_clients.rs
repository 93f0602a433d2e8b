//! F7, F9: clients that hold connections and say little, and more of them than there are descriptors.

use std::time::{Duration, Instant};

use futures::future::join_all;
use outside::logins::{MOUNT, log_in, until_well};
use outside::server::{AMARA, Database, Launch, Server};
use outside::wallet::Wallet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to the server's port.
pub async fn connect(server: &Server) -> std::io::Result<TcpStream> {
    TcpStream::connect(server.origin.strip_prefix("http://").unwrap()).await
}

/// Says a first part, then a letter each second, until the server ends the connection; what the server said, and when it
/// ended it.
async fn dribble(mut socket: TcpStream, first: &str) -> (String, Duration) {
    socket.write_all(first.as_bytes()).await.unwrap();
    let began = Instant::now();
    let mut heard = Vec::new();
    let (mut from, mut to) = socket.split();
    let says = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if first.is_empty() || to.write_all(b"a").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let hears = async {
        // A reset ends a connection as well as an orderly end does.
        let _ = from.read_to_end(&mut heard).await;
    };
    tokio::select! {
        () = hears => {}
        () = says => {}
        () = tokio::time::sleep(Duration::from_secs(180)) => panic!("still open after three minutes: {first:?}"),
    }
    (String::from_utf8_lossy(&heard).into_owned(), began.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn f7_a_thousand_slow_clients_are_put_out_and_the_others_are_served() {
    let server = Server::start(
        Database::Sqlite,
        "log = \"warn\"\nlimits.head_seconds = 10\nlimits.attempts = 1000000\nlimits.request_seconds = 5",
    )
    .await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    let (descriptors, memory) = (server.descriptors(), server.memory());
    let half = "POST /op/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\ngrant_type=";
    let chunked = "POST /op/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let kinds = ["", "G", "P", "PRI * HTTP/2.0\r\n", "GET /health HTTP/1.1\r\nHost: x\r\nX: ", half, chunked];
    // One after another: a thousand at once overflow the queue of connections, and those of them that say nothing are then
    // open for the kernel of the one side only.
    let mut sockets = Vec::new();
    for _ in 0..1001 {
        sockets.push(connect(&server).await.unwrap());
    }
    let dribbling = sockets.into_iter().enumerate();
    let slow = join_all(dribbling.map(|(number, socket)| dribble(socket, kinds[number % kinds.len()])));
    let served = async {
        let mut longest = Duration::ZERO;
        for _ in 0..10 {
            let began = Instant::now();
            log_in(&party, &wallet, &server.origin).await;
            longest = longest.max(began.elapsed());
        }
        longest
    };
    let (ended, longest) = tokio::join!(slow, served);
    let mut last = Duration::ZERO;
    for (number, (heard, took)) in ended.iter().enumerate() {
        last = last.max(*took);
        let status = heard.split(' ').nth(1).unwrap_or_default();
        assert!(["", "400", "408"].contains(&status), "{:?}: {heard}", kinds[number % kinds.len()]);
        if kinds[number % kinds.len()] == half {
            assert!(["", "408"].contains(&status), "{heard}");
        }
    }
    println!(
        "1,001 slow clients: the last was put out after {} ms; the longest login meanwhile took {} ms; memory {memory} kB before, {} kB after",
        last.as_millis(),
        longest.as_millis(),
        server.memory()
    );
    let began = Instant::now();
    while server.descriptors() > descriptors + 30 {
        assert!(began.elapsed() < Duration::from_secs(240), "{} descriptors of {descriptors}", server.descriptors());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f9_out_of_descriptors_the_server_lives_and_accepts_again() {
    let mut server =
        Server::start(Database::Sqlite, "log = \"warn\"\nlimits.head_seconds = 10\nlimits.attempts = 1000000").await;
    let party = server.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    server.kill();
    let wrapper = ["sh", "-c", r#"ulimit -n 256; exec "$@""#, "sh"].map(String::from).to_vec();
    server.start_again(&Launch { wrapper, environment: Vec::new() }).await;
    for _ in 0..2 {
        let mut held = Vec::new();
        for socket in join_all((0..1000).map(|_| connect(&server))).await.into_iter().flatten() {
            let mut socket = socket;
            let _ = socket.write_all(b"GET /health HTTP/1.1\r\n").await;
            held.push(socket);
        }
        assert!(held.len() > 300, "{} connections", held.len());
        let began = Instant::now();
        while server.descriptors() < 250 {
            assert!(began.elapsed() < Duration::from_secs(240), "{} descriptors", server.descriptors());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(held);
        until_well(&party, &wallet, &server.origin).await;
    }
    assert!(server.ended(Duration::ZERO).await.is_none(), "the server lives");
}
