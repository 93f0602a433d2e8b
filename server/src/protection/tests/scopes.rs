//! Scopes, and buffers by reference.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Held, block, checked, client, hash, person};
use crate::protection::{Reason, Scope, intermediate, verify};
use crate::testkit::Kit;

/// OSIA-ENC-02: RFC 9535 wants a `$`, OSIA's examples have none.
#[test]
fn paths_are_read_with_and_without_a_dollar_and_split_at_white_space() {
    let person = person();
    let kept = |scope: &str| intermediate(&person, &Scope::parse(scope).unwrap().locate(&person).unwrap());
    let both = json!({ "biographicData": { "firstName": "Alice" }, "documentData": [{ "parts": [{ "pages": [3] }] }] });
    for scope in [
        "biographicData.firstName documentData[*].parts[1].pages",
        "$.biographicData.firstName\n$.documentData[0].parts[1].pages",
        "  $['biographicData']['firstName']\t documentData[*].parts[-1].pages ",
        "biographicData[ 'firstName' ] documentData[*].parts[?@.pages[0] == 3].pages",
    ] {
        assert_eq!(kept(scope), both, "{scope}");
    }
    assert_eq!(kept("$"), person);
    assert_eq!(kept("biographicData biographicData.firstName"), json!({ "biographicData": person["biographicData"] }));
    // Elements that are not in scope leave no gap.
    assert_eq!(kept("biometricData[1].biometricType"), json!({ "biometricData": [{ "biometricType": "FINGER" }] }));
}

/// What is malformed, or would cost too much, is refused before it is run.
#[test]
fn costly_and_malformed_paths_are_refused() {
    let long = "a.".repeat(400);
    let many = "a ".repeat(65);
    for scope in [
        "",
        " ",
        "a[",
        "a]",
        "a['b",
        "..",
        "a..b..c",
        "a[?@[?@[?@.b]]]",
        "a[?$.b]",
        "a[?$..b == 1]",
        "[0,0,0,0,0,0,0,0,0,0]",
        "a[?match(@.b, '.*')]",
        "a[?search(@.b, 'x')]",
        "a b[",
        "a)(",
        &long,
        &many,
        "((((((((((((((((((((((((((((((((",
    ] {
        assert!(matches!(Scope::parse(scope), Err(Reason::Scope)), "{scope}");
    }
    // A name in quotes may be anything.
    assert!(Scope::parse("$['a..b$c,[?(']").is_ok());
    assert!(Scope::parse("$..image").is_ok());
}

/// OSIA-INT-07.
#[tokio::test]
async fn a_reference_counts_as_its_text_or_as_its_buffer() {
    let kit = Kit::new().await;
    let url = "https://id.test/v1/enrollments/e/buffer/b";
    let bytes = b"the bytes of an image, more than one piece of them";
    let client = client(vec![], json!({}));
    let by_value = json!({ "biometricType": "FINGER", "image": STANDARD.encode(bytes) });
    let mut document = person();

    // As text: the buffer is not looked at, it need not be there.
    document["biometricData"][1]["integrity"] = json!([block(&document["biometricData"][1], "imageRef biometricType")]);
    checked(&kit, &document).await.unwrap();

    // As the buffer: hashed as if it were there by value, by either name.
    for scope in ["image biometricType", "imageRef biometricType"] {
        let mut block = json!({ "scope": scope, "alg": "SHA384", "followRef": true });
        block["hash"] = json!(hash(&by_value, "image biometricType", "SHA384"));
        document["biometricData"][1]["integrity"] = json!([block]);
        verify(&kit.state, &client, &document, &Held::one(url, bytes), false).await.unwrap();
        let other = verify(&kit.state, &client, &document, &Held::one(url, b"another"), false).await;
        assert!(matches!(other.unwrap_err().reason, Reason::Hash));
        // Nothing is fetched from anywhere else.
        let elsewhere = verify(&kit.state, &client, &document, &Held::one("https://other.test/b", bytes), false).await;
        assert!(matches!(elsewhere.unwrap_err().reason, Reason::Reference));
    }

    // From the root, with a whole object in scope; what looks like our mark of a buffer is data.
    let mut document = person();
    document["biographicData"]["note"] = json!("buffer-0-0;");
    let mut same = document.clone();
    same["biometricData"][1] = by_value;
    let hash = hash(&same, "biometricData biographicData", "SHA256");
    document["integrity"] =
        json!([{ "scope": "biometricData biographicData", "alg": "SHA256", "followRef": true, "hash": hash }]);
    verify(&kit.state, &client, &document, &Held::one(url, bytes), false).await.unwrap();
}
