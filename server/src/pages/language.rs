//! Which language a page is in.

use axum::http::{HeaderMap, header};

use super::text::{AR, EN, FR, Text};

/// A language that the pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
    /// Arabic, written from right to left.
    Arabic,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::French, Self::Arabic];

    /// Its BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Arabic => "ar",
        }
    }

    /// `dir` of the page.
    #[must_use]
    pub fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            Self::English | Self::French => "ltr",
        }
    }

    /// Its texts.
    #[must_use]
    pub fn text(self) -> &'static Text {
        match self {
            Self::English => &EN,
            Self::French => &FR,
            Self::Arabic => &AR,
        }
    }

    /// Reads a tag, whatever its region or script: `fr-CA` is French. eSignet's pages use three letters.
    #[must_use]
    pub fn read(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "en" | "eng" => Some(Self::English),
            "fr" | "fra" => Some(Self::French),
            "ar" | "ara" => Some(Self::Arabic),
            _ => None,
        }
    }

    /// The language of a page: one of those asked for (`ui_locales`), else what the browser sends.
    #[must_use]
    pub fn of_browser(offered: &[String], ui_locales: &[String], headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self::choose(offered, ui_locales, accept)
    }

    /// The language of a page: what the relying party asked for (`ui_locales`), else what the browser prefers
    /// (`Accept-Language`, RFC 9110 §12.5.4), else the first one configured; always one of those configured.
    #[must_use]
    pub fn choose(configured: &[String], ui_locales: &[String], accept_language: Option<&str>) -> Self {
        let offered: Vec<Self> = configured.iter().filter_map(|tag| Self::read(tag)).collect();
        let ours = |tag: &str| Self::read(tag).filter(|language| offered.contains(language));
        ui_locales
            .iter()
            .find_map(|tag| ours(tag))
            .or_else(|| preferred(accept_language.unwrap_or_default()).into_iter().find_map(ours))
            .or_else(|| offered.first().copied())
            .unwrap_or(Self::English)
    }
}

/// The tags of an `Accept-Language`, best first; what is malformed is left out.
fn preferred(header: &str) -> Vec<&str> {
    const MOST: usize = 20;
    let mut tags: Vec<(&str, u16)> = header
        .split(',')
        .take(MOST)
        .filter_map(|part| {
            let mut parts = part.trim().split(';');
            let tag = parts.next().map(str::trim).filter(|tag| !tag.is_empty())?;
            let weight = match parts.next() {
                None => 1000,
                Some(weight) => {
                    let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
                    if !(0.0..=1.0).contains(&weight) {
                        return None;
                    }
                    (weight * 1000.0) as u16
                }
            };
            (weight > 0).then_some((tag, weight))
        })
        .collect();
    tags.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    tags.into_iter().map(|(tag, _)| tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(ui_locales: &[&str], accept: Option<&str>) -> Language {
        let configured = ["en", "fr", "ar"].map(String::from);
        let asked: Vec<String> = ui_locales.iter().map(|tag| (*tag).to_owned()).collect();
        Language::choose(&configured, &asked, accept)
    }

    #[test]
    fn what_the_relying_party_asks_for_comes_before_the_browser_before_the_configuration() {
        assert_eq!(choose(&["fr-CA", "en"], Some("ar")), Language::French);
        assert_eq!(choose(&["km"], Some("ar")), Language::Arabic);
        assert_eq!(choose(&[], Some("de, fr;q=0.4, ar;q=0.8")), Language::Arabic);
        assert_eq!(choose(&[], Some("ar;q=0, fr")), Language::French);
        assert_eq!(choose(&[], None), Language::English);
        assert_eq!(choose(&["ara"], None), Language::Arabic);
    }

    #[test]
    fn only_configured_languages_are_shown() {
        let french_only = ["fr".to_owned()];
        assert_eq!(Language::choose(&french_only, &["ar".into()], Some("en")), Language::French);
        assert_eq!(Language::choose(&[], &["ar".into()], None), Language::English);
    }

    #[test]
    fn a_malformed_header_harms_nobody() {
        for header in ["", ",,,", ";q=1", "fr;q=x", "fr;q=NaN", "\u{7f}", &"a,".repeat(5000)] {
            assert_eq!(choose(&[], Some(header)), Language::English, "{header}");
        }
    }
}
