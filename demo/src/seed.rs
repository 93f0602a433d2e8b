//! Three people, two clients and a service, added by the same commands that an operator uses.

use std::path::Path;

use clap::Parser;
use serde_json::{Value, json};
use server::clients::cli::{self as clients, ClientCommand};
use server::registry::cli::PersonCommand;
use server::state::AppState;

use crate::Fault;
use crate::relying_party::RelyingParty;
use crate::service::Service;

/// The PIN of all three.
pub const PIN: &str = "314159";

/// Identifier, name, mail address, phone number, birth date.
pub const PEOPLE: [(&str, &str, &str, &str, &str); 3] = [
    ("7000000001", "Amara Diallo", "amara@people.example", "+221700000001", "1991-04-12"),
    ("7000000002", "Jonas Lindqvist", "jonas@people.example", "+46700000002", "1968-11-30"),
    ("7000000003", "Leila Haddad", "leila@people.example", "+212600000003", "2001-07-03"),
];

#[derive(Parser)]
struct ClientLine {
    #[command(subcommand)]
    command: ClientCommand,
}

#[derive(Parser)]
struct PersonLine {
    #[command(subcommand)]
    command: PersonCommand,
}

/// The people, in one line.
#[must_use]
pub fn names() -> String {
    PEOPLE.map(|(id, name, ..)| format!("{name} ({id})")).join(", ")
}

/// Adds the people.
///
/// # Errors
/// The command's.
pub async fn people(state: &AppState, folder: &Path) -> Result<(), Fault> {
    let people = PEOPLE.map(|(id, name, email, phone, birthdate)| {
        json!({
            "identifiers": [{ "kind": "uin", "value": id }],
            "attributes": {
                "name": name, "email": email, "phone_number": phone, "birthdate": birthdate,
                "address": { "formatted": "1 Harbour Street", "country": "XX" }
            },
            "pin": PIN
        })
    });
    let file = folder.join("people.json");
    std::fs::write(&file, Value::from(people.to_vec()).to_string())?;
    let line = PersonLine::try_parse_from(["person", "import", &file.to_string_lossy()])?;
    server::cli::person(state, line.command, &mut std::io::sink()).await?;
    Ok(std::fs::remove_file(file)?)
}

/// Registers a relying party with its public key.
///
/// # Errors
/// The command's.
pub async fn client(state: &AppState, party: &RelyingParty, folder: &Path) -> Result<(), Fault> {
    let profile = party.profile;
    let file = folder.join(format!("{}.jwk", profile.client_id));
    std::fs::write(&file, party.public_key()?.to_string())?;
    let file = file.to_string_lossy();
    let mount = if profile.mount.is_empty() { "govstack" } else { "op" };
    let logo = party.logo_uri();
    let mut line = vec!["client", "add", profile.client_id, "--mount", mount, "--name", profile.name, "--logo", &logo];
    line.extend(["--redirect-uri", party.redirect_uri(), "--jwk", &file]);
    for claim in profile.essential.iter().chain(profile.voluntary) {
        line.extend(["--claim", claim]);
    }
    if !profile.scopes.is_empty() {
        line.extend(["--grant", "authorization_code", "--grant", "client_credentials"]);
    }
    for scope in profile.scopes {
        line.extend(["--scope", scope]);
    }
    let line = ClientLine::try_parse_from(line)?;
    Ok(clients::run(state, line.command, &mut std::io::sink()).await?)
}

/// Registers a service with its public key.
///
/// # Errors
/// The command's.
pub async fn service(state: &AppState, service: &Service, scopes: &[&str], folder: &Path) -> Result<(), Fault> {
    let file = folder.join(format!("{}.jwk", service.client_id()));
    std::fs::write(&file, service.public_key()?.to_string())?;
    let file = file.to_string_lossy();
    let mut line = vec!["client", "add", service.client_id(), "--mount", "op", "--grant", "client_credentials"];
    line.extend(["--jwk", &file]);
    for scope in scopes {
        line.extend(["--scope", scope]);
    }
    let line = ClientLine::try_parse_from(line)?;
    Ok(clients::run(state, line.command, &mut std::io::sink()).await?)
}
