//! A database of eSignet 1.8 with rows, exported as the guide says. The tables are declared here as its release has them
//! (columns, lengths, keys); where no PostgreSQL is at hand, the same rows are written as the same files.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use sqlx::Connection;

const CLIENT_DETAIL: &[(&str, &str)] = &[
    ("id", "varchar(100) NOT NULL PRIMARY KEY"),
    ("name", "varchar(600) NOT NULL"),
    ("rp_id", "varchar(100) NOT NULL"),
    ("logo_uri", "varchar(2048) NOT NULL"),
    ("redirect_uris", "varchar(2048) NOT NULL"),
    ("claims", "varchar(2048) NOT NULL"),
    ("acr_values", "varchar(1024) NOT NULL"),
    ("public_key", "varchar(1024) NOT NULL"),
    ("public_key_hash", "varchar(128) NOT NULL UNIQUE"),
    ("enc_public_key", "varchar(1024)"),
    ("enc_public_key_hash", "varchar(128)"),
    ("enc_public_key_cert", "varchar(4000)"),
    ("grant_types", "varchar(512) NOT NULL"),
    ("auth_methods", "varchar(512) NOT NULL"),
    ("status", "varchar(20) NOT NULL"),
    ("additional_config", "varchar(2048)"),
    ("cr_dtimes", "timestamp NOT NULL"),
    ("upd_dtimes", "timestamp"),
];
const PUBLIC_KEY_REGISTRY: &[(&str, &str)] = &[
    ("id_hash", "varchar(100) NOT NULL"),
    ("auth_factor", "varchar(25) NOT NULL"),
    ("psu_token", "varchar(256) NOT NULL"),
    ("public_key", "varchar(2500) NOT NULL"),
    ("expire_dtimes", "timestamp NOT NULL"),
    ("wallet_binding_id", "varchar(256) NOT NULL"),
    ("public_key_hash", "varchar(100) NOT NULL"),
    ("certificate", "varchar(4000) NOT NULL"),
    ("cr_dtimes", "timestamp NOT NULL"),
    ("thumbprint", "varchar(128) NOT NULL"),
];
const CONSENT_DETAIL: &[(&str, &str)] = &[
    ("id", "varchar(36) NOT NULL PRIMARY KEY"),
    ("client_id", "varchar(256) NOT NULL"),
    ("psu_token", "varchar(256) NOT NULL"),
    ("claims", "varchar(2048) NOT NULL"),
    ("authorization_scopes", "varchar(1024) NOT NULL"),
    ("cr_dtimes", "timestamp DEFAULT CURRENT_TIMESTAMP NOT NULL"),
    ("expire_dtimes", "timestamp"),
    ("signature", "varchar(1024)"),
    ("hash", "varchar(100)"),
    ("accepted_claims", "varchar(1024)"),
    ("permitted_scopes", "varchar(1024)"),
];

/// A row: some columns with their values; the others are NULL.
pub(super) type Row = Vec<(&'static str, String)>;

/// The rows of the three tables.
#[derive(Default)]
pub(super) struct Database {
    pub(super) client_detail: Vec<Row>,
    pub(super) public_key_registry: Vec<Row>,
    pub(super) consent_detail: Vec<Row>,
}

impl Database {
    /// Writes the tables and gives the folder of the files `<table>.csv`.
    pub(super) async fn export(&self, folder: &Path) -> PathBuf {
        let tables = [
            ("client_detail", CLIENT_DETAIL, &self.client_detail, ""),
            (
                "public_key_registry",
                PUBLIC_KEY_REGISTRY,
                &self.public_key_registry,
                ", PRIMARY KEY (id_hash, auth_factor)",
            ),
            ("consent_detail", CONSENT_DETAIL, &self.consent_detail, ", UNIQUE (client_id, psu_token)"),
        ];
        let mut server = match std::env::var("TESSERA_TEST_POSTGRES") {
            Ok(url) => Some(sqlx::PgConnection::connect(&url).await.unwrap()),
            Err(_) => None,
        };
        for (name, columns, rows, keys) in tables {
            let file = folder.join(format!("{name}.csv"));
            let bytes = match &mut server {
                Some(server) => copied(server, name, columns, rows, keys).await,
                None => written(columns, rows),
            };
            std::fs::write(file, bytes).unwrap();
        }
        folder.to_owned()
    }
}

fn value<'r>(row: &'r Row, column: &str) -> Option<&'r str> {
    row.iter().find(|(name, _)| *name == column).map(|(_, value)| value.as_str())
}

/// By PostgreSQL, from a temporary table of the name, which is this connection's own.
async fn copied(
    server: &mut sqlx::PgConnection,
    name: &str,
    columns: &[(&str, &str)],
    rows: &[Row],
    keys: &str,
) -> Vec<u8> {
    let declared: Vec<String> = columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    let ddl = format!("CREATE TEMPORARY TABLE {name} ({}{keys})", declared.join(", "));
    sqlx::query(sqlx::AssertSqlSafe(ddl)).execute(&mut *server).await.unwrap();
    for row in rows {
        let known: Vec<&(&str, &str)> = columns.iter().filter(|(name, _)| value(row, name).is_some()).collect();
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let places: Vec<String> = known
            .iter()
            .enumerate()
            .map(|(place, (_, kind))| {
                let cast = if kind.starts_with("timestamp") { "timestamp" } else { "varchar" };
                format!("CAST(${} AS {cast})", place + 1)
            })
            .collect();
        let insert = format!("INSERT INTO {name} ({}) VALUES ({})", names.join(", "), places.join(", "));
        let mut query = sqlx::query(sqlx::AssertSqlSafe(insert));
        for (column, _) in known {
            query = query.bind(value(row, column));
        }
        query.execute(&mut *server).await.unwrap();
    }
    // What psql's \copy sends.
    let copy = format!("COPY {name} TO STDOUT WITH (FORMAT csv, HEADER)");
    let chunks: Vec<_> = server.copy_out_raw(&copy).await.unwrap().try_collect().await.unwrap();
    chunks.iter().flat_map(|chunk| chunk.iter().copied()).collect()
}

/// By hand, as PostgreSQL writes it.
fn written(columns: &[(&str, &str)], rows: &[Row]) -> Vec<u8> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut text = names.join(",") + "\n";
    for row in rows {
        let fields = names.iter().map(|name| match value(row, name) {
            None => String::new(),
            Some(value) => format!("\"{}\"", value.replace('"', "\"\"")),
        });
        let _ = writeln!(text, "{}", fields.collect::<Vec<_>>().join(","));
    }
    text.into_bytes()
}
