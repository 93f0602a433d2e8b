//! The one relying party that is built in: the citizen's own page. It lies in no database, cannot be changed or removed,
//! and has no key: its codes are redeemed inside this process and nowhere else.

use std::sync::Arc;

use super::model::{Client, GrantType, NO_LANGUAGE, Status};
use super::registration::Registration;
use crate::acr::Acr;
use crate::config::Config;
use crate::dialect::Mount;
use crate::pages::Language;

/// `client_id`.
pub const ID: &str = "tessera-account";
/// The issuer it belongs to.
pub const MOUNT: Mount = Mount::Op;

/// Where its logins come back to.
#[must_use]
pub fn redirect_uri(config: &Config) -> String {
    format!("{}/account/callback", config.origin())
}

/// Whether this id on this mount is the page's own, which nobody else may have.
pub(super) fn is(mount: Mount, id: &str) -> bool {
    mount == MOUNT && id == ID
}

/// Its registration. It asks for nothing about the person: who is there is enough.
pub(super) fn client(config: &Config) -> Arc<Client> {
    let name = |language: Language| language.text().account.to_owned();
    let names = [
        (NO_LANGUAGE, Language::English),
        ("eng", Language::English),
        ("fra", Language::French),
        ("ara", Language::Arabic),
    ];
    Arc::new(Client {
        row: 0,
        id: ID.to_owned(),
        mount: MOUNT,
        relying_party_id: ID.to_owned(),
        status: Status::Active,
        registration: Registration {
            name: names.map(|(tag, language)| (tag.to_owned(), name(language))).into(),
            redirect_uris: vec![redirect_uri(config)],
            acrs: Acr::ALL.to_vec(),
            grant_types: vec![GrantType::AuthorizationCode],
            ..Registration::default()
        },
    })
}
