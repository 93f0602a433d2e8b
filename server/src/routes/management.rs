//! Client management and the binding of others' wallets: what machines call, at the issuers that have it.

use protocol::binding::{BindingOtp, BindingOtpRequest, WalletBinding, WalletBindingRequest};

use crate::binding::compatible;
use crate::clients::requests as clients;
use crate::clients::routes as management;
use crate::dialect::Mount;
use crate::http::openapi::{Routes, doc};

/// Binding of others' wallets, whose paths GovStack's document and eSignet spell differently.
pub(super) fn binding(mount: Mount) -> Routes {
    let partner = |summary, scope| {
        doc(summary)
            .maybe_scope(scope)
            .header("partner-id", true, "the wallet's backend")
            .header("partner-api-key", true, "its secret, where the configuration names partners")
            .status(401, "the partner, or where one is demanded the bearer token, is not known")
    };
    let otp = || partner("An OTP for binding", "send_binding_otp").envelope::<BindingOtpRequest, BindingOtp>();
    let wallet = || {
        partner("A wallet's backend binds a key", "wallet_binding").envelope::<WalletBindingRequest, WalletBinding>()
    };
    match mount {
        Mount::GovStack => Routes::new().post("/binding-otp", compatible::otp, otp()).post(
            "/wallet-binding",
            compatible::wallet_binding,
            wallet(),
        ),
        Mount::ESignet => Routes::new()
            .post("/binding/binding-otp", compatible::otp, otp())
            .post("/binding/v2/binding-otp", compatible::otp, otp())
            .post("/binding/wallet-binding", compatible::wallet_binding, wallet()),
        Mount::Op | Mount::BankId | Mount::Wallet => Routes::new(),
    }
}

/// Client management: GovStack's `oidc-client`, eSignet's `oauth-client` and `client`, and what eSignet lacks: reading,
/// removing and the roll-over of keys.
pub(super) fn client_management(mount: Mount) -> Routes {
    let create = || {
        let doc = doc("Register a client").scopes(&["add_oidc_client"]);
        doc.envelope::<clients::Create, clients::Registered>()
    };
    let change =
        |summary| doc(summary).scopes(&["update_oidc_client"]).envelope::<clients::Change, clients::Registered>();
    let replace = || change("Replace what may change of a client");
    let mut routes = Routes::new()
        .post("/client-mgmt/oidc-client", management::create, create())
        .put("/client-mgmt/oidc-client", management::replace_named, replace())
        .put("/client-mgmt/oidc-client/{client_id}", management::replace, replace())
        .post("/client-mgmt/oauth-client", management::create, create())
        .put("/client-mgmt/oauth-client/{client_id}", management::replace, replace())
        .post("/client-mgmt/client", management::create, create())
        .put("/client-mgmt/client/{client_id}", management::replace, replace())
        .patch("/client-mgmt/client/{client_id}", management::patch, change("Change what is named of a client"))
        .get(
            "/client-mgmt/client/{client_id}",
            management::show,
            doc("All about a client").scopes(&["update_oidc_client"]).gives_envelope::<clients::Details>(),
        )
        .delete(
            "/client-mgmt/client/{client_id}",
            management::remove,
            doc("Remove a client for ever").scopes(&["update_oidc_client"]).gives_envelope::<clients::Removed>(),
        );
    if mount.dialect().client_metadata {
        routes = routes.post(
            "/client-mgmt/client/{client_id}/secret",
            management::renew_secret,
            doc("A new secret for a client that has one; the old one ends")
                .scopes(&["update_oidc_client"])
                .gives_envelope::<clients::Renewed>(),
        );
    }
    if mount.dialect().key_roll_over {
        routes = routes.post(
            "/client-mgmt/client/{client_id}/keys",
            management::set_keys,
            doc("Replace a client's signature keys: first old and new together, then the new alone")
                .scopes(&["update_oidc_client"])
                .envelope::<clients::Keys, clients::Replaced>(),
        );
    }
    routes
}
