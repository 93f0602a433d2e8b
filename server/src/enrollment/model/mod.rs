//! What an enrollment is made of: the schema of OSIA enrollment 1.3.0, and nothing beside it.
//!
//! Members that the schema does not name are refused, `null` is no value, and lists that must hold something do. Four
//! objects may hold anything: flags, request data, contextual data and biographic data.

#[macro_use]
mod object;
mod biometric;
mod document;
mod enumerations;
mod format;
mod protected;
mod read;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use biometric::{BiometricData, MissingType};
pub use document::{DocumentData, DocumentPart};
pub use enumerations::{
    BiometricSubType, BiometricType, CompressionType, DocumentType, EncryptionType, ImpressionType, Presence,
    SignatureType, Status,
};
pub use format::{AtLeastOne, DateTime, Uri};
pub use protected::{Encryption, Integrity};
pub use read::{Fault, read_as};

object! {
    /// One enrollment, as clients send and get it.
    ///
    /// `enrollmentId` and `status` are the server's to say: every answer has them, and what a request says there is not
    /// stored.
    Enrollment {}
    {
        /// The client's own name for it.
        enrollment_id: String,
        /// How far it is.
        status: Status,
        /// For example `citizen` or `resident`.
        enrollment_type: String,
        /// Properties of the process; may hold anything.
        enrollment_flags: Value,
        /// Why the enrollment is done; may hold anything.
        request_data: Value,
        /// Operator, device, place, date; may hold anything.
        contextual_data: Value,
        /// Names, dates, addresses; may hold anything, and is a string where it is encrypted as a whole.
        biographic_data: Value,
        /// Portraits, fingerprints and the like.
        biometric_data: Vec<BiometricData>,
        /// Supporting documents.
        document_data: Vec<DocumentData>,
        /// Which parts are encrypted.
        encryption: Encryption,
        /// Hashes and signatures over parts.
        integrity: Vec<Integrity>,
    }
}
