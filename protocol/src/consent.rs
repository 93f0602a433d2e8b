//! Consent, signed in two ways.
//!
//! **eSignet's two-part signature** covers the names of claims and scopes and nothing else: the same signature is good
//! for any relying party and any day. It is made and checked for compatibility. **The consent statement** is ours: a
//! JWS that also names server, login, relying party and time, and is kept by both sides as the receipt.

use serde::{Deserialize, Serialize};

use crate::claim_time::{self, TimeError};
use crate::jws::{Algorithm, EmbeddedKey, Header, Jws, JwsError, MAX_JWS_BYTES, Profile, SigningInput};

/// `typ` of the consent statement.
pub const TYP: &str = "tessera-consent+jwt";
/// How old a statement may be when it arrives, in seconds.
pub const MAX_AGE_S: i64 = 120;
/// Longest `jti` taken, in bytes.
pub const MAX_JTI_BYTES: usize = 128;

const ALGORITHMS: &[Algorithm] = &[Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256];

/// What a consent statement looks like.
pub const STATEMENT_PROFILE: Profile =
    Profile { typ: Some(TYP), algorithms: ALGORITHMS, embedded_key: EmbeddedKey::Refused };
/// What the token behind a two-part signature looks like.
pub const TWO_PART_PROFILE: Profile = Profile { typ: None, algorithms: ALGORITHMS, embedded_key: EmbeddedKey::Refused };

/// What eSignet's signature is over. Members in this order, no spaces.
#[derive(Serialize)]
struct DetachedPayload {
    accepted_claims: Vec<String>,
    permitted_authorized_scopes: Vec<String>,
}

/// A list sorted as Java and JavaScript sort strings, by UTF-16 units, which the wallets and servers of eSignet use.
#[must_use]
pub fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
    list
}

/// The bytes eSignet's consent signature is over:
/// `{"accepted_claims":[…],"permitted_authorized_scopes":[…]}`, both lists sorted.
///
/// # Errors
/// [`JwsError::MalformedClaims`] where they cannot be written as JSON.
pub fn detached_payload(accepted_claims: &[String], permitted_scopes: &[String]) -> Result<Vec<u8>, JwsError> {
    let payload = DetachedPayload {
        accepted_claims: sorted(accepted_claims),
        permitted_authorized_scopes: sorted(permitted_scopes),
    };
    serde_json::to_vec(&payload).map_err(|_| JwsError::MalformedClaims)
}

/// What the bound key signs for eSignet's consent signature; finish it with [`SigningInput::attach_detached`].
/// `certificate_thumbprint` is the base64url SHA-256 of the DER certificate received at binding.
///
/// # Errors
/// [`JwsError`] where a part cannot be written.
pub fn detached_signing_input(
    alg: Algorithm,
    certificate_thumbprint: &str,
    accepted_claims: &[String],
    permitted_scopes: &[String],
) -> Result<SigningInput, JwsError> {
    let payload = detached_payload(accepted_claims, permitted_scopes)?;
    SigningInput::over_bytes(&Header::new(alg).with_x5t_s256(certificate_thumbprint), &payload)
}

/// Puts the payload back into eSignet's two-part `signature` and takes the token apart; the caller then checks it with
/// [`TWO_PART_PROFILE`] and the key.
///
/// # Errors
/// [`JwsError::Malformed`] where it has not exactly two parts, and what [`Jws::parse`] finds.
pub fn reattach(signature: &str, accepted_claims: &[String], permitted_scopes: &[String]) -> Result<Jws, JwsError> {
    if signature.len() > MAX_JWS_BYTES {
        return Err(JwsError::TooLong);
    }
    let (header, rest) = signature.split_once('.').ok_or(JwsError::Malformed)?;
    if rest.contains('.') || rest.is_empty() {
        return Err(JwsError::Malformed);
    }
    let payload = crate::base64url::encode(detached_payload(accepted_claims, permitted_scopes)?);
    Jws::parse(&format!("{header}.{payload}.{rest}"))
}

/// The claims of a consent statement.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// RFC 7638 thumbprint of the signing key.
    pub iss: String,
    /// The issuer of the mount the login belongs to.
    pub aud: String,
    /// The linkTransactionId.
    pub txn: String,
    /// The relying party's client id, where the wallet was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The relying party's name as the wallet showed it.
    pub client_name: String,
    /// Names of the claims accepted, sorted.
    pub claims: Vec<String>,
    /// Scopes permitted, sorted.
    pub scopes: Vec<String>,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Unique; names the receipt.
    pub jti: String,
}

crate::redact::redacted_debug!(Statement);

/// What the server knows about the consent a statement must be of.
#[derive(Clone, Copy)]
pub struct StatementExpected<'a> {
    /// Thumbprint of the key that verified the signature.
    pub thumbprint: &'a str,
    /// Issuer of the mount.
    pub issuer: &'a str,
    /// The linkTransactionId.
    pub txn: &'a str,
    /// The relying party's client id.
    pub client_id: &'a str,
    /// Every name of the relying party that link-transaction told, one per language.
    pub client_names: &'a [&'a str],
    /// `acceptedClaims` of the request, in any order.
    pub claims: &'a [String],
    /// `permittedAuthorizeScopes` of the request, in any order.
    pub scopes: &'a [String],
}

