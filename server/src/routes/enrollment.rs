//! Enrollment clients: OSIA enrollment 1.3.0.

use schemars::JsonSchema;

use crate::enrollment::model::Enrollment;
use crate::enrollment::{buffer, create, delete, finalize, find, read, update};
use crate::http::openapi::{Doc, Routes, doc};
use crate::osia::Expression;

/// What every call has in its query.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a query, which osia::Parameters reads")]
struct Traced {
    /// The caller's own name for what it does; events are found by it.
    transaction_id: String,
}

/// The query of calls that may finalize.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a query, which osia::Parameters reads")]
struct Finalizing {
    /// The caller's own name for what it does; events are found by it.
    transaction_id: String,
    /// All data has been collected.
    #[schemars(default)]
    finalize: bool,
}

/// The query of a read.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a query, which osia::Parameters reads")]
struct Wanted {
    /// The caller's own name for what it does; events are found by it.
    transaction_id: String,
    /// Members of the enrollment or of its biographic data; all where there are none.
    #[schemars(default)]
    attributes: Vec<String>,
}

/// The query of a search.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a query, which osia::Parameters reads")]
struct Paged {
    /// The caller's own name for what it does; events are found by it.
    transaction_id: String,
    /// How many to leave out at the beginning.
    #[schemars(default)]
    offset: u32,
    /// How many at most: 100 where it is left out, 1000 at most.
    #[schemars(default)]
    limit: u32,
}

const UNKNOWN: &str = "the caller's service has no such thing";
const FINALIZED: &str = "the token lacks the scope, or the enrollment is finalized";
const NO_JSON: &str = "the body is not JSON";

/// All nine operations, under `/v1`.
pub(super) fn enrollment() -> Routes {
    let write = |summary| doc(summary).osia().scopes(&["enroll.write"]);
    let read = |summary| doc(summary).osia().scopes(&["enroll.read"]);
    let changes = |doc: Doc| doc.status(403, FINALIZED).status(404, UNKNOWN);
    Routes::new()
        .post(
            "/enrollments/{enrollmentId}",
            create::post,
            write("createEnrollment: an enrollment under the client's own id")
                .takes_query::<Finalizing>()
                .takes_json::<Enrollment>()
                .or_no_body()
                .streams()
                .gives_nothing()
                .status(409, "the id is taken")
                .status(415, NO_JSON),
        )
        .get(
            "/enrollments/{enrollmentId}",
            read::get,
            read("readEnrollment: all of it, or some members")
                .takes_query::<Wanted>()
                .gives_json::<Enrollment>()
                .status(404, UNKNOWN),
        )
        .put(
            "/enrollments/{enrollmentId}",
            update::put,
            changes(write("updateEnrollment: replaces it as a whole"))
                .takes_query::<Finalizing>()
                .takes_json::<Enrollment>()
                .or_no_body()
                .streams()
                .gives_nothing()
                .status(415, NO_JSON),
        )
        .patch(
            "/enrollments/{enrollmentId}",
            update::patch,
            changes(write("partialUpdateEnrollment: merges a patch into it (RFC 7396)"))
                .takes_query::<Finalizing>()
                .takes_json::<Enrollment>()
                .or_no_body()
                .streams()
                .gives_nothing()
                .status(415, NO_JSON),
        )
        .delete(
            "/enrollments/{enrollmentId}",
            delete::delete,
            write("deleteEnrollment: with its buffers, also where it is finalized")
                .takes_query::<Traced>()
                .gives_nothing()
                .status(404, UNKNOWN),
        )
        .put(
            "/enrollments/{enrollmentId}/finalize",
            finalize::put,
            changes(write("finalizeEnrollment: all data has been collected")).takes_query::<Traced>().gives_nothing(),
        )
        .post(
            "/enrollments",
            find::post,
            read("findEnrollments: those that meet all expressions")
                .takes_query::<Paged>()
                .takes_json::<Vec<Expression>>()
                .or_no_body()
                .gives_json::<Vec<Enrollment>>()
                .status(415, NO_JSON),
        )
        .post(
            "/enrollments/{enrollmentId}/buffer",
            buffer::post,
            doc("createBuffer: a file beside an enrollment, also before it is made")
                .osia()
                .scopes(&["enroll.buf.write"])
                .takes_query::<Traced>()
                .header("Digest", false, "RFC 3230: SHA-256, SHA-512 or SHA of the body")
                .takes_bytes(&["application/*", "image/*"])
                .streams()
                .gives_made::<buffer::BufferId>()
                .status(403, FINALIZED)
                .status(415, "neither application/* nor image/*"),
        )
        .get(
            "/enrollments/{enrollmentId}/buffer/{bufferId}",
            buffer::get,
            doc("readBuffer: the bytes as they were sent")
                .osia()
                .scopes(&["enroll.buf.read"])
                .takes_query::<Traced>()
                .gives("application/*")
                .gives("image/*")
                .status(404, UNKNOWN),
        )
}
