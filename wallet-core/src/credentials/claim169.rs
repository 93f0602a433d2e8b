//! Claim 169: from the text of a QR code to what an app shows.

use super::view::{
    Credential, CredentialClaim, CredentialDetails, CredentialDoubt, CredentialImage, CredentialType,
    CredentialVerification,
};
use super::{CredentialRecord, issuers::Pinned};
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use protocol::claim169::{
    Biometric, Claim169, Doubt, Gender, Identity, ImageFormat, MaritalStatus, ReadError, Unverified, read,
};

/// Errors: `InvalidCredential`, `CredentialEncrypted`.
pub(super) fn recognise(text: &str) -> Result<Unverified, WalletError> {
    read(text).map_err(|error| match error {
        ReadError::Encrypted => ErrorCode::CredentialEncrypted.into(),
        _ => ErrorCode::InvalidCredential.into(),
    })
}

pub(super) fn details(parts: &Parts, record: &CredentialRecord) -> Result<CredentialDetails, WalletError> {
    let now_s = parts.exchange.clock.device_ms().div_euclid(1000);
    let issuers: Vec<_> = parts.issuers.iter().map(|issuer| issuer.keys.clone()).collect();
    let read = recognise(&record.text)?.check(&issuers, now_s);
    let photo = photo(&read.identity);
    Ok(CredentialDetails {
        claims: claims(&read.identity),
        photo,
        credential: credential(record, &parts.issuers, read),
    })
}

fn credential(record: &CredentialRecord, issuers: &[Pinned], read: Claim169) -> Credential {
    let ms = |seconds: Option<i64>| seconds.map(|seconds| seconds.saturating_mul(1000));
    // A credential whose time is over was still signed by whom it says.
    let signed = read.doubts.iter().all(|doubt| matches!(doubt, Doubt::Expired | Doubt::NotYetValid));
    let known = issuers.iter().find(|issuer| signed && Some(&issuer.keys.issuer) == read.issuer.as_ref());
    Credential {
        id: record.id(),
        credential_type: CredentialType::Claim169,
        title: read.identity.full_name.or(read.identity.id),
        issuer: read.issuer.clone(),
        issuer_name: known.map(|issuer| issuer.name.clone()),
        issued_at_ms: ms(read.issued_at),
        valid_from_ms: ms(read.not_before),
        valid_until_ms: ms(read.expires_at),
        added_at_ms: record.added_at_ms,
        verification: match read.doubts.is_empty() {
            true => CredentialVerification::Verified,
            false => CredentialVerification::NotVerified {
                doubts: read.doubts.into_iter().map(CredentialDoubt::from).collect(),
            },
        },
    }
}

impl From<Doubt> for CredentialDoubt {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Unsigned => Self::Unsigned,
            Doubt::UnsupportedAlgorithm => Self::UnsupportedAlgorithm,
            Doubt::UnknownIssuer => Self::UnknownIssuer,
            Doubt::UnknownKey => Self::UnknownKey,
            Doubt::UntrustedCertificate => Self::UntrustedCertificate,
            Doubt::BadSignature => Self::BadSignature,
            Doubt::NotYetValid => Self::NotYetValid,
            Doubt::Expired => Self::Expired,
        }
    }
}

fn claims(identity: &Identity) -> Vec<CredentialClaim> {
    let gender = identity.gender.map(|gender| match gender {
        Gender::Male => "male".to_owned(),
        Gender::Female => "female".to_owned(),
        Gender::Other => "other".to_owned(),
    });
    let marital_status = identity.marital_status.map(|status| match status {
        MaritalStatus::Unmarried => "unmarried".to_owned(),
        MaritalStatus::Married => "married".to_owned(),
        MaritalStatus::Divorced => "divorced".to_owned(),
    });
    let members = [
        ("full_name", identity.full_name.clone()),
        ("secondary_full_name", identity.secondary_full_name.clone()),
        ("first_name", identity.first_name.clone()),
        ("middle_name", identity.middle_name.clone()),
        ("last_name", identity.last_name.clone()),
        ("id", identity.id.clone()),
        ("date_of_birth", identity.date_of_birth.as_deref().map(date)),
        ("gender", gender),
        ("nationality", identity.nationality.clone()),
        ("address", identity.address.clone()),
        ("email", identity.email.clone()),
        ("phone", identity.phone.clone()),
        ("marital_status", marital_status),
        ("guardian", identity.guardian.clone()),
        ("legal_status", identity.legal_status.clone()),
        ("country_of_issuance", identity.country_of_issuance.clone()),
        ("location_code", identity.location_code.clone()),
        ("language", identity.language.clone()),
        ("secondary_language", identity.secondary_language.clone()),
        ("version", identity.version.clone()),
        ("biometrics", biometrics(&identity.biometrics)),
    ];
    let claim = |(name, value): (&str, Option<String>)| Some(CredentialClaim { name: name.to_owned(), value: value? });
    members.into_iter().filter_map(claim).collect()
}

/// `19840118` as `1984-01-18`; anything else as it is.
fn date(text: &str) -> String {
    match (text.len(), text.bytes().all(|byte| byte.is_ascii_digit())) {
        (8, true) => [&text[..4], &text[4..6], &text[6..]].join("-"),
        _ => text.to_owned(),
    }
}

/// What biometrics there are, each once.
fn biometrics(samples: &[Biometric]) -> Option<String> {
    let mut names: Vec<&str> = samples.iter().map(|sample| biometric_name(sample.kind)).collect();
    names.dedup();
    (!names.is_empty()).then(|| names.join(" "))
}

fn biometric_name(kind: i64) -> &'static str {
    match kind {
        50 => "right_thumb",
        51 => "right_pointer_finger",
        52 => "right_middle_finger",
        53 => "right_ring_finger",
        54 => "right_little_finger",
        55 => "left_thumb",
        56 => "left_pointer_finger",
        57 => "left_middle_finger",
        58 => "left_ring_finger",
        59 => "left_little_finger",
        60 => "right_iris",
        61 => "left_iris",
        62 => "face",
        63 => "right_palm",
        64 => "left_palm",
        _ => "voice",
    }
}

/// Kind and format of a face that is a picture.
const FACE: i64 = 62;
const IMAGE: i64 = 0;

/// The portrait, or else a face among the biometrics.
fn photo(identity: &Identity) -> Option<CredentialImage> {
    let portrait = identity.photo.as_ref().map(|photo| (&photo.data, photo.format));
    let is_picture = |sample: &&Biometric| sample.kind == FACE && sample.format == Some(IMAGE);
    let face = || identity.biometrics.iter().find(is_picture).map(|face| (&face.data, None));
    let (data, told) = portrait.or_else(face)?;
    let media_type = media_type(data).or(told.map(|format| match format {
        ImageFormat::Jpeg => "image/jpeg",
        ImageFormat::Jpeg2000 => "image/jp2",
        ImageFormat::Avif => "image/avif",
        ImageFormat::WebP => "image/webp",
    }))?;
    Some(CredentialImage { media_type: media_type.to_owned(), data: data.clone() })
}

/// What the bytes are, by their beginning; writers are often wrong about it.
fn media_type(data: &[u8]) -> Option<&'static str> {
    match data {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some("image/avif"),
        [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => Some("image/jp2"),
        _ => None,
    }
}
