//! What a server is told before it starts, in a file.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::gateway::Gateway;
use crate::port::Port;

/// A configuration that is written down, and where a server that goes by it is found.
pub(crate) struct Configuration {
    /// Its file.
    pub(crate) path: PathBuf,
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// The server's own.
    pub(crate) port: Port,
}

impl Configuration {
    /// Writes one for a server on a database; `settings` come last, a line each.
    pub(crate) fn write(folder: &Path, database_url: &str, settings: &str, scheme: &str, gateway: &Gateway) -> Self {
        let port = Port::keep();
        let origin = format!("{scheme}://localhost:{}", port.address.port());
        let mut config = String::new();
        writeln!(config, "public_url = \"{origin}\"").unwrap();
        writeln!(config, "listen = \"{}\"", port.address).unwrap();
        writeln!(config, "secret_file = \"{}\"", folder.join("secret").display()).unwrap();
        writeln!(config, "database.url = \"{database_url}\"").unwrap();
        if !settings.contains("otp.delivery") {
            writeln!(config, "otp.delivery.webhook.url = \"{}\"", gateway.url).unwrap();
        }
        writeln!(config, "fetch_allow = [\"127.0.0.1\"]").unwrap();
        writeln!(config, "limits.requests_per_second = 0").unwrap();
        // Where frames are not what is tested, they leave a slow machine time enough.
        if !settings.contains("lifetimes.frame") {
            writeln!(config, "lifetimes.frame = 120").unwrap();
        }
        if !settings.contains("limits.head_seconds") {
            // A busy machine lets a client wait between connecting and speaking.
            writeln!(config, "limits.head_seconds = 120").unwrap();
        }
        writeln!(config, "{settings}").unwrap();
        let path = folder.join("tessera.toml");
        std::fs::write(&path, config).unwrap();
        Self { path, origin, port }
    }

    /// One that differs from `first` in the port, and in these settings: each takes the place of the same one there. To the
    /// world all nodes are the same server.
    pub(crate) fn of_node(folder: &Path, first: &Path, name: &str, settings: &str) -> Self {
        let port = Port::keep();
        let settings = format!("listen = \"{}\"\n{settings}", port.address);
        let path = folder.join(format!("{name}.toml"));
        changed(first, &settings, &path);
        Self { path, origin: format!("http://localhost:{}", port.address.port()), port }
    }
}

/// Writes the configuration `first` to another file with these settings, a line each, in the places of the same ones.
pub(crate) fn changed(first: &Path, settings: &str, path: &Path) {
    let first = std::fs::read_to_string(first).unwrap();
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let own: Vec<String> = settings.lines().map(key).collect();
    let kept: Vec<&str> = first.lines().filter(|line| !own.contains(&key(line))).collect();
    std::fs::write(path, format!("{}\n{settings}\n", kept.join("\n"))).unwrap();
}
