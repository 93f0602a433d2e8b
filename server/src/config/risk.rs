//! What makes a login by QR code look odd.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Risk {
    /// A file in MaxMind's format (MMDB) that tells countries, and cities where it has them, from addresses.
    pub place_database: Option<PathBuf>,
    /// Days for which a browser is known to somebody who logged in with it.
    pub known_browser_days: u32,
    /// Logins begun from one network (IPv4: /24, IPv6: /48) on one node within `window`, above which each further one is
    /// risky; 0 switches this off.
    pub logins_per_network: u32,
    /// Seconds over which logins from one network are counted.
    pub window: u32,
}

impl Default for Risk {
    fn default() -> Self {
        Self { place_database: None, known_browser_days: 90, logins_per_network: 300, window: 600 }
    }
}
