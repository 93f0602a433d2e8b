//! The server's side of binding and devices.

use crate::server::{Answer, FakeServer, NOW_MS, ORIGIN, OTP, Phone, UIN, YEAR_MS, body, header, open};
use crate::server_linked::given;
use protocol::binding::{self as wire, ProofClaims};
use protocol::consent::{STATEMENT_PROFILE, Statement, StatementExpected, check_statement};
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, Jws};
use protocol::linked::{Challenge, DenyRequest, Report, ReportRequest};
use protocol::timestamp::Timestamp;
use protocol::wallet_request;
use protocol::{consents, devices, inbox};
use serde_json::json;
use wallet_core::ports::HttpRequest;

impl FakeServer {
    pub(crate) fn wallet_call(&self, path: &str, request: &HttpRequest) -> Answer {
        match path {
            "/wallet/binding-otp" => self.send_otp(request),
            "/v1/esignet/binding/binding-otp" => {
                partner(request)?;
                self.send_otp(request)
            }
            "/wallet/binding-challenge" => {
                open::<wire::BindingChallengeRequest>(request)?;
                let mut memory = self.memory.lock().unwrap();
                let challenge = memory.fresh("challenge");
                memory.challenges.push(challenge.clone());
                body(&wire::BindingChallenge { challenge, expire_date_time: later(60_000), issuer: ORIGIN.into() })
            }
            "/wallet/binding" => self.bind_native(request),
            "/v1/esignet/binding/wallet-binding" => self.bind_legacy(request),
            "/wallet/deny" => self.deny(request),
            "/wallet/report" => self.report(request),
            "/wallet/inbox/answer" => self.answer_question(request),
            _ => self.device_call(path, request),
        }
    }

    fn send_otp(&self, request: &HttpRequest) -> Answer {
        let asked: wire::BindingOtpRequest = open(request)?;
        if asked.individual_id != UIN || asked.otp_channels != ["email"] {
            return Err("invalid_individual_id");
        }
        self.memory.lock().unwrap().otp_sent = true;
        body(&wire::BindingOtp { masked_email: Some("MARKER-m***@example".into()), masked_mobile: None })
    }

