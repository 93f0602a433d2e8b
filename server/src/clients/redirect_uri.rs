//! Redirect URIs: what may be registered, and when one that is asked for is a registered one.
//!
//! Exact match, byte for byte (RFC 9700 §2.1); eSignet's wildcards are not honoured. The one exception is RFC 8252
//! §7.3: a native application on a loopback address listens where it finds a free port.

use url::Url;

/// Longest redirect URI that is registered.
const LONGEST: usize = 2048;
/// Loopback addresses as literals; the name `localhost` may be resolved to elsewhere (RFC 8252 §8.3).
const LOOPBACK: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];
/// Schemes that run or show what they hold instead of going somewhere.
const UNSAFE_SCHEMES: [&str; 10] =
    ["javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source", "ws", "wss"];
/// What a browser drops, changes or ends a URL at, and eSignet's wildcard.
const NEVER: &[u8] = br#"\<>"`^{|}*#"#;

/// Whether a redirect URI may be registered. `plain_http` allows `http` beyond loopback, for development.
///
/// Web: `https`. Native: a private-use scheme (RFC 8252 §7.1), or `http` on a loopback address. Never a fragment, a
/// wildcard, a user name, dot segments, or anything that a browser reads differently than it is written.
#[must_use]
pub fn may_register(uri: &str, plain_http: bool) -> bool {
    let plain = uri.len() <= LONGEST
        && uri.bytes().all(|byte| byte.is_ascii_graphic() && !NEVER.contains(&byte))
        && !has_dot_segments(uri);
    let Ok(url) = Url::parse(uri) else { return false };
    let goes_somewhere = match url.scheme() {
        "https" => uri.starts_with("https://"),
        "http" => uri.starts_with("http://") && (plain_http || is_loopback(uri)),
        scheme => !UNSAFE_SCHEMES.contains(&scheme) && uri.len() > scheme.len() + 1,
    };
    plain && goes_somewhere && url.username().is_empty() && url.password().is_none()
}

/// Whether the redirect URI of a request is the registered one: the same bytes, or, where the registered one is `http`
/// on a loopback address, the same bytes but for the port.
#[must_use]
pub fn redirect_uri_matches(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    LOOPBACK.iter().any(|host| match (after_port(registered, host), after_port(asked, host)) {
        (Some(registered), Some(asked)) => registered == asked,
        _ => false,
    })
}

/// What follows host and port of a loopback URI; `None` for other URIs and for ports that are none.
fn after_port<'a>(uri: &'a str, host: &str) -> Option<&'a str> {
    let rest = uri.strip_prefix(host)?;
    let rest = match rest.strip_prefix(':') {
        None => rest,
        Some(from_port) => {
            let end = from_port.find(|c: char| !c.is_ascii_digit()).unwrap_or(from_port.len());
            let (port, rest) = from_port.split_at(end);
            let canonical = !port.starts_with('0') && port.parse::<u16>().is_ok();
            canonical.then_some(rest)?
        }
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
}

/// Whether a URI is `http` on a loopback address.
#[must_use]
pub fn is_loopback(uri: &str) -> bool {
    LOOPBACK.iter().any(|host| after_port(uri, host).is_some())
}

