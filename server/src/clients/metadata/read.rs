//! From members to a registration: one line per member, each with what it must be like.

use protocol::jws::Algorithm;
use serde_json::{Map, Value};

use super::super::model::{AuthMethod, GrantType, KeySource, NO_LANGUAGE, iso639_3};
use super::super::profile::{MacAlgorithm, Policy};
use super::super::registration::{ApplicationType, Registration, ResponseType, SubjectType};
use super::{NotMetadata, keys, uris};
use crate::acr::Acr;
use crate::http::fetch::Fetch;
use crate::keys::{ContentEncryption, Encryption, KeyManagement};

/// Members of a list at most.
const MOST: usize = 20;
/// Longest text for people, in characters.
const LONGEST: usize = 256;

type Outcome<T = ()> = Result<T, NotMetadata>;

/// What reading depends on.
pub(in super::super) struct Reader<'a> {
    /// What the mount signs with.
    pub(in super::super) signing: &'a [Algorithm],
    /// The rules of the client's profile.
    pub(in super::super) policy: &'static Policy,
    /// What may be fetched.
    pub(in super::super) fetch: &'a Fetch,
    /// Whether `http` is allowed beyond the device: in development.
    pub(in super::super) plain_http: bool,
}

impl Reader<'_> {
    /// Reads what the object names into a registration. What belongs together is checked by [`super::check`].
    ///
    /// # Errors
    /// [`NotMetadata`] for the first member that is malformed or asks for what this server does not do.
    pub(in super::super) fn read(&self, object: &Map<String, Value>, to: &mut Registration) -> Outcome {
        let from = Members(object);
        self.uses(&from, to)?;
        self.places(&from, to)?;
        self.authentication(&from, to)?;
        self.answers(&from, to)?;
        requests(&from, to, self)?;
        people(&from, to)
    }

    /// What the client is and does.
    fn uses(&self, from: &Members<'_>, to: &mut Registration) -> Outcome {
        if let Some(name) = from.text("application_type")? {
            to.application_type = match name {
                "web" => ApplicationType::Web,
                "native" => ApplicationType::Native,
                _ => return Err(NotMetadata::of("application_type", "web or native")),
            };
        }
        if let Some(names) = from.texts("response_types")? {
            if names != ["code"] {
                return Err(NotMetadata::of("response_types", "code is the only one"));
            }
            to.response_types = vec![ResponseType::Code];
        }
        if let Some(names) = from.texts("grant_types")? {
            let read = |name: &&str| GrantType::named(name).filter(|grant| self.policy.grants.contains(grant));
            to.grant_types = each(&names, read, "grant_types", "authorization_code and refresh_token")?;
        }
        if let Some(name) = from.text("subject_type")? {
            to.subject_type = match name {
                "pairwise" => SubjectType::Pairwise,
                "public" => SubjectType::Public,
                _ => return Err(NotMetadata::of("subject_type", "pairwise or public")),
            };
        }
        from.switch("dpop_bound_access_tokens", &mut to.dpop_bound_access_tokens)?;
        from.switch("require_pushed_authorization_requests", &mut to.require_pushed_authorization_requests)?;
        from.switch("require_signed_request_object", &mut to.require_signed_request_object)?;
        let mut by_certificate = false;
        from.switch("tls_client_certificate_bound_access_tokens", &mut by_certificate)?;
        if by_certificate {
            return Err(NotMetadata::of("tls_client_certificate_bound_access_tokens", "tokens are bound by DPoP only"));
        }
        Ok(())
    }

    /// Where the client is found.
    fn places(&self, from: &Members<'_>, to: &mut Registration) -> Outcome {
        if let Some(list) = from.texts("redirect_uris")? {
            to.redirect_uris = list.iter().map(|uri| (*uri).to_owned()).collect();
        }
        // Also those that were there: where the client runs may have changed.
        for uri in &to.redirect_uris {
            uris::redirect_uri(uri, to.application_type, self.plain_http)?;
        }
        if let Some(list) = from.texts("post_logout_redirect_uris")? {
            let fits = |uri: &&str| uris::redirect_uri(uri, to.application_type, self.plain_http).is_ok();
            if !list.iter().all(fits) {
                return Err(NotMetadata::of("post_logout_redirect_uris", "as redirect_uris"));
            }
            to.post_logout_redirect_uris = list.iter().map(|uri| (*uri).to_owned()).collect();
        }
        let reachable = |member: &'static str| -> Outcome<Option<url::Url>> {
            from.text(member)?.map(|uri| uris::reachable(member, uri, self.fetch)).transpose()
        };
        keep(&mut to.sector_identifier_uri, reachable("sector_identifier_uri")?);
        keep(&mut to.backchannel_logout_uri, reachable("backchannel_logout_uri")?);
        from.switch("backchannel_logout_session_required", &mut to.backchannel_logout_session_required)?;
        let initiate = from.text("initiate_login_uri")?;
        let initiate = initiate.map(|uri| uris::web("initiate_login_uri", uri, self.plain_http)).transpose()?;
        keep(&mut to.initiate_login_uri, initiate);
        if let Some(list) = from.texts("request_uris")? {
            to.request_uris = list.iter().map(|uri| uris::request_uri(uri, self.fetch)).collect::<Outcome<_>>()?;
        }
        match (from.get("jwks"), reachable("jwks_uri")?) {
            (Some(_), Some(_)) => Err(NotMetadata::of("jwks", "either jwks or jwks_uri")),
            (Some(set), None) => {
                to.keys = KeySource::Keys(keys::set(set)?);
                Ok(())
            }
            (None, Some(uri)) => {
                to.keys = KeySource::Uri(uri);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// How the client proves who it is.
    fn authentication(&self, from: &Members<'_>, to: &mut Registration) -> Outcome {
        if let Some(name) = from.text("token_endpoint_auth_method")? {
            let method = AuthMethod::named(name).filter(|method| self.policy.auth_methods.contains(method));
            let why = "not one that the client's profile allows; see token_endpoint_auth_methods_supported";
            to.auth_methods = vec![method.ok_or(NotMetadata::of("token_endpoint_auth_method", why))?];
        }
        let Some(name) = from.text("token_endpoint_auth_signing_alg")? else { return Ok(()) };
        let alg = Algorithm::from_name(name).filter(|alg| self.policy.client_algorithms.contains(alg));
        let mac = MacAlgorithm::named(name).filter(|alg| self.policy.mac_algorithms.contains(alg));
        if alg.is_none() && mac.is_none() {
            return Err(NotMetadata::of("token_endpoint_auth_signing_alg", "not one of those that are supported"));
        }
        (to.token_endpoint_auth_signing_alg, to.token_endpoint_auth_mac_alg) = (alg, mac);
        Ok(())
    }

    /// What this server's answers are signed and encrypted with.
    fn answers(&self, from: &Members<'_>, to: &mut Registration) -> Outcome {
        let signing = |member: &'static str| -> Outcome<Option<Algorithm>> {
            let Some(name) = from.text(member)? else { return Ok(None) };
            let alg = Algorithm::from_name(name).filter(|alg| self.signing.contains(alg));
            alg.map(Some).ok_or(NotMetadata::of(member, "not an algorithm that this server signs with"))
        };
        keep(&mut to.id_token_alg, signing("id_token_signed_response_alg")?);
        keep(&mut to.userinfo_signed_response_alg, signing("userinfo_signed_response_alg")?);
        keep(&mut to.authorization_signed_response_alg, signing("authorization_signed_response_alg")?);
        keep(&mut to.introspection_signed_response_alg, signing("introspection_signed_response_alg")?);
        let id_token = ["id_token_encrypted_response_alg", "id_token_encrypted_response_enc"];
        keep(&mut to.id_token_encryption, from.encryption(id_token)?);
        let userinfo = ["userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc"];
        keep(&mut to.userinfo_encryption, from.encryption(userinfo)?);
        for member in ["authorization_encrypted_response_alg", "introspection_encrypted_response_alg"] {
            if from.get(member).is_some() {
                return Err(NotMetadata::of(member, "these answers are signed only"));
            }
        }
        Ok(())
    }
}

