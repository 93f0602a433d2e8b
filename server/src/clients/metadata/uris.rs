//! URIs in metadata.

use url::Url;

use super::super::redirect_uri::{is_loopback, may_register};
use super::super::registration::ApplicationType;
use super::NotMetadata;
use crate::http::fetch::Fetch;

/// Longest URI taken, in bytes.
const LONGEST: usize = 2048;

/// Holds a redirect URI against where the client runs (OpenID Connect Registration §2, RFC 8252 §7): the web is `https`,
/// a native application has a scheme of its own, a loopback address, or an `https` URI that its platform gives to it.
pub(super) fn redirect_uri(uri: &str, kind: ApplicationType, plain_http: bool) -> Result<(), NotMetadata> {
    if !may_register(uri, plain_http) {
        return Err(NotMetadata::redirect_uri(
            "absolute URIs without fragment, wildcard or user name; https beyond the person's own device",
        ));
    }
    let web = uri.starts_with("https://") || (plain_http && uri.starts_with("http://"));
    let fits = match kind {
        ApplicationType::Web => web,
        ApplicationType::Native => uri.starts_with("https://") || !uri.starts_with("http://") || is_loopback(uri),
    };
    let why = match kind {
        ApplicationType::Web => "clients of application_type web have https URIs",
        ApplicationType::Native => "native clients have a scheme of their own, https, or http on 127.0.0.1 or [::1]",
    };
    if fits { Ok(()) } else { Err(NotMetadata::redirect_uri(why)) }
}

/// A page for people: `http` or `https`, nothing else that a browser might run.
pub(super) fn page(member: &'static str, uri: &str) -> Result<String, NotMetadata> {
    const WHY: &str = "an http or https URI of at most 2048 bytes";
    let url = Url::parse(uri).map_err(|_| NotMetadata::of(member, WHY))?;
    let fits = uri.len() <= LONGEST && matches!(url.scheme(), "http" | "https") && url.username().is_empty();
    if fits { Ok(uri.to_owned()) } else { Err(NotMetadata::of(member, WHY)) }
}

/// Somewhere this server is to fetch from or post to: `https` to a public host, without fragment.
pub(super) fn reachable(member: &'static str, uri: &str, fetch: &Fetch) -> Result<Url, NotMetadata> {
    let url = Url::parse(uri).ok().filter(|url| uri.len() <= LONGEST && url.fragment().is_none());
    let url = url.filter(|url| fetch.may_reach(url));
    url.ok_or(NotMetadata::of(member, "an https URI of a public host, without fragment, of at most 2048 bytes"))
}

/// Somewhere request objects are fetched from. A fragment is allowed: it is the hash of what lies there (OpenID Connect
/// Core §6.2).
pub(super) fn request_uri(uri: &str, fetch: &Fetch) -> Result<String, NotMetadata> {
    let mut url = Url::parse(uri).ok().filter(|_| uri.len() <= LONGEST);
    if let Some(url) = &mut url {
        url.set_fragment(None);
    }
    let url = url.filter(|url| fetch.may_reach(url));
    url.map(|_| uri.to_owned()).ok_or(NotMetadata::of("request_uris", "https URIs of public hosts"))
}

/// `https`, for a browser to go to.
pub(super) fn web(member: &'static str, uri: &str, plain_http: bool) -> Result<Url, NotMetadata> {
    let url = Url::parse(uri).ok().filter(|_| uri.len() <= LONGEST);
    let url = url.filter(|url| url.scheme() == "https" || plain_http && url.scheme() == "http");
    url.filter(|url| url.username().is_empty()).ok_or(NotMetadata::of(member, "an https URI of at most 2048 bytes"))
}
