//! What became of enrollments, persons' identifiers, changes upon evidence, and history.

use serde_json::Value;

use crate::http::openapi::{Routes, doc};
use crate::identity::{answers, changes, identifiers, routes};

/// OSIA UIN 1.2.0, under `/v1`.
pub(super) fn uin() -> Routes {
    Routes::new().post(
        "/uin",
        identifiers::uin,
        doc("A UIN that nobody has or ever gets again")
            .scopes(&["uin.generate"])
            .osia()
            .takes_json::<identifiers::Attributes>()
            .gives_json::<String>(),
    )
}

/// What an ABIS calls back, where it may.
pub(super) fn callback() -> Routes {
    Routes::new().post(
        "/abis/{secret}",
        answers::callback,
        doc("What an ABIS answers later, at the address that it was told (OSIA ABIS 1.6.0)")
            .osia()
            .takes_query::<answers::CalledBack>()
            .takes_json::<Value>()
            .status(400, "the request is at fault")
            .status(403, "nobody waits for an answer here, or it is there already")
            .status(415, "the body is not JSON")
            .gives_nothing(),
    )
}

/// Our own, under `/identity`: all refuse as OSIA does, and take a `transactionId`.
pub(super) fn identity() -> Routes {
    let of_person = |summary, scope| doc(summary).scopes(scope).osia().status(404, "nobody has this identifier");
    let case = |summary, scope| doc(summary).scopes(scope).osia().status(404, "there is no such case");
    Routes::new()
        .get(
            "/enrollments/{enrollment_id}",
            routes::enrollment,
            doc("What became of an enrollment")
                .scopes(&["enroll.read"])
                .osia()
                .status(404, "no such enrollment, or it is not finalized or not taken on yet")
                .gives_json::<routes::Became>(),
        )
        .post(
            "/person/change",
            changes::change,
            of_person("Changes what is known of a person, upon documents that prove it", &["pr.person.write"])
                .takes_json::<changes::ChangeRequest>()
                .gives_json::<changes::ChangeAnswer>(),
        )
        .post(
            "/person/history",
            changes::history,
            of_person("What was done to a person, by whom and why", &["pr.history.read"])
                .takes_json::<changes::HistoryRequest>()
                .gives_json::<changes::HistoryAnswer>(),
        )
        .get(
            "/evidence/{evidence_id}",
            changes::document,
            doc("A document that a change was made upon")
                .scopes(&["pr.history.read"])
                .osia()
                .status(404, "there is no such document")
                .gives_json::<Value>(),
        )
        .post(
            "/identifiers/list",
            identifiers::list,
            of_person("What a person is or was found by", &["pr.identifier.read"])
                .takes_json::<identifiers::PersonRequest>()
                .gives_json::<identifiers::Identifiers>(),
        )
        .post(
            "/identifiers/issue",
            identifiers::issue,
            of_person("Gives a person a virtual id", &["pr.identifier.write"])
                .takes_json::<identifiers::IssueRequest>()
                .gives_json::<identifiers::IdentifierView>(),
        )
        .post(
            "/identifiers/revoke",
            identifiers::revoke,
            of_person("Ends a virtual id", &["pr.identifier.write"])
                .takes_json::<identifiers::RevokeRequest>()
                .gives_nothing(),
        )
        .get(
            "/duplicates",
            routes::list,
            doc("Enrollments that somebody must decide of")
                .scopes(&["pr.duplicate.read"])
                .osia()
                .status(400, "limit is out of range")
                .status(404, "after is not known")
                .gives_json::<routes::Cases>(),
        )
        .get(
            "/duplicates/{case_id}",
            routes::show,
            case("One of them, with those whom it is about side by side", &["pr.duplicate.read"])
                .gives_json::<routes::CaseDetails>(),
        )
        .post(
            "/duplicates/{case_id}/decision",
            routes::decide,
            case("Decides of one", &["pr.duplicate.write"])
                .status(409, "nobody can be made of it as it is")
                .takes_json::<routes::DecideRequest>()
                .gives_nothing(),
        )
}
