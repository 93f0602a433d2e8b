//! Which parts are encrypted, hashed and signed.

use super::enumerations::{EncryptionType, SignatureType};
use super::format::Uri;

object! {
    /// Says that parts of the object that holds it are encrypted.
    Encryption {
        /// In which format.
        #[serde(rename = "type")]
        kind: EncryptionType,
        /// JSON paths (RFC 9535) to the encrypted nodes, with white space between, relative to the object that holds this.
        scope: String,
    }
    {}
}

object! {
    /// A hash over parts of the object that holds it, and maybe a signature of the hash.
    Integrity {
        /// JSON paths (RFC 9535) to what is hashed, with white space between, relative to the object that holds this.
        scope: String,
        /// `SHA256`, `SHA384` or `SHA512`.
        alg: String,
        /// Of the canonical form (RFC 8785) of what the scope names, in hexadecimal.
        hash: String,
    }
    {
        /// By which a JSON path can tell this block from others.
        id: String,
        /// Format of the signature; `NONE` where absent.
        #[serde(rename = "type")]
        kind: SignatureType,
        /// Whether encrypted data was hashed as it is; `false` where absent.
        encrypted: bool,
        /// Whether buffers that are referred to were hashed, rather than their addresses; `false` where absent.
        follow_ref: bool,
        /// A JWS in compact form, or a PKCS#7 in PEM.
        signature: String,
        /// Where the signature is.
        signature_ref: Uri,
    }
}
