//! The deep link in the QR code: `<scheme>://wla-auth?linkCode=…&linkExpireDateTime=…&iss=…`.
//!
//! Scheme, host and path are the server's configuration and say nothing; three query parameters count. `iss` names
//! the server's issuer, which the wallet compares with those it is bound to and **never fetches** when unknown; it is
//! absent in links of eSignet 1.x, whose server the app chooses.

use url::Url;
use url::form_urlencoded;

use crate::timestamp::Timestamp;

/// Longest link taken, in bytes.
pub const MAX_LINK_BYTES: usize = 2048;
/// Longest link code taken, in characters: ours have 64, with a frame's slot and tag about 100; eSignet's have 15.
pub const MAX_CODE_CHARS: usize = 256;
/// Longest issuer taken, in bytes.
pub const MAX_ISSUER_BYTES: usize = 512;

/// Why a text is not a link. Holds nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Longer than [`MAX_LINK_BYTES`].
    #[error("link too long")]
    TooLong,
    /// Not a URI, or the prefix given to build from is none.
    #[error("not a link")]
    NotALink,
    /// A URI without `linkCode`: some other QR code.
    #[error("not a login link")]
    NoLinkCode,
    /// A parameter given twice.
    #[error("parameter given twice")]
    Repeated,
    /// `linkCode` is empty, too long, or holds other characters than letters, digits and `-._~`.
    #[error("malformed link code")]
    MalformedCode,
    /// `linkExpireDateTime` is not a UTC time with milliseconds.
    #[error("malformed expiry")]
    MalformedExpiry,
    /// `iss` is not an http(s) URL without user, query and fragment.
    #[error("malformed issuer")]
    MalformedIssuer,
}

/// What a link says.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// The link code, or a frame of it.
    pub code: String,
    /// When the code expires, if told.
    pub expires: Option<Timestamp>,
    /// The issuer that showed the code, if told, exactly as written.
    pub issuer: Option<String>,
}

crate::redact::redacted_debug!(Link);

impl Link {
    /// Reads a link as scanned or opened. Surrounding white space is ignored, unknown parameters too.
    ///
    /// # Errors
    /// A [`LinkError`].
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        if text.len() > MAX_LINK_BYTES {
            return Err(LinkError::TooLong);
        }
        let uri = Url::parse(text).map_err(|_| LinkError::NotALink)?;
        let (mut code, mut expires, mut issuer) = (None, None, None);
        for (name, value) in uri.query_pairs() {
            let slot = match name.as_ref() {
                "linkCode" => &mut code,
                "linkExpireDateTime" => &mut expires,
                "iss" => &mut issuer,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(LinkError::Repeated);
            }
        }
        let link = Self {
            code: code.ok_or(LinkError::NoLinkCode)?,
            expires: expires.map(|at| at.parse().map_err(|_| LinkError::MalformedExpiry)).transpose()?,
            issuer,
        };
        link.check()?;
        Ok(link)
    }

    /// Writes the link behind `prefix`, for example `tessera://wla-auth`; a prefix that has a query already is
    /// continued.
    ///
    /// # Errors
    /// A [`LinkError`] where a part is malformed or the whole too long.
    pub fn to_uri(&self, prefix: &str) -> Result<String, LinkError> {
        self.check()?;
        if prefix.contains('#') || Url::parse(prefix).is_err() {
            return Err(LinkError::NotALink);
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("linkCode", &self.code);
        if let Some(at) = self.expires {
            query.append_pair("linkExpireDateTime", &at.to_string());
        }
        if let Some(issuer) = &self.issuer {
            query.append_pair("iss", issuer);
        }
        let joint = match prefix.find('?') {
            None => "?",
            Some(at) if at + 1 == prefix.len() || prefix.ends_with('&') => "",
            Some(_) => "&",
        };
        let uri = format!("{prefix}{joint}{}", query.finish());
        if uri.len() > MAX_LINK_BYTES { Err(LinkError::TooLong) } else { Ok(uri) }
    }

    /// Whether the code has expired at `now_ms`. A link that does not tell has not.
    #[must_use]
    pub fn expired(&self, now_ms: i64) -> bool {
        self.expires.is_some_and(|at| at.epoch_ms() <= now_ms)
    }

    fn check(&self) -> Result<(), LinkError> {
        let code_char = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_' | b'~');
        if self.code.is_empty() || self.code.len() > MAX_CODE_CHARS || !self.code.bytes().all(code_char) {
            return Err(LinkError::MalformedCode);
        }
        match &self.issuer {
            Some(issuer) if !is_issuer(issuer) => Err(LinkError::MalformedIssuer),
            _ => Ok(()),
        }
    }
}

