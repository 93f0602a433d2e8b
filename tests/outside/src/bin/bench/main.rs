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
mod wire;

use std::str::FromStr;

use serde_json::{Value, json};

fn argument<T: FromStr>(place: usize, otherwise: T) -> T {
    let given = std::env::args().nth(place);
    given.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("argument {place} is not a number: {text}")))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let command = std::env::args().nth(1).unwrap_or_else(|| "report".into());
    match command.as_str() {
        "report" => whole(argument(2, 8), argument(3, 16), argument(4, 20_000)).await,
        "logins" => report::print(&qr::logins(argument(2, 10), argument(3, 16)).await),
        "grants" => report::print(&grants::ours(argument(2, 5), argument(3, 16)).await),
        "peer" => report::print(&peer::measured(argument(2, 5), argument(3, 16)).await),
        "limits" => report::print(&limits::all(argument(2, 2)).await),
        "plain" => limits::plain(argument(2, 0)).await,
        "polls" => report::print(&polls::waiting(argument(2, 20_000)).await),
        "wakes" => report::print(&polls::wakes(argument(2, 400)).await),
        "profile" => report::print(&profile::split(argument(2, 10)).await),
        "growth" => report::print(&growth::growth(argument(2, 100_000), argument(3, 10_000)).await),
        "soak" => report::print(&growth::soak(argument(2, 10)).await),
        "markdown" => report::markdown(),
        other => panic!("no such measurement: {other}; see tests/bench"),
    }
}

/// Everything that fits in a few minutes, on one machine, in one run.
async fn whole(seconds: u64, at_once: usize, waiting: usize) {
    let mut all = json!({ "machine": report::machine(), "seconds": seconds, "at_once": at_once });
    let mut add = |name: &str, found: Value| {
        report::print(&json!({ name: found }));
        all[name] = found;
    };
    add("limits", limits::all(seconds.min(3)).await);
    add("logins", qr::logins(seconds, at_once).await);
    add("profile", profile::split(seconds).await);
    add("grants", grants::ours(seconds, at_once).await);
    add("peer", peer::measured(seconds, at_once).await);
    add("wakes", polls::wakes(400).await);
    add("waiting", polls::waiting(waiting).await);
    report::keep(&all);
    report::markdown();
}
