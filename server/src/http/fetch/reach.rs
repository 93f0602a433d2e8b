//! Where this server may go, as far as a URL or an address tells by itself.

use std::net::IpAddr;

use url::{Host, Url};

/// Why a URL is never fetched, as far as it tells by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// It is not `https`.
    Scheme,
    /// It has a user name or a password in it, or no host.
    Form,
    /// Its host is an address that is not public.
    Address,
    /// Its host is this machine, by name (RFC 6761 §6.3).
    Localhost,
}

impl Unreachable {
    /// Why a URL is never fetched, but for the hosts that are `allowed`.
    pub(super) fn of(url: &Url, allowed: &[String]) -> Option<Self> {
        let Some(host) = url.host() else { return Some(Self::Form) };
        if is_allowed(allowed, &host.to_string(), url.port_or_known_default()) {
            return None;
        }
        let inside = match host {
            Host::Domain(name) => is_localhost(name).then_some(Self::Localhost),
            Host::Ipv4(ip) => (!is_public(ip.into())).then_some(Self::Address),
            Host::Ipv6(ip) => (!is_public(ip.into())).then_some(Self::Address),
        };
        if url.scheme() != "https" {
            return Some(Self::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Some(Self::Form);
        }
        inside
    }
}

fn is_allowed(allowed: &[String], host: &str, port: Option<u16>) -> bool {
    let with_port = port.map(|port| format!("{host}:{port}"));
    allowed.iter().any(|entry| entry == host || Some(entry) == with_port.as_ref())
}

/// Whether a name always means the machine that asks, with or without the dot at its end.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether an address is on the public Internet (IANA's special-purpose registries are not).
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.is_documentation()
                || a == 0
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19))
                || a >= 240)
        }
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            if let Some(v4) = ip.to_ipv4_mapped() {
                return is_public(v4.into());
            }
            // Global unicast, less documentation, 6to4 and NAT64, which could lead back inside.
            (0x2000..0x4000).contains(&first)
                && first != 0x2002
                && !(first == 0x2001 && (second == 0xdb8 || second < 0x200))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Case A15: what can be known of a URL before anything is asked, and what the operator allowed.
    #[test]
    fn a15_a_url_tells_by_itself_that_it_is_never_fetched() {
        let of = |allowed: &[&str], url: &str| {
            let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
            Unreachable::of(&Url::parse(url).unwrap(), &allowed)
        };
        for (url, why) in [
            ("https://localhost/", Some(Unreachable::Localhost)),
            ("https://LOCALHOST.:8443/", Some(Unreachable::Localhost)),
            ("https://me.localhost/", Some(Unreachable::Localhost)),
            ("https://localhost.example/", None),
            ("https://notlocalhost/", None),
            ("https://127.0.0.1/", Some(Unreachable::Address)),
            ("https://127.1/", Some(Unreachable::Address)),
            ("https://0x7f000001/", Some(Unreachable::Address)),
            ("https://[::1]/", Some(Unreachable::Address)),
            ("https://[::ffff:192.168.1.1]/", Some(Unreachable::Address)),
            ("https://[fd00::1]/", Some(Unreachable::Address)),
            ("https://10.0.0.1:8443/", Some(Unreachable::Address)),
            ("https://172.31.255.255/", Some(Unreachable::Address)),
            ("https://172.32.0.1/", None),
            ("https://192.168.0.1/", Some(Unreachable::Address)),
            ("https://169.254.169.254/", Some(Unreachable::Address)),
            ("https://8.8.8.8/", None),
            ("http://example.com/", Some(Unreachable::Scheme)),
            ("ftp://example.com/", Some(Unreachable::Scheme)),
            ("https://u:p@example.com/", Some(Unreachable::Form)),
            ("file:///etc/passwd", Some(Unreachable::Form)),
            ("mailto:a@example.com", Some(Unreachable::Form)),
        ] {
            assert_eq!(of(&[], url), why, "{url}");
        }
        for (allowed, url) in [
            ("localhost", "https://localhost/"),
            ("localhost:8080", "http://localhost:8080/"),
            ("127.0.0.1", "https://127.0.0.1:9/"),
            ("[::1]:9", "http://[::1]:9/"),
        ] {
            assert_eq!(of(&[allowed], url), None, "{url}");
            assert!(of(&["other.example"], &url.replace("http:", "https:")).is_some(), "{url}");
        }
    }
}
