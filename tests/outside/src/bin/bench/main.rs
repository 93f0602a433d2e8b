//! Figures, never verdicts: what the server does in a second, and what one of anything costs it. `tests/bench` says how
//! it is called. Server and load share a machine: on two cores each has one, so that the figures are of one core.

mod browser;
mod form;
mod grants;
mod growth;
mod limits;
mod login;
mod measure;
mod peer;
mod people;
mod polls;
mod profile;
mod qr;
mod report;
mod services;
mod tokens;
mod wire;

use std::str::FromStr;

use serde_json::json;

fn argument<T: FromStr>(place: usize, otherwise: T) -> T {
    let given = std::env::args().nth(place);
    given.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("argument {place} is not a number: {text}")))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let command = std::env::args().nth(1).unwrap_or_else(|| "report".into());
    let found = match command.as_str() {
        "report" => return whole(argument(2, 8), argument(3, 16), argument(4, 20_000)).await,
        "plain" => return limits::plain(argument(2, 0)).await,
        "markdown" => return report::markdown(),
        "limits" => limits::all(argument(2, 2)).await,
        "logins" => qr::logins(argument(2, 10), argument(3, 16)).await,
        "profile" => profile::split(argument(2, 10)).await,
        "grants" => grants::ours(argument(2, 5), argument(3, 16)).await,
        "peer" => peer::measured(argument(2, 5), argument(3, 16)).await,
        "wakes" => polls::wakes(argument(2, 400)).await,
        "waiting" => polls::waiting(argument(2, 20_000)).await,
        "growth" => growth::growth(argument(2, 1_000_000), argument(3, 10_000)).await,
        "enrollments" => services::enrollments(argument(2, 10), argument(3, 16)).await,
        "find" => services::find(argument(2, 1_000_000)).await,
        "verifications" => services::verifications(argument(2, 10), argument(3, 16)).await,
        "deliveries" => services::deliveries(argument(2, 10_000)).await,
        "soak" => growth::soak(argument(2, 10)).await,
        other => panic!("no such measurement: {other}; see tests/bench"),
    };
    report::add(&command, found);
}

/// Everything that fits in a few minutes, on one machine, in one run.
async fn whole(seconds: u64, at_once: usize, waiting: usize) {
    report::begin(json!({ "machine": report::machine(), "seconds": seconds, "at_once": at_once }));
    report::add("limits", limits::all(seconds.min(3)).await);
    report::add("logins", qr::logins(seconds, at_once).await);
    report::add("profile", profile::split(seconds).await);
    let (ours, peers) = (grants::ours(seconds, at_once).await, peer::measured(seconds, at_once).await);
    let compared = report::compared(&ours, &peers);
    report::add("grants", ours);
    report::add("peer", peers);
    report::add("ours to the peer's", compared);
    report::add("wakes", polls::wakes(400).await);
    report::add("waiting", polls::waiting(waiting).await);
    report::markdown();
}
