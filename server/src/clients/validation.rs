//! From what a request says to what is registered: one check per member, each with its own code. All of them run, so that
//! a dialect that tells several errors can; the order is that of eSignet's table.

use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::{Map, Value};
use url::Url;

use super::additional_config::{AdditionalConfig, UserinfoType};
use super::login_policy::LoginPolicy;
use super::metadata::{self, MetadataFault, Reader};
use super::model::{AuthMethod, Client, GrantType, KeySource, NO_LANGUAGE, Status};
use super::profile::{Policy, Profile};
use super::public_keys::{encryption_key, same, signature_key, signature_keys};
use super::redirect_uri;
use super::registration::Registration;
use super::requests::{Change, Create, Fields, Keys};
use crate::acr::Acr;
use crate::claims::osia;
use crate::config::Mode;
use crate::dialect::{Dialect, Mount};
use crate::error::Code;
use crate::http::fetch::Fetch;
use crate::state::AppState;

/// Codes, each with the member it is about.
pub(super) type Refusals = Vec<(Code, Option<&'static str>)>;

const LONGEST_ID: usize = 100;
const LONGEST_NAME: usize = 256;
const LONGEST_TRANSLATION: usize = 50;
const LONGEST_URI: usize = 2048;
const MOST_CLAIMS: usize = 30;
const MOST_ACRS: usize = 30;
const MOST_REDIRECT_URIS: usize = 5;
const MOST_METHODS: usize = 3;

/// What the checks depend on.
#[derive(Clone)]
pub(super) struct Rules {
    mount: Mount,
    dialect: &'static Dialect,
    signing: Vec<Algorithm>,
    fetch: Fetch,
    plain_http: bool,
}

impl Rules {
    /// Of a mount. Redirects by plain `http` beyond loopback are registered in development only (RFC 9700 §2.6).
    pub(super) fn of(state: &AppState, mount: Mount) -> Self {
        let plain_http = state.config.mode == Mode::Development;
        let signing = state.config.signs_with(mount);
        Self { mount, dialect: mount.dialect(), signing, fetch: state.fetch.clone(), plain_http }
    }

    /// Checks a new client that people log in to.
    pub(super) fn create(&self, mount: Mount, row: i64, request: &Create) -> Result<Client, Refusals> {
        let mut refusals = Refusals::new();
        let id = self.id(request.client_id.as_deref(), &mut refusals);
        let keys = self.first_keys(request, &mut refusals);
        let relying_party_id = relying_party(request.relying_party_id.as_deref(), &mut refusals);
        let mut registration = Registration { keys: keys.clone().unwrap_or_default(), ..Registration::default() };
        self.fields(&request.fields, true, &mut registration, &mut refusals);
        self.metadata(&request.fields, &mut registration, &mut refusals);
        match (id, keys, relying_party_id) {
            (Some(id), Some(_), Some(relying_party_id)) if refusals.is_empty() => {
                Ok(Client { row, id, mount, relying_party_id, status: Status::Active, registration })
            }
            _ => Err(refusals),
        }
    }

    /// Checks a client that acts for itself only: it has a name, keys and scopes, and nothing that people see.
    pub(super) fn create_machine(
        &self,
        mount: Mount,
        row: i64,
        request: &Create,
        scopes: Vec<String>,
    ) -> Result<Client, Refusals> {
        let mut refusals = Refusals::new();
        let id = self.id(request.client_id.as_deref(), &mut refusals);
        let keys = self.first_keys(request, &mut refusals);
        let relying_party_id = relying_party(request.relying_party_id.as_deref(), &mut refusals);
        let mut registration = Registration {
            keys: keys.clone().unwrap_or_default(),
            grant_types: vec![GrantType::ClientCredentials],
            auth_methods: vec![AuthMethod::PrivateKeyJwt],
            scopes,
            ..Registration::default()
        };
        name(request.fields.client_name.as_deref(), &mut registration, &mut refusals);
        if request.fields.user_claims.is_some() {
            self.claims(&request.fields, &mut registration, &mut refusals);
        }
        self.metadata(&request.fields, &mut registration, &mut refusals);
        match (id, keys, relying_party_id) {
            (Some(id), Some(_), Some(relying_party_id)) if refusals.is_empty() => {
                Ok(Client { row, id, mount, relying_party_id, status: Status::Active, registration })
            }
            _ => Err(refusals),
        }
    }

    /// Checks a change and makes it. `whole`: the request must name all that a PUT must.
    pub(super) fn change(&self, request: &Change, whole: bool, client: &mut Client) -> Result<(), Refusals> {
        let mut refusals = Refusals::new();
        if request.client_id.as_ref().is_some_and(|id| *id != client.id) {
            refusals.push((Code::InvalidClientId, Some("clientId")));
        }
        // What cannot change may be repeated, as in eSignet's own examples, and is never silently ignored.
        if !self.repeats(&request.keys, &client.registration.keys) {
            refusals.push((Code::InvalidRequest, Some("publicKey")));
        }
        if request.relying_party_id.as_ref().is_some_and(|id| *id != client.relying_party_id) {
            refusals.push((Code::InvalidRequest, Some("relyingPartyId")));
        }
        let mut registration = client.registration.clone();
        self.fields(&request.fields, whole, &mut registration, &mut refusals);
        self.metadata(&request.fields, &mut registration, &mut refusals);
        let status = match request.status.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("active") => Some(Status::Active),
            Some("inactive") => Some(Status::Inactive),
            None if !whole => Some(client.status),
            _ => None,
        };
        match status {
            Some(status) if refusals.is_empty() => {
                (client.status, client.registration) = (status, registration);
                Ok(())
            }
            Some(_) => Err(refusals),
            None => {
                refusals.push((Code::InvalidStatus, Some("status")));
                Err(refusals)
            }
        }
    }

    fn repeats(&self, sent: &Keys, registered: &KeySource) -> bool {
        if sent.public_key.is_none() && sent.jwks.is_none() && sent.jwks_uri.is_none() {
            return true;
        }
        match (self.keys(sent, &mut Refusals::new()), registered) {
            (Some(KeySource::Keys(sent)), KeySource::Keys(known)) => {
                sent.len() == known.len() && sent.iter().zip(known).all(|(sent, known)| same(sent, known))
            }
            (Some(KeySource::Uri(sent)), KeySource::Uri(known)) => sent == *known,
            _ => false,
        }
    }

    /// The keys of a new client. Where it authenticates otherwise, or names them in its metadata, none need to be sent.
    fn first_keys(&self, request: &Create, refusals: &mut Refusals) -> Option<KeySource> {
        let Keys { public_key, jwks, jwks_uri } = &request.keys;
        let sent = public_key.is_some() || jwks.is_some() || jwks_uri.is_some();
        if sent || !self.dialect.client_metadata {
            return self.keys(&request.keys, refusals);
        }
        let own = AuthMethod::PrivateKeyJwt.name();
        let named = |member: &str| request.fields.metadata.as_ref().and_then(|metadata| metadata.get(member));
        let listed = request.fields.client_auth_methods.as_ref();
        let signs = match named("token_endpoint_auth_method") {
            Some(method) => method == own,
            None => listed.is_none_or(|methods| methods.iter().any(|method| method == own)),
        };
        let elsewhere = named("jwks").is_some() || named("jwks_uri").is_some();
        if signs && !elsewhere { self.keys(&request.keys, refusals) } else { Some(KeySource::default()) }
    }

    /// Profile and metadata, where the mount takes them, and what must go together.
    fn metadata(&self, from: &Fields, to: &mut Registration, refusals: &mut Refusals) {
        if !self.dialect.client_metadata {
            return;
        }
        if let Some(name) = &from.profile {
            let profile = Profile::named(name).filter(|profile| Profile::of_mount(self.mount).contains(profile));
            put(&mut to.profile, demand(Code::InvalidClientMetadata, "profile", profile, refusals));
        }
        // A contradiction with what was refused already is not told on top of it.
        if !refusals.is_empty() {
            return;
        }
        let policy = self.policy(to);
        let reader = Reader { signing: &self.signing, policy, fetch: &self.fetch, plain_http: self.plain_http };
        let read = from.metadata.as_ref().map_or(Ok(()), |object| reader.read(object, to));
        if let Err(fault) = read.and_then(|()| metadata::check(to, policy)) {
            let code = match fault.fault {
                MetadataFault::RedirectUri => Code::InvalidRedirectUri,
                MetadataFault::Metadata => Code::InvalidClientMetadata,
            };
            refusals.push((code, Some(fault.member)));
        }
    }

    /// The policy that a registration is held to here.
    fn policy(&self, registration: &Registration) -> &'static Policy {
        let of_mount = Profile::of_mount(self.mount);
        let own = of_mount.iter().find(|profile| **profile == registration.profile);
        own.or(of_mount.first()).copied().unwrap_or_default().policy()
    }

    /// Every algorithm that a client of this mount may sign with, whichever its profile.
    fn algorithms(&self) -> Vec<Algorithm> {
        let policies = Profile::of_mount(self.mount).iter().map(|profile| profile.policy());
        policies.flat_map(|policy| policy.client_algorithms).copied().collect()
    }

    fn id(&self, given: Option<&str>, refusals: &mut Refusals) -> Option<String> {
        let visible =
            |id: &&str| (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        demand(Code::InvalidClientId, "clientId", given.filter(visible).map(str::to_owned), refusals)
    }

    /// Exactly one of the three; a place where the client publishes its keys is a roll-over of its own, so it goes where
    /// roll-over goes.
    pub(super) fn keys(&self, sent: &Keys, refusals: &mut Refusals) -> Option<KeySource> {
        match (&sent.public_key, &sent.jwks, &sent.jwks_uri) {
            (Some(jwk), None, None) => {
                let key = signature_key(jwk, &self.algorithms()).ok().map(|key| KeySource::Keys(vec![key]));
                demand(Code::InvalidPublicKey, "publicKey", key, refusals)
            }
            (None, Some(set), None) => {
                let keys = signature_keys(set, &self.algorithms()).ok().map(KeySource::Keys);
                demand(Code::InvalidPublicKey, "jwks", keys, refusals)
            }
            (None, None, Some(uri)) if self.dialect.key_roll_over => {
                let uri = Url::parse(uri).ok().filter(|url| uri.len() <= LONGEST_URI && self.fetch.may_reach(url));
                demand(Code::InvalidUri, "jwksUri", uri.map(KeySource::Uri), refusals)
            }
            _ => demand(Code::InvalidPublicKey, "publicKey", None, refusals),
        }
    }

    /// Whether a client may be registered for a claim: one of its mount's; on the standard mount also one that OSIA's
    /// interfaces carry, such as the place of birth of its default sets, and the documents that it verifies (GS-VAP-01).
    fn may_register(&self, claim: &str) -> bool {
        self.dialect.claims.contains(&claim) || self.mount == Mount::Op && osia::is_carried(claim)
    }

    fn claims(&self, from: &Fields, to: &mut Registration, refusals: &mut Refusals) {
        let known = |claim: &String| self.may_register(claim).then(|| claim.clone());
        let claims = list(from.user_claims.as_deref(), 0, MOST_CLAIMS, known);
        put(&mut to.user_claims, demand(Code::InvalidClaim, "userClaims", claims, refusals));
    }

    /// Reads what the request names into `to`; what it must name and does not is refused where `whole`.
    fn fields(&self, from: &Fields, whole: bool, to: &mut Registration, refusals: &mut Refusals) {
        if whole || from.client_name.is_some() {
            name(from.client_name.as_deref(), to, refusals);
        }
        if let Some(names) = &from.client_name_lang_map {
            let plain = to.name.remove(NO_LANGUAGE);
            to.name = names.clone();
            to.name.extend(plain.map(|plain| (NO_LANGUAGE.to_owned(), plain)));
            translations(names, refusals);
        }
        if whole || from.user_claims.is_some() {
            self.claims(from, to, refusals);
        }
        if whole || from.auth_context_refs.is_some() {
            let acrs = list(from.auth_context_refs.as_deref(), 1, MOST_ACRS, |text| Acr::read(text));
            put(&mut to.acrs, demand(Code::InvalidAcr, "authContextRefs", acrs, refusals));
        }
        if whole || from.logo_uri.is_some() {
            let logo = from.logo_uri.clone().filter(|uri| is_web(uri));
            put(&mut to.logo_uri, demand(Code::InvalidUri, "logoUri", logo.map(Some), refusals));
        }
        if whole || from.redirect_uris.is_some() {
            let fits = |uri: &String| redirect_uri::may_register(uri, self.plain_http).then(|| uri.clone());
            let uris = list(from.redirect_uris.as_deref(), 1, MOST_REDIRECT_URIS, fits);
            put(&mut to.redirect_uris, demand(Code::InvalidRedirectUri, "redirectUris", uris, refusals));
        }
        if whole || from.grant_types.is_some() {
            // A grant that the operator gave on the command line is neither asked for nor lost here.
            let policy = self.policy(to);
            let persons = |text: &String| {
                let grant = GrantType::named(text).filter(|grant| *grant != GrantType::ClientCredentials);
                grant.filter(|grant| policy.grants.contains(grant))
            };
            let grants = list(from.grant_types.as_deref(), 1, MOST_METHODS, persons).map(|mut grants| {
                let kept = to.grant_types.iter().filter(|grant| **grant == GrantType::ClientCredentials);
                grants.extend(kept);
                grants
            });
            put(&mut to.grant_types, demand(Code::UnsupportedGrantType, "grantTypes", grants, refusals));
        }
        if whole || from.client_auth_methods.is_some() {
            let policy = self.policy(to);
            let known = |text: &String| AuthMethod::named(text).filter(|method| policy.auth_methods.contains(method));
            let methods = list(from.client_auth_methods.as_deref(), 1, MOST_METHODS, known);
            put(&mut to.auth_methods, demand(Code::InvalidClientAuth, "clientAuthMethods", methods, refusals));
        }
        if let Some(given) = &from.login_policy {
            let policy = LoginPolicy::read(self.mount, given.as_ref().unwrap_or(&Map::new())).ok();
            put(&mut to.login_policy, demand(Code::InvalidLoginPolicy, "loginPolicy", policy, refusals));
        }
        if let Some(name) = &from.id_token_signed_response_alg {
            let alg = Algorithm::from_name(name).filter(|alg| self.signing.contains(alg));
            let alg = demand(Code::InvalidAlgorithm, "idTokenSignedResponseAlg", alg, refusals);
            to.id_token_alg = alg.or(to.id_token_alg);
        }
        switches(from, to, refusals);
    }
}

