//! What kind of browser shows a link code, in two words, for the citizen to compare with the screen in front of them.
//! A hint that anyone can forge: the wallet shows it as such. Never the whole `User-Agent`, which tells too much.

use axum::http::{HeaderMap, header};

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

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(agent: &'static str) -> Option<&'static str> {
        browser_kind(&HeaderMap::from_iter([(header::USER_AGENT, agent.parse().unwrap())]))
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
