//! The checks themselves, one function each; the order is in `mod.rs`.

use protocol::base64url;

use super::super::asked::Asked;
use super::super::request::{Claim, Display, Prompt, Request};
use super::super::{request_object, scopes};
use super::claims_parameter::{Malformed, Parsed, parse};
use super::{Asking, Fault, context_classes};
use crate::claims;
use crate::clients::{GrantType, ResponseMode, redirect_uri_matches};
use crate::error::Code;
use crate::sessions;

/// Longest `state` given back, in bytes: it must fit into a redirect.
const LONGEST_STATE: usize = 2048;
/// Longest `nonce`, in bytes.
const LONGEST_NONCE: usize = 512;
/// Longest `login_hint`, in bytes.
const LONGEST_HINT: usize = 128;
/// Languages looked at.
const MOST_LOCALES: usize = 10;
/// Claims that say something of the login, not of the person: nobody is registered for them.
const PROTOCOL: [&str; 4] = ["sub", "acr", "amr", "auth_time"];

type Outcome = Result<(), Fault>;

/// A5: two values could be read differently by two readers (RFC 6749 §3.1).
pub(super) fn nothing_is_sent_twice(asking: &Asking<'_>, _: &mut Request) -> Outcome {
    if asking.asked.twice.is_empty() {
        return Ok(());
    }
    Err(Fault::of(Code::InvalidRequest, "a parameter is sent more than once"))
}

/// A1 to A4: exact match (RFC 9700 §2.1).
pub(super) fn redirect_uri_is_registered(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    const FAULT: Fault =
        Fault::of(Code::InvalidRedirectUri, "redirect_uri is not one that is registered for the client");
    let asked = asking.asked.redirect_uri.as_deref().ok_or(FAULT)?;
    let registered = &asking.client.registration.redirect_uris;
    if !registered.iter().any(|registered| redirect_uri_matches(registered, asked)) {
        return Err(FAULT);
    }
    request.redirect_uri = asked.into();
    Ok(())
}

pub(super) fn state_is_short(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    match &asking.asked.state {
        None if asking.mount.dialect().state_required => Err(Fault::of(Code::InvalidRequest, "state is missing")),
        Some(state) if state.len() > LONGEST_STATE => Err(Fault::of(Code::InvalidRequest, "state is too long")),
        state => {
            request.state.clone_from(state);
            Ok(())
        }
    }
}

/// What a mount lacks changes what a request means, so that it is not ignored. Request objects are opened before
/// (`resolve`), where the mount has them.
pub(super) fn nothing_unbuilt_is_asked(asking: &Asking<'_>, _: &mut Request) -> Outcome {
    let dialect = asking.mount.dialect();
    let Asked { request, request_uri, registration, id_token_hint, dpop_jkt, .. } = asking.asked;
    let lacking = [
        (request, dialect.request_objects, Code::InvalidRequest, "request_not_supported"),
        (request_uri, dialect.request_objects, Code::InvalidRequest, "request_uri_not_supported"),
        (registration, false, Code::InvalidRequest, "registration_not_supported"),
        (id_token_hint, sessions::are_kept(asking.mount), Code::InvalidIdTokenHint, "invalid_request"),
        (dpop_jkt, dialect.dpop, Code::InvalidRequest, "invalid_request"),
    ];
    if let Some((_, _, code, error)) = lacking.into_iter().find(|(sent, has, ..)| sent.is_some() && !has) {
        return Err(Fault::named(code, error, "this server has no such feature"));
    }
    Ok(())
}

/// RFC 9126 §6, RFC 9101 §10.5: what the client's profile, or its registration, demands.
pub(super) fn request_came_as_it_must(asking: &Asking<'_>, _: &mut Request) -> Outcome {
    if asking.client.pushed().is_required() && !asking.door.is_pushed() {
        return Err(Fault::of(Code::InvalidRequest, "the client must push its requests"));
    }
    if request_object::must_be_used(asking.client) && !asking.door.is_object() {
        return Err(Fault::of(Code::InvalidRequest, "the client must send request objects"));
    }
    Ok(())
}

pub(super) fn client_may_log_people_in(asking: &Asking<'_>, _: &mut Request) -> Outcome {
    if asking.client.allows(GrantType::AuthorizationCode) {
        return Ok(());
    }
    Err(Fault::named(
        Code::InvalidClientId,
        "unauthorized_client",
        "the client is not registered for the grant authorization_code",
    ))
}

/// A6.
pub(super) fn response_type_is_code(asking: &Asking<'_>, _: &mut Request) -> Outcome {
    match asking.asked.response_type.as_deref() {
        Some("code") => Ok(()),
        None => Err(Fault::of(Code::InvalidResponseType, "response_type is missing")),
        Some(_) => {
            Err(Fault::named(Code::InvalidResponseType, "unsupported_response_type", "the only response_type is code"))
        }
    }
}

