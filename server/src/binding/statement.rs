//! The statement that a wallet signs of what its citizen agrees to, held against its key.

use protocol::consent::{STATEMENT_PROFILE, Statement, StatementExpected, check_statement};
use protocol::jws::Jws;

use super::model::BoundKey;
use crate::state::AppState;

/// Seconds a wallet's clock may be off.
const SKEW: i64 = 30;

/// Whether a statement is the key's, and says exactly what was agreed to, where and with whom.
#[must_use]
pub fn is_stated(state: &AppState, key: &BoundKey, statement: &str, expected: &StatementExpected<'_>) -> bool {
    let Ok(jws) = Jws::parse(statement) else { return false };
    let now = state.clock.now().div_euclid(1000);
    jws.require(&STATEMENT_PROFILE).is_ok()
        && jws.header().alg == key.alg
        && state.keys.check(&jws, &key.jwk).is_ok()
        && jws.claims::<Statement>().is_ok_and(|claims| check_statement(&claims, expected, now, SKEW).is_ok())
}
