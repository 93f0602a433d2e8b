//! A relying party as its server sees it: registered, with a key of its own, able to say anything it likes.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::{Request, header};
use josekit::jwk::KeyPair;
use josekit::jwk::alg::ec::{EcCurve, EcKeyPair};
use josekit::jwk::alg::ed::{EdCurve, EdKeyPair};
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jws::JwsSigner;
use josekit::jws::alg::{ecdsa, eddsa, rsassa, rsassa_pss};
use protocol::base64url;
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::{Map, Value, json};

use super::{Answer, Kit};
use crate::access::ASSERTION_TYPE;
use crate::clients::{AuthMethod, GrantType, KeySource, Registration};
use crate::dialect::Mount;
use crate::grants::{Approval, ClaimsRequest, issue_code};
use crate::registry::{self, Identifier, IdentifierKind, NewPerson, PersonId};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A key pair that signs with one algorithm.
pub(crate) struct Pair {
    pub(crate) alg: Algorithm,
    pub(crate) public: Jwk,
    /// For what decrypts.
    pub(crate) private: josekit::jwk::Jwk,
    signer: Box<dyn JwsSigner>,
}

impl Pair {
    pub(crate) fn new(alg: Algorithm) -> Self {
        let pair: Box<dyn KeyPair> = match alg {
            Algorithm::Es256 => Box::new(EcKeyPair::generate(EcCurve::P256).unwrap()),
            Algorithm::EdDsa => Box::new(EdKeyPair::generate(EdCurve::Ed25519).unwrap()),
            Algorithm::Es384 => Box::new(EcKeyPair::generate(EcCurve::P384).unwrap()),
            Algorithm::Es512 => Box::new(EcKeyPair::generate(EcCurve::P521).unwrap()),
            _ => Box::new(RsaKeyPair::generate(2048).unwrap()),
        };
        let private = pair.to_jwk_private_key();
        let signer: Box<dyn JwsSigner> = match alg {
            Algorithm::Es256 => Box::new(ecdsa::EcdsaJwsAlgorithm::Es256.signer_from_jwk(&private).unwrap()),
            Algorithm::Es384 => Box::new(ecdsa::EcdsaJwsAlgorithm::Es384.signer_from_jwk(&private).unwrap()),
            Algorithm::Es512 => Box::new(ecdsa::EcdsaJwsAlgorithm::Es512.signer_from_jwk(&private).unwrap()),
            Algorithm::EdDsa => Box::new(eddsa::EddsaJwsAlgorithm::Eddsa.signer_from_jwk(&private).unwrap()),
            Algorithm::Rs256 => Box::new(rsassa::RsassaJwsAlgorithm::Rs256.signer_from_jwk(&private).unwrap()),
            Algorithm::Rs384 => Box::new(rsassa::RsassaJwsAlgorithm::Rs384.signer_from_jwk(&private).unwrap()),
            Algorithm::Rs512 => Box::new(rsassa::RsassaJwsAlgorithm::Rs512.signer_from_jwk(&private).unwrap()),
            Algorithm::Ps256 => Box::new(rsassa_pss::RsassaPssJwsAlgorithm::Ps256.signer_from_jwk(&private).unwrap()),
            Algorithm::Ps384 => Box::new(rsassa_pss::RsassaPssJwsAlgorithm::Ps384.signer_from_jwk(&private).unwrap()),
            Algorithm::Ps512 => Box::new(rsassa_pss::RsassaPssJwsAlgorithm::Ps512.signer_from_jwk(&private).unwrap()),
        };
        let public = Jwk::from_json(&pair.to_jwk_public_key().to_string()).unwrap();
        Self { alg, public, private, signer }
    }

    /// The same key once more.
    pub(crate) fn again(&self) -> Self {
        Self {
            alg: self.alg,
            public: self.public.clone(),
            private: self.private.clone(),
            signer: self.signer.box_clone(),
        }
    }

    /// A compact JWS with any header and claims, signed whatever they say.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        self.over(header, claims.to_string().as_bytes())
    }

    /// The same over any payload.
    pub(crate) fn over(&self, header: &Value, payload: &[u8]) -> String {
        let input = format!("{}.{}", base64url::encode(header.to_string()), base64url::encode(payload));
        let signature = self.signer.sign(input.as_bytes()).unwrap();
        format!("{input}.{}", base64url::encode(signature))
    }
}

/// A registered client with its key.
pub(crate) struct RelyingParty {
    pub(crate) mount: Mount,
    pub(crate) id: String,
    pub(crate) pair: Pair,
}

impl RelyingParty {
    /// Registers one that signs with ES256, for both grants, with the scopes of client management.
    pub(crate) async fn new(kit: &Kit, mount: Mount, id: &str) -> Self {
        Self::with(kit, mount, id, Pair::new(Algorithm::Es256), |_| ()).await
    }

