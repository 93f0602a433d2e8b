//! No column of bytes is forgotten: each is sealed anew, hashed anew, or there is a reason why not (GS-SEC-05c).

use std::collections::BTreeSet;

use crate::reseal::{columns, hashed};
use crate::store::StoreError;
use crate::testkit::Kit;

/// Rows with several hashes each, which their rooms make anew (`enrollment::rehash`, `population::rehash`,
/// `registry::unique`).
const MADE_ANEW: [&str; 6] = [
    "enrollment.lookup",
    "enrollment_attribute.hash",
    "enrollment_bucket.name",
    "enrollment_buffer.lookup",
    "identity_attribute.hash",
    "person_block.hash",
];

/// What stays as it is, and why.
const STAYS: [(&str, &[&str]); 6] = [
    (
        "a hash of what nobody can guess, under no key",
        &[
            "abis_call.secret_hash",
            "access_token.secret_hash",
            "account_session.secret_hash",
            "authorization_code.redirect_hash",
            "authorization_code.secret_hash",
            "authorization_transaction.browser",
            "authorization_transaction.secret_hash",
            "authorization_transaction.session",
            "binding_challenge.secret_hash",
            "link_code.secret_hash",
            "linked_transaction.secret_hash",
            "login_session.secret_hash",
            "pushed_request.secret_hash",
            "used_assertion.jti_hash",
        ],
    ),
    ("random, and of no use without a key that stays", &["token_family.seed"]),
    ("public", &["signing_key.certificate"]),
    (
        "known in the clear by a person, a browser or a client alone",
        &["authorization_nonce.nonce_hash", "known_browser.bound", "otp.mac"],
    ),
    ("made of a pseudonym, which must not change", &["told_subject.lookup"]),
    (
        "made of a person's number in this database, which tells nobody anything, or of a name that only events have",
        &[
            "account_session.person_hash",
            "audit_case.subject",
            "audit_event.enrollment",
            "audit_event.subject",
            "audit_event.traced",
            "consent_question.holder",
            "consent_receipt.holder",
            "login_session.person_hash",
            "statistics_person.subject",
        ],
    ),
];

#[tokio::test]
async fn gs_sec_05c_every_column_of_bytes_is_made_anew_or_says_why_not() {
    let kit = Kit::new().await;
    let read = kit.state.store.read(|tx| {
        Box::pin(async move {
            let sql = "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
                       WHERE t.type = 'table' AND c.type = 'BLOB'";
            crate::fetch_all!(tx, (String, String), sql)
        })
    });
    let read: Result<Vec<(String, String)>, StoreError> = read.await;
    let there: BTreeSet<String> =
        read.unwrap().into_iter().map(|(table, column)| format!("{table}.{column}")).collect();
    assert!(there.contains("person.biographics"), "{there:?}");

    let mut known = Vec::new();
    known.extend(columns().iter().map(|sealed| format!("{}.{}", sealed.table, sealed.column)));
    known.extend(hashed().iter().map(|hashed| format!("{}.{}", hashed.sealed.table, hashed.column)));
    known.extend(MADE_ANEW.iter().map(ToString::to_string));
    known.extend(STAYS.iter().flat_map(|(_, columns)| *columns).map(ToString::to_string));
    let once: BTreeSet<String> = known.iter().cloned().collect();
    assert_eq!(once.len(), known.len(), "a column is named twice");
    let forgotten: Vec<&String> = there.difference(&once).collect();
    assert!(forgotten.is_empty(), "in no list: {forgotten:?}");
    let gone: Vec<&String> = once.difference(&there).collect();
    assert!(gone.is_empty(), "no columns of bytes: {gone:?}");
    // What a hash is made of is found by the first column of its key alone.
    assert!(hashed().iter().all(|hashed| hashed.sealed.key.len() == 1 && hashed.with.len() <= 2));
}
