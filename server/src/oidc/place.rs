//! Where claims are told: at most issuers in userinfo alone; at some also at an endpoint for extended claims, and then each
//! tells what the granted scopes ask for there.

use crate::claims::untagged;
use crate::grants::Approval;
use crate::ids::Kind;
use crate::state::AppState;

/// One of the claim endpoints of a mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Userinfo (OpenID Connect Core §5.3).
    Userinfo,
    /// The endpoint for extended claims.
    Profile,
}

impl Place {
    /// The accepted claims that are told here.
    pub(super) fn told(self, approval: &Approval) -> Vec<String> {
        let dialect = approval.mount.dialect();
        if dialect.profile_path.is_none() {
            return approval.userinfo_claims.clone();
        }
        let granted = || approval.scopes.iter().filter_map(|scope| dialect.claim_scope(scope));
        let of = |name: &str| {
            granted().any(|scope| match self {
                Self::Userinfo => scope.userinfo.contains(&name),
                Self::Profile => scope.profile.contains(&name),
            })
        };
        approval.userinfo_claims.iter().filter(|name| of(untagged(name))).cloned().collect()
    }
}

/// The claim `txn` (RFC 8417 §2.2): the login by its name in the audit trail, so that whoever has the answer and whoever
/// has the trail speak of the same, then the scopes. `token` names what belongs to no login.
pub(super) fn txn(state: &AppState, approval: &Approval, token: i64) -> String {
    let login = state.ids.name(Kind::AuditedLogin, approval.login.unwrap_or(token));
    [login].into_iter().chain(approval.scopes.iter().cloned()).collect::<Vec<_>>().join(":")
}
