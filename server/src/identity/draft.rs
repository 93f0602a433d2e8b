//! The person that an enrollment gives: attributes, face, what documents prove, and the biometrics to be compared.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::biometrics;
use super::source::{Buffers, ReadError};
use crate::clock::Millis;
use crate::enrollment::model::{BiometricData, DocumentData, DocumentType, Enrollment};
use crate::http::envelope::format_time;
use crate::registry::{self, Identifier, IdentifierKind, NewPerson, Photo, Verification};
use crate::state::AppState;

/// Bytes of an image that is sent to the ABIS within the call; larger ones go by their address.
const LARGEST_INLINE: usize = 16 * 1024 * 1024;
/// What of a person a document can prove.
const PROVEN: [&str; 9] = [
    "name",
    "given_name",
    "middle_name",
    "family_name",
    "birthdate",
    "birthplace",
    "birthcountry",
    "gender",
    "primary_nationality",
];

/// A person who is not yet one. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct Draft {
    /// By claim name, or OSIA name behind `osia.`.
    pub attributes: Map<String, Value>,
    /// What documents prove.
    pub verifications: Vec<Verification>,
    /// Face.
    pub photo: Option<Photo>,
    /// Biometrics, as an ABIS takes them.
    pub biometrics: Vec<Value>,
    /// Whether there is nothing in it that tells one person from another.
    pub is_empty: bool,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Draft")
    }
}

impl Draft {
    /// The person, found by this UIN.
    #[must_use]
    pub fn person(self, uin: &str) -> NewPerson {
        let Self { attributes, verifications, photo, .. } = self;
        let identifiers = vec![Identifier { kind: IdentifierKind::Uin, value: uin.to_owned() }];
        NewPerson { identifiers, attributes, verifications, photo }
    }
}

/// Makes a draft of an enrollment in the clear, finalized at `at`. With `for_abis`, its biometrics too.
///
/// # Errors
/// [`ReadError`] where a buffer that it refers to cannot be read.
pub async fn draft(
    state: &AppState,
    enrollment: &Enrollment,
    buffers: &Buffers<'_>,
    at: Millis,
    for_abis: bool,
) -> Result<Draft, ReadError> {
    let nothing = Map::new();
    let biographic = enrollment.biographic_data.as_ref().and_then(Value::as_object).unwrap_or(&nothing);
    let attributes = attributes(biographic);
    let captured = enrollment.biometric_data.as_deref().unwrap_or_default();
    let documents = enrollment.document_data.as_deref().unwrap_or_default();
    let verifications = verification(state, &attributes, documents, at).into_iter().collect();
    let photo = match captured.iter().find(|one| biometrics::is_portrait(one)) {
        Some(one) => face(one, buffers).await?,
        None => None,
    };
    let mut comparable = Vec::new();
    if for_abis {
        for one in captured {
            comparable.extend(compared(one, buffers).await?);
        }
    }
    let is_empty = attributes.is_empty() && captured.is_empty();
    Ok(Draft { attributes, verifications, photo, biometrics: comparable, is_empty })
}

/// The attributes, with a full name where only its parts were enrolled: it is what most relying parties ask for.
fn attributes(biographic: &Map<String, Value>) -> Map<String, Value> {
    let mut attributes = registry::enrolled(biographic);
    if !attributes.contains_key("name")
        && let Some(name) = registry::full_name(&attributes)
    {
        attributes.insert("name".into(), name.into());
    }
    attributes
}

