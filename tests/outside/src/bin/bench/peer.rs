//! node-oidc-provider under the same load. It keeps everything in memory and nothing durably; ours commits every step.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use josekit::jwk::Jwk;
use outside::random;
use outside::relying_party::{RelyingParty, sha256};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::browser::{Browser, local, location, parameter};
use crate::grants::Target;
use crate::limits::{Process, cpu_seconds, first_line, on_the_servers_core};
use crate::login::redeem;
use crate::measure::{memory_kib, repeat};
use crate::people::{Key, Party};
use crate::tokens::{self, CODES_A_SECOND, Codes};
use crate::wire::Wire;

/// Where `provider.mjs` is; `tests/bench` has installed what it needs.
fn folder() -> Option<PathBuf> {
    std::env::var_os("BENCH_PEER").map(PathBuf::from)
}

const REDIRECT_URI: &str = "https://rp.test/cb";

struct Peer {
    process: Process,
    address: SocketAddr,
    party: Party,
    /// The same client, with signed userinfo.
    signed: Party,
}

fn start(folder: &std::path::Path, alg: &str) -> Peer {
    let jwk: Jwk = RelyingParty::new_key("/op");
    let mut public: Value = serde_json::from_str(&jwk.to_public_key().unwrap().to_string()).unwrap();
    // The public half has no name of its own, and the peer looks keys up by theirs.
    (public["kid"], public["alg"]) = (jwk.key_id().into(), "ES256".into());
    let told = json!({ "alg": alg, "client": "load", "redirect_uri": REDIRECT_URI, "jwk": public });
    let node = std::env::var("BENCH_NODE").unwrap_or_else(|_| "node".into());
    let mut command = on_the_servers_core(&node);
    command.current_dir(folder).args(["provider.mjs", &told.to_string()]);
    let mut process = Process(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let address: SocketAddr = first_line(&mut process.0).parse().unwrap();
    let party = |client_id: &str| Party {
        client_id: client_id.into(),
        redirect_uri: REDIRECT_URI.into(),
        audience: format!("http://localhost:{}", address.port()),
        key: Key::of(&jwk),
        token: "/token".into(),
        userinfo: "/me".into(),
    };
    Peer { party: party("load"), signed: party("load-signed"), process, address }
}

fn query(party: &Party, prompt: Option<&str>, verifier: &str) -> String {
    let mut query = Serializer::new(String::new());
    query
        .append_pair("client_id", &party.client_id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", REDIRECT_URI)
        .append_pair("scope", "openid email")
        .append_pair("state", &random())
        .append_pair("nonce", &random())
        .append_pair("code_challenge", &sha256(verifier))
        .append_pair("code_challenge_method", "S256");
    query.extend_pairs(prompt.map(|prompt| ("prompt", prompt))).finish()
}

/// A login by a form that asks nothing: authorize, page, form, resume.
async fn code(browser: &mut Browser<'_>, party: &Party, verifier: &str) -> String {
    let page = local(&location(&browser.get(&format!("/auth?{}", query(party, None, verifier))).await));
    browser.get(&page).await;
    let resume = location(&browser.post(&page, "").await);
    parameter(&location(&browser.get(&local(&resume)).await), "code")
}

/// A login to its end: its code, token, userinfo. Six requests.
async fn login(wire: &mut Wire, party: &Party) -> String {
    let verifier = random();
    let code = code(&mut Browser::new(wire), party, &verifier).await;
    redeem(wire, party, &code, &verifier).await
}

/// So many codes of one login, in a browser that keeps its cookies.
async fn codes(wire: &mut Wire, party: &Party, count: usize) -> Codes {
    let (verifier, mut browser) = (random(), Browser::new(wire));
    let mut codes = vec![code(&mut browser, party, &verifier).await];
    while codes.len() < count {
        let back = browser.get(&format!("/auth?{}", query(party, Some("none"), &verifier))).await;
        codes.push(parameter(&location(&back), "code"));
    }
    Codes { codes, verifier }
}

/// The peer's figures; a sentence where it is not installed.
pub async fn measured(seconds: u64, at_once: usize) -> Value {
    let Some(folder) = folder() else { return json!("not measured: BENCH_PEER does not name its folder") };
    let mut found = json!({});
    for alg in ["ES256", "RS256"] {
        let peer = start(&folder, alg);
        let pid = peer.process.0.id();
        let cpu = || cpu_seconds(pid);
        let mut wires = Vec::new();
        for _ in 0..at_once {
            wires.push(Wire::open(peer.address, None).await);
        }
        let once = async |wire: &mut Wire| {
            login(wire, &peer.party).await;
        };
        let mut warm = Wire::open(peer.address, None).await;
        for _ in 0..200 {
            once(&mut warm).await;
        }
        let run = repeat(wires, Duration::from_secs(seconds), cpu, once).await;
        found[format!("code flow, {alg}")] = run.json();
        let target = Target { address: peer.address, cpu: &cpu, seconds, at_once };
        let made = codes(&mut warm, &peer.party, seconds as usize * CODES_A_SECOND).await;
        found[format!("code exchange, {alg}")] = tokens::exchange(&target, &peer.party, made).await.json();
        let signed = login(&mut warm, &peer.signed).await;
        found[format!("userinfo, JWT {alg}")] = target.userinfo("/me", &signed).await.json();
        let mut first = Vec::new();
        for _ in 0..at_once {
            let verifier = random();
            let code = code(&mut Browser::new(&mut warm), &peer.party, &verifier).await;
            let told = crate::login::tokens(&mut warm, &peer.party, &code, &verifier).await;
            first.push(told["refresh_token"].as_str().expect("a refresh token").to_owned());
        }
        found[format!("refresh, {alg}")] = tokens::refresh(&target, &peer.party, first).await.json();
        if alg == "ES256" {
            let access = login(&mut warm, &peer.party).await;
            let run = tokens::introspect(&target, &peer.party, "/token/introspection", &access).await;
            found["introspection"] = run.json();
            found["token, client_credentials, private_key_jwt"] = target.token(&peer.party, "openid").await.json();
            found["userinfo, JSON"] = target.userinfo("/me", &access).await.json();
            found["discovery"] = target.get("/.well-known/openid-configuration").await.json();
            found["JWKS"] = target.get("/jwks").await.json();
            found["memory_mib"] = (memory_kib(pid, "VmRSS") / 1024).into();
        }
    }
    found
}
