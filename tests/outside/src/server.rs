//! The server as a process, on a database of its own.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::gateway::Gateway;
use crate::random;
use crate::relying_party::RelyingParty;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of its own.
    Sqlite,
    /// A fresh database on the server of `TESSERA_TEST_POSTGRES`.
    Postgres,
}

impl Database {
    /// Both, or SQLite alone where there is no PostgreSQL; that is said aloud.
    pub fn all() -> Vec<Self> {
        if std::env::var_os("TESSERA_TEST_POSTGRES").is_some() {
            vec![Self::Sqlite, Self::Postgres]
        } else {
            println!("SKIPPED on PostgreSQL: TESSERA_TEST_POSTGRES is not set");
            vec![Self::Sqlite]
        }
    }
}

/// The PIN of every person.
pub const PIN: &str = "314159";

/// A person of the tests: identifier and mail address.
pub struct Person {
    /// UIN.
    pub id: &'static str,
    /// Full name.
    pub name: &'static str,
    /// Where one-time passwords go.
    pub email: &'static str,
}

/// The first person.
pub const AMARA: Person = Person { id: "7000000001", name: "Amara Diallo-Marker", email: "amara@people.test" };
/// The second person.
pub const JONAS: Person = Person { id: "7000000002", name: "Jonas Lindqvist-Marker", email: "jonas@people.test" };

/// A running server. Ends with this value.
pub struct Server {
    /// Scheme, host and port.
    pub origin: String,
    /// Where its one-time passwords go.
    pub gateway: Gateway,
    child: Child,
    folder: std::sync::Arc<tempfile::TempDir>,
    config: PathBuf,
    name: String,
}

fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("TESSERA_TEST_BIN") {
        return path.into();
    }
    // target/debug/deps/<test> or target/debug/<program> → target/debug/tessera
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.join("tessera")
}

async fn free_port() -> u16 {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn database_url(database: Database, folder: &Path) -> String {
    match database {
        Database::Sqlite => format!("sqlite:{}", folder.join("tessera.sqlite").display()),
        Database::Postgres => {
            let admin_url = std::env::var("TESSERA_TEST_POSTGRES").unwrap();
            let name = format!("outside_{}", random().to_lowercase().replace(['-', '_'], "x"));
            let admin = sqlx::PgPool::connect(&admin_url).await.unwrap();
            sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
            let mut url = url::Url::parse(&admin_url).unwrap();
            url.set_path(&name);
            url.into()
        }
    }
}

impl Server {
    /// A server with two people and no clients. `settings` is TOML added to the configuration; dotted keys only.
    pub async fn start(database: Database, settings: &str) -> Self {
        let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
        let gateway = Gateway::start().await;
        let port = free_port().await;
        let origin = format!("http://localhost:{port}");
        let mut config = String::new();
        writeln!(config, "public_url = \"{origin}\"").unwrap();
        writeln!(config, "listen = \"127.0.0.1:{port}\"").unwrap();
        writeln!(config, "secret_file = \"{}\"", folder.path().join("secret").display()).unwrap();
        writeln!(config, "database.url = \"{}\"", database_url(database, folder.path()).await).unwrap();
        writeln!(config, "otp.delivery.webhook.url = \"{}\"", gateway.url).unwrap();
        writeln!(config, "fetch_allow = [\"127.0.0.1\"]").unwrap();
        writeln!(config, "limits.requests_per_second = 0").unwrap();
        // Where frames are not what is tested, they leave a slow machine time enough.
        if !settings.contains("lifetimes.frame") {
            writeln!(config, "lifetimes.frame = 120").unwrap();
        }
        writeln!(config, "{settings}").unwrap();
        let path = folder.path().join("tessera.toml");
        std::fs::write(&path, config).unwrap();
        run(&path, &["migrate"]);
        let people = [AMARA, JONAS].map(|person| {
            json!({
                "identifiers": [{ "kind": "uin", "value": person.id }],
                "attributes": { "name": person.name, "email": person.email, "phone_number": "+15550100000" },
                "pin": PIN
            })
        });
        let file = folder.path().join("people.json");
        std::fs::write(&file, Value::from(people.to_vec()).to_string()).unwrap();
        run(&path, &["person", "import", file.to_str().unwrap()]);
        Self::spawn(folder, path, origin, gateway, "first").await
    }

    /// A second process on the same database and secret, as another node is.
    pub async fn second_node(&self) -> Self {
        let port = free_port().await;
        let first = std::fs::read_to_string(&self.config).unwrap();
        // Both nodes are the same server to the world: only the port they listen on differs.
        let config: String = first
            .lines()
            .map(|line| {
                if line.starts_with("listen") {
                    format!("listen = \"127.0.0.1:{port}\"\n")
                } else {
                    format!("{line}\n")
                }
            })
            .collect();
        let path = self.folder.path().join("second.toml");
        std::fs::write(&path, config).unwrap();
        let origin = format!("http://localhost:{port}");
        Self::spawn(self.folder.clone(), path, origin, self.gateway.clone(), "second").await
    }

    async fn spawn(
        folder: std::sync::Arc<tempfile::TempDir>,
        config: PathBuf,
        origin: String,
        gateway: Gateway,
        name: &str,
    ) -> Self {
        let child = serve(&config, &folder.path().join(format!("{name}.log")));
        let server = Self { origin, gateway, child, folder, config, name: name.into() };
        server.ready().await;
        server
    }

    /// Stops the process at once, as a power cut does, and starts it again on what it left.
    pub async fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = serve(&self.config, &self.log_path());
        self.ready().await;
    }

    async fn ready(&self) {
        let http = crate::http().build().unwrap();
        for _ in 0..200 {
            if let Ok(answer) = http.get(format!("{}/ready", self.origin)).send().await
                && answer.status().is_success()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not start:\n{}", self.log());
    }

    fn log_path(&self) -> PathBuf {
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

    /// A file beside the server's own.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Registers a new relying party on a mount (`""`, `/v1/esignet`, `/op`) and lets it discover the server. It may ask
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

fn serve(config: &Path, log: &Path) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    Command::new(program())
        .args(["--config".as_ref(), config.as_os_str(), "serve".as_ref()])
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program().display()))
}

fn run(config: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program()).arg("--config").arg(config).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "tessera {arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}