/// The image of a biometric, by value or from the enrollment's own buffer.
async fn image(one: &BiometricData, buffers: &Buffers<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, ReadError> {
    match (&one.image, &one.image_ref) {
        (Some(_), _) => Ok(biometrics::image(one)),
        (None, Some(address)) => buffers.read(address.as_str(), LARGEST_INLINE).await,
        (None, None) => Ok(None),
    }
}

async fn face(one: &BiometricData, buffers: &Buffers<'_>) -> Result<Option<Photo>, ReadError> {
    let Some(bytes) = image(one, buffers).await? else { return Ok(None) };
    Ok(biometrics::photo(bytes).await)
}

/// A biometric as an ABIS takes it, where it can be compared: its image by value where it is of a sane size.
async fn compared(one: &BiometricData, buffers: &Buffers<'_>) -> Result<Option<Value>, ReadError> {
    let Some(mut members) = biometrics::compared(one) else { return Ok(None) };
    for (inline, address) in [("image", "imageRef"), ("template", "templateRef")] {
        let Some(at) = members.get(address).and_then(Value::as_str).map(str::to_owned) else { continue };
        if !members.contains_key(inline)
            && let Some(bytes) = buffers.read(&at, LARGEST_INLINE).await?
        {
            members.insert(inline.to_owned(), STANDARD.encode(bytes).into());
            members.remove(address);
        }
    }
    Ok(Some(Value::Object(members)))
}

/// What the documents of an enrollment prove, by the framework that the configuration names; nothing without one.
fn verification(
    state: &AppState,
    attributes: &Map<String, Value>,
    documents: &[DocumentData],
    at: Millis,
) -> Option<Verification> {
    let trust_framework = state.config.identity.trust_framework.clone()?;
    let evidence: Vec<Value> = documents.iter().filter_map(evidence).collect();
    let claims: Vec<String> =
        PROVEN.iter().filter(|name| attributes.contains_key(**name)).map(|name| (*name).into()).collect();
    if evidence.is_empty() || claims.is_empty() {
        return None;
    }
    Some(Verification {
        trust_framework,
        time: Some(format_time(at)),
        verification_process: None,
        assurance_level: None,
        assurance_process: None,
        evidence,
        claims,
    })
}

/// A document as OpenID Identity Assurance writes it (§5.4; types of its annex). Forms and invoices prove nothing.
fn evidence(document: &DocumentData) -> Option<Value> {
    let kind = match document.document_type {
        DocumentType::IdCard => "idcard",
        DocumentType::Passport => "passport",
        DocumentType::BirthCertificate => "birth_certificate",
        DocumentType::Invoice | DocumentType::Form | DocumentType::Other => return None,
    };
    let mut details = json!({ "type": kind });
    if let Some(number) = &document.instance {
        details["document_number"] = number.as_str().into();
    }
    Some(json!({ "type": "document", "document_details": details }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::testkit::{Kit, START};

    fn enrollment(value: Value) -> Enrollment {
        serde_json::from_value(value).unwrap()
    }

    async fn made(kit: &Kit, value: Value, for_abis: bool) -> Draft {
        let enrollment = enrollment(value);
        draft(&kit.state, &enrollment, &Buffers::none(&kit.state), START, for_abis).await.unwrap()
    }

    /// GS-IDM-01, GS-ENR-02.
    #[tokio::test]
    async fn gs_idm_01_an_enrollment_gives_a_person() {
        let mut config = Config::default();
        config.identity.trust_framework = Some("national_id".into());
        let kit = Kit::with(config).await;
        let png = STANDARD.encode(b"\x89PNG\r\n\x1a\nrest");
        let of = json!({
            "biographicData": {
                "firstName": "Amina", "lastName": "Diallo", "dateOfBirth": "1990-02-28", "gender": "F",
                "nationality": "SEN", "spouseName": "Moussa"
            },
            "biometricData": [
                { "biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "template": "dA==",
                  "integrity": [{ "scope": "template", "alg": "SHA256", "hash": "00" }] },
                { "biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": png },
                { "biometricType": "SIGNATURE", "image": png }
            ],
            "documentData": [
                { "documentType": "PASSPORT", "parts": [{ "pages": [1] }] },
                { "documentType": "FORM", "parts": [{ "pages": [1] }] }
            ]
        });
        let draft = made(&kit, of, true).await;
        let expected = json!({
            "given_name": "Amina", "family_name": "Diallo", "name": "Amina Diallo", "birthdate": "1990-02-28",
            "gender": "female", "primary_nationality": "SN", "osia.spouseName": "Moussa"
        });
        assert_eq!(Value::Object(draft.attributes.clone()), expected);
        assert_eq!(draft.photo.as_ref().map(|photo| photo.media_type.as_str()), Some("image/png"));
        assert_eq!(
            draft.verifications[0].evidence,
            [json!({
                "type": "document", "document_details": { "type": "passport" }
            })]
        );
        let kinds: Vec<&Value> = draft.biometrics.iter().map(|one| &one["biometricType"]).collect();
        assert_eq!(kinds, ["FINGER", "FACE"]);
        assert!(draft.biometrics[0].get("integrity").is_none());
        let person = draft.person("5601934482");
        registry::add(&kit.state, person).await.unwrap();
    }

    #[tokio::test]
    async fn an_empty_or_odd_enrollment_gives_what_it_can() {
        let kit = Kit::new().await;
        assert!(made(&kit, json!({}), true).await.is_empty);
        let odd = json!({
            "biographicData": { "dateOfBirth": "28/02/1990", "nationality": "CZE", "firstName": 5 },
            "biometricData": [{ "biometricType": "FACE", "image": "not base64!" }],
            "documentData": [{ "documentType": "PASSPORT", "parts": [{ "pages": [1] }] }]
        });
        let draft = made(&kit, odd, false).await;
        let expected = json!({ "osia.dateOfBirth": "28/02/1990", "osia.nationality": "CZE", "osia.firstName": 5 });
        assert_eq!(Value::Object(draft.attributes.clone()), expected);
        assert!(draft.photo.is_none() && draft.verifications.is_empty() && draft.biometrics.is_empty());
        registry::add(&kit.state, draft.person("5601934482")).await.unwrap();
    }
}
