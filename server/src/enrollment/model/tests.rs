//! The schema, member by member: OSIA-MOD, OSIA-BIO, OSIA-DOC, OSIA-ENC-01, OSIA-ENC-06, OSIA-INT-01, OSIA-INT-02.

use serde_json::{Value, json};

use super::*;

/// The document as it comes back after it was read, or why it is refused.
fn read(document: &Value) -> Result<Value, Fault> {
    let read = Enrollment::read(document.to_string().as_bytes())?;
    assert_eq!(Enrollment::from_value(document.clone()).unwrap(), read);
    Ok(serde_json::to_value(read).unwrap())
}

fn kept(document: Value) {
    assert_eq!(read(&document).unwrap(), document);
}

fn refused(document: Value) -> Fault {
    read(&document).unwrap_err()
}

fn biometric(member: &str, value: impl Into<Value>) -> Value {
    let mut data = json!({ "biometricType": "FINGER" });
    data[member] = value.into();
    json!({ "biometricData": [data] })
}

fn document(member: &str, value: impl Into<Value>) -> Value {
    let mut data = json!({ "documentType": "FORM", "parts": [{}] });
    data[member] = value.into();
    json!({ "documentData": [data] })
}

fn part(member: &str, value: impl Into<Value>) -> Value {
    document("parts", vec![json!({ member: value.into() })])
}

/// With every member that the interface file has.
fn full() -> Value {
    let integrity = json!([{
        "id": "1", "type": "JWS", "scope": "image biometricType", "alg": "SHA256", "encrypted": false,
        "followRef": true, "hash": "7a0f87b0", "signature": "e30..c2ln", "signatureRef": "https://host.example/s?id=3"
    }]);
    json!({
        "enrollmentId": "E1", "status": "IN_PROGRESS", "enrollmentType": "citizen",
        "enrollmentFlags": { "timeout": 3600, "other": "other" },
        "requestData": { "priority": 1, "requestType": "FIRST_ISSUANCE", "deliveryAddress": { "city": "Libourne" } },
        "contextualData": { "enrollmentDate": "2019-01-11" },
        "biographicData": { "firstName": "Jana", "lastName": "Nováková", "height": 1.68, "alive": true, "aliases": ["J"] },
        "biometricData": [{
            "biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "instance": "1", "image": "c3RyaW5n",
            "imageRef": "http://imageserver.example/image?id=00003", "captureDate": "2019-05-21T12:00:00+01:00",
            "captureDevice": "D", "impressionType": "LIVE_SCAN_PLAIN", "width": 500, "height": 500, "bitdepth": 8,
            "mimeType": "image/jp2", "resolution": 500, "compression": "JPEG2000",
            "missing": [{ "biometricSubType": "RIGHT_RING", "presence": "BANDAGED" }], "metadata": "m", "comment": "c",
            "template": "c3RyaW5n", "templateRef": "http://dataserver.example/template?id=00014",
            "templateFormat": "OF_OUR_OWN", "quality": 9_007_199_254_740_993_i64, "qualityFormat": "OF_OUR_OWN",
            "algorithm": "a", "vendor": "v", "encryption": { "type": "JWE", "scope": "image" }, "integrity": integrity
        }],
        "documentData": [{
            "documentType": "OTHER", "documentTypeOther": "lease", "instance": "1",
            "parts": [{
                "pages": [1, 2], "data": "c3RyaW5n", "dataRef": "http://server.example/buffer?id=00003", "width": 1,
                "height": 2, "mimeType": "application/vc", "captureDate": "2019-05-21T12:00:00Z", "captureDevice": "S",
                "encryption": { "type": "PKCS7", "scope": "data" }, "integrity": integrity
            }],
            "integrity": integrity
        }],
        "encryption": { "type": "JWE", "scope": "biographicData\n  documentData[0].parts" },
        "integrity": integrity
    })
}

#[test]
fn every_member_comes_back_as_it_was_and_any_other_is_refused() {
    kept(json!({}));
    kept(full());
    // Each object of the closed ones, with a member of its own making (OSIA-MOD-03, OSIA-BIO-13).
    for at in [
        "",
        "/biometricData/0",
        "/biometricData/0/missing/0",
        "/biometricData/0/encryption",
        "/biometricData/0/integrity/0",
        "/documentData/0",
        "/documentData/0/parts/0",
        "/encryption",
        "/integrity/0",
    ] {
        let mut document = full();
        document.pointer_mut(at).unwrap()["colour"] = json!("green");
        assert_eq!(refused(document).reason, "is no member of OSIA enrollment 1.3.0", "{at}");
    }
}

#[test]
fn the_open_objects_hold_anything() {
    for open in ["enrollmentFlags", "requestData", "contextualData", "biographicData"] {
        for value in
            [json!("text"), json!(3), json!(2.5), json!(true), json!([1, "a"]), json!({ "a": { "b": ["ř", {}] } })]
        {
            kept(json!({ open: value }));
        }
    }
}

/// What serde would take for an object or a word, and JSON Schema does not.
#[test]
fn a_list_is_no_object_and_an_object_is_no_word() {
    for document in [
        json!([]),
        json!({ "biometricData": [["FACE"]] }),
        json!({ "documentData": [["FORM", [[]]]] }),
        document("parts", json!([[]])),
        json!({ "encryption": ["JWE", "biographicData"] }),
        json!({ "integrity": [["a", "SHA256", "00"]] }),
        biometric("missing", json!([[]])),
        biometric("biometricType", json!({ "FACE": null })),
        json!({ "status": { "FINALIZED": null } }),
    ] {
        let fault = refused(document);
        assert_eq!(fault.reason, "must have the type that OSIA enrollment 1.3.0 gives it", "{fault}");
    }
}

