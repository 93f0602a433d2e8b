//! Validation of an authorization request: one list of small checks, in order, for every door: `GET /authorize`, a pushed
//! request, and `oauth-details` in all its versions.
//!
//! Until the redirect URI is proven to be the client's, nothing may be sent there (RFC 9700 §4.11); a fault found later
//! is told by redirect.

mod claims_parameter;
mod context_classes;
mod fault;
mod list;
#[cfg(test)]
mod tests;

pub use fault::{Fault, Refused};

use super::asked::{Asked, ClaimsAsked};
use super::request::Request;
use super::resolve::Door;
use super::response::ReturnTo;
use crate::clients::Client;
use crate::dialect::Mount;
use crate::error::Code;

/// What a check looks at.
struct Asking<'a> {
    asked: &'a Asked,
    client: &'a Client,
    mount: Mount,
    door: Door,
}

impl Asking<'_> {
    /// The `claims` parameter, where the mount reads it.
    fn claims_parameter(&self) -> Option<&ClaimsAsked> {
        self.asked.claims.as_ref().filter(|_| self.mount.dialect().claims_parameter)
    }
}

/// One check: its name, and what it does. It reads what was sent and writes what is found good.
struct Check {
    name: &'static str,
    run: fn(&Asking<'_>, &mut Request) -> Result<(), Fault>,
}

macro_rules! checks {
    ($($name:ident),* $(,)?) => { &[$(Check { name: stringify!($name), run: list::$name }),*] };
}

/// While a fault must not be redirected. The first one ends it.
const BEFORE_REDIRECT: &[Check] = checks![nothing_is_sent_twice, redirect_uri_is_registered];

/// Once the redirect URI is proven. All are run, so that a dialect that tells several faults can.
const AFTER_REDIRECT: &[Check] = checks![
    state_is_short,
    nothing_unbuilt_is_asked,
    client_may_log_people_in,
    request_came_as_it_must,
    response_type_is_code,
    response_mode_is_known,
    scope_is_known,
    display_is_known,
    prompt_is_known,
    nonce_is_short,
    max_age_is_a_number,
    locales_are_short,
    login_hint_is_short,
    pkce_is_s256,
    dpop_key_is_named,
    claims_are_well_formed,
    acr_can_be_reached,
    a_page_may_be_shown,
];

/// Says so where there is no such client on this mount.
#[must_use]
pub fn unknown_client() -> Refused {
    let fault = Fault::named(Code::InvalidClientId, "invalid_client", "there is no such client here");
    Refused { faults: vec![fault], return_to: None }
}

/// Runs the list.
///
/// # Errors
/// [`Refused`] with every fault found, and whether the relying party may be told.
pub fn check(asked: &Asked, client: &Client, mount: Mount, door: Door) -> Result<Request, Refused> {
    let asking = Asking { asked, client, mount, door };
    let mut request = Request::default();
    for check in BEFORE_REDIRECT {
        if let Err(fault) = (check.run)(&asking, &mut request) {
            tracing::debug!(check = check.name, client = %client.id, "an authorization request is refused");
            return Err(Refused { faults: vec![fault], return_to: None });
        }
    }
    let mut faults = Vec::new();
    for check in AFTER_REDIRECT {
        if let Err(fault) = (check.run)(&asking, &mut request) {
            tracing::debug!(check = check.name, client = %client.id, "an authorization request is refused");
            faults.push(fault);
        }
    }
    if faults.is_empty() {
        Ok(request)
    } else {
        Err(Refused { faults, return_to: Some(ReturnTo::new(client, &request)) })
    }
}
