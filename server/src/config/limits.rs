//! How much of anything is allowed.

use serde::{Deserialize, Serialize};

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body: usize,
    /// Seconds for the first bytes of a connection, and for the head of each request; an idle connection ends then.
    pub head_seconds: u64,
    /// Seconds for a request's body, and for the request, long polls apart.
    pub request_seconds: u64,
    /// Requests per second of one address, sustained; 0 switches the limit off.
    pub requests_per_second: u32,
    /// Requests of one address at once, above the sustained rate.
    pub burst: u32,
    /// Wrong factors in a row until a person is locked out, over every channel together.
    pub attempts: u32,
    /// Wrong factors until a transaction is over.
    pub attempts_per_transaction: u32,
    /// OTPs sent for one transaction.
    pub otps_per_transaction: u32,
    /// OTPs sent to one person in ten minutes, over every channel together.
    pub otps_per_person: u32,
    /// Link codes of one transaction.
    pub link_codes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 256 * 1024,
            head_seconds: 10,
            request_seconds: 15,
            requests_per_second: 50,
            burst: 200,
            attempts: 5,
            attempts_per_transaction: 3,
            otps_per_transaction: 3,
            otps_per_person: 10,
            link_codes: 10,
        }
    }
}
