//! The proof of a verification: what was compared for whom with what result, signed.

use protocol::base64url;
use protocol::jws::Algorithm;
use serde::Serialize;

use crate::clients::Client;
use crate::clock::random;
use crate::keys::KeyError;
use crate::osia::{Refusal, Transaction};
use crate::state::AppState;

/// `typ` of a proof.
pub const TYP: &str = "verification-proof+jwt";

/// The claims of a proof. It holds no attribute's value.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Claims<'a> {
    /// The issuer of the caller's mount, under whose key set the signature is checked.
    iss: String,
    /// The caller.
    aud: &'a str,
    /// The caller's pseudonym for the person: no identifier that means something elsewhere (GS-VAP-09).
    sub: &'a str,
    /// When, in seconds.
    iat: i64,
    /// Tells two proofs apart.
    jti: String,
    /// The transaction that it is good for (GS-VAP-04).
    transaction_id: &'a str,
    /// Names of the attributes that were compared.
    attributes: &'a [String],
    /// Whether all of them are right.
    result: bool,
}

/// Signs a proof with what the caller's ID tokens are signed with.
///
/// # Errors
/// [`Refusal::Unavailable`] where there is no key.
pub(super) fn sign(
    state: &AppState,
    client: &Client,
    subject: &str,
    transaction: &Transaction,
    attributes: &[String],
    result: bool,
) -> Result<String, Refusal> {
    let claims = Claims {
        iss: state.issuer(client.mount),
        aud: &client.id,
        sub: subject,
        iat: state.clock.now().div_euclid(1000),
        jti: base64url::encode(random::<16>(&*state.rng)),
        transaction_id: &transaction.0,
        attributes,
        result,
    };
    let alg = client.signed_with().unwrap_or(Algorithm::Es256);
    state.keys.sign_jwt(alg, TYP, &claims).map_err(|error: KeyError| {
        tracing::error!(%error, "a proof could not be signed");
        Refusal::Unavailable
    })
}
