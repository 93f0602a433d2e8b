//! What a wallet signs when its citizen consents to a login: eSignet's two-part signature, held against the key that
//! authenticated.

use protocol::consent::{TWO_PART_PROFILE, reattach};

use crate::binding::BoundKey;
use crate::state::AppState;

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