    /// An OTP is good once.
    fn prove_person(&self, individual_id: &str, challenges: &[Challenge]) -> Result<(), &'static str> {
        let otp_was_sent = std::mem::take(&mut self.memory.lock().unwrap().otp_sent);
        let right = match challenges {
            [one] => {
                (one.auth_factor_type.as_str(), one.format.as_str(), one.challenge.as_str())
                    == ("OTP", "alpha-numeric", OTP)
            }
            _ => false,
        };
        if individual_id == UIN && otp_was_sent && right { Ok(()) } else { Err("auth_failed") }
    }

    fn bind_native(&self, request: &HttpRequest) -> Answer {
        let asked: wire::BindingRequest = open(request)?;
        let key = Jwk::from_value(&asked.public_key).map_err(|_| "invalid_public_key")?;
        let proof = Jws::parse(&asked.proof).map_err(|_| "invalid_proof")?;
        wire::require_proof_of(&proof, &key).map_err(|_| "invalid_proof")?;
        proof.verify(&key).map_err(|_| "invalid_proof")?;
        let claims: ProofClaims = proof.claims().map_err(|_| "invalid_proof")?;
        let known = self.memory.lock().unwrap().challenges.pop().unwrap_or_default();
        wire::check_proof(&claims, ORIGIN, &known, NOW_MS / 1000, 30).map_err(|_| "invalid_proof")?;
        let attestation = asked.attestation.unwrap();
        assert_eq!(attestation.format, "test");
        let vouched_for = protocol::base64url::encode(wire::attestation::client_data_hash(&known, &key));
        assert_eq!(attestation.statement["statement"], vouched_for);
        self.prove_person(&asked.individual_id, &asked.challenge_list)?;
        let certificate = self.bind_key(key, true, &asked.device_name)?;
        body(&wire::Binding {
            wallet_user_id: "user".into(),
            device_id: format!("device-{}", self.memory.lock().unwrap().phones.len() - 1),
            certificate,
            expire_date_time: later(YEAR_MS),
            issuers: [ORIGIN, "https://id.example/op", "https://other.example"].map(str::to_owned).to_vec(),
            issuer: ORIGIN.into(),
        })
    }

    fn bind_legacy(&self, request: &HttpRequest) -> Answer {
        partner(request)?;
        let asked: wire::WalletBindingRequest = open(request)?;
        let key = Jwk::from_value(&asked.public_key).map_err(|_| "invalid_public_key")?;
        if (asked.auth_factor_type.as_str(), asked.format.as_str()) != ("WLA", "jwt") {
            return Err("invalid_auth_factor_type_or_challenge_format");
        }
        self.prove_person(&asked.individual_id, &asked.challenge_list)?;
        let certificate = self.bind_key(key, false, "")?;
        body(&wire::WalletBinding { wallet_user_id: "jwe".into(), certificate, expire_date_time: later(YEAR_MS) })
    }

    fn bind_key(&self, key: Jwk, native: bool, name: &str) -> Result<String, &'static str> {
        let (certificate, certificate_thumbprint) = self.certify(&key);
        let mut memory = self.memory.lock().unwrap();
        if memory.phones.iter().any(|phone| phone.key == key) {
            return Err("duplicate_public_key");
        }
        memory.phones.push(Phone { key, certificate_thumbprint, native, name: name.to_owned(), revoked: false });
        Ok(certificate)
    }

    fn deny(&self, request: &HttpRequest) -> Answer {
        let asked: DenyRequest = open(request)?;
        let mut memory = self.memory.lock().unwrap();
        let login = memory.logins.get_mut(code_of(&asked.linked_transaction_id)?).ok_or("invalid_transaction")?;
        if matches!(login.progress, crate::server::Progress::Completed | crate::server::Progress::Denied) {
            return Err("invalid_transaction");
        }
        login.progress = crate::server::Progress::Denied;
        Ok(json!({"linkedTransactionId": asked.linked_transaction_id}))
    }

    fn report(&self, request: &HttpRequest) -> Answer {
        let caller = self.caller(request)?;
        let asked: ReportRequest = open(request)?;
        let memory = &mut *self.memory.lock().unwrap();
        let key = memory.phones[caller].key.thumbprint();
        let login = memory.logins.get(code_of(&asked.linked_transaction_id)?).ok_or("invalid_transaction")?;
        if login.wallet_key.as_deref() != Some(key.as_str()) {
            return Err("invalid_transaction");
        }
        memory.reported.push(asked.reason);
        body(&Report { linked_transaction_id: asked.linked_transaction_id })
    }

    /// Who signed the request, by its `Tessera-Wallet` header.
    fn caller(&self, request: &HttpRequest) -> Result<usize, &'static str> {
        let token = header(request, wallet_request::HEADER_NAME).ok_or("invalid_wallet_token")?;
        let token = Jws::parse(token).map_err(|_| "invalid_wallet_token")?;
        token.require(&wallet_request::PROFILE).map_err(|_| "invalid_wallet_token")?;
        let memory = &mut *self.memory.lock().unwrap();
        let kid = token.header().kid.as_deref();
        let at = memory.phones.iter().position(|phone| Some(phone.key.thumbprint().as_str()) == kid && !phone.revoked);
        let at = at.ok_or("invalid_wallet_token")?;
        token.verify(&memory.phones[at].key).map_err(|_| "invalid_wallet_token")?;
        let claims: wallet_request::Claims = token.claims().map_err(|_| "invalid_wallet_token")?;
        wallet_request::check(&claims, &request.url, &request.body, NOW_MS / 1000, 30)
            .map_err(|_| "invalid_wallet_token")?;
        if memory.jtis.contains(&claims.jti) {
            return Err("invalid_wallet_token");
        }
        memory.jtis.push(claims.jti);
        Ok(at)
    }

    /// A yes is signed by its statement alone, a no by the header.
    fn answer_question(&self, request: &HttpRequest) -> Answer {
        let asked: inbox::AnswerRequest = open(request)?;
        if asked.accepted_claims.is_empty() {
            self.caller(request)?;
        } else if header(request, wallet_request::HEADER_NAME).is_some() {
            return Err("signed_twice");
        }
        let memory = &mut *self.memory.lock().unwrap();
        let place = memory.questions.iter().position(|question| question.question_id == asked.question_id);
        let place = place.ok_or("invalid_question_id")?;
        let consent_id = (!asked.accepted_claims.is_empty()).then(|| "answered".to_owned());
        if let Some(consent_id) = &consent_id {
            let question = &memory.questions[place];
            let statement = asked.consent_statement.as_deref().ok_or("invalid_signature_format")?;
            let statement = Jws::parse(statement).map_err(|_| "invalid_signature_format")?;
            statement.require(&STATEMENT_PROFILE).map_err(|_| "invalid_signature_format")?;
            let kid = statement.header().kid.as_deref();
            let phone = memory.phones.iter().find(|phone| Some(phone.key.thumbprint().as_str()) == kid);
            let key = &phone.filter(|phone| !phone.revoked).ok_or("invalid_wallet_token")?.key;
            statement.verify(key).map_err(|_| "invalid_signature_format")?;
            let claims: Statement = statement.claims().map_err(|_| "invalid_signature_format")?;
            let expected = StatementExpected {
                thumbprint: &key.thumbprint(),
                issuer: &question.issuer,
                txn: &question.question_id,
                client_id: &question.client_id,
                client_names: &[&question.client_name],
                claims: &asked.accepted_claims,
                scopes: &[],
            };
            check_statement(&claims, &expected, NOW_MS / 1000, 30).map_err(|_| "invalid_signature_format")?;
            memory.consents.push(given(consent_id, &question.issuer, &asked.accepted_claims));
        }
        memory.questions.remove(place);
        body(&inbox::Answered { question_id: asked.question_id, consent_id })
    }

    fn device_call(&self, path: &str, request: &HttpRequest) -> Answer {
        let caller = self.caller(request)?;
        let mut memory = self.memory.lock().unwrap();
        let place =
            |id: &str| id.strip_prefix("device-").and_then(|at| at.parse::<usize>().ok()).ok_or("invalid_device_id");
        match path {
            "/wallet/devices/list" => {
                open::<devices::ListRequest>(request)?;
                let device = |(at, phone): (usize, &Phone)| devices::Device {
                    key_security: Some(devices::KeySecurity::Hardware),
                    device_id: format!("device-{at}"),
                    name: phone.name.clone(),
                    created_date_time: later(0),
                    expire_date_time: later(YEAR_MS),
                    current: at == caller,
                    profile: if phone.native { devices::Profile::Native } else { devices::Profile::Legacy },
                    alg: if phone.native { Algorithm::Es256 } else { Algorithm::Rs256 },
                    revoked: phone.revoked,
                };
                body(&devices::List { devices: memory.phones.iter().enumerate().map(device).collect() })
            }
            "/wallet/devices/rename" => {
                let asked: devices::RenameRequest = open(request)?;
                memory.phones.get_mut(place(&asked.device_id)?).ok_or("invalid_device_id")?.name = asked.name;
                body(&devices::DeviceId { device_id: asked.device_id })
            }
            "/wallet/devices/revoke" => {
                let asked: devices::RevokeRequest = open(request)?;
                memory.phones.get_mut(place(&asked.device_id)?).ok_or("invalid_device_id")?.revoked = true;
                body(&devices::DeviceId { device_id: asked.device_id })
            }
            "/wallet/devices/renew" => {
                open::<devices::RenewRequest>(request)?;
                let key = memory.phones[caller].key.clone();
                drop(memory);
                let (certificate, thumbprint) = self.certify(&key);
                self.memory.lock().unwrap().phones[caller].certificate_thumbprint = thumbprint;
                let device_id = format!("device-{caller}");
                body(&devices::Renewal { certificate, expire_date_time: later(2 * YEAR_MS), device_id })
            }
            "/wallet/consents/list" => {
                open::<consents::ListRequest>(request)?;
                body(&consents::List { consents: memory.consents.clone() })
            }
            "/wallet/consents/withdraw" => {
                let asked: consents::WithdrawRequest = open(request)?;
                if memory.consents.iter().all(|consent| consent.consent_id != asked.consent_id) {
                    return Err("invalid_consent_id");
                }
                for consent in &mut memory.consents {
                    consent.withdrawn_date_time.get_or_insert(later(0));
                }
                body(&consents::Withdrawn { consent_id: asked.consent_id, withdrawn_date_time: later(0) })
            }
            "/wallet/inbox/list" => {
                open::<inbox::ListRequest>(request)?;
                body(&inbox::List { questions: memory.questions.clone() })
            }
            _ => Err("unknown_path"),
        }
    }
}

/// Link transactions are named after their code, so that tests can find them.
pub(crate) fn code_of(link_transaction_id: &str) -> Result<&str, &'static str> {
    link_transaction_id.strip_prefix("MARKER-L-").ok_or("invalid_transaction")
}

fn partner(request: &HttpRequest) -> Result<(), &'static str> {
    let sent = (header(request, "partner-id"), header(request, "partner-api-key"));
    if sent == (Some("mobile"), Some("key")) { Ok(()) } else { Err("required_header_missing") }
}

fn later(ms: i64) -> Timestamp {
    Timestamp::from_epoch_ms(NOW_MS + ms).unwrap()
}
