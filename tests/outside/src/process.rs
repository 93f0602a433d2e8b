//! What is done to the server's process, and what it costs: ending it, memory, descriptors (Linux).

use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection};

use crate::server::{Launch, Server};

impl Server {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process at once, as a power cut does (`kill -9`).
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to end.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(sent.success(), "kill -s {name} {pid}");
    }

    /// How the process ended, where it does within the limit.
    pub async fn ended(&mut self, limit: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        while began.elapsed() < limit {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// Starts the process again, and tells how long it took until it served.
    pub async fn start_again(&mut self, launch: &Launch) -> Duration {
        let began = Instant::now();
        self.spawn_again(launch);
        self.ready().await;
        began.elapsed()
    }

    /// Memory that it holds, in kB.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most memory that it held at any time, in kB.
    pub fn most_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Descriptors that it holds.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid())).unwrap().count()
    }

    /// The URL of its database.
    pub fn database_url(&self) -> String {
        let config = std::fs::read_to_string(&self.config).unwrap();
        let line = config.lines().find_map(|line| line.strip_prefix("database.url = ")).unwrap();
        line.trim_matches('"').into()
    }

    /// Bytes that its database takes up.
    pub async fn database_size(&self) -> u64 {
        let url = self.database_url();
        if url.starts_with("sqlite:") {
            return self.database_files().iter().map(|path| path.metadata().map_or(0, |file| file.len())).sum();
        }
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        let (size,): (i64,) =
            sqlx::query_as("SELECT pg_database_size(current_database())").fetch_one(&pool).await.unwrap();
        size as u64
    }

    /// Rows of a table of its database, whether it runs or not.
    pub async fn rows(&self, table: &str) -> i64 {
        let (url, sql) = (self.database_url(), format!("SELECT COUNT(*) FROM {table}"));
        if let Some(file) = url.strip_prefix("sqlite:") {
            let connection = rusqlite::Connection::open(file).unwrap();
            connection.busy_timeout(Duration::from_secs(60)).unwrap();
            return connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        }
        let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
        let (count,): (i64,) = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap();
        count
    }

    /// The files of its SQLite database that are there now.
    pub fn database_files(&self) -> Vec<PathBuf> {
        let names = ["tessera.sqlite", "tessera.sqlite-wal", "tessera.sqlite-shm"];
        names.map(|name| self.path(name)).into_iter().filter(|path| path.exists()).collect()
    }
}