    /// Registers one with a key and a registration of the test's own.
    pub(crate) async fn with(
        kit: &Kit,
        mount: Mount,
        id: &str,
        pair: Pair,
        change: impl FnOnce(&mut Registration),
    ) -> Self {
        let mut registration = Registration {
            name: [("@none".to_owned(), "Clinic".to_owned())].into(),
            logo_uri: Some("https://rp.test/logo.png".into()),
            redirect_uris: vec!["https://rp.test/cb".into()],
            user_claims: vec!["name".into(), "email".into(), "birthdate".into()],
            acrs: crate::acr::Acr::ALL.to_vec(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::ClientCredentials],
            auth_methods: vec![AuthMethod::PrivateKeyJwt],
            scopes: vec!["add_oidc_client".into(), "update_oidc_client".into()],
            keys: KeySource::Keys(vec![pair.public.clone()]),
            ..Registration::default()
        };
        change(&mut registration);
        let (text, row) = (serde_json::to_string(&registration).unwrap(), kit.state.next_id());
        let (client_id, party) = (id.to_owned(), format!("party of {id}"));
        let added = kit
            .state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    crate::execute!(
                        tx,
                        "INSERT INTO client (id, mount, client_id, relying_party_id, status, registration, changes, \
                         created_at, updated_at) VALUES ($1, $2, $3, $4, 'active', $5, 0, 0, 0)",
                        row,
                        mount.name(),
                        client_id,
                        party,
                        text
                    )
                })
            })
            .await;
        assert_eq!(added.unwrap(), 1);
        Self { mount, id: id.to_owned(), pair }
    }

    /// Path of the mount's token endpoint.
    pub(crate) fn token_path(&self) -> String {
        format!("{}{}", self.mount.prefix(), self.mount.dialect().token_paths[0])
    }

    /// Claims of a good assertion, never the same.
    pub(crate) fn claims(&self, kit: &Kit) -> Value {
        let now = kit.state.clock.now() / 1000;
        json!({
            "iss": self.id, "sub": self.id, "aud": kit.state.issuer(self.mount), "iat": now, "exp": now + 60,
            "jti": format!("jti-{}", COUNT.fetch_add(1, Ordering::SeqCst))
        })
    }

    /// An assertion over these claims.
    pub(crate) fn assertion(&self, claims: &Value) -> String {
        self.pair.token(&json!({ "alg": self.pair.alg.name(), "typ": "JWT" }), claims)
    }

    /// Posts a form with this assertion.
    pub(crate) async fn ask_with(&self, kit: &Kit, assertion: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = vec![("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
        form.extend(fields);
        self.send(kit, &form).await
    }

    /// Posts a form with a good assertion.
    pub(crate) async fn ask(&self, kit: &Kit, fields: &[(&str, &str)]) -> Answer {
        self.ask_with(kit, &self.assertion(&self.claims(kit)), fields).await
    }

    /// Posts a form as it is.
    pub(crate) async fn send(&self, kit: &Kit, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request =
            Request::post(self.token_path()).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        kit.send(request.body(Body::from(body)).unwrap()).await
    }

    /// What a person approved for it.
    pub(crate) fn approval(&self, kit: &Kit, person: PersonId) -> Approval {
        Approval {
            mount: self.mount,
            client_id: self.id.clone(),
            person,
            redirect_uri: "https://rp.test/cb".into(),
            nonce: Some("their nonce".into()),
            code_challenge: None,
            scopes: vec!["openid".into(), "profile".into()],
            permitted_scopes: Vec::new(),
            userinfo_claims: vec!["name".into(), "birthdate".into()],
            id_token_claims: Vec::new(),
            verified_claims: Vec::new(),
            locales: Vec::new(),
            acr: "mosip:idp:acr:generated-code".into(),
            amr: vec!["OTP".into()],
            auth_time: kit.state.clock.now() - 5000,
            consent_expires: None,
            key: None,
            receipt: None,
            login: None,
            linked: None,
            claims: ClaimsRequest::default(),
            auth_time_asked: false,
            session: None,
            sid: None,
            dpop_jkt: None,
            offline: false,
        }
    }

    /// Redeems a code as it should be done.
    pub(crate) async fn redeem(&self, kit: &Kit, code: &str) -> Answer {
        let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "https://rp.test/cb")];
        self.ask(kit, &form).await
    }
}

impl Kit {
    /// Adds a person with a name, a mail address and a birth date.
    pub(crate) async fn person(&self, uin: &str) -> PersonId {
        let attributes: Map<String, Value> =
            json!({ "name": "Asha Rao", "email": "asha@example.org", "birthdate": "1990-02-03" })
                .as_object()
                .unwrap()
                .clone();
        let identifiers = vec![Identifier { kind: IdentifierKind::Uin, value: uin.into() }];
        registry::add(&self.state, NewPerson { identifiers, attributes, ..NewPerson::default() }).await.unwrap()
    }

    /// Issues a code as the authorization room does.
    pub(crate) async fn code(&self, approval: &Approval) -> String {
        let (state, approval) = (self.state.clone(), approval.clone());
        let work = self.state.store.write(move |tx| Box::pin(async move { issue_code(tx, &state, &approval).await }));
        work.await.unwrap()
    }

    /// Gets a path, with a bearer token where one is given.
    pub(crate) async fn get(&self, path: &str, bearer: Option<&str>) -> Answer {
        let mut request = Request::get(path);
        if let Some(bearer) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }
}
