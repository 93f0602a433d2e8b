//! Biometric data.

use super::enumerations::{BiometricSubType, BiometricType, CompressionType, ImpressionType, Presence};
use super::format::{DateTime, Uri};
use super::protected::{Encryption, Integrity};

object! {
    /// One portrait, finger, iris, or several of them in one image.
    BiometricData {
        /// Of what kind.
        biometric_type: BiometricType,
    }
    {
        /// Which finger, eye or side.
        biometric_sub_type: BiometricSubType,
        /// Tells two items of the same kind apart.
        instance: String,
        /// The image in base64, or what it is encrypted to.
        image: String,
        /// Where the image is.
        image_ref: Uri,
        /// When it was taken.
        capture_date: DateTime,
        /// With which device.
        capture_device: String,
        /// In which way.
        impression_type: ImpressionType,
        /// In pixels.
        width: i64,
        /// In pixels.
        height: i64,
        /// Bits of a pixel.
        bitdepth: i64,
        /// Format of the image (RFC 6838).
        mime_type: String,
        /// In dots per inch.
        resolution: i64,
        /// How the image is compressed.
        compression: CompressionType,
        /// What could not be captured.
        missing: Vec<MissingType>,
        /// The vendor's own.
        metadata: String,
        /// For people.
        comment: String,
        /// A template in base64, or what it is encrypted to.
        template: String,
        /// Where the template is.
        template_ref: Uri,
        /// For example `ISO_19794_2`; any other is taken too.
        template_format: String,
        /// How good it is, in the unit of `qualityFormat`.
        quality: i64,
        /// For example `NFIQ2`; any other is taken too.
        quality_format: String,
        /// By which the template or quality was made.
        algorithm: String,
        /// By whom.
        vendor: String,
        /// Which members are encrypted.
        encryption: Encryption,
        /// Hashes and signatures over members.
        integrity: Vec<Integrity>,
    }
}

object! {
    /// A part that could not be captured.
    MissingType {}
    {
        /// Which.
        biometric_sub_type: BiometricSubType,
        /// Why.
        presence: Presence,
    }
}
