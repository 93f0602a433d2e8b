//! With whom a client shares what it knows persons by (OpenID Connect Core §8.1).

use std::collections::BTreeSet;

use url::{Host, Url};

use super::super::registration::{Registration, SubjectType};
use super::NotMetadata;
use crate::http::fetch::Fetch;

/// Bytes of a list of redirect URIs at most.
const MOST_BYTES: usize = 64 * 1024;

/// The sector of a client that names no relying party: the host of its `sector_identifier_uri`, whose list must hold every
/// one of its redirect URIs, else the one host of its redirect URIs. `None` where they have no host that is its alone (a
/// scheme of its own, a loopback address): then it shares with nobody. Nor does a client over several hosts that did not say
/// which kind of subject it wants; one that `asked` for pairwise subjects has to name its sector.
///
/// # Errors
/// [`NotMetadata`] where the list cannot be had or lacks a URI, and for pairwise subjects, asked for, over several hosts
/// without one.
pub(in super::super) async fn sector(
    fetch: &Fetch,
    registration: &Registration,
    asked: bool,
) -> Result<Option<String>, NotMetadata> {
    if let Some(uri) = &registration.sector_identifier_uri {
        listed(fetch, uri, &registration.redirect_uris).await?;
        return Ok(uri.host_str().map(str::to_owned));
    }
    let hosts: BTreeSet<Option<String>> = registration.redirect_uris.iter().map(|uri| own_host(uri)).collect();
    let mut hosts = hosts.into_iter();
    let pairwise = asked && registration.subject_type == SubjectType::Pairwise;
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => Ok(host),
        (Some(_), Some(_)) if pairwise => {
            Err(NotMetadata::of("sector_identifier_uri", "needed where redirect URIs are on several hosts"))
        }
        _ => Ok(None),
    }
}

/// The host of a URI, where it is one that belongs to somebody.
fn own_host(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    match url.host()? {
        Host::Domain("localhost") => None,
        Host::Domain(name) => Some(name.to_owned()),
        Host::Ipv4(ip) => (!ip.is_loopback()).then(|| ip.to_string()),
        Host::Ipv6(ip) => (!ip.is_loopback()).then(|| ip.to_string()),
    }
}

async fn listed(fetch: &Fetch, uri: &Url, redirect_uris: &[String]) -> Result<(), NotMetadata> {
    const MEMBER: &str = "sector_identifier_uri";
    let bytes = fetch.get(uri, MOST_BYTES).await;
    let bytes = bytes.map_err(|_| NotMetadata::of(MEMBER, "it could not be fetched"))?;
    let list: Vec<String> = serde_json::from_slice(&bytes)
        .map_err(|_| NotMetadata::of(MEMBER, "a JSON array of redirect URIs must be there"))?;
    let all = redirect_uris.iter().all(|uri| list.contains(uri));
    if all { Ok(()) } else { Err(NotMetadata::of(MEMBER, "its list lacks one of redirect_uris")) }
}
