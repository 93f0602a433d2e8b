//! The keys that whoever uploads to an OSIA interface encrypts for.

use crate::http::openapi::{Routes, doc};
use crate::protection::published;

/// Under `/enrollment`, for anybody: public keys, and nothing about anybody.
pub(super) fn encryption_keys() -> Routes {
    Routes::new()
        .get(
            "/jwks.json",
            published::key_set,
            doc("Keys to encrypt enrollments for, as a key set (JWE)").gives_json::<published::KeySet>().osia(),
        )
        .get(
            "/certificates.pem",
            published::certificates,
            doc("The same keys as certificates (CMS)").gives("application/x-pem-file").osia(),
        )
}
