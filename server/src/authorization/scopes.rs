//! Scopes of the authorization request (facts §1.2, §4.6). Which there are is the mount's.

use crate::dialect::Dialect;

/// The scope that makes a request one of OpenID Connect.
pub const OPENID: &str = "openid";

/// The scope that asks for access while the person is away (OpenID Connect Core §11); permitted like any other.
pub const OFFLINE: &str = "offline_access";

/// The scopes that are known at a mount, each once, in the order asked. Others are ignored (OpenID Connect Core
/// §3.1.2.1).
#[must_use]
pub fn known(dialect: &Dialect, text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split(' ') {
        let is_known =
            scope == OPENID || dialect.claim_scope(scope).is_some() || dialect.permitted_scopes.contains(&scope);
        if is_known && !scopes.iter().any(|have| have == scope) {
            scopes.push(scope.into());
        }
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Mount;

    #[test]
    fn unknown_scopes_are_left_out_and_doubles_too() {
        let op = Mount::Op.dialect();
        assert_eq!(
            known(op, "openid  offline_access theirs.own profile openid profile.name Manage-VID"),
            ["openid", "offline_access", "profile", "Manage-VID"]
        );
        assert!(known(op, "OPENID open%20id").is_empty());
        let bankid = Mount::BankId.dialect();
        let asked = "openid profile.name profile Manage-VID notification.claims_updated sign.qualified";
        assert_eq!(known(bankid, asked), ["openid", "profile.name", "notification.claims_updated"]);
    }
}
