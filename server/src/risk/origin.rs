//! Where a request comes from, as far as the server sees it.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use serde::{Deserialize, Serialize};

use super::known_browser::{self, Visitor};
use super::sources;
use crate::http::client_address::client_address;
use crate::state::AppState;

/// Address, and the browser by its cookie. Kept with a login only, sealed; its `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The client's address; absent where the server does not know it.
    pub address: Option<IpAddr>,
    /// Which browser it is, where it has been known to anybody.
    pub visitor: Option<Visitor>,
    /// Whether its network had begun very many logins when this one began.
    pub crowded: bool,
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Origin")
    }
}

impl Origin {
    /// Of a request.
    #[must_use]
    pub fn of(state: &AppState, extensions: &Extensions, headers: &HeaderMap) -> Self {
        let address = client_address(extensions, headers, &state.config.trusted_proxies);
        Self { address, visitor: known_browser::shown(state, headers), crowded: false }
    }

    /// The same, where a login begins with it: counted among those of its network.
    #[must_use]
    pub fn begins(self, state: &AppState) -> Self {
        Self { crowded: sources::begun(state, self.address), ..self }
    }
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(state, &parts.extensions, &parts.headers))
    }
}
