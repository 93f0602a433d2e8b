//! What kind of browser shows a link code, in two words, for the citizen to compare with the screen in front of them.
//! A hint that anyone can forge: the wallet shows it as such. Never the whole `User-Agent`, which tells too much.

use axum::http::{HeaderMap, HeaderValue, header};

const ENGINES: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 6] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

macro_rules! kinds {
    ($($engine:literal),*) => {
        &[$(
            ($engine, [
                concat!($engine, " on Windows"), concat!($engine, " on Android"), concat!($engine, " on iOS"),
                concat!($engine, " on iPadOS"), concat!($engine, " on macOS"), concat!($engine, " on Linux"), $engine,
            ]),
        )*]
    };
}

/// Every text that can be told: there is no other.
const KINDS: &[(&str, [&str; 7])] = kinds!("Edge", "Opera", "Firefox", "Chrome", "Safari");

/// `Firefox on Linux`, `Chrome`; `None` for what is not known.
#[must_use]
pub fn browser_kind(headers: &HeaderMap) -> Option<&'static str> {
    let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let engine = ENGINES.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)?;
    let system = SYSTEMS.iter().position(|(mark, _)| agent.contains(mark)).unwrap_or(SYSTEMS.len());
    KINDS.iter().find(|(name, _)| *name == engine).map(|(_, told)| told[system])
}

/// Whether a page is shown on a phone, where the wallet is likely to be too: by the client hint `Sec-CH-UA-Mobile`
/// (UA Client Hints §3.4) where a browser sends it, else by what it calls itself. A wrong guess costs a tap: both ways
/// are offered, where the client's policy has both.
#[must_use]
pub fn is_phone(headers: &HeaderMap) -> bool {
    match headers.get("sec-ch-ua-mobile").map(HeaderValue::as_bytes) {
        Some(b"?1") => return true,
        Some(b"?0") => return false,
        _ => {}
    }
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ["Mobile", "iPhone", "iPod"].iter().any(|mark| agent.contains(mark)) && !agent.contains("iPad")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(agent: &'static str) -> Option<&'static str> {
        browser_kind(&HeaderMap::from_iter([(header::USER_AGENT, agent.parse().unwrap())]))
    }

    #[test]
    fn a_phone_is_known_by_its_hint_or_its_name() {
        let of = |headers: &[(&'static str, &'static str)]| {
            let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            is_phone(&HeaderMap::from_iter(pairs))
        };
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1 Mobile Safari/604.1";
        let chrome = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/144.0.0.0 Mobile Safari/537.36";
        let desktop = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/144.0.0.0 Safari/537.36";
        assert!(of(&[("user-agent", safari)]) && of(&[("user-agent", chrome)]));
        assert!(!of(&[("user-agent", desktop)]) && !of(&[]));
        // The hint decides: "request the desktop site" turns it off.
        assert!(!of(&[("user-agent", chrome), ("sec-ch-ua-mobile", "?0")]));
        assert!(of(&[("user-agent", desktop), ("sec-ch-ua-mobile", "?1")]));
    }

    #[test]
    fn tells_two_words_and_nothing_else() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36";
        assert_eq!(kind(chrome), Some("Chrome on Linux"));
        let safari =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605 Version/19.1 Mobile Safari/604.1";
        assert_eq!(kind(safari), Some("Safari on iOS"));
        assert_eq!(
            kind("Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0"),
            Some("Firefox on Windows")
        );
        assert_eq!(kind("curl/8.5.0"), None);
        assert_eq!(browser_kind(&HeaderMap::new()), None);
        for (_, system) in SYSTEMS {
            assert!(KINDS[0].1.contains(&format!("Edge on {system}").as_str()));
        }
    }
}
