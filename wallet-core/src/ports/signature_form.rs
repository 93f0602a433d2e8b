//! ECDSA signatures as platforms give them, and as JWS wants them.

use super::KeyError;

/// Brings an ES256 signature from DER (Android Keystore, Security framework) into the form of JWS:
/// `r || s`, 64 bytes. Source: `RFC 7518 §3.4`.
///
/// Errors: [`KeyError::Failed`] where the bytes are no DER signature of P-256.
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn ecdsa_signature_from_der(der: Vec<u8>) -> Result<Vec<u8>, KeyError> {
    p256::ecdsa::Signature::from_der(&der)
        .map(|signature| signature.to_bytes().to_vec())
        .map_err(|_| KeyError::Failed { detail: "not a DER signature of P-256".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_padded_and_rubbish_is_refused() {
        let der = vec![0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x7f];
        let signature = ecdsa_signature_from_der(der).unwrap();
        assert_eq!(signature.len(), 64);
        assert_eq!((signature[31], signature[63]), (1, 0x7f));
        assert!(ecdsa_signature_from_der(vec![1, 2, 3]).is_err());
    }
}
