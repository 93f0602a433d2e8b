//! The endpoints that relying parties call most: token (client_credentials with private_key_jwt), userinfo, metadata.

use std::net::SocketAddr;
use std::time::Duration;

use outside::server::Database;
use serde_json::{Value, json};

use crate::form::Desk;
use crate::login::{Lines, userinfo};
use crate::measure::{Run, repeat};
use crate::people::{Party, address, import};
use crate::qr::{PHONES, Stage};
use crate::tokens::{self, CODES_A_SECOND};
use crate::wire::{Wire, request};

/// Where to measure, and what with.
pub struct Target<'t> {
    /// The server's address.
    pub address: SocketAddr,
    /// Its CPU seconds.
    pub cpu: &'t dyn Fn() -> f64,
    /// How long each.
    pub seconds: u64,
    /// How many at once.
    pub at_once: usize,
}

impl Target<'_> {
    async fn wires(&self) -> Vec<Wire> {
        let mut wires = Vec::new();
        for _ in 0..self.at_once {
            wires.push(Wire::open(self.address, None).await);
        }
        wires
    }

    /// Warms up, then measures one request after another on each connection.
    pub async fn run(&self, once: impl AsyncFn(&mut Wire)) -> Run {
        let warm = Duration::from_millis(500);
        repeat(self.wires().await, warm, || 0.0, &once).await;
        repeat(self.wires().await, Duration::from_secs(self.seconds), self.cpu, once).await
    }

    /// client_credentials, a fresh assertion each.
    pub async fn token(&self, party: &Party, scope: &str) -> Run {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.run(async |wire| {
            let form = party.form(&[("grant_type", "client_credentials"), ("scope", scope)]);
            wire.ask_well(&request("POST", &party.token, &headers, &form)).await;
        })
        .await
    }

    /// Userinfo with one token.
    pub async fn userinfo(&self, path: &str, access: &str) -> Run {
        self.run(async |wire| userinfo(wire, path, access).await).await
    }

    /// A page without parameters.
    pub async fn get(&self, path: &str) -> Run {
        let request = request("GET", path, &[], "");
        self.run(async |wire| {
            wire.ask_well(&request).await;
        })
        .await
    }
}

/// The authorization code flow by pages and forms, with a one-time password.
async fn code_flow(stage: &Stage, seconds: u64, at_once: usize) -> Run {
    let once = async |desk: &mut Desk| desk.login(&stage.server, stage.mount, &stage.party).await;
    // Nobody is sent two passwords at a time.
    import(&stage.server, PHONES, at_once.saturating_sub(PHONES));
    let mut desks = Vec::new();
    for number in 0..at_once {
        desks.push(Desk::open(&stage.server, number).await);
        once(&mut desks[number]).await;
    }
    repeat(desks, Duration::from_secs(seconds), || stage.server.cpu_seconds(), once).await
}

/// Ours, on SQLite.
pub async fn ours(seconds: u64, at_once: usize) -> Value {
    let mut found = json!({});
    // Codes are made before they are measured.
    let stage = Stage::new(Database::Sqlite, "/op", "lifetimes.code = 3600").await;
    found["code flow, ES256"] = code_flow(&stage, seconds, at_once).await.json();
    let machine =
        stage.server.relying_party_with("/op", &["--grant", "client_credentials", "--scope", "add_oidc_client"]).await;
    let at = address(&stage.server);
    let cpu = || stage.server.cpu_seconds();
    let target = Target { address: at, cpu: &cpu, seconds, at_once };
    found["token, client_credentials, private_key_jwt"] =
        target.token(&Party::of(&machine), "add_oidc_client").await.json();
    let access = Lines::open(at, at).await.login("/op", &stage.party, &stage.phones[0]).await;
    found["userinfo, JSON"] = target.userinfo(&stage.party.userinfo, &access).await.json();
    for alg in ["ES256", "RS256"] {
        let metadata = json!({
            "grant_types": ["authorization_code", "refresh_token"], "userinfo_signed_response_alg": alg
        });
        let more = ["--id-token-alg", alg, "--metadata", &metadata.to_string()];
        let party = Party::of(&stage.server.relying_party_with(stage.mount, &more).await);
        let mut desk = Desk::open(&stage.server, 0).await;
        let codes = desk.codes(&stage.server, stage.mount, &party, seconds as usize * CODES_A_SECOND).await;
        found[format!("code exchange, {alg}")] = tokens::exchange(&target, &party, codes).await.json();
        let mut first = Vec::new();
        for number in 0..at_once {
            let mut desk = Desk::open(&stage.server, number).await;
            let told = desk.offline(&stage.server, stage.mount, &party).await;
            first.push(told["refresh_token"].as_str().expect("a refresh token").to_owned());
            if number + 1 == at_once {
                let access = told["access_token"].as_str().unwrap();
                found[format!("userinfo, JWT {alg}")] = target.userinfo(&party.userinfo, access).await.json();
                if alg == "ES256" {
                    let run = tokens::introspect(&target, &party, "/op/introspect", access).await;
                    found["introspection"] = run.json();
                }
            }
        }
        found[format!("refresh, {alg}")] = tokens::refresh(&target, &party, first).await.json();
    }
    found["discovery"] = target.get("/op/.well-known/openid-configuration").await.json();
    let jwks = url::Url::parse(&machine.jwks_url).unwrap();
    found["JWKS"] = target.get(jwks.path()).await.json();
    found["memory_mib"] = (crate::measure::memory_kib(stage.server.pid(), "VmRSS") / 1024).into();
    found
}