#[test]
fn what_stands_for_nothing_is_no_value() {
    for document in [
        json!({ "enrollmentType": null }),
        json!({ "biometricData": null }),
        json!({ "encryption": null }),
        biometric("image", Value::Null),
        part("pages", Value::Null),
    ] {
        refused(document);
    }
}

#[test]
fn every_listed_value_is_taken_and_no_other() {
    fn all<T: Copy>(list: &[T], name: fn(T) -> &'static str, count: usize, within: impl Fn(&str) -> Value) {
        assert_eq!(list.len(), count);
        for value in list {
            kept(within(name(*value)));
        }
        for other in ["VOICE", "", "finger"] {
            let fault = refused(within(other));
            assert!(fault.reason.starts_with("must be one of the values"), "{fault}");
        }
    }
    all(Status::ALL, Status::name, 2, |value| json!({ "status": value }));
    all(BiometricType::ALL, BiometricType::name, 5, |value| biometric("biometricType", value));
    all(BiometricSubType::ALL, BiometricSubType::name, 49, |value| biometric("biometricSubType", value));
    let missing = |value: &str| biometric("missing", vec![json!({ "biometricSubType": value })]);
    all(BiometricSubType::ALL, BiometricSubType::name, 49, missing);
    all(Presence::ALL, Presence::name, 3, |value| biometric("missing", vec![json!({ "presence": value })]));
    all(ImpressionType::ALL, ImpressionType::name, 19, |value| biometric("impressionType", value));
    all(CompressionType::ALL, CompressionType::name, 5, |value| biometric("compression", value));
    all(DocumentType::ALL, DocumentType::name, 6, |value| document("documentType", value));
    let encryption = |value: &str| json!({ "encryption": { "type": value, "scope": "biographicData" } });
    all(EncryptionType::ALL, EncryptionType::name, 2, encryption);
    let integrity =
        |value: &str| json!({ "integrity": [{ "type": value, "scope": "a", "alg": "SHA256", "hash": "00" }] });
    all(SignatureType::ALL, SignatureType::name, 3, integrity);
}

#[test]
fn required_members_are_required() {
    let without = |at: &str, member: &str| {
        let mut document = full();
        document.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(member).unwrap();
        document
    };
    for (at, member) in [
        ("/biometricData/0", "biometricType"),
        ("/documentData/0", "documentType"),
        ("/documentData/0", "parts"),
        ("/encryption", "type"),
        ("/encryption", "scope"),
        ("/integrity/0", "scope"),
        ("/integrity/0", "alg"),
        ("/integrity/0", "hash"),
    ] {
        let fault = refused(without(at, member));
        assert_eq!(fault.reason, "is required by OSIA enrollment 1.3.0", "{at} {member}");
        // OSIA-ERR-02: named where it should be.
        let place = at.trim_start_matches('/').replace("/0", "[0]");
        assert_eq!(fault.path, format!("{place}.{member}"));
    }
    kept(without("/integrity/0", "type"));
}

#[test]
fn lists_dates_addresses_and_numbers_have_their_form() {
    assert_eq!(refused(document("parts", json!([]))).reason, "must hold at least one item");
    assert_eq!(refused(part("pages", json!([]))).reason, "must hold at least one item");
    kept(part("pages", json!([3])));
    for member in ["imageRef", "templateRef"] {
        for bad in ["image 3", "/image", "", "http://exa mple/", "http://host.example/%zz"] {
            assert_eq!(refused(biometric(member, bad)).reason, "must be a URI with its scheme (RFC 3986)", "{bad}");
        }
        kept(biometric(member, "urn:uuid:0c2a-1"));
    }
    refused(part("dataRef", "buffer"));
    for bad in ["21/05/2019", "2019-05-21", "2019-05-21T12:00:00", "2019-13-21T12:00:00Z", ""] {
        let fault = refused(biometric("captureDate", bad));
        assert_eq!(fault.reason, "must be a date with time and zone (RFC 3339)", "{bad}");
        assert_eq!(fault.path, "biometricData[0].captureDate");
        refused(part("captureDate", bad));
    }
    for member in ["width", "height", "bitdepth", "resolution", "quality"] {
        for bad in [json!("500"), json!(1.5), json!(true)] {
            refused(biometric(member, bad));
        }
        kept(biometric(member, -1));
    }
    refused(json!({ "biometricData": { "biometricType": "FACE" } }));
    refused(json!({ "integrity": { "scope": "a", "alg": "SHA256", "hash": "00" } }));
}

#[test]
fn what_is_no_json_object_is_refused() {
    for bad in ["", "{", "[]x", "{} {}", "{\"status\":\"FINALIZED\",\"status\":\"FINALIZED\"}", "3", "\"a\"", "null"] {
        Enrollment::read(bad.as_bytes()).unwrap_err();
    }
}

#[test]
fn no_refusal_repeats_what_was_sent() {
    let sent = "Nováková-1985";
    for document in [
        json!({ "enrollmentType": [sent] }),
        json!({ "status": sent }),
        biometric("captureDate", sent),
        biometric("imageRef", sent),
        biometric("width", sent),
    ] {
        let told = refused(document).to_string();
        assert!(!told.contains("Nov"), "{told}");
    }
    assert_eq!(format!("{:?}", Enrollment::from_value(full()).unwrap()), "Enrollment");
}
