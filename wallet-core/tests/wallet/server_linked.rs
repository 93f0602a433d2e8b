//! The server's side of a login.

use crate::server::{Answer, ESIGNET, FakeServer, NOW_MS, Phone, Progress, UIN, body, open, public_key};
use crate::server_wallet::code_of;
use openssl::hash::MessageDigest;
use openssl::sign::Verifier;
use protocol::consent::{self, Statement, StatementExpected};
use protocol::jws::{Algorithm, Jws};
use protocol::linked::{
    AuthFactor, Authenticate, AuthenticateRequest, ClientName, Configs, Consent, ConsentAction, ConsentRequest,
    LinkTransaction, LinkTransactionRequest, TesseraConfig,
};
use protocol::timestamp::Timestamp;
use protocol::wla::{self, LegacyClaims, NativeClaims, NativeExpected};
use wallet_core::ports::HttpRequest;

pub(crate) const NAME: &str = "MARKER-Klinik";

impl FakeServer {
    pub(crate) fn linked_call(&self, issuer: &str, call: &str, request: &HttpRequest) -> Answer {
        match call {
            "v2/link-transaction" => self.link(issuer, request),
            "v2/authenticate" => self.authenticate(issuer, request),
            "v2/consent" => self.consent(issuer, request),
            _ => Err("unknown_path"),
        }
    }

    fn link(&self, issuer: &str, request: &HttpRequest) -> Answer {
        let asked: LinkTransactionRequest = open(request)?;
        let mut memory = self.memory.lock().unwrap();
        let match_required = memory.number.is_some().then_some(true);
        let leads_back = memory.leads_back.is_some();
        let caps = asked.wallet.as_ref().map(|wallet| wallet.caps.clone()).unwrap_or_default();
        assert!(issuer == ESIGNET || caps == [wla::CAPABILITY, wla::MATCH_CAPABILITY]);
        if memory.not_allowed {
            return Err("cross_device_refused");
        }
        let login = memory.logins.get_mut(&asked.link_code).ok_or("invalid_link_code")?;
        if login.progress != Progress::Waiting || login.issuer != issuer {
            return Err("invalid_link_code");
        }
        login.progress = Progress::Linked;
        login.wallet_key = asked.wallet.as_ref().and_then(|wallet| wallet.key.clone());
        assert_eq!(asked.wallet.is_none(), issuer == ESIGNET);
        let tessera = (issuer != ESIGNET).then(|| TesseraConfig {
            iss: issuer.to_owned(),
            nonce: login.nonce.clone(),
            page_origin: Some("https://id.example".into()),
            rp_domain: Some("clinic.example".into()),
            browser: Some("Firefox".into()),
            place: Some("Dakar, Senegal".into()),
            near: Some(false),
            match_required,
            channel: Some(if leads_back { "same_device" } else { "cross_device" }.into()),
            return_uri: leads_back.then(|| format!("{issuer}/authorize/return")),
            ..TesseraConfig::default()
        });
        let factor = |name: &str| vec![AuthFactor { factor_type: name.into(), ..AuthFactor::default() }];
        let names = [("@none", "MARKER-Clinic"), ("deu", NAME)];
        let mut other = serde_json::Map::new();
        other.insert("linked-transaction-expire-in-secs".into(), 240.into());
        body(&LinkTransaction {
            link_transaction_id: format!("MARKER-L-{}", asked.link_code),
            client_name: ClientName::ByLanguage(names.map(|(k, v)| (k.into(), v.into())).into()),
            logo_url: Some("https://clinic.example/logo.png".into()),
            auth_factors: vec![factor("OTP"), factor("WLA")],
            authorize_scopes: vec!["history".into()],
            essential_claims: vec!["name".into()],
            voluntary_claims: vec!["email".into(), "birthdate".into()],
            credential_scopes: None,
            configs: Configs { tessera, other },
        })
    }

