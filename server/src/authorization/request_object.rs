//! Request objects (RFC 9101, OpenID Connect Core §6): a request as one token, signed by the client. What is found good is
//! the whole request: of the parameters beside it, only `client_id` counts, and that must be the same (A14).

use protocol::jws::{Algorithm, Jws};
use serde_json::{Map, Value};

use super::asked::Asked;
use super::checks::Fault;
use crate::clients::{self, Client};
use crate::error::Code;
use crate::state::AppState;

/// Longest token looked at, in bytes; fetched ones are as short.
pub(super) const LONGEST: usize = 64 * 1024;
/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 10;
/// Seconds that one may live where the profile demands request objects (FAPI 2.0 Message Signing §5.3.1).
const LONGEST_LIFE: i64 = 3600;

fn fault(description: &'static str) -> Fault {
    Fault::named(Code::InvalidRequest, "invalid_request_object", description)
}

/// Reads a token as a client's request.
///
/// # Errors
/// [`Fault`] `invalid_request_object`, which may be told on a page only: nothing in the token has been proven.
pub(super) async fn read(state: &AppState, client: &Client, token: &str) -> Result<Asked, Fault> {
    if token.len() > LONGEST {
        return Err(fault("the request object is too long"));
    }
    let members = match alg_of(token)?.as_str() {
        "none" if may_be_unsigned(client) => unsigned(token)?,
        "none" => return Err(fault("the request object must be signed")),
        _ => signed(state, client, token).await?,
    };
    let now = state.clock.now().div_euclid(1000);
    judge(&members, client, &state.issuer(client.mount), now)?;
    Asked::from_object(&members).ok_or_else(|| fault("a parameter in the request object has the wrong type"))
}

/// A11: where the client registered an algorithm it is that one and no other.
fn may_be_unsigned(client: &Client) -> bool {
    let policy = client.policy();
    policy.unsigned_request_objects && client.request_object_signing_alg.is_none() && !must_be_used(client)
}

/// Whether a client's requests must be signed: by its policy or by its own wish (RFC 9101 §10.5).
pub(super) fn must_be_used(client: &Client) -> bool {
    client.policy().request_object.is_required() || client.require_signed_request_object
}

/// `alg` of a compact token's header.
fn alg_of(token: &str) -> Result<String, Fault> {
    let unreadable = || fault("the request object cannot be read");
    let (header, _) = token.split_once('.').ok_or_else(unreadable)?;
    let header: Map<String, Value> = json_of(header).ok_or_else(unreadable)?;
    if header.get("typ").is_some_and(|typ| !typ.as_str().is_some_and(is_typ)) {
        return Err(fault("typ of the request object is of another kind of token"));
    }
    header.get("alg").and_then(Value::as_str).map(str::to_owned).ok_or_else(unreadable)
}

/// RFC 9101 §10.8; `JWT` is what most libraries write.
fn is_typ(typ: &str) -> bool {
    let typ = typ.strip_prefix("application/").unwrap_or(typ);
    typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("oauth-authz-req+jwt")
}

fn json_of(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&protocol::base64url::decode(part).ok()?).ok()
}

/// What an unsigned token says: as good as the query beside it, and no better.
fn unsigned(token: &str) -> Result<Map<String, Value>, Fault> {
    let unreadable = || fault("the request object cannot be read");
    let mut parts = token.split('.').skip(1);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(payload), Some(""), None) => json_of(payload).ok_or_else(unreadable),
        _ => Err(unreadable()),
    }
}

/// A12: only the client's own keys count.
async fn signed(state: &AppState, client: &Client, token: &str) -> Result<Map<String, Value>, Fault> {
    let jws = Jws::parse(token).map_err(|_| fault("the request object cannot be read"))?;
    if client.request_object_unsigned {
        return Err(fault("the client registered unsigned request objects"));
    }
    let registered = client.request_object_signing_alg.as_slice();
    let allowed: &[Algorithm] = if registered.is_empty() { client.policy().client_algorithms } else { registered };
    let keys = clients::signature_keys(state, client, jws.header().kid.as_deref()).await;
    let keys = keys.map_err(|_| fault("the client's published keys cannot be had"))?;
    let checked = state.keys.verify_parsed(&keys, allowed, &jws);
    checked.map_err(|_| fault("the signature of the request object does not hold"))?;
    jws.claims().map_err(|_| fault("the request object cannot be read"))
}

/// What a request object says about itself (RFC 9101 §4, §10.2).
fn judge(members: &Map<String, Value>, client: &Client, issuer: &str, now: i64) -> Result<(), Fault> {
    let is_client = |value: &Value| value.as_str() == Some(&client.id);
    if ["request", "request_uri"].iter().any(|name| members.contains_key(*name)) {
        return Err(fault("a request object holds no other one"));
    }
    if !members.get("client_id").is_none_or(is_client) || !members.get("iss").is_none_or(is_client) {
        return Err(fault("client_id and iss of the request object must be the client"));
    }
    if members.get("sub").is_some_and(is_client) {
        // RFC 9101 §10.8: what proves who a client is says what it wants to nobody.
        return Err(fault("a client assertion is no request object"));
    }
    if !members.get("aud").is_none_or(|aud| names(aud, issuer)) {
        return Err(fault("aud of the request object must name this issuer"));
    }
    let time = |name: &str| match members.get(name) {
        None => Ok(None),
        Some(value) => seconds(value).map(Some).ok_or_else(|| fault("a time in the request object is no number")),
    };
    let (exp, nbf, iat) = (time("exp")?, time("nbf")?, time("iat")?);
    if exp.is_some_and(|exp| exp.saturating_add(LEEWAY) <= now) {
        return Err(fault("the request object has expired"));
    }
    if [nbf, iat].into_iter().flatten().any(|time| time > now.saturating_add(LEEWAY)) {
        return Err(fault("nbf or iat of the request object is in the future"));
    }
    if client.policy().request_object.is_required() {
        let (Some(exp), Some(nbf), true) = (exp, nbf, members.contains_key("aud")) else {
            return Err(fault("exp, nbf and aud of the request object are missing"));
        };
        if now - nbf > LONGEST_LIFE + LEEWAY || exp - nbf > LONGEST_LIFE {
            return Err(fault("the request object lives too long"));
        }
    }
    Ok(())
}

fn names(aud: &Value, issuer: &str) -> bool {
    match aud {
        Value::String(one) => one == issuer,
        Value::Array(many) => many.iter().any(|one| one.as_str() == Some(issuer)),
        _ => false,
    }
}

/// Seconds since 1970, with or without a fraction (RFC 7519 §2).
#[expect(clippy::cast_possible_truncation, reason = "saturates, and what is out of bounds is refused")]
fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|fraction| fraction.floor() as i64))
}
