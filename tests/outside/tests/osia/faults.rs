//! What breaks: power in the middle of an upload and of finalizing, a full disk, many at once. Nothing acknowledged is lost,
//! nothing unfinished is left.

use std::process::Command;
use std::time::Duration;

use futures::future::join_all;
use outside::server::{Database, Launch, Server};
use outside::service::{Reply, Service};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::{buffers, enrollment, finalize, new_id, office};

async fn started(office: &Service, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let id = new_id();
        office.post(&enrollment(&id), &json!({ "requestData": { "number": number } })).await.is(204);
        ids.push(id);
    }
    ids
}

/// OSIA-ENR-06a, 06b: of many that finalize one enrollment, one does.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_finalizes_an_enrollment() {
    for database in Database::all() {
        let first = Server::start(database, "").await;
        let second = match database {
            Database::Postgres => Some(first.second_node().await),
            Database::Sqlite => None,
        };
        let office = office(&first).await;
        let there = office.at(second.as_ref().unwrap_or(&first));
        for id in started(&office, 5).await {
            let path = finalize(&id);
            let racers = (0..20).map(|number| if number % 2 == 0 { &office } else { &there });
            let replies = join_all(racers.map(|racer| racer.send("PUT", &path, None))).await;
            let count = |status: u16| replies.iter().filter(|reply| reply.status == status).count();
            // 503 is how a node says that too many wait; such a racer changed nothing.
            assert_eq!((count(204), count(403) + count(503)), (1, 19), "{database:?} {replies:?}");
            assert_eq!(office.get(&enrollment(&id)).await.json()["status"], "FINALIZED");
        }
    }
}

/// A change and the finalizing of one enrollment at once: either the change is in what is final, or it was refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_final_holds_every_change_that_was_taken() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        for id in started(&office, 10).await {
            let (path, finish) = (enrollment(&id), finalize(&id));
            let patches: Vec<Value> = (0..4).map(|n| json!({ "contextualData": { format!("n{n}"): n } })).collect();
            let changing = join_all(patches.iter().map(|patch| office.patch(&path, patch)));
            let (changes, finished) = tokio::join!(changing, office.send("PUT", &finish, None));
            finished.is(204);
            let last = office.get(&path).await.json();
            for (number, change) in changes.iter().enumerate() {
                assert!([204, 403, 503].contains(&change.status), "{}", change.text());
                let there = last["contextualData"].get(format!("n{number}")).is_some();
                assert_eq!(there, change.status == 204, "{database:?}: patch {number} of {last}");
            }
        }
    }
}

/// `kill -9` while enrollments are finalized: what was acknowledged is final, the rest can be finalized after.
#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_while_finalizing_loses_nothing() {
    for database in Database::all() {
        let mut server = Server::start(database, "").await;
        let office = office(&server).await;
        let ids = started(&office, 40).await;
        let tasks: Vec<_> = ids
            .iter()
            .map(|id| {
                let request = office.request("PUT", &finalize(id));
                tokio::spawn(Reply::try_of(request))
            })
            .collect();
        // In the middle of it: when one of them is known to be done.
        let done = async {
            while office.get(&enrollment(&ids[0])).await.json()["status"] != "FINALIZED" {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(180), done).await.expect("the first is finalized");
        server.kill();
        let mut told = Vec::new();
        for task in tasks {
            told.push(task.await.unwrap().ok().map(|reply| reply.status));
        }
        server.start_again(&Launch::default()).await;
        for (id, told) in ids.iter().zip(&told) {
            let status = office.get(&enrollment(id)).await.json()["status"].clone();
            if *told == Some(204) {
                assert_eq!(status, "FINALIZED", "{database:?}: acknowledged and lost");
            }
            let again = office.send("PUT", &finalize(id), None).await.status;
            assert_eq!(again, if status == "FINALIZED" { 403 } else { 204 }, "{database:?}");
        }
        let finished = told.iter().filter(|told| **told == Some(204)).count();
        println!("{database:?}: {finished} of {} were acknowledged before the cut", ids.len());
    }
}

/// Begins an upload of two megabytes, sends the first, and waits until some of it lies in the database.
async fn half_an_upload(server: &Server, office: &Service, id: &str) -> tokio::net::TcpStream {
    let before = server.rows("enrollment_buffer_chunk").await;
    let authority = server.origin.strip_prefix("http://localhost:").unwrap();
    let mut socket = tokio::net::TcpStream::connect(format!("127.0.0.1:{authority}")).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: image/png\r\n\
         Content-Length: 2000000\r\n\r\n",
        buffers(id),
        office.token
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(&vec![1; 1_000_000]).await.unwrap();
    until("a part of the upload lies in the database", async || server.rows("enrollment_buffer_chunk").await > before)
        .await;
    socket
}

/// Asks until it is so.
async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let asked = async {
        while !so().await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(180), asked).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// How many buffers there are, and how many pieces of buffers.
async fn stored(server: &Server) -> (i64, i64) {
    (server.rows("enrollment_buffer").await, server.rows("enrollment_buffer_chunk").await)
}

