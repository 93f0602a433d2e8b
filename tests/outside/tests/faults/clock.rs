//! F6: the server's clock is set: an hour ahead, an hour back, to the time when 32 bits are over, to before it was built.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use outside::CLOCK_AHEAD;
use outside::logins::{Login, MOUNT, Stage, Stopped, log_in};
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, Launch, Server};
use outside::wallet::Wallet;

const HOUR: i64 = 3600;

/// A server whose clock this test sets.
struct Clock {
    file: PathBuf,
}

impl Clock {
    /// By libfaketime, which `tests/install/faketime` finds.
    fn new(server: &Server) -> Option<(Self, Launch)> {
        let Some(library) = std::env::var_os("TESTS_FAKETIME") else {
            println!("SKIPPED: TESTS_FAKETIME does not name libfaketime");
            return None;
        };
        let clock = Self { file: server.path("clock") };
        clock.set(0);
        let environment = [
            ("LD_PRELOAD", library.to_str().unwrap()),
            ("FAKETIME_TIMESTAMP_FILE", clock.file.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            // What measures how long something takes is no clock on the wall.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Some((clock, Launch { wrapper: Vec::new(), environment }))
    }

    /// So many seconds ahead of the machine's.
    fn set(&self, ahead: i64) {
        // By renaming, so that the server never reads half a file.
        let next = self.file.with_extension("next");
        std::fs::write(&next, format!("{ahead:+}")).unwrap();
        std::fs::rename(&next, &self.file).unwrap();
    }
}

/// A new binding and a login, once the server's daily work has caught up with the clock.
async fn bind_and_log_in(server: &Server, party: &RelyingParty) {
    let began = Instant::now();
    loop {
        let mut wallet = Wallet::new(server, AMARA.id);
        let bound = wallet.bind(server, AMARA.email).await;
        let stopped = if bound.code().is_empty() && bound.status == 200 {
            match Login::begin(party, &server.origin).await {
                Ok(mut login) => match login.proceed(party, &wallet).await {
                    Ok(()) => {
                        sound(party, &login).await;
                        return;
                    }
                    Err(stopped) => stopped,
                },
                Err(stopped) => stopped,
            }
        } else {
            Stopped::Refused(bound)
        };
        if let Stopped::Refused(answer) = &stopped {
            assert!(answer.status < 500 || answer.status == 503, "{}", answer.text);
        }
        assert!(began.elapsed() < Duration::from_secs(240), "{stopped:?}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Nothing of a finished login has ended before it began.
async fn sound(party: &RelyingParty, login: &Login) {
    let Stage::Redeemed(_, _, token) = &login.stage else { panic!("not redeemed") };
    assert_eq!(party.userinfo(token).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn f6_a_clock_that_jumps_ends_what_is_over_and_breaks_nothing() {
    for database in Database::all() {
        let mut server = Server::start(
            database,
            "log = \"error\"\nlimits.attempts = 1000000\nlimits.otps_per_person = 1000000\nlifetimes.poll = 2",
        )
        .await;
        let Some((clock, launch)) = Clock::new(&server) else { return };
        server.kill();
        server.start_again(&launch).await;
        let party = server.relying_party(MOUNT).await;
        let mut wallet = Wallet::new(&server, AMARA.id);
        wallet.bind(&server, AMARA.email).await.good();

        let old = log_in(&party, &wallet, &server.origin).await;
        let waiting = Login::begin(&party, &server.origin).await.unwrap();
        let ahead = HOUR + 60;
        clock.set(ahead);
        let later = CLOCK_AHEAD
            .scope(ahead, async {
                let Stage::Redeemed(_, _, token) = &old.stage else { panic!("not redeemed") };
                assert_eq!(party.userinfo(token).await.0, 401, "an access token lives an hour");
                assert_eq!(wallet.link(MOUNT, &waiting.link_code).await.code(), "invalid_link_code");
                let polled = waiting.poll().await.unwrap();
                assert!(polled.code().starts_with("invalid_"), "{}", polled.text);
                sound(&party, &log_in(&party, &wallet, &server.origin).await).await;
                Login::begin(&party, &server.origin).await.unwrap()
            })
            .await;

        clock.set(-HOUR);
        CLOCK_AHEAD
            .scope(-HOUR, async {
                // What was made two hours from now is claimed or refused, and waited for no longer than any poll.
                let began = Instant::now();
                let polled = later.poll().await.unwrap();
                assert!(polled.status < 500 || polled.status == 503, "{}", polled.text);
                assert!(began.elapsed() < Duration::from_secs(120), "{:?}", began.elapsed());
                let claimed = wallet.link(MOUNT, &later.link_code).await;
                assert!(claimed.status < 500, "{}", claimed.text);
                bind_and_log_in(&server, &party).await;
            })
            .await;

        // 2038-01-20, after the last second that 31 bits can count; and a machine whose clock has lost its battery.
        for (what, moment) in [("2038-01-20", 2_147_558_400), ("2020-01-01", 1_577_836_800)] {
            let ahead = moment - outside::now();
            clock.set(ahead);
            println!("{database:?}: {what}");
            if moment > outside::now() {
                CLOCK_AHEAD.scope(ahead, bind_and_log_in(&server, &party)).await;
            } else {
                // Refusing is all that can be asked for: no key of this server is that old.
                CLOCK_AHEAD
                    .scope(ahead, async {
                        let mut wallet = Wallet::new(&server, AMARA.id);
                        wallet.individual_id = "nobody".into();
                        let answer = wallet.binding_otp().await;
                        assert!(answer.status < 500 || answer.status == 503, "{}", answer.text);
                        if let Err(Stopped::Refused(answer)) = Login::begin(&party, &server.origin).await {
                            assert!(answer.status < 500 || answer.status == 503, "{}", answer.text);
                        }
                    })
                    .await;
            }
        }
        clock.set(0);
        bind_and_log_in(&server, &party).await;
    }
}
