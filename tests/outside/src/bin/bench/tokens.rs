//! What a relying party's backend asks for once somebody has logged in: tokens for a code, tokens by refresh token, signed
//! claims, what a token is good for. The same rows of us and of the peer.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::grants::Target;
use crate::login::tokens;
use crate::measure::{Run, Times, repeat};
use crate::people::Party;
use crate::wire::{Wire, request};

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

/// Codes made for every second of the measurement: more than are used up in it.
pub const CODES_A_SECOND: usize = 1_500;

/// Codes that all have one verifier.
pub struct Codes {
    /// Each good once.
    pub codes: Vec<String>,
    /// Of their challenge (RFC 7636).
    pub verifier: String,
}

/// A connection, and what is left to do with it.
struct Place {
    wire: Wire,
    codes: Vec<String>,
}

/// Exchanges codes, each a request with a fresh assertion, until time or codes are over.
pub async fn exchange(target: &Target<'_>, party: &Party, codes: Codes) -> Run {
    let Codes { codes, verifier } = codes;
    let share = codes.len() / target.at_once;
    let mut places = Vec::new();
    for codes in codes.chunks(share.max(1)).take(target.at_once) {
        places.push(Place { wire: Wire::open(target.address, None).await, codes: codes.to_vec() });
    }
    let (used, began, length) = ((target.cpu)(), Instant::now(), Duration::from_secs(target.seconds));
    let one = async |mut place: Place| {
        let mut times = Vec::new();
        while began.elapsed() < length {
            let Some(code) = place.codes.pop() else { break };
            let start = Instant::now();
            tokens(&mut place.wire, party, &code, &verifier).await;
            times.push(start.elapsed());
        }
        times
    };
    let all = futures::future::join_all(places.into_iter().map(one)).await;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), (target.cpu)() - used);
    Run { times: Times::of(all.into_iter().flatten()), seconds, cpu }
}

/// Refreshes, each connection its own token, which each answer replaces.
pub async fn refresh(target: &Target<'_>, party: &Party, first: Vec<String>) -> Run {
    let mut places = Vec::new();
    for token in first {
        places.push((Wire::open(target.address, None).await, token));
    }
    repeat(places, Duration::from_secs(target.seconds), target.cpu, async |(wire, token): &mut (Wire, String)| {
        let form = party.form(&[("grant_type", "refresh_token"), ("refresh_token", token)]);
        let told = wire.ask_well(&request("POST", &party.token, &FORM, &form)).await.json();
        assert!(told["id_token"].is_string(), "an ID token");
        *token = told["refresh_token"].as_str().expect("another refresh token").to_owned();
    })
    .await
}

/// Looks into one access token.
pub async fn introspect(target: &Target<'_>, party: &Party, path: &str, access: &str) -> Run {
    target
        .run(async |wire| {
            let form = party.form(&[("token", access)]);
            let told: Value = wire.ask_well(&request("POST", path, &FORM, &form)).await.json();
            assert_eq!(told["active"], json!(true));
        })
        .await
}
