//! What a wallet signs when its citizen consents: eSignet's two-part signature and our statement, both held against the
//! key that authenticated.

use protocol::consent::{STATEMENT_PROFILE, Statement, StatementExpected, TWO_PART_PROFILE, check_statement, reattach};
use protocol::jws::Jws;

use crate::binding::BoundKey;
use crate::state::AppState;

/// Seconds a wallet's clock may be off.
const SKEW: i64 = 30;

/// Whether a text has eSignet's two-part form, whoever signed it.
pub(super) fn is_two_part(signature: &str) -> bool {
    reattach(signature, &[], &[]).is_ok()
}

/// Whether a two-part signature is the key's, over these claims and scopes and no others (L9).
pub(super) fn is_signed(
    state: &AppState,
    key: &BoundKey,
    signature: &str,
    accepted_claims: &[String],
    permitted_scopes: &[String],
) -> bool {
    let Ok(jws) = reattach(signature, accepted_claims, permitted_scopes) else { return false };
    jws.require(&TWO_PART_PROFILE).is_ok()
        && jws.header().alg == key.alg
        && jws.header().x5t_s256.as_deref().is_none_or(|x5t| x5t == key.x5t)
        && state.keys.check(&jws, &key.jwk).is_ok()
}

/// Whether a statement is the key's, and says exactly what was agreed to, where and with whom.
pub(super) fn is_stated(state: &AppState, key: &BoundKey, statement: &str, expected: &StatementExpected<'_>) -> bool {
    let Ok(jws) = Jws::parse(statement) else { return false };
    let now = state.clock.now().div_euclid(1000);
    jws.require(&STATEMENT_PROFILE).is_ok()
        && jws.header().alg == key.alg
        && state.keys.check(&jws, &key.jwk).is_ok()
        && jws.claims::<Statement>().is_ok_and(|claims| check_statement(&claims, expected, now, SKEW).is_ok())
}
