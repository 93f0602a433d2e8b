//! Base64url without padding (RFC 4648 §5, RFC 7515 §2), strict: one text for each byte string.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text is not base64url: a foreign character, padding, an impossible length, or bits set beyond the last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding")]
pub struct NotBase64Url;

/// Encodes bytes as base64url without padding.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding.
///
/// # Errors
/// [`NotBase64Url`] for any other text. Trailing bits must be zero: otherwise two texts would stand for the same bytes
/// and a signature could be rewritten without breaking it.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64Url)
}

/// Decodes base64url that must hold exactly `N` bytes.
///
/// # Errors
/// [`NotBase64Url`] where the text is not base64url or the length differs.
pub fn decode_array<const N: usize>(text: impl AsRef<[u8]>) -> Result<[u8; N], NotBase64Url> {
    decode(text)?.try_into().map_err(|_| NotBase64Url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_canonical() {
        for text in ["YQ==", "YR", "Y Q", "Y\nQ", "Y+", "Y/", "Y", "YWI="] {
            assert_eq!(decode(text), Err(NotBase64Url), "{text}");
        }
        assert_eq!(decode("YQ"), Ok(b"a".to_vec()));
        assert_eq!(decode(""), Ok(vec![]));
        assert_eq!(encode([0xfb, 0xff]), "-_8");
    }
}
