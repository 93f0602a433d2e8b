//! The server as a process, on a database of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::configuration::{Configuration, changed};
use crate::database::fresh_on;
use crate::gateway::Gateway;
use crate::people::{import, import_people, record};
use crate::port::Port;
use crate::program::{command, refused, run, serve};
use crate::random;
use crate::relying_party::RelyingParty;

pub use crate::database::Database;
pub use crate::people::{AMARA, JONAS, PIN, Person};
pub use crate::program::Launch;

/// A running server. Ends with this value.
pub struct Server {
    /// Scheme, host and port.
    pub origin: String,
    /// Where its one-time passwords go.
    pub gateway: Gateway,
    /// What it is asked with whether it is ready.
    pub http: reqwest::Client,
    pub(crate) child: Child,
    folder: Arc<TempDir>,
    pub(crate) config: PathBuf,
    name: String,
    /// Kept, also while the process is away.
    _port: Port,
}

impl Server {
    /// A server with two people and no clients. `settings` is TOML added to the configuration; dotted keys only.
    pub async fn start(database: Database, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database.fresh(folder.path()).await;
        Self::start_in(folder, &url, settings).await
    }

    /// The same on a fresh database of another PostgreSQL; `admin_url` is of a role that may make databases.
    pub async fn start_on(admin_url: &str, settings: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), &fresh_on(admin_url).await, settings).await
    }

    async fn start_in(folder: TempDir, database_url: &str, settings: &str) -> Self {
        let gateway = Gateway::start().await;
        let config = Configuration::write(folder.path(), database_url, settings, "http", &gateway);
        Self::start_with_people(folder, config, gateway, crate::http().build().unwrap()).await
    }

    /// A server on SQLite that ends TLS itself; `http` believes its certificate.
    pub async fn start_tls(certificate: &Path, key: &Path, http: &reqwest::Client, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = Database::Sqlite.fresh(folder.path()).await;
        let (certificate, key) = (certificate.display(), key.display());
        let settings = format!("{settings}\ntls = {{ certificate = \"{certificate}\", key = \"{key}\" }}");
        let gateway = Gateway::start().await;
        let config = Configuration::write(folder.path(), &url, &settings, "https", &gateway);
        Self::start_with_people(folder, config, gateway, http.clone()).await
    }

    async fn start_with_people(
        folder: TempDir,
        config: Configuration,
        gateway: Gateway,
        http: reqwest::Client,
    ) -> Self {
        run(&config.path, &["migrate"]);
        import_people(folder.path(), &config.path);
        let server = Self::spawn(Arc::new(folder), config, gateway, "first", http);
        server.ready().await;
        server
    }

    /// So many processes that start at the same moment on a database that nobody has used before. It has no people.
    pub async fn start_at_once(database: Database, settings: &str, count: usize) -> Vec<Self> {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let url = database.fresh(folder.path()).await;
        let gateway = Gateway::start().await;
        let first = Configuration::write(folder.path(), &url, settings, "http", &gateway);
        let others = (1..count).map(|number| format!("node{number}"));
        let others: Vec<_> =
            others.map(|name| (Configuration::of_node(folder.path(), &first.path, &name, ""), name)).collect();
        let nodes: Vec<Self> = std::iter::once((first, "node0".to_owned()))
            .chain(others)
            .map(|(config, name)| {
                Self::spawn(folder.clone(), config, gateway.clone(), &name, crate::http().build().unwrap())
            })
            .collect();
        for node in &nodes {
            node.ready().await;
        }
        nodes
    }

    /// Imports the people of the tests.
    pub fn add_people(&self) {
        import_people(self.folder.path(), &self.config);
    }

    /// Imports one more person, who has no PIN.
    pub fn add_person(&self, id: &str, name: &str, email: &str) {
        import(&self.path(&format!("{id}.json")), &self.config, vec![record(id, name, email)]);
    }

    /// Another node with settings of its own, a line each, on the same database and secret. To the world it is the same
    /// server.
    pub async fn node_with(&self, name: &str, settings: &str) -> Self {
        let config = Configuration::of_node(self.folder.path(), &self.config, name, settings);
        let node = Self::spawn(self.folder.clone(), config, self.gateway.clone(), name, self.http.clone());
        node.ready().await;
        node
    }

    /// A second process on the same database and secret, as another node is.
    pub async fn second_node(&self) -> Self {
        self.node_with("second", "").await
    }

    /// From now on its configuration is that of another instance, to the world the same server: on a fresh database, with a
    /// secret of its own. Nothing of it is there yet; the process before must be over.
    pub async fn elsewhere(&mut self, database: Database) {
        let folder = self.path(&format!("elsewhere-{}", &random()[..8]));
        std::fs::create_dir(&folder).unwrap();
        let (secret, url) = (folder.join("secret"), database.fresh(&folder).await);
        let settings = format!("secret_file = \"{}\"\ndatabase.url = \"{url}\"", secret.display());
        let config = folder.join("tessera.toml");
        changed(&self.config, &settings, &config);
        self.config = config;
    }

    fn spawn(folder: Arc<TempDir>, config: Configuration, gateway: Gateway, name: &str, http: reqwest::Client) -> Self {
        let Configuration { path, origin, port } = config;
        let child = serve(&path, &folder.path().join(format!("{name}.log")), &Launch::default());
        Self { origin, gateway, http, child, folder, config: path, name: name.into(), _port: port }
    }

    /// Stops the process at once, as a power cut does, and starts it again on what it left.
    pub async fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = serve(&self.config, &self.log_path(), &Launch::default());
        self.ready().await;
    }

    /// Starts the process again, otherwise than before; the earlier one must be over. Does not wait until it is ready.
    pub fn spawn_again(&mut self, launch: &Launch) {
        self.child = serve(&self.config, &self.log_path(), launch);
    }

    /// Waits until it serves.
    pub async fn ready(&self) {
        // Generous, for a busy machine; a server that ends instead is told at once.
        for _ in 0..1200 {
            if let Ok(answer) = self.http.get(format!("{}/ready", self.origin)).send().await
                && answer.status().is_success()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not start:\n{}", self.log());
    }

    /// Where it logs.
    pub fn log_path(&self) -> PathBuf {
        self.folder.path().join(format!("{}.log", self.name))
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// CPU time that the process has used, in seconds (Linux).
    pub fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // After the name in brackets: user and system time are the 12th and 13th field, in hundredths.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }

    /// Runs a command of the program on this server's configuration; what it prints.
    pub fn command(&self, arguments: &[&str]) -> String {
        run(&self.config, arguments)
    }

    /// The same of a command that must be refused; what it says.
    pub fn refused(&self, arguments: &[&str]) -> String {
        refused(&self.config, arguments)
    }

    /// Starts a command and does not wait for its end; nobody reads what it says.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        command(&self.config, arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// A file beside the server's own.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Registers a new relying party on a mount (`""`, `/v1/esignet`, `/op`, `/bankid`) and lets it discover the server. It may ask
    /// for name and mail address. It asks for no number, so that a wallet needs nothing from the page but its code.
    pub async fn relying_party(&self, mount: &'static str) -> RelyingParty {
        self.relying_party_with_policy(mount, &json!({ "number_matching": "off" })).await
    }

    /// The same with a policy for logins by QR code; `{}` is the mount's own.
    pub async fn relying_party_with_policy(&self, mount: &'static str, policy: &Value) -> RelyingParty {
        self.relying_party_with(mount, &["--login-policy", &policy.to_string()]).await
    }

    /// The same with more arguments to `tessera client add`.
    pub async fn relying_party_with(&self, mount: &'static str, more: &[&str]) -> RelyingParty {
        let client_id = format!("client-{}", &random()[..12].replace(['-', '_'], "x"));
        let key = RelyingParty::new_key(mount);
        let file = self.path(&format!("{client_id}.jwk"));
        std::fs::write(&file, key.to_public_key().unwrap().to_string()).unwrap();
        let name = match mount {
            "" => "govstack",
            "/op" => "op",
            "/bankid" => "bankid",
            _ => "esignet",
        };
        let redirect_uri = "https://rp.test/cb";
        let mut line = vec!["client", "add", &client_id, "--mount", name, "--redirect-uri", redirect_uri];
        line.extend(["--logo", "https://rp.test/logo.png", "--claim", "name", "--claim", "email"]);
        line.extend(["--jwk", file.to_str().unwrap()]);
        line.extend(more);
        self.command(&line);
        RelyingParty::discover(self, mount, &client_id, redirect_uri, key).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let log = self.log();
        // Every case demands it: no panic, whatever was sent.
        if !std::thread::panicking() {
            assert!(!log.contains("panicked at"), "the server panicked:\n{log}");
            // GS-PRI-01c: names and addresses of the people are markers that no log may hold.
            let told = log.lines().find(|line| line.contains("-Marker") || line.contains("@people.test"));
            assert_eq!(told, None, "personal data in the log");
        }
    }
}