/// Whether a text can be an issuer: an http(s) URL with a host and no user, query or fragment (RFC 8414 §2), in
/// printable ASCII. Whether plain http is taken at all is for the wallet to say.
#[must_use]
pub fn is_issuer(text: &str) -> bool {
    let plain = text.len() <= MAX_ISSUER_BYTES
        && text.bytes().all(|c| c.is_ascii_graphic() && !matches!(c, b'?' | b'#' | b'@' | b'\\' | b'"' | b'<' | b'>'));
    let web = text.starts_with("https://") || text.starts_with("http://");
    plain && web && Url::parse(text).is_ok_and(|url| url.has_host())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link() -> Link {
        Link {
            code: "a1B2c3D4e5F6g7H".into(),
            expires: Some("2026-01-05T10:01:00.000Z".parse().unwrap()),
            issuer: Some("https://id.example/v1/esignet".into()),
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let uri = link().to_uri("tessera://wla-auth").unwrap();
        assert_eq!(
            uri,
            "tessera://wla-auth?linkCode=a1B2c3D4e5F6g7H&linkExpireDateTime=2026-01-05T10%3A01%3A00.000Z\
             &iss=https%3A%2F%2Fid.example%2Fv1%2Fesignet"
        );
        assert!(Link::parse(&uri).unwrap() == link());
        let continued = link().to_uri("https://wallet.example/open?x=1").unwrap();
        assert!(continued.starts_with("https://wallet.example/open?x=1&linkCode="));
        assert!(Link::parse(&continued).unwrap() == link());
    }

    #[test]
    fn reads_the_links_of_esignet() {
        for prefix in ["io.mosip.residentapp.inji://wla-auth", "inji://landing-page-name"] {
            let uri = format!("{prefix}?linkCode=a1B2c3D4e5F6g7H&linkExpireDateTime=2026-01-05T10:01:00.000Z");
            let read = Link::parse(&uri).unwrap();
            assert_eq!(read.code, "a1B2c3D4e5F6g7H");
            assert_eq!(read.issuer, None);
            assert!(!read.expired(1_767_607_259_999));
            assert!(read.expired(1_767_607_260_000));
        }
    }

    #[test]
    fn refuses_what_is_not_a_login_link() {
        let long = format!("tessera://wla-auth?linkCode=a&x={}", "y".repeat(MAX_LINK_BYTES));
        let code = format!("tessera://wla-auth?linkCode={}", "a".repeat(MAX_CODE_CHARS + 1));
        for (text, error) in [
            ("", LinkError::NotALink),
            ("hello", LinkError::NotALink),
            ("linkCode=a", LinkError::NotALink),
            ("openid4vp://authorize?client_id=x", LinkError::NoLinkCode),
            ("tessera://wla-auth#linkCode=a", LinkError::NoLinkCode),
            ("tessera://wla-auth?linkcode=a", LinkError::NoLinkCode),
            ("tessera://wla-auth?linkCode=", LinkError::MalformedCode),
            ("tessera://wla-auth?linkCode=a%20b", LinkError::MalformedCode),
            ("tessera://wla-auth?linkCode=a%00", LinkError::MalformedCode),
            ("tessera://wla-auth?linkCode=a%ff", LinkError::MalformedCode),
            ("tessera://wla-auth?linkCode=a/../b", LinkError::MalformedCode),
            (&code, LinkError::MalformedCode),
            ("tessera://wla-auth?linkCode=a&linkCode=b", LinkError::Repeated),
            ("tessera://wla-auth?linkCode=a&linkExpireDateTime=soon", LinkError::MalformedExpiry),
            ("tessera://wla-auth?linkCode=a&iss=", LinkError::MalformedIssuer),
            ("tessera://wla-auth?linkCode=a&iss=id.example", LinkError::MalformedIssuer),
            ("tessera://wla-auth?linkCode=a&iss=https://id.example@evil.example", LinkError::MalformedIssuer),
            ("tessera://wla-auth?linkCode=a&iss=https://id.example%3Fx", LinkError::MalformedIssuer),
            ("tessera://wla-auth?linkCode=a&iss=javascript:alert(1)", LinkError::MalformedIssuer),
            (&long, LinkError::TooLong),
        ] {
            assert_eq!(Link::parse(text).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn prints_nothing() {
        assert_eq!(format!("{:?}", link()), "Link { .. }");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,300}") {
            let _ = Link::parse(&text);
        }

        #[test]
        fn no_query_panics(query in "[a-zA-Z0-9%&=+:/.?#-]{0,200}") {
            if let Ok(link) = Link::parse(&format!("tessera://wla-auth?linkCode=a&{query}")) {
                prop_assert!(Link::parse(&link.to_uri("x://y").unwrap()).unwrap() == link);
            }
        }

        #[test]
        fn every_link_comes_back(code in "[A-Za-z0-9._~-]{1,256}", ms in 0i64..253_402_300_800_000, path in "[a-z0-9/+%-]{0,60}") {
            let link = Link {
                code,
                expires: Some(Timestamp::from_epoch_ms(ms).unwrap()),
                issuer: Some(format!("https://id.example/{path}")),
            };
            prop_assert!(Link::parse(&link.to_uri("tessera://wla-auth").unwrap()).unwrap() == link);
        }
    }
}