/// `.` and `..` as path segments, also percent-encoded: browsers resolve them before they go anywhere.
fn has_dot_segments(uri: &str) -> bool {
    let path = uri.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WEB: &str = "https://rp.test/cb";

    #[test]
    fn a1_what_is_not_registered_does_not_match() {
        assert!(redirect_uri_matches(WEB, WEB));
        assert!(!redirect_uri_matches(WEB, "https://other.test/cb"));
        assert!(!redirect_uri_matches(WEB, ""));
        assert!(!redirect_uri_matches("", WEB));
    }

    #[test]
    fn a2_near_misses_do_not_match() {
        for asked in [
            "https://rp.test/CB",
            "https://rp.test/cb/",
            "https://rp.test/cb?x=1",
            "https://rp.test/cb#f",
            "https://rp.test:443/cb",
            "https://rp.test:8443/cb",
            "http://rp.test/cb",
            "https://RP.test/cb",
            "HTTPS://rp.test/cb",
            "https://rp.test//cb",
            "https://rp.test/cb ",
            "https://rp.test/%63b",
        ] {
            assert!(!redirect_uri_matches(WEB, asked), "{asked}");
        }
    }

    #[test]
    fn a3_tricks_of_hosts_paths_and_encodings_do_not_match() {
        for asked in [
            "https://rp.test@evil.test/cb",
            "https://rp.test.evil.test/cb",
            "https://rp.test/cb/../x",
            "https://rp.test/%2e%2e%2fcb",
            "https://rp.test\\@evil.test/cb",
            "https:\\\\rp.test\\cb",
            "https://rp.test/c\tb",
            "https://rp.test/cb\r\n",
            "\nhttps://rp.test/cb",
            "https://rp.test/cb\0",
        ] {
            assert!(!redirect_uri_matches(WEB, asked), "{asked:?}");
        }
    }

    #[test]
    fn a4_a_native_client_may_choose_its_port_and_nothing_else() {
        for (registered, asked, expected) in [
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", true),
            ("http://127.0.0.1:8000/cb", "http://127.0.0.1:49152/cb", true),
            ("http://127.0.0.1:8000/cb", "http://127.0.0.1/cb", true),
            ("http://[::1]/cb", "http://[::1]:49152/cb", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/other", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb?x=1", false),
            ("http://127.0.0.1/cb", "http://localhost:49152/cb", false),
            ("http://127.0.0.1/cb", "http://[::1]:49152/cb", false),
            ("http://127.0.0.1/cb", "https://127.0.0.1:49152/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:080/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.test/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1.evil.test/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.2:49152/cb", false),
            ("http://localhost/cb", "http://localhost:49152/cb", false),
            ("https://127.0.0.1/cb", "https://127.0.0.1:49152/cb", false),
            ("http://127.0.0.1.evil.test/cb", "http://127.0.0.1.evil.test:1/cb", false),
        ] {
            assert_eq!(redirect_uri_matches(registered, asked), expected, "{registered} {asked}");
        }
    }

    #[test]
    fn a5_two_uris_in_one_do_not_match() {
        assert!(!redirect_uri_matches(WEB, "https://rp.test/cb,https://rp.test/cb"));
        assert!(!redirect_uri_matches(WEB, "https://rp.test/cb https://rp.test/cb"));
    }

    #[test]
    fn what_may_be_registered() {
        for (uri, in_production, in_development) in [
            ("https://rp.test/cb", true, true),
            ("https://rp.test", true, true),
            ("https://rp.test/cb?tenant=1", true, true),
            ("http://127.0.0.1/cb", true, true),
            ("http://[::1]:3000/cb", true, true),
            ("org.example.app:/cb", true, true),
            ("org.example.app://cb", true, true),
            ("http://rp.test/cb", false, true),
            ("http://127.1/cb", false, true),
            ("http://localhost:3000/cb", false, true),
            ("https://rp.test/*", false, false),
            ("https://rp.test/cb#", false, false),
            ("https://rp.test/cb#f", false, false),
            ("https://user@rp.test/cb", false, false),
            ("https://user:password@rp.test/cb", false, false),
            ("https://rp.test/a/../cb", false, false),
            ("https://rp.test/a/%2E%2e/cb", false, false),
            ("https://rp.test\\@evil.test/cb", false, false),
            ("https://rp.test/c\tb", false, false),
            ("https://rp.test/cb\r\n", false, false),
            ("https:/rp.test/cb", false, false),
            ("https://", false, false),
            ("https://rp.test/ü", false, false),
            ("javascript:alert(1)", false, false),
            ("JavaScript:alert(1)", false, false),
            ("data:text/html,x", false, false),
            ("file:///etc/passwd", false, false),
            ("org.example.app:", false, false),
            ("/cb", false, false),
            ("", false, false),
        ] {
            assert_eq!(may_register(uri, false), in_production, "{uri}");
            assert_eq!(may_register(uri, true), in_development, "{uri}");
        }
        assert!(!may_register(&format!("https://rp.test/{}", "a".repeat(LONGEST)), true));
    }

    proptest! {
        /// Whatever is asked: a match goes to the registered host and path (RFC 9700 §2.1).
        #[test]
        fn only_the_same_bytes_match_a_web_uri(asked in "(https://rp\\.test)?[ -~]{0,20}") {
            prop_assert_eq!(redirect_uri_matches(WEB, &asked), asked == WEB);
        }

        #[test]
        fn a_loopback_match_stays_on_the_loopback_and_on_the_path(asked in "http://127\\.0\\.0\\.1[:@./a-z0-9?#]{0,12}") {
            if redirect_uri_matches("http://127.0.0.1/cb", &asked) {
                let url = Url::parse(&asked).unwrap();
                prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
                prop_assert_eq!((url.path(), url.query(), url.fragment()), ("/cb", None, None));
                prop_assert!(url.username().is_empty());
            }
        }

        #[test]
        fn every_port_matches(port in 1u16..) {
            let asked = format!("http://127.0.0.1:{port}/cb");
            prop_assert!(redirect_uri_matches("http://127.0.0.1/cb", &asked));
        }

        #[test]
        fn what_may_be_registered_matches_itself(uri in "[ -~]{0,40}") {
            if may_register(&uri, true) {
                prop_assert!(redirect_uri_matches(&uri, &uri));
                prop_assert!(!uri.contains('*') && !uri.contains('#'));
            }
        }
    }
}