/// How the client asks.
fn requests(from: &Members<'_>, to: &mut Registration, reader: &Reader<'_>) -> Outcome {
    const MEMBER: &str = "request_object_signing_alg";
    match from.text(MEMBER)? {
        None => {}
        Some("none") if reader.policy.unsigned_request_objects => {
            (to.request_object_signing_alg, to.request_object_unsigned) = (None, true);
        }
        Some(name) => {
            let alg = Algorithm::from_name(name).filter(|alg| reader.policy.client_algorithms.contains(alg));
            let alg = alg.ok_or(NotMetadata::of(MEMBER, "not one of those that are supported"))?;
            (to.request_object_signing_alg, to.request_object_unsigned) = (Some(alg), false);
        }
    }
    let encryption = ["request_object_encryption_alg", "request_object_encryption_enc"];
    keep(&mut to.request_object_encryption, from.encryption(encryption)?);
    if let Some(value) = from.get("default_max_age") {
        let seconds = value.as_u64().and_then(|seconds| u32::try_from(seconds).ok());
        to.default_max_age = Some(seconds.ok_or(NotMetadata::of("default_max_age", "a whole number of seconds"))?);
    }
    from.switch("require_auth_time", &mut to.require_auth_time)?;
    if let Some(names) = from.texts("default_acr_values")? {
        to.default_acr_values = each(&names, |name| Acr::read(name), "default_acr_values", "see acr_values_supported")?;
    }
    Ok(())
}

