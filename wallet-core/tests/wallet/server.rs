//! A server in memory: what it knows, how requests reach it, and how it fails when told to.

use async_trait::async_trait;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private, Public};
use openssl::x509::{X509Builder, X509NameBuilder};
use protocol::base64url;
use protocol::envelope::{ErrorItem, Request, Response};
use protocol::jwk::{Jwk, KeyMaterial};
use protocol::timestamp::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Mutex;
use wallet_core::ports::{HttpHeader, HttpRequest, HttpResponse, Transport, TransportError};

pub(crate) const ORIGIN: &str = "https://id.example";
pub(crate) const ESIGNET: &str = "https://id.example/v1/esignet";
pub(crate) const UIN: &str = "MARKER-UIN-5860356276";
pub(crate) const OTP: &str = "731942";
pub(crate) const NOW_MS: i64 = 1_767_607_200_000;
pub(crate) const YEAR_MS: i64 = 365 * 24 * 3600 * 1000;

/// A bound phone, as the server has it.
#[derive(Clone)]
pub(crate) struct Phone {
    pub(crate) key: Jwk,
    pub(crate) certificate_thumbprint: String,
    pub(crate) native: bool,
    pub(crate) name: String,
    pub(crate) revoked: bool,
}

/// How far a login came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Waiting,
    Linked,
    Authenticated,
    Completed,
    Denied,
}

#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) issuer: String,
    pub(crate) nonce: String,
    pub(crate) progress: Progress,
    pub(crate) wallet_key: Option<String>,
}

/// What goes wrong with the next requests to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The request never arrives.
    RequestLost,
    /// The server takes the step; the answer never arrives.
    AnswerLost,
    /// The server answers 503.
    Overloaded,
}

#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) otp_sent: bool,
    pub(crate) challenges: Vec<String>,
    pub(crate) phones: Vec<Phone>,
    pub(crate) logins: HashMap<String, Login>,
    pub(crate) jtis: Vec<String>,
    pub(crate) statements: Vec<Option<String>>,
    pub(crate) consents: Vec<protocol::consents::Consent>,
    pub(crate) questions: Vec<protocol::inbox::Question>,
    pub(crate) requests: Vec<(String, Value)>,
    pub(crate) faults: HashMap<String, Fault>,
    /// Reasons of the reports taken.
    pub(crate) reported: Vec<Option<protocol::linked::DenyReason>>,
    /// What it answers as link back to the browser; then the code is one of the same device.
    pub(crate) leads_back: Option<String>,
    /// Answers `NOCAPTURE`.
    pub(crate) remembers_consent: bool,
    pub(crate) number: Option<String>,
    /// Policy refuses every wallet.
    pub(crate) not_allowed: bool,
    /// Members of answers that are to be replaced: path, member, value.
    pub(crate) lies: Vec<(String, String, Value)>,
    counter: u64,
}

pub(crate) struct FakeServer {
    pub(crate) memory: Mutex<Memory>,
    authority: PKey<Private>,
}

pub(crate) type Answer = Result<Value, &'static str>;