/// A7. A fault is told in the mode that was asked for, where that is a good one.
pub(super) fn response_mode_is_known(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    let modes = asking.client.policy().response_modes;
    let Some(name) = asking.asked.response_mode.as_deref() else {
        request.response_mode = modes.first().copied().unwrap_or_default();
        return Ok(());
    };
    match ResponseMode::named(name).filter(|mode| modes.contains(mode)) {
        Some(mode) => {
            request.response_mode = mode;
            Ok(())
        }
        None if *modes == [ResponseMode::Query] => {
            Err(Fault::of(Code::InvalidRequest, "the only response_mode is query"))
        }
        None => Err(Fault::of(Code::InvalidRequest, "response_mode is not one of those named in discovery")),
    }
}

/// At least one that is known; those that stand for claims only with `openid` (facts §1.2).
pub(super) fn scope_is_known(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    let fault = |description| Err(Fault::named(Code::InvalidScope, "invalid_scope", description));
    let dialect = asking.mount.dialect();
    let mut known = scopes::known(dialect, asking.asked.scope.as_deref().unwrap_or_default());
    if !asking.client.allows(GrantType::RefreshToken) {
        // OpenID Connect Core §11: ignored where nothing could come of it.
        known.retain(|scope| scope != scopes::OFFLINE);
    }
    let openid = known.iter().any(|scope| scope == scopes::OPENID);
    let claims = known.iter().any(|scope| dialect.claim_scope(scope).is_some());
    if known.is_empty() {
        return fault("no scope is known here");
    }
    if claims && !openid {
        return fault("scopes that stand for claims need the scope openid");
    }
    let permitted = |scope: &&String| dialect.permitted_scopes.contains(&scope.as_str());
    request.authorize_scopes = known.iter().filter(permitted).cloned().collect();
    request.scopes = known;
    Ok(())
}

pub(super) fn display_is_known(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    if let Some(display) = asking.asked.display.as_deref() {
        request.display =
            Display::named(display).ok_or(Fault::of(Code::InvalidDisplay, "display is not one of the standard's"))?;
    }
    Ok(())
}

/// A17: `none` stands alone.
pub(super) fn prompt_is_known(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    const FAULT: Fault = Fault::of(Code::InvalidPrompt, "prompt has an unknown value, or none beside others");
    for prompt in asking.asked.prompt.as_deref().unwrap_or_default().split_ascii_whitespace() {
        let is_known = asking.mount.dialect().prompts.contains(&prompt);
        let prompt = Prompt::named(prompt).filter(|_| is_known).ok_or(FAULT)?;
        if !request.prompt.contains(&prompt) {
            request.prompt.push(prompt);
        }
    }
    if request.prompts(Prompt::None) && request.prompt.len() > 1 { Err(FAULT) } else { Ok(()) }
}

/// There, where the client's profile demands one for its ID tokens. Whether it is fresh, where the dialect demands that, is
/// asked when the transaction is written.
pub(super) fn nonce_is_short(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    let demanded = asking.client.policy().nonce.is_required();
    match &asking.asked.nonce {
        Some(nonce) if nonce.len() > LONGEST_NONCE => Err(Fault::of(Code::InvalidRequest, "nonce is too long")),
        None if demanded && request.scopes.iter().any(|scope| scope == scopes::OPENID) => {
            Err(Fault::of(Code::InvalidRequest, "the client must send a nonce"))
        }
        nonce => {
            request.nonce.clone_from(nonce);
            Ok(())
        }
    }
}

/// A17. Where none is sent, the client's own counts (OpenID Connect Registration §2).
pub(super) fn max_age_is_a_number(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    request.max_age = asking.client.default_max_age;
    if let Some(max_age) = asking.asked.max_age.as_deref() {
        let plain = max_age.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = plain.then(|| max_age.parse::<u32>().ok()).flatten();
        request.max_age = Some(seconds.ok_or(Fault::of(Code::InvalidRequest, "max_age is not a number of seconds"))?);
    }
    Ok(())
}

/// Unknown languages are no fault (OpenID Connect Core §3.1.2.1); what is no language tag is left out.
pub(super) fn locales_are_short(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    let tag = |text: &&str| text.len() <= 35 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let list = |asked: &Option<String>| -> Vec<String> {
        let text = asked.as_deref().unwrap_or_default();
        text.split_ascii_whitespace().filter(tag).take(MOST_LOCALES).map(Into::into).collect()
    };
    request.ui_locales = list(&asking.asked.ui_locales);
    request.claims_locales = list(&asking.asked.claims_locales);
    Ok(())
}