fn demand<T>(code: Code, member: &'static str, read: Option<T>, refusals: &mut Refusals) -> Option<T> {
    if read.is_none() {
        refusals.push((code, Some(member)));
    }
    read
}

fn put<T>(to: &mut T, read: Option<T>) {
    if let Some(read) = read {
        *to = read;
    }
}

/// Reads a list of `least` to `most` members, each once; `None` where one of them cannot be read.
fn list<T: PartialEq>(
    given: Option<&[String]>,
    least: usize,
    most: usize,
    read: impl Fn(&String) -> Option<T>,
) -> Option<Vec<T>> {
    let given = given.filter(|given| (least..=most).contains(&given.len()))?;
    let mut members = Vec::with_capacity(given.len());
    for text in given {
        let member = read(text)?;
        if !members.contains(&member) {
            members.push(member);
        }
    }
    Some(members)
}

fn relying_party(given: Option<&str>, refusals: &mut Refusals) -> Option<String> {
    let fits = |id: &&str| !id.trim().is_empty() && id.chars().count() <= LONGEST_ID;
    demand(Code::InvalidRpId, "relyingPartyId", given.filter(fits).map(str::to_owned), refusals)
}

/// Text that is shown to people: something, and no control characters.
fn is_shown(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(char::is_control)
}

