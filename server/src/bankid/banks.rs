//! `GET /api/v1/banks`: the banks of the configuration, so that a relying party can draw them itself (BID-END-11). This
//! server is the one identity provider behind all of them: `bank_id` of an authorization request picks nothing.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::claims::refusal_of;
use super::refusal::Refusal;
use crate::access::bearer;
use crate::clients;
use crate::config::{Bank, BankLogo, BankService};
use crate::dialect::Mount;
use crate::grants;
use crate::state::AppState;

/// Query parameters, for the API document.
#[derive(Deserialize, JsonSchema)]
pub struct BanksQuery {
    /// Only banks that are listed for this client.
    pub client_id: Option<String>,
}

/// The list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BankList {
    /// In the order of the configuration.
    items: Vec<Item>,
}

/// One bank.
#[derive(Debug, Serialize, JsonSchema)]
struct Item {
    /// Its name for machines.
    id: String,
    /// Its name for people.
    title: String,
    /// A sentence about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Its logo, in one or several sizes.
    available_logo_images: Vec<BankLogo>,
    /// What it offers.
    available_services: Vec<BankService>,
}

impl From<&Bank> for Item {
    fn from(bank: &Bank) -> Self {
        Self {
            id: bank.id.clone(),
            title: bank.title.clone(),
            description: bank.description.clone(),
            available_logo_images: bank.available_logo_images.clone(),
            available_services: bank.available_services.clone(),
        }
    }
}

/// The list, for whoever has an access token of this issuer.
pub async fn get(
    State(state): State<AppState>,
    mount: Mount,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = admitted(&state, mount, &headers).await {
        return refusal_of(&state, &headers, refused).await.into_response();
    }
    let query = query.unwrap_or_default();
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "client_id");
    let asked = asked.map(|(_, client)| client).filter(|client| !client.is_empty());
    let listed = |bank: &&Bank| {
        asked.as_deref().is_none_or(|asked| bank.clients.is_empty() || bank.clients.iter().any(|one| one == asked))
    };
    let items = state.config.bankid.banks.iter().filter(listed).map(Item::from).collect();
    ([(header::CACHE_CONTROL, "no-store")], Json(BankList { items })).into_response()
}

async fn admitted(state: &AppState, mount: Mount, headers: &HeaderMap) -> Result<(), Refusal> {
    let token = bearer(headers).ok_or(Refusal::Unauthorized)?;
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "an access token could not be looked up");
        Refusal::Unavailable
    };
    let found = grants::access_token(state, token).await.map_err(|error| failed(&error))?;
    let token = found.filter(|token| token.mount == mount).ok_or(Refusal::Unauthorized)?;
    let client = clients::find(state, mount, &token.client_id).await.map_err(|error| failed(&error))?;
    client.map(|_| ()).ok_or(Refusal::Unauthorized)
}
