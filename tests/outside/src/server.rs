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
    /// What it is asked with whether it is ready.
    pub http: reqwest::Client,
    pub(crate) child: Child,
    folder: std::sync::Arc<tempfile::TempDir>,
    pub(crate) config: PathBuf,
    name: String,
}

/// How the process is started, where not plainly.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// A command that ends by running the program given as its arguments, as `sh -c '…; exec "$@"' sh` does.
    pub wrapper: Vec<String>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
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
        Database::Postgres => fresh_database(&std::env::var("TESSERA_TEST_POSTGRES").unwrap()).await,
    }
}

async fn fresh_database(admin_url: &str) -> String {
    let name = format!("outside_{}", random().to_lowercase().replace(['-', '_'], "x"));
    let admin = sqlx::PgPool::connect(admin_url).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    let mut url = url::Url::parse(admin_url).unwrap();
    url.set_path(&name);
    url.into()
}

/// Writes a configuration; its path, the server's origin and the gateway for its one-time passwords.
async fn configure(
    folder: &tempfile::TempDir,
    database_url: &str,
    settings: &str,
    scheme: &str,
) -> (PathBuf, String, Gateway) {
    let gateway = Gateway::start().await;
    let port = free_port().await;
    let origin = format!("{scheme}://localhost:{port}");
    let mut config = String::new();
    writeln!(config, "public_url = \"{origin}\"").unwrap();
    writeln!(config, "listen = \"127.0.0.1:{port}\"").unwrap();
    writeln!(config, "secret_file = \"{}\"", folder.path().join("secret").display()).unwrap();
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
    let path = folder.path().join("tessera.toml");
    std::fs::write(&path, config).unwrap();
    (path, origin, gateway)
}

/// A configuration that differs in the port alone: to the world all nodes are the same server. Its path and origin.
async fn other_port(folder: &tempfile::TempDir, config: &Path, name: &str) -> (PathBuf, String) {
    let port = free_port().await;
    let first = std::fs::read_to_string(config).unwrap();
    let line = |line: &str| {
        let other = format!("listen = \"127.0.0.1:{port}\"");
        if line.starts_with("listen") { other } else { line.to_owned() }
    };
    let text: Vec<String> = first.lines().map(line).collect();
    let path = folder.path().join(format!("{name}.toml"));
    std::fs::write(&path, text.join("\n")).unwrap();
    (path, format!("http://localhost:{port}"))
}

fn import_people(folder: &tempfile::TempDir, config: &Path) {
    let people = [AMARA, JONAS].map(|person| {
        let mut record = record(person.id, person.name, person.email);
        record["pin"] = PIN.into();
        record
    });
    import(&folder.path().join("people.json"), config, people.to_vec());
}

fn record(id: &str, name: &str, email: &str) -> Value {
    json!({
        "identifiers": [{ "kind": "uin", "value": id }],
        "attributes": { "name": name, "email": email, "phone_number": "+15550100000" },
    })
}

fn import(file: &Path, config: &Path, people: Vec<Value>) {
    std::fs::write(file, Value::from(people).to_string()).unwrap();
    run(config, &["person", "import", file.to_str().unwrap()]);
}

impl Server {
    /// A server with two people and no clients. `settings` is TOML added to the configuration; dotted keys only.
    pub async fn start(database: Database, settings: &str) -> Self {
        let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
        let url = database_url(database, folder.path()).await;
        Self::start_in(folder, &url, settings).await
    }

    /// The same on a fresh database of another PostgreSQL; `admin_url` is of a role that may make databases.
    pub async fn start_on(admin_url: &str, settings: &str) -> Self {
        let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
        let url = fresh_database(admin_url).await;
        Self::start_in(folder, &url, settings).await
    }

    async fn start_in(folder: std::sync::Arc<tempfile::TempDir>, database_url: &str, settings: &str) -> Self {
        let (config, origin, gateway) = configure(&folder, database_url, settings, "http").await;
        run(&config, &["migrate"]);
        import_people(&folder, &config);
        Self::spawn(folder, config, origin, gateway, "first", crate::http().build().unwrap()).await
    }

    /// A server on SQLite that ends TLS itself; `http` believes its certificate.
    pub async fn start_tls(certificate: &Path, key: &Path, http: &reqwest::Client, settings: &str) -> Self {
        let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
        let url = database_url(Database::Sqlite, folder.path()).await;
        let (certificate, key) = (certificate.display(), key.display());
        let settings = format!("{settings}\ntls = {{ certificate = \"{certificate}\", key = \"{key}\" }}");
        let (config, origin, gateway) = configure(&folder, &url, &settings, "https").await;
        run(&config, &["migrate"]);
        import_people(&folder, &config);
        Self::spawn(folder, config, origin, gateway, "first", http.clone()).await
    }