fn name(given: Option<&str>, to: &mut Registration, refusals: &mut Refusals) {
    let fits = |name: &&str| is_shown(name) && name.chars().count() <= LONGEST_NAME;
    if let Some(name) = demand(Code::InvalidClientName, "clientName", given.filter(fits), refusals) {
        to.name.insert(NO_LANGUAGE.to_owned(), name.to_owned());
    }
}

fn translations(names: &std::collections::BTreeMap<String, String>, refusals: &mut Refusals) {
    let member = Some("clientNameLangMap");
    let is_language = |key: &str| key.len() == 3 && key.bytes().all(|byte| byte.is_ascii_lowercase());
    if !names.keys().all(|key| is_language(key)) {
        refusals.push((Code::InvalidLanguageCode, member));
    }
    if !names.values().all(|name| is_shown(name)) {
        refusals.push((Code::InvalidClientNameValue, member));
    }
    if names.values().any(|name| name.chars().count() > LONGEST_TRANSLATION) {
        refusals.push((Code::InvalidClientNameLength, member));
    }
}

fn is_web(uri: &str) -> bool {
    uri.len() <= LONGEST_URI
        && Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.username().is_empty())
}

/// `additionalConfig` and `encPublicKey`. Whoever wants encrypted userinfo has a key for it at all times.
fn switches(from: &Fields, to: &mut Registration, refusals: &mut Refusals) {
    if let Some(object) = &from.additional_config {
        let config = AdditionalConfig::read(object).ok();
        put(&mut to.additional, demand(Code::InvalidAdditionalConfig, "additionalConfig", config, refusals));
    }
    if let Some(given) = &from.enc_public_key {
        let read: Option<Option<Jwk>> = match given {
            None => Some(None),
            Some(jwk) => encryption_key(jwk as &Map<String, Value>).ok().map(Some),
        };
        put(&mut to.enc_jwk, demand(Code::InvalidPublicKey, "encPublicKey", read, refusals));
    }
    let without_key = to.additional.userinfo_response_type == UserinfoType::Jwe && to.enc_jwk.is_none();
    if without_key && refusals.is_empty() {
        refusals.push((Code::InvalidAdditionalConfig, Some("additionalConfig.userinfo_response_type")));
    }
}
