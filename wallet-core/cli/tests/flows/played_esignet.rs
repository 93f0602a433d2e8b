//! An eSignet 1.x server for one person, one phone and one login: RS256 and `x5t#S256`, nothing bound to the login, and
//! the limits its verifiers have.

use std::sync::{Arc, Mutex};

use openssl::hash::MessageDigest;
use openssl::sign::Verifier;
use protocol::base64url;
use protocol::binding::WalletBindingRequest;
use protocol::consent;
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, Jws};
use protocol::linked::{AuthenticateRequest, ConsentRequest, LinkTransactionRequest};
use protocol::wla::{self, LegacyClaims};
use serde_json::json;

use crate::certificate::{certificate, pem, public_key};
use crate::http::{Answer, Received, in_a_year, now_s, open, serve};

const PERSON: &str = "987654321";
const LOGIN: &str = "link-transaction-1";

pub(crate) struct PlayedEsignet {
    pub(crate) base_url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The bound key and the thumbprint of its certificate.
    bound: Option<(Jwk, String)>,
    steps: Vec<String>,
}

impl PlayedEsignet {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let origin = serve(move |request| shared.lock().unwrap().handle(&request));
        Self { base_url: format!("{origin}/v1/esignet"), state }
    }

    /// What was taken so far, in order.
    pub(crate) fn steps(&self) -> Vec<String> {
        self.state.lock().unwrap().steps.clone()
    }
}

impl State {
    fn handle(&mut self, request: &Received) -> Answer {
        let body = request.body.as_slice();
        let path = request.path.strip_prefix("/v1/esignet").ok_or("invalid_request")?;
        let answer = match path {
            "/binding/wallet-binding" => {
                if request.header("partner-id") != "p" || request.header("partner-api-key") != "k" {
                    return Err("required_header_missing");
                }
                self.bind(&open(body)?)
            }
            "/linked-authorization/v2/link-transaction" => link_transaction(&open(body)?),
            "/linked-authorization/v2/authenticate" => self.authenticate(&open(body)?),
            "/linked-authorization/v2/consent" => self.consent(&open(body)?),
            _ => Err("invalid_request"),
        }?;
        self.steps.push(path.to_owned());
        Ok(answer)
    }

    fn bind(&mut self, request: &WalletBindingRequest) -> Answer {
        let key = Jwk::from_value(&request.public_key).map_err(|_| "invalid_public_key")?;
        if (request.auth_factor_type.as_str(), request.format.as_str()) != ("WLA", "jwt") {
            return Err("invalid_auth_factor_type_or_challenge_format");
        }
        let certificate = certificate(&key);
        let thumbprint = base64url::encode(certificate.digest(MessageDigest::sha256()).unwrap());
        self.bound = Some((key, thumbprint));
        Ok(json!({"walletUserId": "w", "certificate": pem(&certificate), "expireDateTime": in_a_year()}))
    }

    fn authenticate(&self, request: &AuthenticateRequest) -> Answer {
        let [challenge] = request.challenge_list.as_slice() else { return Err("invalid_no_of_challenges") };
        if !(500..=1000).contains(&challenge.challenge.len()) {
            return Err("invalid_challenge_length");
        }
        let token = Jws::parse(&challenge.challenge).map_err(|_| "auth_failed")?;
        self.verify(&token).ok_or("auth_failed")?;
        let claims: LegacyClaims = token.claims().map_err(|_| "auth_failed")?;
        // IDA takes nothing from the future: no skew.
        wla::check_legacy(&claims, PERSON, &["esignet-binding"], now_s(), 30, 0).map_err(|_| "auth_failed")?;
        Ok(json!({"linkedTransactionId": LOGIN, "consentAction": "CAPTURE"}))
    }

    fn consent(&self, request: &ConsentRequest) -> Answer {
        let signature = request.signature.as_deref().ok_or("invalid_signature_format")?;
        let (claims, scopes) = (&request.accepted_claims, &request.permitted_authorize_scopes);
        let token = consent::reattach(signature, claims, scopes).map_err(|_| "invalid_signature_format")?;
        self.verify(&token).ok_or("invalid_signature_format")?;
        Ok(json!({"linkedTransactionId": LOGIN}))
    }

    /// RS256 by the bound key, named by its certificate.
    fn verify(&self, token: &Jws) -> Option<()> {
        let (key, thumbprint) = self.bound.as_ref()?;
        let named = token.header().x5t_s256.as_ref() == Some(thumbprint);
        let public = public_key(key);
        let mut verifier = Verifier::new(MessageDigest::sha256(), &public).ok()?;
        let holds = verifier.verify_oneshot(token.signature(), token.signing_input().as_bytes()).ok()?;
        (token.header().alg == Algorithm::Rs256 && named && holds).then_some(())
    }
}

fn link_transaction(request: &LinkTransactionRequest) -> Answer {
    if request.link_code != "a1B2c3D4e5F6g7H" {
        return Err("invalid_link_code");
    }
    Ok(json!({
        "linkTransactionId": LOGIN, "clientName": {"@none": "Clinic", "eng": "The Clinic"}, "logoUrl": null,
        "authFactors": [[{"type": "WLA", "count": 0, "subTypes": null}]], "authorizeScopes": ["Manage-VID"],
        "essentialClaims": ["name"], "voluntaryClaims": [], "credentialScopes": [],
        "configs": {"linked-transaction-expire-in-secs": 240},
    }))
}
