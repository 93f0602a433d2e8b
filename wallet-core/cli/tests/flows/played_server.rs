//! A server for one person, one phone and one login. It checks what a real one must check, with `protocol`.

use std::sync::{Arc, Mutex};

use protocol::binding::{self, BindingRequest, ProofClaims};
use protocol::consent::{self, Statement, StatementExpected};
use protocol::devices::RenameRequest;
use protocol::jwk::Jwk;
use protocol::jws::Jws;
use protocol::link::Link;
use protocol::linked::{AuthenticateRequest, ConsentRequest, DenyRequest, LinkTransactionRequest};
use protocol::timestamp::Timestamp;
use protocol::wallet_request;
use protocol::wla::{self, NativeClaims, NativeExpected};
use serde_json::json;

use crate::certificate::{certificate, pem};
use crate::http::{Answer, Received, in_a_year, now_ms, now_s, open, serve};

const PERSON: &str = "987654321";
const OTP: &str = "111111";
const LOGIN: &str = "link-transaction-1";
const NONCE: &str = "nonce-1";

pub(crate) struct PlayedServer {
    pub(crate) origin: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    origin: String,
    key: Option<Jwk>,
    name: String,
    code_used: bool,
    steps: Vec<String>,
}

impl PlayedServer {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let origin = serve(move |request| shared.lock().unwrap().handle(&request));
        state.lock().unwrap().origin.clone_from(&origin);
        Self { origin, state }
    }

    /// What was taken so far, in order.
    pub(crate) fn steps(&self) -> Vec<String> {
        self.state.lock().unwrap().steps.clone()
    }

    pub(crate) fn link(&self, code: &str) -> String {
        let expires = Timestamp::from_epoch_ms(now_ms() + 60_000).unwrap();
        let link = Link { code: code.into(), expires: Some(expires), issuer: Some(self.origin.clone()) };
        link.to_uri("tessera://wla-auth").unwrap()
    }
}

impl State {
    fn handle(&mut self, request: &Received) -> Answer {
        let (path, body) = (request.path.as_str(), request.body.as_slice());
        match path {
            "/wallet/binding-otp" => self.done("binding-otp", json!({"maskedEmail": "a***@example.org"})),
            "/wallet/binding-challenge" => {
                let expires = Timestamp::from_epoch_ms(now_ms() + 60_000).unwrap();
                let answer = json!({"challenge": NONCE, "expireDateTime": expires, "issuer": self.origin});
                self.done("binding-challenge", answer)
            }
            "/wallet/binding" => self.bind(open(body)?),
            "/linked-authorization/v2/link-transaction" => self.link_transaction(open(body)?),
            "/linked-authorization/v2/authenticate" => self.authenticate(open(body)?),
            "/linked-authorization/v2/consent" => self.consent(open(body)?),
            "/wallet/deny" => {
                let deny: DenyRequest = open(body)?;
                let step = format!("deny {:?}", deny.reason.ok_or("invalid_request")?);
                self.done(&step, json!({"linkedTransactionId": deny.linked_transaction_id}))
            }
            _ => {
                self.check_wallet_token(path, request.header("tessera-wallet"), body)?;
                self.devices(path, body)
            }
        }
    }

    fn done(&mut self, step: &str, answer: serde_json::Value) -> Answer {
        self.steps.push(step.to_owned());
        Ok(answer)
    }

    fn bind(&mut self, request: BindingRequest) -> Answer {
        let key = Jwk::from_value(&request.public_key).map_err(|_| "invalid_public_key")?;
        let proof = Jws::parse(&request.proof).map_err(|_| "invalid_proof")?;
        binding::require_proof_of(&proof, &key).map_err(|_| "invalid_proof")?;
        proof.verify(&key).map_err(|_| "invalid_proof")?;
        let claims: ProofClaims = proof.claims().map_err(|_| "invalid_proof")?;
        binding::check_proof(&claims, &self.origin, NONCE, now_s(), 30).map_err(|_| "invalid_proof")?;
        match request.challenge_list.as_slice() {
            [one] if one.auth_factor_type == "OTP" && one.challenge == OTP && request.individual_id == PERSON => {}
            _ => return Err("auth_failed"),
        }
        let answer = json!({
            "walletUserId": "w", "deviceId": "device-1", "certificate": pem(&certificate(&key)),
            "expireDateTime": in_a_year(), "issuers": [self.origin], "issuer": self.origin,
        });
        self.key = Some(key);
        self.name = request.device_name;
        self.done("binding", answer)
    }

