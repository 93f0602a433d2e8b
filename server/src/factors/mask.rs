//! What is shown of the address an OTP went to: enough to recognise one's own, of one length for everybody.
//!
//! Where there is no such person, or no such address, a decoy of the same looks is shown, always the same for the same
//! identifier: otherwise this answer would tell strangers who is registered (case E4).

use crate::secrets::{Purpose, Secrets};

/// `a*****@e*****`.
pub(super) fn email(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let first = |text: &str| text.chars().find(|c| c.is_alphanumeric()).map_or('*', |c| c.to_ascii_lowercase());
    format!("{}*****@{}*****", first(local), first(domain))
}

/// `********45`.
pub(super) fn phone(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let shown = digits.len().saturating_sub(2);
    // A number of two digits would be shown whole.
    let tail: String = if shown > 2 { digits[shown..].iter().collect() } else { "**".into() };
    format!("********{tail}")
}

/// A mail address that nobody has, for an identifier that has none.
pub(super) fn decoy_email(secrets: &Secrets, individual_id: &str) -> String {
    const LOCAL: &[u8; 16] = b"aabcdefghjklmnrs";
    const DOMAIN: &[u8; 8] = b"gggmoyhi";
    let mac = secrets.mac(Purpose::Lookup, &[b"decoy-email", individual_id.as_bytes()]);
    let pick = |byte: u8, from: &[u8]| char::from(from[usize::from(byte) % from.len()]);
    format!("{}*****@{}*****", pick(mac[0], LOCAL), pick(mac[1], DOMAIN))
}

/// The end of a phone number that nobody has.
pub(super) fn decoy_phone(secrets: &Secrets, individual_id: &str) -> String {
    let mac = secrets.mac(Purpose::Lookup, &[b"decoy-phone", individual_id.as_bytes()]);
    format!("********{:02}", u16::from_be_bytes([mac[0], mac[1]]) % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_have_one_length_and_show_little() {
        assert_eq!(email("Anna.Meyer@example.org"), "a*****@e*****");
        assert_eq!(email("@"), "******@******");
        assert_eq!(phone("+49 170 1234567"), "********67");
        assert_eq!(phone("12"), "**********");
        let secrets = Secrets::new([1; 32]);
        for id in ["1", "2", "nobody"] {
            assert_eq!(decoy_email(&secrets, id).len(), email("a@b").len());
            assert_eq!(decoy_phone(&secrets, id).len(), phone("123456").len());
            assert_eq!(decoy_email(&secrets, id), decoy_email(&secrets, id));
        }
    }
}
