//! What can be used once is used once, whoever is faster: 50 at a time over sockets, on SQLite and across two processes
//! on one PostgreSQL, at every issuer (L1, T1, T2, T12, T13, T18 to T20; F11).

use futures::future::join_all;
use outside::Answer;
use outside::browser::{Browser, Transaction};
use outside::issuers::{ISSUERS, Issuers};
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;
use serde_json::Value;

const RACERS: usize = 50;

/// Refused because too many waited for the database: nothing was changed, and the racer lost as any other.
fn busy(answer: &Answer) -> bool {
    answer.status == 503
}

/// A server and, on PostgreSQL, a second process on the same database.
async fn nodes(database: Database) -> Vec<Server> {
    let first = Server::start(database, "").await;
    match database {
        Database::Sqlite => vec![first],
        Database::Postgres => {
            let second = first.second_node().await;
            vec![first, second]
        }
    }
}

async fn begin(server: &Server, party: &RelyingParty) -> (Browser, Transaction, Begun) {
    let browser = Browser::new(server, party.mount).await;
    let (request, begun) = party.begin();
    let transaction = browser.start(request).await;
    (browser, transaction, begun)
}

/// L1: 50 wallets, one code.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_fifty_wallets_claims_a_link_code() {
    for database in Database::all() {
        let nodes = nodes(database).await;
        let party = nodes[0].relying_party("/op").await;
        for _ in 0..3 {
            let (browser, transaction, _) = begin(&nodes[0], &party).await;
            let code = browser.link_code(&transaction).await;
            let wallets: Vec<Wallet> = (0..RACERS).map(|n| Wallet::new(&nodes[n % nodes.len()], AMARA.id)).collect();
            let answers = join_all(wallets.iter().map(|wallet| wallet.link("/op", &code))).await;
            let winners = answers.iter().filter(|answer| answer.code().is_empty() && answer.status == 200).count();
            let losers = answers.iter().filter(|answer| answer.code() == "invalid_link_code" || busy(answer)).count();
            assert_eq!((winners, losers), (1, RACERS - 1), "{database:?}");
        }
    }
}

/// T2: 50 requests, one authorization code. T1: afterwards the code's tokens are dead, for it was used twice.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_fifty_requests_redeems_an_authorization_code() {
    for database in Database::all() {
        let stand = Issuers::start(database, "").await;
        for mount in ISSUERS {
            let party = stand.party(mount).await;
            let elsewhere = stand.at(stand.nodes.len() - 1, &party);
            let refusal = if mount.is_empty() { "invalid_transaction" } else { "invalid_grant" };
            for _ in 0..2 {
                let (code, begun) = stand.code(&party).await;
                let forms: Vec<_> = (0..RACERS).map(|_| party.token_form(&code, &begun)).collect();
                let answers = join_all(forms.iter().enumerate().map(|(n, form)| {
                    let party = if n % 2 == 0 { &party } else { &elsewhere };
                    party.post_token(form)
                }))
                .await;
                let good: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
                let refused = answers.iter().filter(|answer| answer.body["error"] == refusal || busy(answer)).count();
                assert_eq!((good.len(), refused), (1, RACERS - 1), "{database:?} {mount}");
                let token = good[0].body["access_token"].as_str().unwrap();
                assert_eq!(party.userinfo(token).await.0, 401, "T1 {mount}");
            }
        }
    }
}

/// T12: one client assertion, 20 times at once, across nodes. T13: and once more after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_assertion_serves_once() {
    for database in Database::all() {
        let mut stand = Issuers::start(database, "").await;
        let mut used = Vec::new();
        for mount in ISSUERS {
            let party = stand.party(mount).await;
            let refusal = if mount.is_empty() { "invalid_assertion" } else { "invalid_client" };
            let (code, begun) = stand.code(&party).await;
            let form = party.token_form(&code, &begun);
            let parties: Vec<RelyingParty> = (0..stand.nodes.len()).map(|node| stand.at(node, &party)).collect();
            let answers = join_all((0..20).map(|n| parties[n % parties.len()].post_token(&form))).await;
            let good = answers.iter().filter(|answer| answer.status == 200).count();
            let refused = answers.iter().filter(|answer| answer.body["error"] == refusal || busy(answer)).count();
            assert_eq!((good, refused), (1, 19), "{database:?} {mount}");
            used.push((party, form, refusal));
        }
        stand.nodes[0].restart().await;
        for (party, form, refusal) in used {
            assert_eq!(party.post_token(&form).await.body["error"], refusal, "T13 {}", party.mount);
        }
    }
}

/// The issuers with refresh tokens.
const REFRESHING: [&str; 2] = ["/op", "/bankid"];

/// A server for which a second use of a refresh token is one by somebody who has a copy, however soon it comes.
async fn without_grace(database: Database) -> Issuers {
    Issuers::start(database, "lifetimes.refresh_grace = 0").await
}

