//! Supporting documents.

use super::enumerations::DocumentType;
use super::format::{AtLeastOne, DateTime, Uri};
use super::protected::{Encryption, Integrity};

object! {
    /// One document.
    DocumentData {
        /// Of what kind.
        document_type: DocumentType,
        /// Its pages.
        parts: AtLeastOne<DocumentPart>,
    }
    {
        /// What it is, where `documentType` is `OTHER`.
        document_type_other: String,
        /// Tells two documents of the same kind apart.
        instance: String,
        /// Hashes and signatures over members.
        integrity: Vec<Integrity>,
    }
}

object! {
    /// Some pages of a document, or a credential.
    DocumentPart {}
    {
        /// Which pages.
        pages: AtLeastOne<i64>,
        /// The file in base64, a credential, or what it is encrypted to.
        data: String,
        /// Where the file is.
        data_ref: Uri,
        /// In pixels.
        width: i64,
        /// In pixels.
        height: i64,
        /// Format of the file (RFC 6838).
        mime_type: String,
        /// When it was captured.
        capture_date: DateTime,
        /// With which device.
        capture_device: String,
        /// Which members are encrypted.
        encryption: Encryption,
        /// Hashes and signatures over members.
        integrity: Vec<Integrity>,
    }
}
