//! The checks themselves, one function each; the order is in `mod.rs`.

use super::super::asked::Asked;
use super::super::request::{Claim, Display, Prompt, Request};
use super::super::scopes;
use super::claims_parameter::{ClaimsFault, parse};
use super::{Asking, Fault, context_classes};
use crate::claims;
use crate::clients::{GrantType, redirect_uri_matches};
use crate::error::Code;

/// Longest `state` given back, in bytes: it must fit into a redirect.
const LONGEST_STATE: usize = 2048;
/// Longest `nonce`, in bytes.
const LONGEST_NONCE: usize = 512;
/// Longest `login_hint`, in bytes.
const LONGEST_HINT: usize = 128;
/// Languages looked at.
const MOST_LOCALES: usize = 10;

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

/// A11 to A16 have their errors as soon as somebody asks for what they are about.
pub(super) fn nothing_unbuilt_is_asked(asking: &Asking<'_>, _: &mut Request) -> Outcome {
    let named = |code, error| Err(Fault::named(code, error, "this server has no such feature"));
    match asking.asked.not_built.first() {
        None => Ok(()),
        Some(&"request") => named(Code::InvalidRequest, "request_not_supported"),
        Some(&"request_uri") => named(Code::InvalidRequest, "request_uri_not_supported"),
        Some(&"registration") => named(Code::InvalidRequest, "registration_not_supported"),
        Some(&"id_token_hint") => named(Code::InvalidIdTokenHint, "invalid_request"),
        Some(_) => named(Code::InvalidRequest, "invalid_request"),
    }
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

/// A7.
pub(super) fn response_mode_is_query(asking: &Asking<'_>, _: &mut Request) -> Outcome {
    match asking.asked.response_mode.as_deref() {
        None | Some("query") => Ok(()),
        Some(_) => Err(Fault::of(Code::InvalidRequest, "the only response_mode is query")),
    }
}

/// At least one that is known; those that stand for claims only with `openid` (facts §1.2).
pub(super) fn scope_is_known(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    let fault = |description| Err(Fault::named(Code::InvalidScope, "invalid_scope", description));
    let dialect = asking.mount.dialect();
    let known = scopes::known(dialect, asking.asked.scope.as_deref().unwrap_or_default());
    let openid = known.iter().any(|scope| scope == scopes::OPENID);
    let claims = known.iter().any(|scope| dialect.claim_scope(scope).is_some());
    if known.is_empty() {
        return fault("no scope is known here");
    }
    if claims && !openid {
        return fault("scopes that stand for claims need the scope openid");
    }
    let to_permit = known.iter().filter(|scope| dialect.permitted_scopes.contains(&scope.as_str()));
    request.authorize_scopes = to_permit.cloned().collect();
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

/// Whether it is fresh, where the dialect demands it, is asked when the transaction is written.
pub(super) fn nonce_is_short(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    match &asking.asked.nonce {
        Some(nonce) if nonce.len() > LONGEST_NONCE => Err(Fault::of(Code::InvalidRequest, "nonce is too long")),
        nonce => {
            request.nonce.clone_from(nonce);
            Ok(())
        }
    }
}

/// A17. Every login here is a fresh one, which keeps any promise about its age.
pub(super) fn max_age_is_a_number(asking: &Asking<'_>, request: &mut Request) -> Outcome {
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
        (None, None) if asking.client.registration.additional.require_pkce => {
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

/// GS-VAP-08: what the client is not registered for is as if not asked. Scopes ask for voluntary claims.
pub(super) fn claims_are_well_formed(asking: &Asking<'_>, request: &mut Request) -> Outcome {
    let parsed = match asking.claims_parameter().map(parse).transpose() {
        Ok(parsed) => parsed.unwrap_or_default(),
        Err(ClaimsFault::Malformed) => {
            return Err(Fault::of(Code::InvalidClaim, "claims is not what OpenID Connect Core §5.5 describes"));
        }
        Err(ClaimsFault::Verified) => {
            return Err(Fault::of(Code::InvalidVerifiedClaims, "this server has no verified claims"));
        }
    };
    let openid = request.scopes.iter().any(|scope| scope == scopes::OPENID);
    if !parsed.userinfo.is_empty() && !openid {
        return Err(Fault::named(Code::InvalidScope, "invalid_scope", "claims of userinfo need the scope openid"));
    }
    let registered = |name: &str| asking.client.registration.user_claims.iter().any(|known| known == name);
    let may = |claim: &Claim| registered(claims::untagged(&claim.name));
    request.subject = parsed.id_token.iter().find(|claim| claim.name == "sub").and_then(|claim| claim.value.clone());
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

/// There is no silent login here: whoever may show nothing is told that there is nobody.
pub(super) fn a_page_may_be_shown(_: &Asking<'_>, request: &mut Request) -> Outcome {
    if request.prompts(Prompt::None) {
        return Err(Fault::named(Code::InvalidPrompt, "login_required", "nobody is logged in"));
    }
    Ok(())
}
