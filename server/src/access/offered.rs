//! What a request offers as proof of who its client is: exactly one method, or none (RFC 6749 §2.3).

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::client::ASSERTION_TYPE;
use super::form::Form;
use crate::clients::{AuthMethod, Profile};
use crate::dialect::{Dialect, Mount};
use crate::error::{OAuthError, TokenFault};

/// Longest `Authorization` header read, in bytes.
const LONGEST_BASIC: usize = 4096;

/// One way of saying who one is.
pub(super) enum Offered<'f> {
    /// An id and nothing more.
    Nothing {
        /// `client_id`.
        client_id: &'f str,
    },
    /// Id and secret, in the header or in the form.
    Secret {
        /// Which of the two.
        method: AuthMethod,
        /// `client_id`.
        client_id: String,
        /// `client_secret`.
        secret: Zeroizing<String>,
    },
    /// `client_assertion`.
    Assertion(&'f str),
}

impl<'f> Offered<'f> {
    /// Reads it from header and form. What no client of the mount may use is refused here.
    ///
    /// # Errors
    /// [`OAuthError`] in the mount's words, also for more than one method at once (T9).
    pub(super) fn read(mount: Mount, headers: &HeaderMap, form: &'f Form) -> Result<Self, OAuthError> {
        let dialect = mount.dialect();
        let (kind, token) = (form.get("client_assertion_type"), form.get("client_assertion"));
        let basic = headers.contains_key(header::AUTHORIZATION);
        let posted = form.get("client_secret");
        match (kind, token, basic, posted) {
            (None, None, false, None) => {
                let nobody = || dialect.oauth(TokenFault::NoClientAuthentication, "a client assertion is needed");
                form.get("client_id").map(|client_id| Self::Nothing { client_id }).ok_or_else(nobody)
            }
            (None, None, true, None) if takes(mount, AuthMethod::ClientSecretBasic) => {
                Self::basic(dialect, headers, form)
            }
            (None, None, false, Some(secret)) if takes(mount, AuthMethod::ClientSecretPost) => {
                let nobody = || dialect.oauth(TokenFault::NoClientAuthentication, "client_id is missing");
                let client_id = form.get("client_id").ok_or_else(nobody)?.to_owned();
                let secret = Zeroizing::new(secret.to_owned());
                Ok(Self::Secret { method: AuthMethod::ClientSecretPost, client_id, secret })
            }
            (None, None, true, None) | (None, None, false, Some(_)) => {
                Err(dialect.oauth(TokenFault::ClientAuthentication, "clients authenticate with private_key_jwt"))
            }
            (_, _, true, _) | (_, _, _, Some(_)) => {
                Err(dialect.oauth(TokenFault::Malformed, "more than one way of client authentication"))
            }
            (Some(kind), _, false, None) if kind != ASSERTION_TYPE => {
                Err(dialect.oauth(TokenFault::AssertionType, "client_assertion_type is not known"))
            }
            (Some(_), Some(token), false, None) => Ok(Self::Assertion(token)),
            (None, Some(_), false, None) => {
                Err(dialect.oauth(TokenFault::NoClientAuthentication, "client_assertion_type is missing"))
            }
            (Some(_), None, false, None) => {
                Err(dialect.oauth(TokenFault::NoClientAuthentication, "client_assertion is missing"))
            }
        }
    }

    /// RFC 6749 §2.3.1: id and secret, each form-encoded, joined by a colon, in base64 (T23).
    fn basic(dialect: &Dialect, headers: &HeaderMap, form: &Form) -> Result<Self, OAuthError> {
        let refuse = |description| dialect.oauth(TokenFault::ClientAuthentication, description);
        let (client_id, secret) =
            credentials(headers).ok_or_else(|| refuse("the Authorization header cannot be read"))?;
        if form.get("client_id").is_some_and(|id| id != client_id) {
            return Err(refuse("client_id is not the one of the Authorization header"));
        }
        Ok(Self::Secret { method: AuthMethod::ClientSecretBasic, client_id, secret })
    }
}

/// Whether some profile of the mount knows the method.
fn takes(mount: Mount, method: AuthMethod) -> bool {
    Profile::of_mount(mount).iter().any(|profile| profile.policy().auth_methods.contains(&method))
}

fn credentials(headers: &HeaderMap) -> Option<(String, Zeroizing<String>)> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, text) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") || text.len() > LONGEST_BASIC {
        return None;
    }
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
    let (id, secret) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    let (id, secret) = (decoded(id)?, Zeroizing::new(decoded(secret)?));
    (!id.is_empty() && !secret.is_empty()).then_some((id, secret))
}

/// One value of a form: `+` is a space, `%3A` a colon. `None` where the bytes are no UTF-8.
fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let mut bytes = Vec::with_capacity(spaced.len());
    let mut rest = spaced.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten().and_then(hex);
        rest = if let Some(byte) = escaped {
            bytes.push(byte);
            &after[2..]
        } else {
            // A lone percent sign means itself, as in forms of browsers.
            bytes.push(*first);
            after
        };
    }
    String::from_utf8(bytes).ok()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(value: &str) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        credentials(&headers).map(|(id, secret)| (id, secret.to_string()))
    }

    #[test]
    fn t23_id_and_secret_are_decoded_as_the_standard_says() {
        for (sent, id, secret) in [
            ("shop:s3cret", "shop", "s3cret"),
            ("a%3Ab:c%3Ad", "a:b", "c:d"),
            ("a+b:c%20d", "a b", "c d"),
            ("caf%C3%A9:%e2%82%ac", "café", "€"),
            ("shop:a:b", "shop", "a:b"),
            ("shop:100%", "shop", "100%"),
        ] {
            let value = format!("Basic {}", STANDARD.encode(sent));
            assert_eq!(read(&value), Some((id.into(), secret.into())), "{sent}");
            assert_eq!(read(&value.replace("Basic", "bASIC")), Some((id.into(), secret.into())), "{sent}");
        }
    }

    #[test]
    fn t23_what_is_no_pair_of_both_is_not_read() {
        for sent in ["", "shop", "shop:", ":secret", "shop:%ff"] {
            assert_eq!(read(&format!("Basic {}", STANDARD.encode(sent))), None, "{sent}");
        }
        for value in ["Basic", "Basic !!!", "Bearer c2hvcDp4", &format!("Basic {}", "A".repeat(5000))] {
            assert_eq!(read(value), None);
        }
        let mut twice = HeaderMap::new();
        for _ in 0..2 {
            twice.append(header::AUTHORIZATION, HeaderValue::from_static("Basic c2hvcDp4"));
        }
        assert!(credentials(&twice).is_none());
    }
}