/// A client that may have refresh tokens, as it sees each node, and what a login with access while away gives it.
async fn offline(stand: &Issuers, mount: &'static str) -> (Vec<RelyingParty>, Value) {
    let party = stand.refreshing_party(mount).await;
    let (code, begun) = stand.offline_code(&party).await;
    let tokens = party.redeem(&code, &begun).await;
    ((0..stand.nodes.len()).map(|node| stand.at(node, &party)).collect(), tokens)
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned()
}

/// T19: 50 requests, one refresh token. One gets a new pair, and as the others showed what it had replaced, that is dead too.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_fifty_requests_uses_a_refresh_token() {
    for database in Database::all() {
        let stand = without_grace(database).await;
        for mount in REFRESHING.repeat(2) {
            let (parties, tokens) = offline(&stand, mount).await;
            let token = text(&tokens, "refresh_token");
            let forms: Vec<_> = (0..RACERS).map(|_| parties[0].refresh_form(&token)).collect();
            let racing = forms.iter().enumerate().map(|(n, form)| parties[n % parties.len()].post_token(form));
            let answers = join_all(racing).await;
            let good: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
            let refused =
                answers.iter().filter(|answer| answer.body["error"] == "invalid_grant" || busy(answer)).count();
            assert_eq!((good.len(), refused), (1, RACERS - 1), "{database:?} {mount}");
            for party in &parties {
                let newest = party.refresh_form(&text(&good[0].body, "refresh_token"));
                assert_eq!(party.post_token(&newest).await.body["error"], "invalid_grant", "T18");
                for dead in [&tokens, &good[0].body] {
                    assert_eq!(party.userinfo(&text(dead, "access_token")).await.0, 401, "T18");
                }
            }
        }
    }
}

/// T20, F11: what is revoked at one node is dead at every other, whoever uses it meanwhile, and after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_lives_after_a_revocation_that_races_with_refreshing() {
    for database in Database::all() {
        let mut stand = without_grace(database).await;
        let (parties, tokens) = offline(&stand, "/op").await;
        let first = text(&tokens, "refresh_token");
        let last = parties.len() - 1;
        let refreshing = async {
            let (mut token, mut access) = (first.clone(), Vec::new());
            // One after the other, as an honest client does, until it is told to stop.
            for n in 0..RACERS {
                let party = &parties[n % parties.len()];
                let answer = party.post_token(&party.refresh_form(&token)).await;
                if answer.status != 200 {
                    assert!(answer.body["error"] == "invalid_grant" || busy(&answer), "{}", answer.text);
                    break;
                }
                token = text(&answer.body, "refresh_token");
                access.push(text(&answer.body, "access_token"));
            }
            (token, access)
        };
        let revoking = async {
            loop {
                let answer = parties[last].revoke(&first).await;
                if !busy(&answer) {
                    break answer.status;
                }
            }
        };
        let ((token, access), status) = tokio::join!(refreshing, revoking);
        assert_eq!(status, 200);
        stand.nodes[0].restart().await;
        for party in &parties {
            assert_eq!(party.post_token(&party.refresh_form(&token)).await.body["error"], "invalid_grant");
            for dead in access.iter().chain([&text(&tokens, "access_token")]) {
                assert_eq!(party.userinfo(dead).await.0, 401, "{database:?}");
            }
        }
    }
}

/// L6 as a race: of two wallets with one linked transaction, one fixes who goes on.
#[tokio::test(flavor = "multi_thread")]
async fn one_approval_of_fifty_is_taken() {
    for database in Database::all() {
        let nodes = nodes(database).await;
        let party = nodes[0].relying_party("/op").await;
        let mut wallet = Wallet::new(&nodes[0], AMARA.id);
        wallet.bind(&nodes[0], AMARA.email).await.good();
        let (browser, transaction, begun) = begin(&nodes[0], &party).await;
        let code = browser.link_code(&transaction).await;
        let linked = wallet.linked("/op", &code).await;
        let tokens: Vec<String> = (0..RACERS).map(|_| wallet.wla(&wallet.wla_claims(&linked))).collect();
        let answers = join_all(tokens.iter().map(|token| wallet.authenticate("/op", &linked, token))).await;
        assert_eq!(
            answers.iter().filter(|answer| answer.code().is_empty() && !busy(answer)).count(),
            1,
            "{database:?}"
        );
        let consents = join_all((0..RACERS).map(|_| wallet.consent("/op", &linked, &["name"]))).await;
        assert_eq!(
            consents.iter().filter(|answer| answer.code().is_empty() && !busy(answer)).count(),
            1,
            "{database:?}"
        );
        let code = browser.link_auth_code(&transaction, &code).await.text_of("code");
        party.redeem(&code, &begun).await;
    }
}
