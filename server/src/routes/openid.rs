//! Tokens, claims, keys and metadata, at every issuer.

use crate::dialect::Mount;
use crate::http::openapi::{Routes, doc};
use crate::oidc::token::{TokenRequest, TokenResponse};
use crate::oidc::{discovery, jwks, registration, token, userinfo};

/// Tokens, claims, keys and metadata, at the paths that the mount has for them.
pub(super) fn openid(mount: Mount) -> Routes {
    let dialect = mount.dialect();
    let mut routes = Routes::new();
    for path in dialect.token_paths {
        routes =
            routes.post(path, token::post, doc("Tokens").takes_form::<TokenRequest>().gives_json::<TokenResponse>());
    }
    for path in dialect.jwks_paths {
        routes = routes.get(path, jwks::get, doc("Public keys").gives("application/json"));
    }
    for path in dialect.metadata_paths {
        routes = routes.get(path, discovery::get, doc("Metadata").gives("application/json"));
    }
    if let Some(path) = dialect.registration_path {
        routes = routes.post(
            path,
            registration::post,
            doc("Dynamic registration: off").status(401, "off").status(403, "off"),
        );
    }
    routes.get(dialect.userinfo_path, userinfo::get, doc("What the person consented to").gives("application/jwt")).post(
        dialect.userinfo_path,
        userinfo::get,
        doc("The same").gives("application/jwt"),
    )
}
