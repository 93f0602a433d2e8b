//! Scopes that a client's own tokens may carry: what machines may do here.

use crate::config::is_set_name;

/// The scope of a client that may look into other clients' tokens: a resource server (RFC 7662 §4).
pub const INTROSPECT: &str = "introspect";

/// All but those of named attribute sets; see [`is_machine_scope`].
pub const MACHINE_SCOPES: &[&str] = &[
    "add_oidc_client",
    "update_oidc_client",
    "wallet_binding",
    "send_binding_otp",
    "audit_read",
    "audit_case",
    INTROSPECT,
    // OSIA Enrollment 1.3.0.
    "enroll.read",
    "enroll.write",
    "enroll.buf.read",
    "enroll.buf.write",
    // OSIA Third Party Services 1.2.0, and the question to a person that goes before.
    "id.verify",
    "id.identify",
    "id.read",
    "id.consent.request",
    // OSIA Notification 1.2.0, and what could not be delivered.
    "notif.sub.read",
    "notif.sub.write",
    "notif.topic.read",
    "notif.topic.write",
    "notif.topic.publish",
    "notif.dead.read",
    "notif.dead.write",
    // OSIA Population Registry 1.5.0, Data Access 1.3.0 and UIN 1.2.0, and the history of a person.
    "pr.person.read",
    "pr.person.write",
    "pr.person.match",
    "pr.person.verify",
    "pr.identity.read",
    "pr.identity.write",
    "pr.reference.read",
    "pr.reference.write",
    "pr.gallery.read",
    "pr.document.read",
    "pr.history.read",
    "pr.identifier.read",
    "pr.identifier.write",
    "pr.duplicate.read",
    "pr.duplicate.write",
    "cr.person.read",
    "cr.person.match",
    "cr.person.verify",
    "cr.document.read",
    "uin.generate",
    "statistics.read",
];

/// The scope that reads a named set of attributes: `id.DEFAULT_SET_01.read` (OSIA Third Party Services 1.2.0).
#[must_use]
pub fn set_scope(set: &str) -> String {
    format!("id.{set}.read")
}

/// Whether a client's own tokens may carry a scope.
#[must_use]
pub fn is_machine_scope(scope: &str) -> bool {
    let set = scope.strip_prefix("id.").and_then(|rest| rest.strip_suffix(".read"));
    MACHINE_SCOPES.contains(&scope) || set.is_some_and(is_set_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OSIA-IDU-02: a named set has a scope of its own.
    #[test]
    fn osia_idu_02_named_sets_have_scopes_of_their_own() {
        for good in ["id.read", "id.verify", "enroll.write", &set_scope("DEFAULT_SET_01"), &set_scope("EIDAS-2")] {
            assert!(is_machine_scope(good), "{good}");
        }
        for bad in ["", "id..read", "id.a.b.read", "id.a b.read", "openid", "id.X.write", &set_scope(&"A".repeat(65))] {
            assert!(!is_machine_scope(bad), "{bad}");
        }
    }
}
