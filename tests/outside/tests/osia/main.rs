//! OSIA's interfaces from outside, by the ids of the requirements: enrollment, what becomes of it, the registries, what
//! others may verify and read, and who is told. Each on SQLite and on PostgreSQL.

mod access;
mod buffers;
mod duplicates;
mod enrollment;
mod faults;
mod find;
mod model;
mod notifications;
mod portability;
mod privacy;
mod protect;
mod protection;
mod registry;
mod restoring;
mod statistics;
mod strict;
mod telling;
mod verification;
mod whole_way;

use outside::random;
use outside::server::Server;
use outside::service::Service;
use serde_json::{Value, json};

/// All that an enrollment office may do.
const OFFICE: [&str; 4] = ["enroll.write", "enroll.read", "enroll.buf.write", "enroll.buf.read"];

/// An enrollment office.
async fn office(server: &Server) -> Service {
    Service::register(server, &OFFICE).await
}

/// An id that nobody has used.
fn new_id() -> String {
    format!("e-{}", &random()[..16])
}

/// The address of an enrollment, in a transaction of its own.
fn enrollment(id: &str) -> String {
    format!("/v1/enrollments/{id}?transactionId=t-{id}")
}

/// Where its buffers go.
fn buffers(id: &str) -> String {
    format!("/v1/enrollments/{id}/buffer?transactionId=t-{id}")
}

/// Where it is finalized.
fn finalize(id: &str) -> String {
    format!("/v1/enrollments/{id}/finalize?transactionId=t-{id}")
}

/// The example of the document (003, Enrollment), with every member that has no reference and no signature.
fn example() -> Value {
    json!({
        "enrollmentType": "citizen",
        "enrollmentFlags": { "timeout": 3600, "other": "other", "urgent": true },
        "requestData": {
            "priority": 1,
            "requestType": "FIRST_ISSUANCE",
            "deliveryAddress": {
                "address1": "11 Rue des Rosiers", "city": "Libourne", "postalCode": "33500", "country": "France"
            }
        },
        "contextualData": { "enrollmentDate": "2019-01-11", "operator": "op-7", "device": { "serial": 12.5 } },
        "biographicData": {
            "firstName": "John", "lastName": "Doo", "dateOfBirth": "1985-11-30", "gender": "M", "nationality": "FRA"
        },
        "biometricData": [{
            "biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "instance": "1", "image": "c3RyaW5n",
            "captureDate": "2019-05-21T12:00:00+01:00", "captureDevice": "scanner", "impressionType": "LIVE_SCAN_PLAIN",
            "width": 640, "height": 480, "bitdepth": 8, "mimeType": "image/wsq", "resolution": 500, "compression": "WSQ",
            "missing": [{ "biometricSubType": "RIGHT_RING", "presence": "BANDAGED" }], "metadata": "m", "comment": "c",
            "template": "c3RyaW5n", "templateFormat": "ISO_19794_2", "quality": 80, "qualityFormat": "NFIQ2",
            "algorithm": "a", "vendor": "v"
        }],
        "documentData": [{
            "documentType": "FORM", "instance": "1",
            "parts": [
                { "pages": [1, 2], "data": "c3RyaW5n", "width": 100, "height": 200, "mimeType": "application/pdf",
                  "captureDate": "2019-05-21T12:00:00Z", "captureDevice": "scanner" },
                { "pages": [3], "data": "c3RyaW5n" }
            ]
        }]
    })
}

/// What reading gives for what was sent.
fn read_back(sent: &Value, id: &str, status: &str) -> Value {
    let mut whole = sent.clone();
    whole["enrollmentId"] = id.into();
    whole["status"] = status.into();
    whole
}