impl FakeServer {
    pub(crate) fn new() -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let authority = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        Self { memory: Mutex::new(Memory::default()), authority }
    }

    pub(crate) fn fail_next(&self, path: &str, fault: Fault) {
        self.memory.lock().unwrap().faults.insert(path.to_owned(), fault);
    }

    pub(crate) fn lie(&self, path: &str, member: &str, value: Value) {
        self.memory.lock().unwrap().lies.push((path.into(), member.into(), value));
    }

    /// The bodies sent to paths that end so.
    pub(crate) fn sent_to(&self, path: &str) -> Vec<Value> {
        let memory = self.memory.lock().unwrap();
        memory.requests.iter().filter(|(to, _)| to.ends_with(path)).map(|(_, body)| body.clone()).collect()
    }

    pub(crate) fn progress(&self, code: &str) -> Progress {
        self.memory.lock().unwrap().logins[code].progress
    }

    /// A browser begins a login at an issuer; gives link code and link.
    pub(crate) fn begin_login(&self, issuer: &str) -> (String, String) {
        let mut memory = self.memory.lock().unwrap();
        let (code, nonce) = (memory.fresh("code"), memory.fresh("nonce"));
        let login = Login { issuer: issuer.into(), nonce, progress: Progress::Waiting, wallet_key: None };
        memory.logins.insert(code.clone(), login);
        let link = protocol::link::Link {
            code: code.clone(),
            expires: Timestamp::from_epoch_ms(NOW_MS + 60_000).ok(),
            issuer: (issuer != ESIGNET).then(|| issuer.to_owned()),
        };
        (code, link.to_uri("tessera://wla-auth").unwrap())
    }

    /// A certificate for a key, and its thumbprint.
    pub(crate) fn certify(&self, key: &Jwk) -> (String, String) {
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", "wallet").unwrap();
        let name = name.build();
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(NOW_MS / 1000).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix((NOW_MS + YEAR_MS) / 1000).unwrap()).unwrap();
        builder.set_pubkey(&public_key(key)).unwrap();
        builder.sign(&self.authority, MessageDigest::sha256()).unwrap();
        let certificate = builder.build();
        let thumbprint = base64url::encode(Sha256::digest(certificate.to_der().unwrap()));
        let pem = String::from_utf8(certificate.to_pem().unwrap()).unwrap();
        (format!("{pem}{pem}"), thumbprint)
    }

    fn answer(&self, path: &str, request: &HttpRequest) -> Value {
        let now = Timestamp::from_epoch_ms(NOW_MS).unwrap();
        let answer = match self.route(path, request) {
            Ok(mut body) => {
                for (to, member, value) in &self.memory.lock().unwrap().lies {
                    if to == path {
                        body[member.as_str()] = value.clone();
                    }
                }
                Response::success(now, body)
            }
            Err(code) => Response::failure(now, vec![ErrorItem::of(code)]),
        };
        serde_json::to_value(answer).unwrap()
    }

    fn route(&self, path: &str, request: &HttpRequest) -> Answer {
        if path.starts_with("/wallet/") || path.contains("/binding/") {
            return self.wallet_call(path, request);
        }
        let (mount, call) = path.split_once("/linked-authorization/").ok_or("unknown_path")?;
        self.linked_call(&format!("{ORIGIN}{mount}"), call, request)
    }
}

impl Memory {
    pub(crate) fn fresh(&mut self, kind: &str) -> String {
        self.counter += 1;
        base64url::encode(Sha256::digest(format!("{kind}{}", self.counter)))
    }
}

#[async_trait]
impl Transport for FakeServer {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let path = request.url.strip_prefix(ORIGIN).ok_or(TransportError::Offline)?.to_owned();
        let fault = self.memory.lock().unwrap().faults.remove(&path);
        if fault == Some(Fault::RequestLost) {
            return Err(TransportError::Offline);
        }
        let plain = |status: u16, body: &str| HttpResponse { status, headers: vec![], body: body.into() };
        if fault == Some(Fault::Overloaded) {
            return Ok(plain(503, "busy"));
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        self.memory.lock().unwrap().requests.push((path.clone(), body["request"].clone()));
        let answer = self.answer(&path, &request);
        if fault == Some(Fault::AnswerLost) {
            Err(TransportError::Timeout)
        } else {
            Ok(plain(200, &answer.to_string()))
        }
    }
}

/// Opens the envelope by the server's clock.
pub(crate) fn open<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, &'static str> {
    let envelope: Request<T> = serde_json::from_slice(&request.body).map_err(|_| "invalid_request")?;
    envelope.open(NOW_MS, protocol::envelope::DEFAULT_LEEWAY_MS).map_err(|_| "invalid_request")
}

pub(crate) fn body<T: Serialize>(body: &T) -> Answer {
    Ok(serde_json::to_value(body).unwrap())
}

pub(crate) fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let found: Option<&HttpHeader> = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    found.map(|header| header.value.as_str())
}

/// A public key as OpenSSL has it: for certificates, and for RSA signatures.
pub(crate) fn public_key(key: &Jwk) -> PKey<Public> {
    let number = |bytes: &[u8]| BigNum::from_slice(bytes).unwrap();
    match key.key() {
        KeyMaterial::P256 { x, y } => {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
            let key = EcKey::from_public_key_affine_coordinates(&group, &number(x), &number(y)).unwrap();
            PKey::from_ec_key(key).unwrap()
        }
        KeyMaterial::Rsa { n, e } => {
            PKey::from_rsa(openssl::rsa::Rsa::from_public_components(number(n), number(e)).unwrap()).unwrap()
        }
        _ => panic!("no wallet makes such keys"),
    }
}

/// What a relying party asks the citizen.
pub(crate) fn question(id: &str, issuer: &str) -> protocol::inbox::Question {
    protocol::inbox::Question {
        question_id: id.into(),
        client_id: "clinic".into(),
        client_name: "MARKER-Clinic".into(),
        issuer: issuer.into(),
        claims: vec!["email".into(), "name".into()],
        purpose: "MARKER-Purpose".into(),
        asked_date_time: Timestamp::from_epoch_ms(NOW_MS).unwrap(),
        expire_date_time: Timestamp::from_epoch_ms(NOW_MS + 60_000).unwrap(),
    }
}