    fn link_transaction(&mut self, request: LinkTransactionRequest) -> Answer {
        let thumbprint = self.key.as_ref().map(Jwk::thumbprint);
        let hint = request.wallet.ok_or("invalid_request")?;
        if request.link_code != "c1" || self.code_used || hint.key != thumbprint {
            return Err("invalid_link_code");
        }
        self.code_used = true;
        let answer = json!({
            "linkTransactionId": LOGIN, "clientName": {"@none": "Clinic"}, "logoUrl": "https://clinic.example/l.png",
            "authFactors": [[{"type": "WLA", "count": 0, "subTypes": null}]], "authorizeScopes": [],
            "essentialClaims": ["name"], "voluntaryClaims": ["email", "phone"], "credentialScopes": [],
            "configs": {"tessera": {"iss": self.origin, "nonce": NONCE, "rp_domain": "clinic.example"}},
        });
        self.done("link-transaction", answer)
    }

    fn authenticate(&mut self, request: AuthenticateRequest) -> Answer {
        let key = self.key.as_ref().ok_or("auth_failed")?;
        let [challenge] = request.challenge_list.as_slice() else { return Err("invalid_no_of_challenges") };
        let token = Jws::parse(&challenge.challenge).map_err(|_| "auth_failed")?;
        token.require(&wla::NATIVE_PROFILE).map_err(|_| "auth_failed")?;
        token.verify(key).map_err(|_| "auth_failed")?;
        let claims: NativeClaims = token.claims().map_err(|_| "auth_failed")?;
        let thumbprint = key.thumbprint();
        let expected = NativeExpected {
            thumbprint: &thumbprint,
            individual_id: PERSON,
            issuer: &self.origin,
            nonce: NONCE,
            txn: LOGIN,
            match_number: None,
        };
        wla::check_native(&claims, &expected, now_s(), 30).map_err(|_| "auth_failed")?;
        self.done("authenticate", json!({"linkedTransactionId": LOGIN, "consentAction": "CAPTURE"}))
    }

    fn consent(&mut self, request: ConsentRequest) -> Answer {
        const BAD: &str = "invalid_signature_format";
        let key = self.key.as_ref().ok_or(BAD)?;
        let (claims, scopes) = (&request.accepted_claims, &request.permitted_authorize_scopes);
        let two_part = consent::reattach(&request.signature.ok_or(BAD)?, claims, scopes).map_err(|_| BAD)?;
        two_part.require(&consent::TWO_PART_PROFILE).map_err(|_| BAD)?;
        two_part.verify(key).map_err(|_| BAD)?;
        let token = Jws::parse(&request.consent_statement.ok_or(BAD)?).map_err(|_| BAD)?;
        token.require(&consent::STATEMENT_PROFILE).map_err(|_| BAD)?;
        token.verify(key).map_err(|_| BAD)?;
        let statement: Statement = token.claims().map_err(|_| BAD)?;
        let thumbprint = key.thumbprint();
        let expected = StatementExpected {
            thumbprint: &thumbprint,
            issuer: &self.origin,
            txn: LOGIN,
            client_id: "clinic",
            client_names: &["Clinic"],
            claims,
            scopes,
        };
        consent::check_statement(&statement, &expected, now_s(), 30).map_err(|_| BAD)?;
        let step = format!("consent {}", claims.join(","));
        self.done(&step, json!({"linkedTransactionId": LOGIN}))
    }

    fn check_wallet_token(&self, path: &str, token: &str, body: &[u8]) -> Result<(), &'static str> {
        const BAD: &str = "invalid_wallet_token";
        let token = Jws::parse(token).map_err(|_| BAD)?;
        token.require(&wallet_request::PROFILE).map_err(|_| BAD)?;
        token.verify(self.key.as_ref().ok_or(BAD)?).map_err(|_| BAD)?;
        let url = format!("{}{path}", self.origin);
        wallet_request::check(&token.claims().map_err(|_| BAD)?, &url, body, now_s(), 30).map_err(|_| BAD)
    }

    fn devices(&mut self, path: &str, body: &[u8]) -> Answer {
        let answer = match path {
            "/wallet/devices/list" => json!({"devices": [{
                "deviceId": "device-1", "name": self.name, "createdDateTime": in_a_year(),
                "expireDateTime": in_a_year(), "current": true, "profile": "native", "alg": "ES256", "revoked": false,
            }]}),
            "/wallet/devices/rename" => {
                self.name = open::<RenameRequest>(body)?.name;
                json!({"deviceId": "device-1"})
            }
            "/wallet/devices/renew" => {
                let key = self.key.as_ref().ok_or("binding_not_found")?;
                json!({"certificate": pem(&certificate(key)), "expireDateTime": in_a_year(), "deviceId": "device-1"})
            }
            "/wallet/devices/revoke" => json!({"deviceId": "device-1"}),
            _ => return Err("invalid_request"),
        };
        self.done(path, answer)
    }
}
