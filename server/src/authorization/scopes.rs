//! Scopes of the authorization request (facts §1.2, §4.6).

/// Scopes that the citizen permits one by one; they are returned in the access token.
pub const AUTHORIZE_SCOPES: [&str; 5] =
    ["Manage-Identity-Data", "Manage-VID", "Manage-Authentication", "Manage-Service-Requests", "Manage-Credentials"];

/// The scope that makes a request one of OpenID Connect.
pub const OPENID: &str = "openid";

/// Scopes that stand for claims.
pub const CLAIM_SCOPES: [&str; 4] = ["profile", "email", "phone", "address"];

/// Whether the citizen must permit it.
#[must_use]
pub fn is_authorize_scope(scope: &str) -> bool {
    AUTHORIZE_SCOPES.contains(&scope)
}

/// The scopes that are known here, each once, in the order asked. Others are ignored (OpenID Connect Core §3.1.2.1).
#[must_use]
pub fn known(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split(' ') {
        let is_known = scope == OPENID || CLAIM_SCOPES.contains(&scope) || is_authorize_scope(scope);
        if is_known && !scopes.iter().any(|have| have == scope) {
            scopes.push(scope.into());
        }
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_scopes_are_left_out_and_doubles_too() {
        assert_eq!(known("openid  offline_access profile openid Manage-VID"), ["openid", "profile", "Manage-VID"]);
        assert!(known("OPENID open%20id").is_empty());
    }
}
