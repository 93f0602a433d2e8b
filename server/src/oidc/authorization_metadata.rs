//! What metadata says of the authorization endpoint: how requests may come and answers be given (RFC 8414 §2, RFC 9101
//! §10.5, RFC 9126 §5, JARM §4).

use serde_json::{Value, json};

use crate::clients::{Profile, ResponseMode};
use crate::dialect::Mount;
use crate::sessions;

/// Writes it into a mount's document; `at` makes a URL of a path, `signing` is what the mount signs
/// with. What any profile of the mount may do is named.
pub(super) fn write(document: &mut Value, mount: Mount, signing: &[&str], at: impl Fn(&str) -> String) {
    let dialect = mount.dialect();
    let policies = || Profile::of_mount(mount).iter().map(|profile| profile.policy());
    let modes: Vec<ResponseMode> = ResponseMode::ALL
        .into_iter()
        .filter(|mode| policies().any(|policy| policy.response_modes.contains(mode)))
        .collect();
    document["response_modes_supported"] = modes.iter().map(|mode| mode.name()).collect();
    if modes.contains(&ResponseMode::Jwt) {
        document["authorization_signing_alg_values_supported"] = json!(signing);
    }
    document["request_parameter_supported"] = dialect.request_objects.into();
    document["request_uri_parameter_supported"] = dialect.request_objects.into();
    if dialect.request_objects {
        let mut algs: Vec<&str> = Vec::new();
        for name in policies().flat_map(|policy| policy.client_algorithms).map(|alg| alg.name()) {
            if !algs.contains(&name) {
                algs.push(name);
            }
        }
        if policies().any(|policy| policy.unsigned_request_objects) {
            algs.push("none");
        }
        document["request_object_signing_alg_values_supported"] = json!(algs);
        document["require_request_uri_registration"] = true.into();
    }
    if let Some(path) = dialect.par_path {
        document["pushed_authorization_request_endpoint"] = at(path).into();
        document["require_pushed_authorization_requests"] = false.into();
    }
    if sessions::are_kept(mount) {
        document["prompt_values_supported"] = json!(dialect.prompts);
    }
}