    /// So many processes that start at the same moment on a database that nobody has used before. It has no people.
    pub async fn start_at_once(database: Database, settings: &str, count: usize) -> Vec<Self> {
        let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
        let url = database_url(database, folder.path()).await;
        let (config, origin, gateway) = configure(&folder, &url, settings, "http").await;
        let mut starting = Vec::new();
        for number in 0..count {
            let (path, at) = match number {
                0 => (config.clone(), origin.clone()),
                _ => other_port(&folder, &config, &format!("node{number}")).await,
            };
            starting.push((path, at, format!("node{number}")));
        }
        let nodes: Vec<Self> = starting
            .into_iter()
            .map(|(config, origin, name)| {
                let child = serve(&config, &folder.path().join(format!("{name}.log")), &Launch::default());
                let http = crate::http().build().unwrap();
                Self { origin, gateway: gateway.clone(), http, child, folder: folder.clone(), config, name }
            })
            .collect();
        for node in &nodes {
            node.ready().await;
        }
        nodes
    }

    /// Imports the people of the tests.
    pub fn add_people(&self) {
        import_people(&self.folder, &self.config);
    }

    /// Imports one more person, who has no PIN.
    pub fn add_person(&self, id: &str, name: &str, email: &str) {
        import(&self.path(&format!("{id}.json")), &self.config, vec![record(id, name, email)]);
    }

    /// Another node with settings of its own, a line each, on the same database and secret. To the world it is the same
    /// server.
    pub async fn node_with(&self, name: &str, settings: &str) -> Self {
        let (path, origin) = other_port(&self.folder, &self.config, name).await;
        let config = std::fs::read_to_string(&path).unwrap();
        // A setting given here takes the place of the same one of the first node.
        let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
        let own: Vec<String> = settings.lines().map(key).collect();
        let kept: Vec<&str> = config.lines().filter(|line| !own.contains(&key(line))).collect();
        std::fs::write(&path, format!("{}\n{settings}\n", kept.join("\n"))).unwrap();
        Self::spawn(self.folder.clone(), path, origin, self.gateway.clone(), name, self.http.clone()).await
    }

    /// From now on its configuration is that of another instance, to the world the same server: on a fresh database, with a
    /// secret of its own. Nothing of it is there yet; the process before must be over.
    pub async fn elsewhere(&mut self, database: Database) {
        let name = format!("elsewhere-{}", &random()[..8]);
        let folder = self.path(&name);
        std::fs::create_dir(&folder).unwrap();
        let url = database_url(database, &folder).await;
        let first = std::fs::read_to_string(&self.config).unwrap();
        let line = |line: &str| match line.split('=').next().unwrap_or_default().trim() {
            "secret_file" => format!("secret_file = \"{}\"", folder.join("secret").display()),
            "database.url" => format!("database.url = \"{url}\""),
            _ => line.to_owned(),
        };
        let text: Vec<String> = first.lines().map(line).collect();
        let config = folder.join("tessera.toml");
        std::fs::write(&config, text.join("\n")).unwrap();
        self.config = config;
    }

    /// A second process on the same database and secret, as another node is.
    pub async fn second_node(&self) -> Self {
        let (path, origin) = other_port(&self.folder, &self.config, "second").await;
        Self::spawn(self.folder.clone(), path, origin, self.gateway.clone(), "second", self.http.clone()).await
    }

    async fn spawn(
        folder: std::sync::Arc<tempfile::TempDir>,
        config: PathBuf,
        origin: String,
        gateway: Gateway,
        name: &str,
        http: reqwest::Client,
    ) -> Self {
        let child = serve(&config, &folder.path().join(format!("{name}.log")), &Launch::default());
        let server = Self { origin, gateway, http, child, folder, config, name: name.into() };
        server.ready().await;
        server
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
        let output = Command::new(program()).arg("--config").arg(&self.config).args(arguments).output().unwrap();
        assert!(!output.status.success(), "tessera {arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
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

fn serve(config: &Path, log: &Path, launch: &Launch) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    let mut command = match launch.wrapper.split_first() {
        Some((wrapper, arguments)) => {
            let mut command = Command::new(wrapper);
            command.args(arguments).arg(program());
            command
        }
        None => Command::new(program()),
    };
    command
        .args(["--config".as_ref(), config.as_os_str(), "serve".as_ref()])
        .envs(launch.environment.iter().map(|(name, value)| (name, value)))
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