pub(super) fn login_hint_is_short(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    match &asking.asked.login_hint {
        Some(hint) if hint.len() > LONGEST_HINT => Err(Fault::of(Code::InvalidRequest, "login_hint is too long")),
        hint => {
            request.login_hint.clone_from(hint);
            Ok(())
        }
    }
}

/// A10: S256 only (RFC 9700 §2.1.1); without a method the challenge would be `plain` (RFC 7636 §4.3).
pub(super) fn pkce_is_s256(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    let Asked { code_challenge, code_challenge_method, .. } = asking.asked;
    match (code_challenge.as_deref(), code_challenge_method.as_deref()) {
        (None, None) if asking.client.pkce().is_required() => {
            Err(Fault::of(Code::UsePkce, "the client must send a code_challenge"))
        }
        (None, None) => Ok(()),
        (Some(_), None) => Err(Fault::of(
            Code::UnsupportedPkceChallengeMethod,
            "code_challenge_method is missing; the only one is S256",
        )),
        (None, Some(_)) => Err(Fault::of(Code::InvalidPkceChallenge, "code_challenge is missing")),
        (Some(_), Some(method)) if method != "S256" => {
            Err(Fault::of(Code::UnsupportedPkceChallengeMethod, "the only code_challenge_method is S256"))
        }
        (Some(challenge), Some(_)) => {
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
            if !(43..=128).contains(&challenge.len()) || !challenge.bytes().all(unreserved) {
                return Err(Fault::of(
                    Code::InvalidPkceChallenge,
                    "code_challenge must have 43 to 128 unreserved characters",
                ));
            }
            request.code_challenge = Some(challenge.into());
            Ok(())
        }
    }
}

/// RFC 9449 §10: the code is bound to this key.
pub(super) fn dpop_key_is_named(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    if let Some(thumbprint) = &asking.asked.dpop_jkt {
        // An RFC 7638 thumbprint by SHA-256: no key would ever fit another text.
        if base64url::decode_array::<32>(thumbprint.as_str()).is_err() {
            return Err(Fault::of(Code::InvalidRequest, "dpop_jkt is no thumbprint"));
        }
        request.dpop_jkt = Some(thumbprint.clone());
    }
    Ok(())
}

/// GS-VAP-08: what the client is not registered for is as if not asked. Scopes ask for voluntary claims.
pub(super) fn claims_are_well_formed(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    let parsed = match asking.claims_parameter().map_or_else(|| Ok(Parsed::default()), parse) {
        Err(Malformed) => {
            return Err(Fault::of(Code::InvalidClaim, "claims is not what OpenID Connect Core §5.5 describes"));
        }
        Ok(parsed) if parsed.asks_verified() && !asking.mount.dialect().verified_claims => {
            return Err(Fault::of(Code::InvalidVerifiedClaims, "this server has no verified claims"));
        }
        Ok(parsed) => parsed,
    };
    let openid = request.scopes.iter().any(|scope| scope == scopes::OPENID);
    if !parsed.userinfo.is_empty() && !openid {
        return Err(Fault::named(Code::InvalidScope, "invalid_scope", "claims of userinfo need the scope openid"));
    }
    let registered = |name: &str| asking.client.registration.user_claims.iter().any(|known| known == name);
    let may = |claim: &Claim| registered(claims::untagged(&claim.name));
    request.asked_claims = parsed.request(|claim| may(claim) || PROTOCOL.contains(&claim.name.as_str()));
    request.subject = parsed.id_token.iter().find(|claim| claim.name == "sub").and_then(|claim| claim.value.clone());
    let Some(verified) = parsed.verified() else {
        let told = "verified_claims is not what OpenID Connect for Identity Assurance §6 describes";
        return Err(Fault::of(Code::InvalidVerifiedClaims, told));
    };
    request.claims.verified = verified.into_iter().filter(may).collect();
    request.claims.userinfo = parsed.userinfo.into_iter().filter(may).collect();
    request.claims.id_token = parsed.id_token.into_iter().filter(may).collect();
    for scope in &request.scopes {
        let Some(asks) = asking.mount.dialect().claim_scope(scope) else { continue };
        for name in asks.userinfo.iter().chain(asks.profile) {
            let asked = request.claims.userinfo.iter().any(|claim| claim.name == *name);
            if registered(name) && !asked {
                request.claims.userinfo.push(Claim { name: (*name).into(), ..Claim::default() });
            }
        }
    }
    Ok(())
}

/// Which classes may be used, best first.
pub(super) fn acr_can_be_reached(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    request.acrs = context_classes::choose(asking)?;
    Ok(())
}

/// Where no sessions are kept there is no silent login: whoever may show nothing is told that there is nobody.
pub(super) fn a_page_may_be_shown(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    if request.prompts(Prompt::None) && !sessions::are_kept(asking.mount) {
        return Err(Fault::named(Code::InvalidPrompt, "login_required", "nobody is logged in"));
    }
    Ok(())
}