/// A client that goes away in the middle of an upload: nothing of it stays, and the next one is taken.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_cut_off_leaves_no_rows() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        let id = started(&office, 1).await.remove(0);
        let whole = vec![3; 300_000];
        office.upload(&buffers(&id), "image/png", &whole).await.is(201);
        let kept = stored(&server).await;
        assert_eq!(kept.0, 1, "{database:?}");
        let cut = [half_an_upload(&server, &office, &id).await, half_an_upload(&server, &office, &id).await];
        drop(cut);
        until("no row of what was cut off", async || stored(&server).await == kept).await;
        let again = office.upload(&buffers(&id), "image/png", &whole).await.is(201).parsed();
        let path = format!("/v1/enrollments/{id}/buffer/{}?transactionId=t", again["bufferId"].as_str().unwrap());
        assert!(office.get(&path).await.is(200).bytes == whole);
    }
}

/// `kill -9` in the middle of an upload: what was acknowledged is there whole, what was not is nowhere, and its rows are
/// cleared away once it can come no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_during_an_upload_leaves_no_part_of_it() {
    futures::future::join_all(Database::all().into_iter().map(cut_during_an_upload)).await;
}

async fn cut_during_an_upload(database: Database) {
    let mut server = Server::start(database, "").await;
    let office = office(&server).await;
    let id = started(&office, 1).await.remove(0);
    let whole: Vec<u8> = (0..700_001u32).map(|at| (at % 251) as u8).collect();
    let first = office.upload(&buffers(&id), "image/png", &whole).await.is(201).parsed();
    let kept = stored(&server).await;
    let socket = half_an_upload(&server, &office, &id).await;
    server.kill();
    drop(socket);
    let left = stored(&server).await;
    assert!(left.0 == kept.0 + 1 && left.1 > kept.1, "{database:?}: {left:?} after {kept:?}");
    // It gives up on an upload two seconds after its beginning.
    let after = server.node_with("after", "enrollment.transfer_seconds = 1").await;
    let there = office.at(&after);
    let path = format!("/v1/enrollments/{id}/buffer/{}?transactionId=t", first["bufferId"].as_str().unwrap());
    assert!(there.get(&path).await.is(200).bytes == whole, "{database:?}: acknowledged and lost");
    until("no row of what was cut off", async || stored(&server).await == kept).await;
    assert!(there.get(&path).await.is(200).bytes == whole, "{database:?}: cleared away");
    drop(after);
    server.start_again(&Launch::default()).await;
    let again = office.upload(&buffers(&id), "image/png", &whole).await.is(201).parsed();
    assert_ne!(again, first);
    office.send("PUT", &finalize(&id), None).await.is(204);
}

/// A disk that is full: 503, nothing half stored; and when there is room again it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_survived() {
    let mut server = Server::start(Database::Sqlite, "").await;
    let office = office(&server).await;
    let id = started(&office, 1).await.remove(0);
    let bytes = vec![5u8; 300_000];
    let kept = office.upload(&buffers(&id), "image/png", &bytes).await.is(201).parsed();
    server.kill();
    // Who ignores the signal is told by an error instead, and keeps ignoring it as the program it becomes.
    let wrapper = ["sh", "-c", r#"trap "" XFSZ; exec "$@""#, "sh"].map(String::from).to_vec();
    server.start_again(&Launch { wrapper, environment: Vec::new() }).await;
    let limit = |size: &str| {
        let pid = server.pid().to_string();
        let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}:unlimited")]).status().unwrap();
        assert!(set.success());
    };
    let largest = server.database_files().iter().map(|path| path.metadata().unwrap().len()).max().unwrap();
    limit(&(largest + 1_000_000).to_string());
    let mut stored = vec![kept];
    let refused = loop {
        let request = office.request("POST", &buffers(&id)).header("content-type", "image/png").body(bytes.clone());
        let reply = Reply::of(request).await;
        if reply.status != 201 {
            break reply;
        }
        stored.push(reply.parsed());
        assert!(stored.len() < 100, "the disk does not fill");
    };
    refused.refused(503);
    // GS-AUD-01b: every read is written down first, and where nothing can be, nothing is told.
    limit("0");
    let path = format!("/v1/enrollments/{id}/buffer/{}?transactionId=t", stored[0]["bufferId"].as_str().unwrap());
    // Asked once: a patient client would come back for a minute.
    Reply::of(office.request("GET", &path)).await.refused(503);
    let read = async |stored: &[Value]| {
        for one in stored {
            let path = format!("/v1/enrollments/{id}/buffer/{}?transactionId=t", one["bufferId"].as_str().unwrap());
            assert!(office.get(&path).await.is(200).bytes == bytes);
        }
    };
    limit("unlimited");
    let well = async {
        while office.upload(&buffers(&id), "image/png", &bytes).await.status != 201 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), well).await.expect("it goes on");
    read(&stored).await;
    office.send("PUT", &finalize(&id), None).await.is(204);
}
