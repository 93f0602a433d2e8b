//! F10: SIGTERM with requests and polls in flight.

use std::time::{Duration, Instant};

use outside::logins::{Load, MOUNT, begin_many, log_in};
use outside::metrics::{Metrics, WAITING};
use outside::server::{AMARA, Database, Launch, Server};
use outside::wallet::Wallet;

#[tokio::test(flavor = "multi_thread")]
async fn f10_a_stop_answers_what_is_in_flight_and_ends_in_time() {
    for database in Database::all() {
        let (settings, metrics) = Metrics::listening(
            "log = \"warn\"\nlimits.attempts = 1000000\nlifetimes.link_code = 600\nlifetimes.transaction = 600",
        );
        let mut server = Server::start(database, &settings).await;
        let party = server.relying_party(MOUNT).await;
        let mut wallet = Wallet::new(&server, AMARA.id);
        wallet.bind(&server, AMARA.email).await.good();
        let logins = begin_many(&party, &server.origin, 200).await;
        let mut polls = Vec::new();
        for login in logins {
            polls.push(tokio::spawn(async move {
                login
                    .browser
                    .try_post_with(
                        "/linked-authorization/link-status",
                        serde_json::json!({ "transactionId": login.transaction.id, "linkCode": login.link_code }),
                        &[],
                    )
                    .await
            }));
        }
        // Those that are on their way when the port closes are cut: on a slow machine that would be many.
        metrics.until(WAITING, 190.0, f64::MAX).await;
        let load = Load::start(&party, &wallet, std::slice::from_ref(&server.origin), 100);
        load.until_ended(10).await;
        let asked = Instant::now();
        server.terminate();
        let status = server.ended(Duration::from_secs(120)).await;
        let took = asked.elapsed();
        assert_eq!(status.and_then(|status| status.code()), Some(0), "{}", server.log());
        let (mut told, mut refused) = (0, 0);
        for poll in polls {
            match poll.await.unwrap() {
                // A poll that is let go asks again, at the next node.
                Ok(answer) if answer.code() == "response_timeout" => told += 1,
                Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text),
                Err(_) => refused += 1,
            }
        }
        let came = load.end().await;
        came.assert_no_fault();
        println!(
            "{database:?}: ended in {} ms; {told} of 200 polls told, {refused} cut; {} logins whole",
            took.as_millis(),
            came.ended
        );
        // What a client had sent before the stop is answered; a few may have been on their way to the closed port.
        assert!(told >= 190, "{told} polls were told, {refused} cut");
        assert!(took < Duration::from_secs(60), "{took:?}");
        server.start_again(&Launch::default()).await;
        log_in(&party, &wallet, &server.origin).await;
    }
}
