//! `configs`: what pages and wallets are told about this server and client (facts §2.2).

use protocol::linked::Configs;
use serde_json::{Map, Value, json};
use url::form_urlencoded::byte_serialize;

use crate::clients::Client;
use crate::factors;
use crate::state::AppState;

/// Seconds before a code's end at which a page shows the next one; at most half of the code's life.
const QR_BUFFER: u32 = 10;
/// Seconds before its end at which the consent page stops counting on an answer.
const CONSENT_BUFFER: u32 = 5;

/// The map for one client. The deep link names the issuer; the page fills in code and time.
#[must_use]
pub fn configs(state: &AppState, client: &Client) -> Configs {
    let lifetimes = &state.config.lifetimes;
    let channels: Vec<&str> =
        factors::channels(&state.config.otp.delivery).iter().map(|channel| channel.name()).collect();
    let mut other = Map::new();
    let mut put = |name: &str, value: Value| other.insert(name.into(), value);
    put("linked-transaction-expire-in-secs", (lifetimes.linked + lifetimes.authenticated).into());
    put("wallet.qr-code-buffer-in-secs", QR_BUFFER.min(lifetimes.link_code / 2).into());
    put("preauth-screen-timeout-in-secs", lifetimes.transaction.into());
    put("consent.screen.timeout-in-secs", lifetimes.authenticated.into());
    put("consent.screen.timeout-buffer-in-secs", CONSENT_BUFFER.into());
    put("send.otp.channels", channels.join(",").into());
    put("otp.length", state.config.otp.digits.into());
    put("wallet.config", json!([wallet(state, client)]));
    put("clientAdditionalConfig", json!(client.registration.additional));
    Configs { tessera: None, other }
}

fn wallet(state: &AppState, client: &Client) -> Value {
    let wallet = &state.config.wallet;
    let issuer: String = byte_serialize(state.issuer(client.mount).as_bytes()).collect();
    json!({
        "wallet.name": wallet.name,
        "wallet.logo-url": wallet.logo_url,
        "wallet.download-uri": wallet.download_url,
        "wallet.deep-link-uri": wallet.deep_link.replace("ISSUER", &issuer),
    })
}
