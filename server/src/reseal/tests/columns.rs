//! No column is forgotten: one of bytes is sealed anew, hashed anew, or there is a reason why not; one of text holds neither, or
//! there is a reason (GS-SEC-05c).

use std::collections::BTreeSet;

use crate::reseal::{columns, hashed};
use crate::store::StoreError;
use crate::testkit::Kit;

/// Rows with several hashes each, which their rooms make anew (`enrollment::rehash`, `population::rehash`,
/// `registry::unique`).
const MADE_ANEW: [&str; 5] = [
    "enrollment.lookup",
    "enrollment_attribute.hash",
    "enrollment_bucket.name",
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

/// What texts are, and why none of them is made anew by a walk. A name without a table is that of a column which is the same
/// wherever it is.
const TEXTS: [(&str, &[&str]); 10] = [
    (
        "whose it is: names of clients, mounts, services",
        &["client_id", "client_key.unique_in", "client_mount", "mount", "party", "relying_party_id", "service"],
    ),
    (
        "one of the few words that this program knows for it",
        &[
            "abis_call.step",
            "audit_event.reason",
            "authorization_transaction.stage",
            "carried_key.purpose",
            "cause",
            "consent_question.outcome",
            "identity_task.state",
            "kind",
            "link_code.browser",
            "link_code.channel",
            "notification_subscription.protocol",
            "otp.purpose",
            "population_person.physical_status",
            "population_person.record_status",
            "signing_key.family",
            "status",
            "wallet_key.alg",
            "wallet_key.key_security",
            "wallet_key.profile",
        ],
    ),
    (
        "public: keys, their names, certificates, what a wallet signed of names of claims",
        &[
            "certificate",
            "consent.signature",
            "consent.statement",
            "dpop_jkt",
            "signing_key.kid",
            "signing_key.public_jwk",
            "thumbprint",
            "token_family.used_jkt",
            "wallet_key.jwk",
            "wallet_key.x5t",
        ],
    ),
    (
        "names of things that are not persons",
        &[
            "abis_call.remote",
            "access_token.scope",
            "gallery",
            "notification_topic.name",
            "person_change.claims",
            "uuid",
        ],
    ),
    (
        "who did something, and what somebody wrote about a login",
        &["audit_case.closed_by", "audit_case.reason", "audit_case.resolution", "audit_event.actor"],
    ),
    (
        "a hash under no key, of what nobody can guess or of what is public",
        &[
            "authorization_code.code_challenge",
            "authorization_transaction.details_hash",
            "consent.asked_hash",
            "restored_file.digest",
            "wallet_token.hash",
        ],
    ),
    ("a pseudonym, which must not change", &["imported_subject.subject"]),
    ("known by the person alone", &["pin.hash"]),
    (
        "made under a key that stays: of an identifier while its wrong attempts are counted, and of regions, which counted \
         days refer to",
        &["attempt.subject", "statistics_day.region", "statistics_person.region", "statistics_region.hash"],
    ),
    (
        "made anew by its room (`clients::reseal_secrets`, `registry::unique`)",
        &["client.registration", "person.unique_rules"],
    ),
];

/// Columns of a type, as `table.column`.
async fn of_type(kit: &Kit, kind: &'static str) -> BTreeSet<String> {
    let read = kit.state.store.read(move |tx| {
        Box::pin(async move {
            let sql = "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
                       WHERE t.type = 'table' AND c.type = $1";
            crate::fetch_all!(tx, (String, String), sql, kind)
        })
    });
    let read: Result<Vec<(String, String)>, StoreError> = read.await;
    read.unwrap().into_iter().map(|(table, column)| format!("{table}.{column}")).collect()
}

#[tokio::test]
async fn gs_sec_05c_every_column_of_bytes_is_made_anew_or_says_why_not() {
    let kit = Kit::new().await;
    let there = of_type(&kit, "BLOB").await;
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

/// Sealed values and hashes may be written as text too.
#[tokio::test]
async fn gs_sec_05c_every_column_of_text_says_what_it_is() {
    let kit = Kit::new().await;
    let there = of_type(&kit, "TEXT").await;
    let known: Vec<&str> = TEXTS.iter().flat_map(|(_, columns)| *columns).copied().collect();
    let mut used = BTreeSet::new();
    for column in &there {
        let bare = column.split_once('.').unwrap().1;
        let said: Vec<&str> = known.iter().copied().filter(|name| *name == column || *name == bare).collect();
        assert_eq!(said.len(), 1, "{column} must be in one list, once: {said:?}");
        used.extend(said);
    }
    let gone: Vec<&&str> = known.iter().filter(|name| !used.contains(**name)).collect();
    assert!(gone.is_empty(), "no columns of text: {gone:?}");
    let sealed = columns().into_iter().map(|of| (of.table, of.column));
    for (table, column) in sealed.chain(hashed().iter().map(|of| (of.sealed.table, of.column))) {
        assert!(!there.contains(&format!("{table}.{column}")), "{table}.{column}: walks read bytes");
    }
}