    fn authenticate(&self, issuer: &str, request: &HttpRequest) -> Answer {
        let asked: AuthenticateRequest = open(request)?;
        let code = code_of(&asked.linked_transaction_id)?.to_owned();
        let mut memory = self.memory.lock().unwrap();
        let login = memory.logins.get(&code).cloned().ok_or("invalid_transaction")?;
        if login.progress != Progress::Linked || login.issuer != issuer {
            return Err("invalid_transaction");
        }
        let [challenge] = asked.challenge_list.as_slice() else { return Err("invalid_no_of_challenges") };
        if (challenge.auth_factor_type.as_str(), challenge.format.as_str()) != ("WLA", "jwt") {
            return Err("invalid_challenge_format");
        }
        let token = Jws::parse(&challenge.challenge).map_err(|_| "auth_failed")?;
        let (phones, number) = (memory.phones.clone(), memory.number.clone());
        let jti = if wla::is_native(token.header()) {
            let phone = signer(&phones, &token).filter(|phone| phone.native).ok_or("auth_failed")?;
            if phone.revoked {
                return Err("binding_ended");
            }
            let thumbprint = phone.key.thumbprint();
            token.require(&wla::NATIVE_PROFILE).map_err(|_| "auth_failed")?;
            let claims: NativeClaims = token.claims().map_err(|_| "auth_failed")?;
            let expected = NativeExpected {
                thumbprint: &thumbprint,
                individual_id: &asked.individual_id,
                issuer,
                nonce: &login.nonce,
                txn: &asked.linked_transaction_id,
                match_number: number.as_deref(),
            };
            match wla::check_native(&claims, &expected, NOW_MS / 1000, 30) {
                Err(wla::WlaError::MatchWrong) => {
                    memory.logins.get_mut(&code).unwrap().progress = Progress::Denied;
                    return Err("number_mismatch");
                }
                other => other.map_err(|_| "auth_failed")?,
            }
            // Who named a key must use it (L6).
            if login.wallet_key.as_deref() != Some(thumbprint.as_str()) {
                return Err("auth_failed");
            }
            Some(claims.jti)
        } else {
            assert_eq!(issuer, ESIGNET, "a legacy token was sent to a native mount");
            assert!((500..=1000).contains(&challenge.challenge.len()), "eSignet takes 500 to 1000 characters");
            assert_eq!(token.header().alg, Algorithm::Rs256);
            let phone = signer(&phones, &token).filter(|phone| !phone.native).ok_or("auth_failed")?;
            assert!(!phone.revoked);
            let claims: LegacyClaims = token.claims().map_err(|_| "auth_failed")?;
            wla::check_legacy(&claims, &asked.individual_id, &["esignet-binding"], NOW_MS / 1000, 30, 0)
                .map_err(|_| "auth_failed")?;
            None
        };
        if asked.individual_id != UIN || jti.as_ref().is_some_and(|jti| memory.jtis.contains(jti)) {
            return Err("auth_failed");
        }
        memory.jtis.extend(jti);
        let remembered = memory.remembers_consent;
        let (progress, action) = match remembered {
            true => (Progress::Completed, ConsentAction::NoCapture),
            false => (Progress::Authenticated, ConsentAction::Capture),
        };
        memory.logins.get_mut(&code).unwrap().progress = progress;
        body(&Authenticate {
            linked_transaction_id: asked.linked_transaction_id,
            link_transaction_id: None,
            consent_action: Some(action),
            redirect_uri: memory.leads_back.clone().filter(|_| remembered),
        })
    }

    fn consent(&self, issuer: &str, request: &HttpRequest) -> Answer {
        let asked: ConsentRequest = open(request)?;
        let code = code_of(&asked.linked_transaction_id)?.to_owned();
        let mut memory = self.memory.lock().unwrap();
        let login = memory.logins.get(&code).cloned().ok_or("invalid_transaction")?;
        if login.progress != Progress::Authenticated {
            return Err("invalid_transaction");
        }
        if !asked.accepted_claims.contains(&"name".to_owned()) {
            return Err("invalid_accepted_claim");
        }
        let (claims, scopes) = (&asked.accepted_claims, &asked.permitted_authorize_scopes);
        let two_part = asked.signature.as_deref().ok_or("invalid_signature_format")?;
        let two_part = consent::reattach(two_part, claims, scopes).map_err(|_| "invalid_signature_format")?;
        let phone = signer(&memory.phones, &two_part).cloned().ok_or("invalid_signature_format")?;
        assert_eq!(phone.native, asked.consent_statement.is_some());
        if let Some(statement) = &asked.consent_statement {
            let token = Jws::parse(statement).map_err(|_| "invalid_signature_format")?;
            token.require(&consent::STATEMENT_PROFILE).map_err(|_| "invalid_signature_format")?;
            token.verify(&phone.key).map_err(|_| "invalid_signature_format")?;
            let statement: Statement = token.claims().map_err(|_| "invalid_signature_format")?;
            let expected = StatementExpected {
                thumbprint: &phone.key.thumbprint(),
                issuer,
                txn: &asked.linked_transaction_id,
                client_id: "clinic",
                client_names: &["MARKER-Clinic", NAME],
                claims,
                scopes,
            };
            consent::check_statement(&statement, &expected, NOW_MS / 1000, 30)
                .map_err(|_| "invalid_signature_format")?;
        }
        let consent_id = asked.consent_statement.is_some().then(|| format!("consent-{}", memory.consents.len()));
        if let Some(consent_id) = &consent_id {
            memory.consents.push(given(consent_id, issuer, claims));
        }
        memory.statements.push(asked.consent_statement);
        memory.logins.get_mut(&code).unwrap().progress = Progress::Completed;
        let redirect_uri = memory.leads_back.clone();
        body(&Consent { linked_transaction_id: asked.linked_transaction_id, redirect_uri, consent_id })
    }
}

/// A consent of the clinic's, as the server keeps it.
pub(crate) fn given(consent_id: &str, issuer: &str, claims: &[String]) -> protocol::consents::Consent {
    protocol::consents::Consent {
        consent_id: consent_id.into(),
        client_id: "clinic".into(),
        client_name: "MARKER-Clinic".into(),
        issuer: issuer.into(),
        claims: claims.to_vec(),
        scopes: Vec::new(),
        signed: true,
        rests_on: None,
        given_date_time: Timestamp::from_epoch_ms(NOW_MS).unwrap(),
        expire_date_time: None,
        withdrawn_date_time: None,
    }
}

/// The phone whose key verifies the token, looked up by thumbprint of key or certificate.
fn signer<'a>(phones: &'a [Phone], token: &Jws) -> Option<&'a Phone> {
    let header = token.header();
    let named = |phone: &&Phone| match &header.kid {
        Some(kid) => *kid == phone.key.thumbprint(),
        None => header.x5t_s256.as_ref() == Some(&phone.certificate_thumbprint),
    };
    phones.iter().find(named).filter(|phone| verifies(phone, token))
}

fn verifies(phone: &Phone, token: &Jws) -> bool {
    if token.header().alg != Algorithm::Rs256 {
        return token.verify(&phone.key).is_ok();
    }
    let key = public_key(&phone.key);
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).unwrap();
    verifier.verify_oneshot(token.signature(), token.signing_input().as_bytes()).unwrap_or(false)
}