/// Why the claims of a consent statement do not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// `iss` is not the key that signed.
    #[error("issued by another key")]
    WrongIssuer,
    /// `aud` is another server or mount.
    #[error("made for another server")]
    WrongAudience,
    /// `txn` is another login.
    #[error("made for another login")]
    WrongTransaction,
    /// `client_id` or `client_name` is another relying party.
    #[error("made for another relying party")]
    WrongClient,
    /// The claims are not those of the request, or not sorted.
    #[error("other claims than sent")]
    WrongClaims,
    /// The scopes are not those of the request, or not sorted.
    #[error("other scopes than sent")]
    WrongScopes,
    /// `jti` is empty or too long.
    #[error("malformed jti")]
    MalformedJti,
    /// The time does not hold.
    #[error(transparent)]
    Time(#[from] TimeError),
}

/// What the bound key signs for a consent statement. Claims and scopes are to be [`sorted`].
///
/// # Errors
/// [`JwsError`] where header or claims cannot be written.
pub fn statement_signing_input(alg: Algorithm, statement: &Statement) -> Result<SigningInput, JwsError> {
    SigningInput::new(&Header::new(alg).with_typ(TYP).with_kid(&statement.iss), statement)
}

/// Checks the claims of a verified consent statement at `now`; `now` and `skew` in seconds.
///
/// # Errors
/// The first [`ConsentError`] that applies.
pub fn check_statement(
    statement: &Statement,
    expected: &StatementExpected<'_>,
    now: i64,
    skew: i64,
) -> Result<(), ConsentError> {
    if statement.iss != expected.thumbprint {
        return Err(ConsentError::WrongIssuer);
    }
    if statement.aud != expected.issuer {
        return Err(ConsentError::WrongAudience);
    }
    if statement.txn != expected.txn {
        return Err(ConsentError::WrongTransaction);
    }
    let client = statement.client_id.as_deref().is_none_or(|id| id == expected.client_id);
    if !client || !expected.client_names.contains(&statement.client_name.as_str()) {
        return Err(ConsentError::WrongClient);
    }
    if statement.claims != sorted(expected.claims) {
        return Err(ConsentError::WrongClaims);
    }
    if statement.scopes != sorted(expected.scopes) {
        return Err(ConsentError::WrongScopes);
    }
    if statement.jti.is_empty() || statement.jti.len() > MAX_JTI_BYTES {
        return Err(ConsentError::MalformedJti);
    }
    Ok(claim_time::check_age(statement.iat, now, MAX_AGE_S, skew)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn payload_is_esignets_to_the_byte() {
        let payload = detached_payload(&list(&["name", "email", "Zip"]), &[]).unwrap();
        assert_eq!(payload, br#"{"accepted_claims":["Zip","email","name"],"permitted_authorized_scopes":[]}"#);
    }

    #[test]
    fn l9_two_parts_come_back_over_the_same_claims_only() {
        let claims = list(&["name", "email"]);
        let input = detached_signing_input(Algorithm::Rs256, "t", &claims, &[]).unwrap();
        let two = input.attach_detached(b"sig");
        assert_eq!(two.matches('.').count(), 1);
        let token = reattach(&two, &list(&["email", "name"]), &[]).unwrap();
        assert_eq!(token.signing_input(), input.as_str());
        assert_eq!(token.signature(), b"sig");
        assert_eq!(token.header().x5t_s256.as_deref(), Some("t"));
        assert_ne!(reattach(&two, &list(&["name"]), &[]).unwrap().signing_input(), input.as_str());
    }

    #[test]
    fn refuses_other_numbers_of_parts() {
        for text in ["", "a", "a.b.c", "a..b", "a.", "eyJhbGciOiJSUzI1NiJ9"] {
            assert_eq!(reattach(text, &[], &[]).err(), Some(JwsError::Malformed), "{text}");
        }
    }

    #[test]
    fn gs_vap_07_statement_names_what_was_agreed() {
        let statement = Statement {
            iss: "thumb".into(),
            aud: "https://id.example".into(),
            txn: "L".into(),
            client_id: None,
            client_name: "Clinic".into(),
            claims: list(&["email", "name"]),
            scopes: vec![],
            iat: 1000,
            jti: "j".into(),
        };
        let claims = list(&["name", "email"]);
        let expected = StatementExpected {
            thumbprint: "thumb",
            issuer: "https://id.example",
            txn: "L",
            client_id: "c",
            client_names: &["Klinik", "Clinic"],
            claims: &claims,
            scopes: &[],
        };
        let check = |s: Statement| check_statement(&s, &expected, 1000, 30);
        let base = || statement.clone();
        assert_eq!(check(base()), Ok(()));
        assert_eq!(check(Statement { client_id: Some("c".into()), ..base() }), Ok(()));
        assert_eq!(check(Statement { client_id: Some("d".into()), ..base() }), Err(ConsentError::WrongClient));
        assert_eq!(check(Statement { client_name: "Bank".into(), ..base() }), Err(ConsentError::WrongClient));
        assert_eq!(check(Statement { iss: "x".into(), ..base() }), Err(ConsentError::WrongIssuer));
        assert_eq!(check(Statement { aud: "x".into(), ..base() }), Err(ConsentError::WrongAudience));
        assert_eq!(check(Statement { txn: "x".into(), ..base() }), Err(ConsentError::WrongTransaction));
        assert_eq!(check(Statement { claims: list(&["name", "email"]), ..base() }), Err(ConsentError::WrongClaims));
        assert_eq!(check(Statement { claims: list(&["email"]), ..base() }), Err(ConsentError::WrongClaims));
        assert_eq!(check(Statement { scopes: list(&["x"]), ..base() }), Err(ConsentError::WrongScopes));
        assert_eq!(check(Statement { jti: String::new(), ..base() }), Err(ConsentError::MalformedJti));
        assert_eq!(check(Statement { iat: 849, ..base() }), Err(TimeError::TooOld.into()));
        assert_eq!(check(Statement { iat: 1031, ..base() }), Err(TimeError::IssuedInFuture.into()));
    }
}
