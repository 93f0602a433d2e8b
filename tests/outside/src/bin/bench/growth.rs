//! What size and time do: many people, many clients, many minutes.

use std::time::{Duration, Instant};

use futures::StreamExt;
use josekit::jwk::Jwk;
use outside::envelope;
use outside::relying_party::RelyingParty;
use outside::server::{Database, Server};
use serde_json::{Value, json};

use crate::measure::{memory_kib, paced, round};
use crate::people::{Party, address, bind, import};
use crate::qr::Stage;
use crate::wire::{Wire, request};

/// Seconds of logins for each size.
const SECONDS: u64 = 10;
/// Logins at once.
const AT_ONCE: usize = 16;
/// Everything ends within a minute, so that expiry has work from the first minutes on.
const SHORT: &str = "lifetimes.transaction = 20\nlifetimes.linked = 20\nlifetimes.authenticated = 20\nlifetimes.code = 20\n\
    lifetimes.access_token = 30\nlifetimes.assertion = 60\nlifetimes.session = 60";

/// Size of the database's files in MiB.
fn database_mib(server: &Server) -> f64 {
    let size = |name: &str| std::fs::metadata(server.path(name)).map_or(0, |found| found.len());
    let size = size("tessera.sqlite") + size("tessera.sqlite-wal");
    round(size as f64 / (1024.0 * 1024.0))
}

/// Logins per second with a thousand people and ten clients, with many clients, with many people.
pub async fn growth(people: usize, clients: usize) -> Value {
    let mut found = json!({});
    let mut stage = Stage::new(Database::Sqlite, "/op", "").await;
    let few = stage.phones.len();
    import(&stage.server, few, 1000 - few);
    add_clients(&stage.server, 0, 10).await;
    found["1000 people, 10 clients"] = measured(&stage).await;
    add_clients(&stage.server, 10, clients - 10).await;
    found[format!("1000 people, {clients} clients")] = measured(&stage).await;
    let began = Instant::now();
    import(&stage.server, 1000, people - 1000);
    found["people imported per second"] = round((people - 1000) as f64 / began.elapsed().as_secs_f64()).into();
    // People from all over the table.
    stage.phones = bind(&stage.server, (0..AT_ONCE).map(|number| number * (people / AT_ONCE))).await;
    found[format!("{people} people, {clients} clients")] = measured(&stage).await;
    found["database_mib"] = database_mib(&stage.server).into();
    found
}

async fn measured(stage: &Stage) -> Value {
    stage.warm_up().await;
    stage.run(SECONDS, AT_ONCE).await.json()
}

/// Registers clients over HTTP, as an office would.
async fn add_clients(server: &Server, first: usize, count: usize) {
    let machine =
        server.relying_party_with("/op", &["--grant", "client_credentials", "--scope", "add_oidc_client"]).await;
    let (party, at) = (Party::of(&machine), address(server));
    let form = party.form(&[("grant_type", "client_credentials"), ("scope", "add_oidc_client")]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let token = Wire::open(at, None).await.ask_well(&request("POST", &party.token, &headers, &form)).await.json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let one = async |number: usize| {
        let key: Jwk = RelyingParty::new_key("/op").to_public_key().unwrap();
        let body = json!({
            "clientId": format!("load-{number}"), "relyingPartyId": format!("party-{number}"),
            "clientName": format!("Client {number}"), "logoUri": "https://rp.test/logo.png",
            "redirectUris": ["https://rp.test/cb"], "userClaims": ["name", "email"],
            "authContextRefs": ["mosip:idp:acr:linked-wallet"], "grantTypes": ["authorization_code"],
            "clientAuthMethods": ["private_key_jwt"],
            "publicKey": serde_json::from_str::<Value>(&key.to_string()).unwrap(),
        });
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let text = envelope(body).to_string();
        Wire::open(at, None).await.ask(&request("POST", "/op/client-mgmt/client", &headers, &text)).await.good();
    };
    futures::stream::iter(first..first + count).map(one).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

/// Half of what it can do, for so many minutes, with lifetimes so short that rows go as fast as they come: size of the
/// database and memory in between.
pub async fn soak(minutes: u64) -> Value {
    let stage = Stage::new(Database::Sqlite, "/op", SHORT).await;
    stage.warm_up().await;
    let rate = stage.run(SECONDS, AT_ONCE).await.rate() / 2.0;
    let (mut rows, mut minute) = (Vec::new(), 0);
    while minute < minutes {
        minute += 1;
        let lines = stage.lines(AT_ONCE).await;
        let cpu = || stage.server.cpu_seconds();
        let run = paced(lines, rate, Duration::from_secs(60), cpu, async |line| stage.login(line).await).await;
        let row = json!({
            "minute": minute,
            "per_second": round(run.rate()),
            "p99_ms": round(run.times.percentile(0.99)),
            "database_mib": database_mib(&stage.server),
            "memory_mib": memory_kib(stage.server.pid(), "VmRSS") / 1024,
        });
        println!("{row}");
        rows.push(row);
    }
    json!({ "rate": round(rate), "minutes": rows })
}
