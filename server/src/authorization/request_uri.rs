//! Request objects by reference (OpenID Connect Core §6.2): fetched from where the client registered that they lie, and
//! from nowhere else (A15).

use url::Url;

use super::checks::Fault;
use super::request_object::LONGEST;
use crate::clients::Client;
use crate::error::Code;
use crate::state::AppState;

/// Longest address, in bytes (OpenID Connect Core §6.2).
const LONGEST_URI: usize = 512;

pub(super) fn fault(description: &'static str) -> Fault {
    Fault::named(Code::InvalidRequest, "invalid_request_uri", description)
}

/// Fetches a request object.
///
/// # Errors
/// [`Fault`] `invalid_request_uri`, for a page.
pub(super) async fn fetch(state: &AppState, client: &Client, uri: &str) -> Result<String, Fault> {
    let registered = client.request_uris.iter().any(|registered| bare(registered) == bare(uri));
    if uri.len() > LONGEST_URI || !registered {
        return Err(fault("request_uri is not one that is registered for the client"));
    }
    let url = Url::parse(bare(uri)).map_err(|_| fault("request_uri cannot be read"))?;
    let bytes = state.fetch.get(&url, LONGEST).await.map_err(|error| {
        tracing::debug!(%error, client = %client.id, "a request object cannot be had");
        fault("the request object cannot be had from request_uri")
    })?;
    let text = String::from_utf8(bytes).map_err(|_| fault("what lies at request_uri is no request object"))?;
    Ok(text.trim().to_owned())
}

/// Without the fragment, which only tells caches that the content is another one.
fn bare(uri: &str) -> &str {
    uri.split_once('#').map_or(uri, |(bare, _)| bare)
}
