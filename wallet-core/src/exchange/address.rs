//! Which addresses the wallet speaks to.

use super::ExchangeError;
use url::{Host, Url};

/// Whether plain `http` to the own machine is allowed: for tests and demos, never in a shipped app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopbackHttp {
    Allowed,
    Refused,
}

/// Reads an address and holds it against the rule: `https`, or `http` to loopback where allowed; a
/// host, no user, no query, no fragment.
pub(crate) fn checked(text: &str, loopback: LoopbackHttp) -> Result<Url, ExchangeError> {
    let url = Url::parse(text).map_err(|_| ExchangeError::InsecureAddress)?;
    let scheme_holds = match url.scheme() {
        "https" => true,
        "http" => loopback == LoopbackHttp::Allowed && is_loopback(&url),
        _ => false,
    };
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if scheme_holds && bare && url.has_host() { Ok(url) } else { Err(ExchangeError::InsecureAddress) }
}

/// The origin (RFC 6454 §6.2) of an address, e.g. `https://id.example`: names a server.
pub(crate) fn origin(text: &str, loopback: LoopbackHttp) -> Result<String, ExchangeError> {
    Ok(checked(text, loopback)?.origin().ascii_serialization())
}

/// The address without a slash at its end, so that paths can be put behind it.
pub(crate) fn base(text: &str, loopback: LoopbackHttp) -> Result<String, ExchangeError> {
    checked(text, loopback).map(|_| text.trim_end_matches('/').to_owned())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_allowed_loopback_pass() {
        for good in ["https://id.example", "https://id.example:8443/v1/esignet"] {
            assert!(checked(good, LoopbackHttp::Refused).is_ok(), "{good}");
        }
        for local in ["http://127.0.0.1:8080", "http://[::1]:1/op", "http://localhost:1"] {
            assert!(checked(local, LoopbackHttp::Allowed).is_ok(), "{local}");
            assert!(checked(local, LoopbackHttp::Refused).is_err(), "{local}");
        }
        for bad in [
            "http://id.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "https://id.example@evil.example",
            "https://id.example?x",
            "https://id.example#x",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "id.example",
            "",
        ] {
            assert!(checked(bad, LoopbackHttp::Allowed).is_err(), "{bad}");
        }
        assert_eq!(origin("https://id.example:443/op/", LoopbackHttp::Refused).unwrap(), "https://id.example");
        assert_eq!(
            base("https://id.example/v1/esignet/", LoopbackHttp::Refused).unwrap(),
            "https://id.example/v1/esignet"
        );
    }
}
