//! What a document may cost, and what a hash must tell apart.

use serde_json::{Value, json};

use super::{block, checked, person};
use crate::protection::references::Marked;
use crate::protection::{Reason, Scope, canonical};
use crate::testkit::Kit;

/// OSIA-INT-04: every node that `..` comes by is remembered with its path; a small body may have a great many, deep down.
#[tokio::test]
async fn osia_int_04_a_crowded_document_is_not_searched() {
    let kit = Kit::new().await;
    let mut deep = Value::from(vec![0; 20_000]);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let mut document = person();
    document["contextualData"] = deep;
    for scope in ["$..image", "contextualData..*", "*", "biometricData[*].image", "biometricData[?@.image].width"] {
        let block = json!({ "scope": scope, "alg": "SHA256", "hash": "00" });
        document["integrity"] = json!([block]);
        let fault = checked(&kit, &document).await.unwrap_err();
        assert!(matches!(fault.reason, Reason::Crowded), "{scope}: {fault}");
    }
    // Paths to one node each come by few.
    document["integrity"] = json!([block(&person(), "biographicData.firstName biometricData[0].image")]);
    checked(&kit, &document).await.unwrap();
}

/// OSIA-INT-04: unions that lead to one node again and again.
#[test]
fn osia_int_04_unions_multiply_no_further_than_is_taken() {
    for good in ["$['a','b','c','d','e','f','g','h','i']", "$[0,1][0,1]", "$['[,','],'].a"] {
        assert!(Scope::parse(good).is_ok(), "{good}");
    }
    for bad in ["$[0,0][0,0][0,0][0,0][0,0]", "$..[0,0,0,0,0][0,0,0,0]", "$[*,*,*][*,*,*][*,*,*]"] {
        assert!(matches!(Scope::parse(bad), Err(Reason::Scope)), "{bad}");
    }
    // Each is followed sixteen times.
    let four = Scope::parse("$[0,0,0,0][0,0,0,0]").unwrap();
    let list = json!([vec![0; 40_000]]);
    assert!(matches!(four.locate(&list), Err(Reason::Crowded)));
    assert_eq!(four.locate(&json!([[7]])).unwrap().len(), 1);
}

/// OSIA-INT-08: what many blocks cover is remembered until the policy was held.
#[tokio::test]
async fn osia_int_08_blocks_cover_no_more_together_than_is_taken() {
    let kit = Kit::new().await;
    let mut document = json!({ "biographicData": { "list": vec![0; 10_000] } });
    let one = block(&document, "biographicData..*");
    document["integrity"] = json!([one]);
    checked(&kit, &document).await.unwrap();
    document["integrity"] = Value::from(vec![one; 40]);
    assert!(matches!(checked(&kit, &document).await.unwrap_err().reason, Reason::Crowded));
}

/// OSIA-INT-07: no text of a document looks like the mark of a buffer, whatever it has of the kind.
#[test]
fn osia_int_07_marks_of_buffers_occur_nowhere_else() {
    let many: String = (0..20_000).map(|number| format!("buffer-{number}-")).collect();
    for (text, prefix) in [
        (many.as_str(), "buffer-20000-"),
        ("buffer-1-", "buffer-0-"),
        ("buffer-0- buffer-2-buffer-1-é", "buffer-3-"),
        ("buffer-0 buffer-", "buffer-0-"),
        ("buffer-99999999999999999999999- buffer-0-", "buffer-1-"),
    ] {
        let node = json!({ "a": text, "imageRef": "u" });
        let marked = Marked::of(&node);
        assert_eq!(marked.prefix, prefix);
        assert!(!text.contains(&marked.prefix));
        assert_eq!(marked.url(&marked.both["image"]), Some("u"));
    }
}

/// OSIA-INT-05: RFC 8785 writes numbers as doubles. Of one with more digits the last could be changed under a signature; only the
/// one that it writes itself has a hash.
#[tokio::test]
async fn osia_int_05_integers_beyond_doubles_have_no_hash() {
    let written = 190_741_129_067_765_700_u64;
    for good in [json!(0), json!(1_u64 << 53), json!(-(1_i64 << 53)), json!(written), json!(0.1), json!(1e300)] {
        assert!(canonical(&good).is_ok(), "{good}");
    }
    for bad in [json!((1_u64 << 53) + 1), json!(-(1_i64 << 53) - 1), json!(written - 1), json!({ "a": [i64::MAX] })] {
        assert!(matches!(canonical(&bad), Err(Reason::Number)), "{bad}");
    }
    let kit = Kit::new().await;
    let mut document = json!({ "biographicData": { "number": 12_345_678_901_234_567_u64, "firstName": "Alice" } });
    document["integrity"] = json!([block(&document, "biographicData.firstName")]);
    checked(&kit, &document).await.unwrap();
    document["integrity"] = json!([{ "scope": "biographicData", "alg": "SHA256", "hash": "00" }]);
    assert!(matches!(checked(&kit, &document).await.unwrap_err().reason, Reason::Number));
}
