//! Biometrics: which is the portrait, and how an ABIS takes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::portrait;
use crate::enrollment::model::{BiometricData, BiometricSubType, BiometricType};
use crate::registry::Photo;

/// Whether it is the face that the claim `picture` tells.
pub(super) fn is_portrait(one: &BiometricData) -> bool {
    let whole = matches!(one.biometric_sub_type, None | Some(BiometricSubType::Portrait | BiometricSubType::Unknown));
    one.biometric_type == BiometricType::Face && whole
}

/// A biometric as an ABIS takes it, where it can be compared: with nothing of how it was protected on the way here.
pub(super) fn compared(one: &BiometricData) -> Option<Map<String, Value>> {
    let kind = matches!(one.biometric_type, BiometricType::Face | BiometricType::Finger | BiometricType::Iris);
    let captured =
        one.image.is_some() || one.image_ref.is_some() || one.template.is_some() || one.template_ref.is_some();
    if !kind || !captured {
        return None;
    }
    let Ok(Value::Object(mut members)) = serde_json::to_value(one) else { return None };
    members.remove("encryption");
    members.remove("integrity");
    Some(members)
}

/// The image that a biometric holds by value.
pub(super) fn image(one: &BiometricData) -> Option<Zeroizing<Vec<u8>>> {
    one.image.as_ref().and_then(|image| STANDARD.decode(image.trim()).ok()).map(Zeroizing::new)
}

/// The biometrics of OSIA's schema in a list, in the clear.
fn clear(list: &[Value]) -> impl Iterator<Item = BiometricData> {
    list.iter().filter_map(|one| {
        let mut one = one.clone();
        // The population registry's biometrics have a member more than those of enrollments.
        one.as_object_mut()?.remove("identityId");
        let one: BiometricData = serde_json::from_value(one).ok()?;
        one.encryption.is_none().then_some(one)
    })
}

/// Biometrics of an identity as an ABIS takes them; those that are encrypted are left out.
#[must_use]
pub fn for_abis(list: &[Value]) -> Vec<Value> {
    clear(list).filter_map(|one| compared(&one).map(Value::Object)).collect()
}

/// The portrait among the biometrics of an identity, as it came.
#[must_use]
pub fn face(list: &[Value]) -> Option<Zeroizing<Vec<u8>>> {
    clear(list).find(is_portrait).as_ref().and_then(image)
}

/// The photo that a portrait gives; `None` where it is neither JPEG nor PNG, or damaged.
pub async fn photo(face: Zeroizing<Vec<u8>>) -> Option<Photo> {
    let made = tokio::task::spawn_blocking(move || portrait::photo(&face)).await;
    made.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_portrait_is_the_whole_face_in_the_clear() {
        let image = STANDARD.encode("face");
        let of = |more: Value| {
            let mut one = json!({ "biometricType": "FACE", "image": image, "identityId": "1" });
            one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            one
        };
        let bytes = |list: &[Value]| face(list).map(|bytes| bytes.to_vec());
        assert_eq!(bytes(&[of(json!({}))]), Some(b"face".to_vec()));
        assert_eq!(bytes(&[of(json!({ "biometricSubType": "LEFT_PROFILE" }))]), None);
        assert_eq!(bytes(&[of(json!({ "biometricType": "FINGER" }))]), None);
        let encrypted = of(json!({ "encryption": { "type": "JWE", "scope": "image" } }));
        assert_eq!(bytes(std::slice::from_ref(&encrypted)), None);
        assert!(for_abis(&[encrypted]).is_empty());
    }

    #[test]
    fn an_abis_gets_what_can_be_compared_and_nothing_of_its_protection() {
        let list = [
            json!({ "biometricType": "FINGER", "template": "dA==", "identityId": "1",
                    "integrity": [{ "scope": "template", "alg": "SHA256", "hash": "00" }] }),
            json!({ "biometricType": "SIGNATURE", "image": "dA==" }),
            json!({ "biometricType": "IRIS" }),
        ];
        assert_eq!(for_abis(&list), [json!({ "biometricType": "FINGER", "template": "dA==" })]);
    }
}
