//! The attributes of claim 169 by number (specification 1.2 §3; 1.1 has 1 to 18).

use ciborium::Value;

use super::ReadError;
use super::cbor;

/// Numbers of the biometric members, each an array.
const BIOMETRICS: std::ops::RangeInclusive<i64> = 50..=65;
/// Most samples of one kind taken.
const MOST_SAMPLES: usize = 10;

/// A person, as the issuer put it. All is optional; members of unknown number are left out.
#[derive(Clone, Default, PartialEq)]
pub struct Identity {
    /// 1: the identifier in the issuer's register.
    pub id: Option<String>,
    /// 2: version of the data.
    pub version: Option<String>,
    /// 3: language of the texts, ISO 639-3.
    pub language: Option<String>,
    /// 4.
    pub full_name: Option<String>,
    /// 5.
    pub first_name: Option<String>,
    /// 6.
    pub middle_name: Option<String>,
    /// 7.
    pub last_name: Option<String>,
    /// 8: `YYYYMMDD`.
    pub date_of_birth: Option<String>,
    /// 9.
    pub gender: Option<Gender>,
    /// 10: lines separated by line feeds.
    pub address: Option<String>,
    /// 11.
    pub email: Option<String>,
    /// 12: E.123.
    pub phone: Option<String>,
    /// 13: ISO 3166-1 or -2.
    pub nationality: Option<String>,
    /// 14.
    pub marital_status: Option<MaritalStatus>,
    /// 15: name or identifier of a guardian.
    pub guardian: Option<String>,
    /// 16 and 17.
    pub photo: Option<Photo>,
    /// 18: numbers of the fingers with the best prints, 0 to 10.
    pub best_fingers: Vec<u8>,
    /// 19: the full name in a second language.
    pub secondary_full_name: Option<String>,
    /// 20: that language.
    pub secondary_language: Option<String>,
    /// 21: for example a Plus Code.
    pub location_code: Option<String>,
    /// 22: for example refugee.
    pub legal_status: Option<String>,
    /// 23: ISO 3166-1.
    pub country_of_issuance: Option<String>,
    /// 50 to 65.
    pub biometrics: Vec<Biometric>,
}

crate::redact::redacted_debug!(Identity, Photo, Biometric);

/// Member 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gender {
    /// 1.
    Male,
    /// 2.
    Female,
    /// 3.
    Other,
}

/// Member 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaritalStatus {
    /// 1.
    Unmarried,
    /// 2.
    Married,
    /// 3.
    Divorced,
}

/// Member 16: a small portrait.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// The image file.
    pub data: Vec<u8>,
    /// Member 17, where told.
    pub format: Option<ImageFormat>,
}

/// Member 17.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageFormat {
    /// 1.
    Jpeg,
    /// 2.
    Jpeg2000,
    /// 3.
    Avif,
    /// 4.
    WebP,
}

/// One sample of a biometric.
#[derive(Clone, PartialEq, Eq)]
pub struct Biometric {
    /// 50 to 59: fingers from the right thumb to the left little finger; 60, 61: irises; 62: face; 63, 64: palms; 65: voice.
    pub kind: i64,
    /// 0: the sample.
    pub data: Vec<u8>,
    /// 1: 0 image, 1 template, 2 sound, 3 hash.
    pub format: Option<i64>,
    /// 2: depends on the format.
    pub sub_format: Option<i64>,
    /// 3: who took it.
    pub issuer: Option<String>,
}

impl Identity {
    pub(super) fn read(value: Value) -> Result<Self, ReadError> {
        let mut identity = Self::default();
        let (mut photo, mut format) = (None, None);
        for (number, value) in cbor::numbered(value).ok_or(ReadError::NoClaim169)? {
            let malformed = ReadError::MalformedMember(number);
            if BIOMETRICS.contains(&number) {
                identity.biometrics.extend(samples(number, value).ok_or(malformed)?);
                continue;
            }
            match number {
                9 => {
                    identity.gender =
                        Some(choice(&value, [Gender::Male, Gender::Female, Gender::Other]).ok_or(malformed)?)
                }
                14 => {
                    use MaritalStatus::{Divorced, Married, Unmarried};
                    identity.marital_status = Some(choice(&value, [Unmarried, Married, Divorced]).ok_or(malformed)?);
                }
                // The text of the specification says text; those who write it send bytes.
                16 => photo = Some(octets(value).ok_or(malformed)?),
                17 => {
                    use ImageFormat::{Avif, Jpeg, Jpeg2000, WebP};
                    format = Some(choice(&value, [Jpeg, Jpeg2000, Avif, WebP]).ok_or(malformed)?);
                }
                18 => identity.best_fingers = fingers(&value).ok_or(malformed)?,
                _ => {
                    if let Some(place) = identity.text_member(number) {
                        *place = cbor::present(value.into_text().map_err(|_| malformed)?);
                    }
                }
            }
        }
        identity.photo = photo.map(|data| Photo { data, format });
        Ok(identity)
    }

    fn text_member(&mut self, number: i64) -> Option<&mut Option<String>> {
        Some(match number {
            1 => &mut self.id,
            2 => &mut self.version,
            3 => &mut self.language,
            4 => &mut self.full_name,
            5 => &mut self.first_name,
            6 => &mut self.middle_name,
            7 => &mut self.last_name,
            8 => &mut self.date_of_birth,
            10 => &mut self.address,
            11 => &mut self.email,
            12 => &mut self.phone,
            13 => &mut self.nationality,
            15 => &mut self.guardian,
            19 => &mut self.secondary_full_name,
            20 => &mut self.secondary_language,
            21 => &mut self.location_code,
            22 => &mut self.legal_status,
            23 => &mut self.country_of_issuance,
            _ => return None,
        })
    }
}

/// The value of a list that counts from 1.
fn choice<T: Copy, const N: usize>(value: &Value, values: [T; N]) -> Option<T> {
    let place = usize::try_from(cbor::whole(value)?).ok()?.checked_sub(1)?;
    values.get(place).copied()
}

fn octets(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::Bytes(bytes) => Some(bytes),
        Value::Text(text) => Some(text.into_bytes()),
        _ => None,
    }
}

fn fingers(value: &Value) -> Option<Vec<u8>> {
    let number = |value: &Value| u8::try_from(cbor::whole(value)?).ok().filter(|finger| *finger <= 10);
    value.as_array()?.iter().map(number).collect()
}

fn samples(kind: i64, value: Value) -> Option<Vec<Biometric>> {
    let samples = value.into_array().ok().filter(|samples| samples.len() <= MOST_SAMPLES)?;
    samples.into_iter().map(|sample| one_sample(kind, sample)).collect()
}

fn one_sample(kind: i64, value: Value) -> Option<Biometric> {
    let mut sample = Biometric { kind, data: Vec::new(), format: None, sub_format: None, issuer: None };
    for (number, value) in cbor::numbered(value)? {
        match number {
            0 => sample.data = octets(value)?,
            1 => sample.format = Some(cbor::whole(&value)?),
            2 => sample.sub_format = Some(cbor::whole(&value)?),
            3 => sample.issuer = cbor::present(value.into_text().ok()?),
            _ => {}
        }
    }
    Some(sample)
}
