//! `wallet credentials`

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use wallet_core::{Credential, CredentialIssuer, CredentialType, CredentialVerification, Wallet};

use crate::args::CredentialsCommand;
use crate::error::CliError;
use crate::terminal::{Terminal, by_beginning, moment, printable};

/// Largest file read, in bytes.
const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

pub(crate) fn run(wallet: &Arc<Wallet>, command: &CredentialsCommand, terminal: &mut Terminal) -> Result<(), CliError> {
    match command {
        CredentialsCommand::Add { what } => {
            let added = add(wallet, what, terminal)?;
            terminal.line(line(&added))
        }
        CredentialsCommand::List => wallet.credentials()?.iter().try_for_each(|one| terminal.line(line(one))),
        CredentialsCommand::Show { credential, photo } => {
            let shown = wallet.credential(credential_id(wallet, credential)?)?;
            terminal.line(line(&shown.credential))?;
            for claim in &shown.claims {
                // An address has lines; each is a text of its own.
                let value: Vec<String> = claim.value.lines().map(printable).collect();
                terminal.line(format!("  {:<20}{}", printable(&claim.name), value.join(", ")))?;
            }
            match (&shown.photo, photo) {
                (Some(image), Some(path)) => {
                    std::fs::write(path, &image.data).map_err(CliError::file("the file of --photo"))
                }
                (Some(image), None) => terminal.line(format!(
                    "  {:<20}{}, {} bytes (--photo FILE writes it)",
                    "photo",
                    image.media_type,
                    image.data.len()
                )),
                (None, Some(_)) => Err(CliError::Choice("this credential has no photo")),
                (None, None) => Ok(()),
            }
        }
        CredentialsCommand::Delete { credential } => {
            wallet.delete_credential(credential_id(wallet, credential)?)?;
            terminal.line("Deleted.")
        }
    }
}

/// Adds the text given, the one on standard input, or the first of a picture's codes that is a credential.
fn add(wallet: &Arc<Wallet>, what: &str, terminal: &mut Terminal) -> Result<Credential, CliError> {
    if what == "-" {
        return Ok(wallet.add_credential(terminal.read_line()?)?);
    }
    let path = Path::new(what);
    if !path.is_file() {
        return Ok(wallet.add_credential(what.to_owned())?);
    }
    let texts = wallet_host::read_qr_picture(&read("the picture", path)?)?;
    let mut last = Err(CliError::Picture(wallet_host::PictureError::NoCode));
    for text in texts {
        last = wallet.add_credential(text).map_err(CliError::from);
        if last.is_ok() {
            break;
        }
    }
    last
}

/// Reads a file, up to a limit.
pub(crate) fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES).read_to_end(&mut bytes))
        .map_err(CliError::file(what))?;
    Ok(bytes)
}

fn credential_id(wallet: &Arc<Wallet>, given: &str) -> Result<String, CliError> {
    by_beginning(
        wallet.credentials()?.iter().map(|credential| credential.id.as_str()),
        given,
        "no credential of this id: see `wallet credentials list`",
        "several credentials begin so: see `wallet credentials list`",
    )
}

fn line(credential: &Credential) -> String {
    let kind = match credential.credential_type {
        CredentialType::Claim169 => "Claim 169",
    };
    let verified = match &credential.verification {
        CredentialVerification::Verified => "verified".to_owned(),
        CredentialVerification::NotVerified { doubts } => format!("NOT VERIFIED {doubts:?}"),
    };
    let title = credential.title.as_deref().unwrap_or("?");
    let issuer = credential.issuer_name.as_deref().or(credential.issuer.as_deref()).unwrap_or("?");
    let until = credential.valid_until_ms.map(|until| format!("  until {}", moment(until))).unwrap_or_default();
    format!("{}  {kind}  {}  by {}{until}  {verified}", credential.id, printable(title), printable(issuer))
}

/// An entry of the file of `--issuers`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    issuer: String,
    name: String,
    #[serde(default)]
    keys: Vec<serde_json::Value>,
    #[serde(default)]
    certificates: Vec<String>,
}

/// The issuers of a file: a JSON list of `{issuer, name, keys: [JWK], certificates: [base64url of DER]}`.
pub(crate) fn issuers(path: &Path) -> Result<Vec<CredentialIssuer>, CliError> {
    const WRONG: &str = "the file of --issuers is no list of {issuer, name, keys, certificates}";
    let entries: Vec<Entry> =
        serde_json::from_slice(&read("the file of --issuers", path)?).map_err(|_| CliError::Choice(WRONG))?;
    let pinned = |entry: Entry| {
        let certificates = entry.certificates.iter().map(protocol::base64url::decode).collect::<Result<_, _>>();
        Ok(CredentialIssuer {
            issuer: entry.issuer,
            name: entry.name,
            keys: entry.keys.iter().map(serde_json::Value::to_string).collect(),
            certificates: certificates.map_err(|_| CliError::Choice(WRONG))?,
        })
    };
    entries.into_iter().map(pinned).collect()
}
