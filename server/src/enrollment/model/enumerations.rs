//! The closed lists of values of OSIA enrollment 1.3.0.

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Said of a value that is not listed.
pub(super) const NOT_LISTED: &str = "must be one of the values that OSIA enrollment 1.3.0 lists";

macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $value:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
        pub enum $name {
            $(#[doc = concat!("`", $value, "`")] #[serde(rename = $value)] $variant,)*
        }

        impl $name {
            /// All of them, in the order of the interface file.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As it is written.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $value,)* }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            // Derived, it would take an object with one member too.
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                let listed = Self::ALL.iter().copied().find(|value| value.name() == text);
                listed.ok_or_else(|| D::Error::custom(NOT_LISTED))
            }
        }
    };
}

enumeration! {
    /// How far an enrollment is.
    Status {
        InProgress = "IN_PROGRESS",
        Finalized = "FINALIZED",
    }
}

enumeration! {
    /// What a biometric is taken from.
    BiometricType {
        Face = "FACE",
        Finger = "FINGER",
        Iris = "IRIS",
        Signature = "SIGNATURE",
        Unknown = "UNKNOWN",
    }
}

enumeration! {
    /// Which part of a person a biometric shows.
    BiometricSubType {
        Unknown = "UNKNOWN",
        RightThumb = "RIGHT_THUMB",
        RightIndex = "RIGHT_INDEX",
        RightMiddle = "RIGHT_MIDDLE",
        RightRing = "RIGHT_RING",
        RightLittle = "RIGHT_LITTLE",
        LeftThumb = "LEFT_THUMB",
        LeftIndex = "LEFT_INDEX",
        LeftMiddle = "LEFT_MIDDLE",
        LeftRing = "LEFT_RING",
        LeftLittle = "LEFT_LITTLE",
        PlainRightFourFingers = "PLAIN_RIGHT_FOUR_FINGERS",
        PlainLeftFourFingers = "PLAIN_LEFT_FOUR_FINGERS",
        PlainThumbs = "PLAIN_THUMBS",
        UnknownPalm = "UNKNOWN_PALM",
        RightFullPalm = "RIGHT_FULL_PALM",
        RightWritersPalm = "RIGHT_WRITERS_PALM",
        LeftFullPalm = "LEFT_FULL_PALM",
        LeftWritersPalm = "LEFT_WRITERS_PALM",
        RightLowerPalm = "RIGHT_LOWER_PALM",
        RightUpperPalm = "RIGHT_UPPER_PALM",
        LeftLowerPalm = "LEFT_LOWER_PALM",
        LeftUpperPalm = "LEFT_UPPER_PALM",
        RightOther = "RIGHT_OTHER",
        LeftOther = "LEFT_OTHER",
        RightInterdigital = "RIGHT_INTERDIGITAL",
        RightThenar = "RIGHT_THENAR",
        RightHypothenar = "RIGHT_HYPOTHENAR",
        LeftInterdigital = "LEFT_INTERDIGITAL",
        LeftThenar = "LEFT_THENAR",
        LeftHypothenar = "LEFT_HYPOTHENAR",
        RightIndexAndMiddle = "RIGHT_INDEX_AND_MIDDLE",
        RightMiddleAndRing = "RIGHT_MIDDLE_AND_RING",
        RightRingAndLittle = "RIGHT_RING_AND_LITTLE",
        LeftIndexAndMiddle = "LEFT_INDEX_AND_MIDDLE",
        LeftMiddleAndRing = "LEFT_MIDDLE_AND_RING",
        LeftRingAndLittle = "LEFT_RING_AND_LITTLE",
        RightIndexAndLeftIndex = "RIGHT_INDEX_AND_LEFT_INDEX",
        RightIndexAndMiddleAndRing = "RIGHT_INDEX_AND_MIDDLE_AND_RING",
        RightMiddleAndRingAndLittle = "RIGHT_MIDDLE_AND_RING_AND_LITTLE",
        LeftIndexAndMiddleAndRing = "LEFT_INDEX_AND_MIDDLE_AND_RING",
        LeftMiddleAndRingAndLittle = "LEFT_MIDDLE_AND_RING_AND_LITTLE",
        EyeUndef = "EYE_UNDEF",
        EyeRight = "EYE_RIGHT",
        EyeLeft = "EYE_LEFT",
        EyeBoth = "EYE_BOTH",
        Portrait = "PORTRAIT",
        LeftProfile = "LEFT_PROFILE",
        RightProfile = "RIGHT_PROFILE",
    }
}

enumeration! {
    /// How an impression was taken.
    ImpressionType {
        LiveScanPlain = "LIVE_SCAN_PLAIN",
        LiveScanRolled = "LIVE_SCAN_ROLLED",
        NonliveScanPlain = "NONLIVE_SCAN_PLAIN",
        NonliveScanRolled = "NONLIVE_SCAN_ROLLED",
        LatentImpression = "LATENT_IMPRESSION",
        LatentTracing = "LATENT_TRACING",
        LatentPhoto = "LATENT_PHOTO",
        LatentLift = "LATENT_LIFT",
        LiveScanSwipe = "LIVE_SCAN_SWIPE",
        LiveScanVerticalRoll = "LIVE_SCAN_VERTICAL_ROLL",
        LiveScanPalm = "LIVE_SCAN_PALM",
        NonliveScanPalm = "NONLIVE_SCAN_PALM",
        LatentPalmImpression = "LATENT_PALM_IMPRESSION",
        LatentPalmTracing = "LATENT_PALM_TRACING",
        LatentPalmPhoto = "LATENT_PALM_PHOTO",
        LatentPalmLift = "LATENT_PALM_LIFT",
        LiveScanOpticalContactlessPlain = "LIVE_SCAN_OPTICAL_CONTACTLESS_PLAIN",
        Other = "OTHER",
        Unknown = "UNKNOWN",
    }
}

enumeration! {
    /// How an image is compressed.
    CompressionType {
        None = "NONE",
        Wsq = "WSQ",
        Jpeg = "JPEG",
        Jpeg2000 = "JPEG2000",
        Png = "PNG",
    }
}

enumeration! {
    /// Why a part could not be captured.
    Presence {
        Bandaged = "BANDAGED",
        Amputated = "AMPUTATED",
        Damaged = "DAMAGED",
    }
}

enumeration! {
    /// What a document is.
    DocumentType {
        IdCard = "ID_CARD",
        Passport = "PASSPORT",
        Invoice = "INVOICE",
        BirthCertificate = "BIRTH_CERTIFICATE",
        Form = "FORM",
        Other = "OTHER",
    }
}

enumeration! {
    /// How encrypted data is written: a JWE (RFC 7516), or a PKCS#7 (RFC 5652).
    EncryptionType {
        Jwe = "JWE",
        Pkcs7 = "PKCS7",
    }
}

enumeration! {
    /// How a signature is written: not at all, a JWS (RFC 7515), or a PKCS#7 (RFC 5652).
    SignatureType {
        None = "NONE",
        Jws = "JWS",
        Pkcs7 = "PKCS7",
    }
}

impl Status {
    /// Reads [`Status::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.name() == name)
    }
}