/// What people are shown.
fn people(from: &Members<'_>, to: &mut Registration) -> Outcome {
    let shown =
        |name: &str| !name.trim().is_empty() && name.chars().count() <= LONGEST && !name.contains(char::is_control);
    for (member, value) in from.0 {
        let tag = match member.strip_prefix("client_name") {
            Some("") => NO_LANGUAGE,
            Some(tag) if tag.starts_with('#') => iso639_3(tag[1..].split('-').next().unwrap_or_default()),
            _ => continue,
        };
        if value.is_null() {
            continue;
        }
        let name = value.as_str().filter(|name| shown(name) && !tag.is_empty());
        let name = name.ok_or(NotMetadata::of("client_name", "1 to 256 characters, none of them for control"))?;
        to.name.insert(tag.to_owned(), name.to_owned());
    }
    let page = |member: &'static str| -> Outcome<Option<String>> {
        from.text(member)?.map(|uri| uris::page(member, uri)).transpose()
    };
    keep(&mut to.logo_uri, page("logo_uri")?);
    keep(&mut to.client_uri, page("client_uri")?);
    keep(&mut to.policy_uri, page("policy_uri")?);
    keep(&mut to.tos_uri, page("tos_uri")?);
    if let Some(contacts) = from.texts("contacts")? {
        if !contacts.iter().all(|contact| shown(contact)) {
            return Err(NotMetadata::of("contacts", "addresses of 1 to 256 characters"));
        }
        to.contacts = contacts.iter().map(|contact| (*contact).to_owned()).collect();
    }
    for (member, slot) in [("software_id", &mut to.software_id), ("software_version", &mut to.software_version)] {
        if let Some(text) = from.text(member)? {
            if !shown(text) {
                return Err(NotMetadata::of(member, "1 to 256 characters, none of them for control"));
            }
            *slot = Some(text.to_owned());
        }
    }
    Ok(())
}

/// A member that is absent changes nothing.
fn keep<T>(slot: &mut Option<T>, read: Option<T>) {
    if read.is_some() {
        *slot = read;
    }
}

/// Every name of a list, each once; at least one.
fn each<T: PartialEq>(
    names: &[&str],
    read: impl Fn(&&str) -> Option<T>,
    member: &'static str,
    why: &'static str,
) -> Outcome<Vec<T>> {
    let mut list = Vec::with_capacity(names.len());
    for name in names {
        let one = read(name).ok_or(NotMetadata::of(member, why))?;
        if !list.contains(&one) {
            list.push(one);
        }
    }
    if list.is_empty() { Err(NotMetadata::of(member, why)) } else { Ok(list) }
}

/// The members of the object, by type.
struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    fn get(&self, member: &str) -> Option<&'a Value> {
        self.0.get(member).filter(|value| !value.is_null())
    }

    fn text(&self, member: &'static str) -> Outcome<Option<&'a str>> {
        let wrong = NotMetadata::of(member, "a text");
        self.get(member).map(|value| value.as_str().ok_or(wrong)).transpose()
    }

    fn texts(&self, member: &'static str) -> Outcome<Option<Vec<&'a str>>> {
        const WHY: &str = "a list of at most 20 texts";
        let wrong = NotMetadata {
            fault: if member == "redirect_uris" {
                super::MetadataFault::RedirectUri
            } else {
                super::MetadataFault::Metadata
            },
            member,
            why: WHY,
        };
        let Some(value) = self.get(member) else { return Ok(None) };
        let list = value.as_array().filter(|list| list.len() <= MOST).ok_or(wrong)?;
        list.iter().map(|text| text.as_str().ok_or(wrong)).collect::<Outcome<_>>().map(Some)
    }

    fn switch(&self, member: &'static str, to: &mut bool) -> Outcome {
        if let Some(value) = self.get(member) {
            *to = value.as_bool().ok_or(NotMetadata::of(member, "true or false"))?;
        }
        Ok(())
    }

    /// `…_alg` and `…_enc`: the second has a default and is nothing without the first (OpenID Connect Registration §2).
    fn encryption(&self, [alg, enc]: [&'static str; 2]) -> Outcome<Option<Encryption>> {
        let content = match self.text(enc)? {
            None => ContentEncryption::A128CbcHs256,
            Some(name) => {
                ContentEncryption::named(name).ok_or(NotMetadata::of(enc, "not one of those that are supported"))?
            }
        };
        match self.text(alg)? {
            None if self.get(enc).is_some() => Err(NotMetadata::of(enc, "nothing is encrypted without its alg")),
            None => Ok(None),
            Some(name) => {
                let alg =
                    KeyManagement::named(name).ok_or(NotMetadata::of(alg, "not one of those that are supported"))?;
                Ok(Some(Encryption { alg, enc: content }))
            }
        }
    }
}
