//! `client_detail`.

use serde_json::{Map, Value};

use super::super::cli::CliError;
use super::super::csv::{Row, Table};
use super::super::report::{Fate, Report};
use super::super::run::Run;
use crate::clients::adopt::{Adopted, Adoptee};
use crate::clients::requests::{Create, Fields, Keys};
use crate::clients::{AdditionalConfig, NO_LANGUAGE};
use crate::dialect::Mount;
use crate::state::AppState;

/// Columns that every release has; `additional_config` came with 1.6, `enc_public_key` with 1.8.
pub(super) const COLUMNS: [&str; 10] =
    ["id", "name", "rp_id", "logo_uri", "redirect_uris", "claims", "acr_values", "public_key", "grant_types", "status"];
const TABLE: &str = "client_detail";

/// Registers the clients of the table, all in one transaction.
pub(super) async fn import(
    state: &AppState,
    table: &Table,
    id_token_alg: Option<&str>,
    run: Run,
    report: &mut Report,
) -> Result<(), CliError> {
    let mut checked = Vec::new();
    for row in table.rows() {
        let which = format!("line {} ({})", row.line, row.text("id"));
        match check(state, row, id_token_alg) {
            Ok(client) => checked.push((which, client)),
            Err(why) => report.note(TABLE, &which, Fate::Refused, &why),
        }
    }
    let outcomes = run
        .write(state, move |tx| {
            Box::pin(async move {
                let mut outcomes = Vec::with_capacity(checked.len());
                for (which, client) in checked {
                    outcomes.push((which, client.register(tx).await?));
                }
                Ok(outcomes)
            })
        })
        .await?;
    for (which, outcome) in outcomes {
        let (fate, why) = match outcome {
            Adopted::Added => (Fate::Added, String::new()),
            Adopted::Present => (Fate::Present, String::new()),
            Adopted::Differs => (
                Fate::Refused,
                "a client of this id is registered otherwise on the eSignet mount, and was left as it is".into(),
            ),
            Adopted::Refused(error) => (Fate::Refused, error.to_string()),
        };
        report.note(TABLE, &which, fate, &why);
    }
    Ok(())
}

/// Reads a row by the rules of client management; else a sentence that says what is wrong.
fn check(state: &AppState, row: Row<'_>, id_token_alg: Option<&str>) -> Result<Adoptee, String> {
    let active = match row.text("status").to_ascii_uppercase().as_str() {
        "ACTIVE" => true,
        "INACTIVE" => false,
        _ => return Err("status is neither ACTIVE nor INACTIVE".into()),
    };
    let request = request(row, id_token_alg)?;
    let patterns = |uri: &String| uri.contains(['*', '?', '{']);
    let uris = request.fields.redirect_uris.iter().flatten();
    if let Some(pattern) = uris.clone().find(|uri| patterns(uri) && !url_has_query(uri)) {
        return Err(format!("redirect_uris: {pattern} is a pattern; here each redirect URI is compared byte for byte"));
    }
    Adoptee::check(state, Mount::ESignet, &request, active).map_err(|error| error.to_string())
}

/// Whether the `?` of a URI begins its query rather than standing for a character.
fn url_has_query(uri: &str) -> bool {
    !uri.contains(['*', '{']) && uri.split_once('?').is_some_and(|(_, query)| query.contains('='))
}

fn request(row: Row<'_>, id_token_alg: Option<&str>) -> Result<Create, String> {
    let (name, names) = names(row.text("name"))?;
    Ok(Create {
        client_id: row.get("id").map(str::to_owned),
        relying_party_id: row.get("rp_id").map(str::to_owned),
        keys: Keys { public_key: object(row, "public_key")?, ..Keys::default() },
        fields: Fields {
            client_name: Some(name),
            client_name_lang_map: Some(names),
            user_claims: list(row, "claims")?,
            auth_context_refs: list(row, "acr_values")?,
            logo_uri: row.get("logo_uri").map(str::to_owned),
            redirect_uris: list(row, "redirect_uris")?,
            grant_types: list(row, "grant_types")?,
            client_auth_methods: list(row, "auth_methods")?,
            additional_config: switches(row)?,
            id_token_signed_response_alg: id_token_alg.map(str::to_owned),
            enc_public_key: object(row, "enc_public_key")?.map(Some),
            ..Fields::default()
        },
    })
}

/// A JSON map of names by language with `@none`, or (eSignet before 1.2, and its oldest endpoint) the name itself.
fn names(text: &str) -> Result<(String, std::collections::BTreeMap<String, String>), String> {
    if !text.trim_start().starts_with('{') {
        return Ok((text.to_owned(), std::collections::BTreeMap::new()));
    }
    let mut names: std::collections::BTreeMap<String, String> =
        serde_json::from_str(text).map_err(|_| "name is not a map of names by language".to_owned())?;
    let name = names.remove(NO_LANGUAGE).or_else(|| names.values().next().cloned());
    Ok((name.ok_or("name is empty")?, names))
}

fn object(row: Row<'_>, column: &str) -> Result<Option<Map<String, Value>>, String> {
    let text = row.get(column).filter(|text| !text.trim().is_empty() && *text != "null");
    text.map(serde_json::from_str).transpose().map_err(|_| format!("{column} is not a JSON object"))
}

/// A JSON list; `null`s in it are dropped, as eSignet does.
fn list(row: Row<'_>, column: &str) -> Result<Option<Vec<String>>, String> {
    let text = row.get(column).filter(|text| !text.trim().is_empty());
    let list: Option<Vec<Option<String>>> =
        text.map(serde_json::from_str).transpose().map_err(|_| format!("{column} is not a JSON list of texts"))?;
    Ok(list.map(|list| list.into_iter().flatten().collect()))
}

/// `additional_config`; one that is not honoured is named.
fn switches(row: Row<'_>) -> Result<Option<Map<String, Value>>, String> {
    let switches = object(row, "additional_config")?.map(|mut switches: Map<String, Value>| {
        // What was never set is what it is by default.
        switches.retain(|_, value| !value.is_null());
        switches
    });
    if let Some(switches) = &switches {
        AdditionalConfig::read(switches).map_err(|error| error.to_string())?;
    }
    Ok(switches)
}
