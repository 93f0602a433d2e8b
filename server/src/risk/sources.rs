//! How many logins come from one network: a page that is shown to victims asks for more codes than an office does.
//!
//! Counted in the memory of each node, as the rate limit is.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use super::network::network;
use crate::clock::Millis;
use crate::state::AppState;

/// Networks remembered at once.
const MOST: usize = 50_000;

/// Logins begun by network.
#[derive(Default)]
struct Sources(Mutex<HashMap<IpAddr, Window>>);

struct Window {
    began: Millis,
    logins: u32,
}

/// Counts a login that begins; tells whether its network has begun too many lately.
#[must_use]
pub fn begun(state: &AppState, address: Option<IpAddr>) -> bool {
    let risk = &state.config.risk;
    let Some(address) = address.filter(|_| risk.logins_per_network > 0) else { return false };
    let length = Millis::from(risk.window) * 1000;
    let logins = state.kept.get::<Sources>().count(network(address), state.clock.now(), length);
    logins > risk.logins_per_network
}

impl Sources {
    fn count(&self, network: IpAddr, now: Millis, length: Millis) -> u32 {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MOST && !windows.contains_key(&network) {
            windows.retain(|_, window| now - window.began < length);
            // Where so many are busy, counting networks tells nothing.
            if windows.len() >= MOST {
                windows.clear();
            }
        }
        let window = windows.entry(network).or_insert(Window { began: now, logins: 0 });
        if now - window.began >= length {
            *window = Window { began: now, logins: 0 };
        }
        window.logins = window.logins.saturating_add(1);
        window.logins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network_of(number: u32) -> IpAddr {
        network(std::net::Ipv4Addr::from_bits(number << 8).into())
    }

    #[test]
    fn each_network_is_counted_by_itself_and_anew_in_each_window() {
        let sources = Sources::default();
        let count = |number, now| sources.count(network_of(number), now, 1000);
        assert_eq!([count(1, 0), count(1, 1), count(2, 1), count(1, 999)], [1, 2, 1, 3]);
        assert_eq!([count(1, 1000), count(2, 1000)], [1, 2]);
    }

    #[test]
    fn a_flood_of_networks_takes_no_more_memory() {
        let sources = Sources::default();
        for number in 0..(MOST as u32 + 10) {
            sources.count(network_of(number), 0, 1000);
        }
        assert!(sources.0.lock().unwrap().len() <= MOST);
        // Those whose time is over go first.
        sources.count(network_of(1), 5000, 1000);
        assert!(sources.0.lock().unwrap().len() <= MOST);
    }
}
