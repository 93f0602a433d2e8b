//! `authFactors`: which factors a login takes, as alternatives, and which class of authentication a set of factors
//! reaches.

use protocol::linked::AuthFactor;

use super::request::Request;
use crate::acr::{Acr, Factor};
use crate::dialect::Dialect;

/// A list of alternatives, best first; of one, all factors must be given.
#[must_use]
pub fn offered(request: &Request, dialect: &Dialect) -> Vec<Vec<AuthFactor>> {
    let classes = request.acrs.iter().filter_map(|name| Acr::read(name));
    classes.map(|acr| acr.factors().iter().map(|factor| listed(*factor, dialect)).collect()).collect()
}

fn listed(factor: Factor, dialect: &Dialect) -> AuthFactor {
    AuthFactor { factor_type: factor.listed(dialect).into(), ..AuthFactor::default() }
}

/// The class that exactly these factors reach, named as the relying party asked for it (A21: never a higher one).
/// `None` where it is none of those offered: `auth_factor_mismatch`.
#[must_use]
pub fn reached(request: &Request, shown: &[Factor]) -> Option<String> {
    request.acrs.iter().find(|name| Acr::read(name).is_some_and(|acr| acr.made_of(shown))).cloned()
}

/// Whether some alternative needs this factor.
#[must_use]
pub fn offers(request: &Request, factor: Factor) -> bool {
    request.acrs.iter().filter_map(|name| Acr::read(name)).any(|acr| acr.factors().contains(&factor))
}
