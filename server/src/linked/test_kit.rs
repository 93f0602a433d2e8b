//! What the tests of the QR login play with: a browser's tab, a wallet's phone, a person, a relying party.

use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use openssl::x509::X509;
use protocol::binding::{ProofClaims, proof_signing_input};
use protocol::consent::{Statement, detached_signing_input, sorted, statement_signing_input};
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, SigningInput};
use protocol::wallet_request;
use protocol::wla::{NativeClaims, native_signing_input};
use serde_json::{Value, json};

use crate::acr::Acr;
use crate::authorization::store::insert;
use crate::authorization::{Claim, Claims, Request, Stage, Transaction};
use crate::clients::{AuthMethod, GrantType, LoginPolicy, NumberMatching, Registration};
use crate::dialect::Mount;
use crate::factors;
use crate::http::csrf::{self, Browser};
use crate::http::envelope::format_time;
use crate::ids::Kind;
use crate::registry::{self, Identifier, IdentifierKind, NewPerson};
use crate::testkit::{Answer, Kit};

/// A browser with its cookies.
pub(crate) struct Tab {
    pub(crate) cookie: String,
    pub(crate) token: String,
    pub(crate) browser: Browser,
}

impl Tab {
    pub(crate) fn new(kit: &Kit) -> Self {
        let arrival = csrf::arrive(&kit.state, &axum::http::HeaderMap::new());
        let pairs = arrival.set_cookies.iter().map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
        Self { cookie: pairs.collect::<Vec<_>>().join("; "), token: arrival.token, browser: arrival.browser }
    }

    pub(crate) async fn post(&self, kit: &Kit, mount: Mount, call: &str, request: Value) -> Answer {
        let path = format!("{}/linked-authorization/{call}", mount.prefix());
        kit.post(&path, request, &[("cookie", &self.cookie), (csrf::HEADER, &self.token)]).await
    }

    /// Begins a transaction; gives the `transactionId`.
    pub(crate) async fn begin(&self, kit: &Kit, mount: Mount) -> String {
        add_client(kit, mount).await;
        let minted = kit.state.mint(Kind::Transaction);
        let now = kit.state.clock.now();
        let claim = |name: &str, essential| Claim { name: name.into(), essential, ..Claim::default() };
        let request = Request {
            redirect_uri: "https://rp.test/cb".into(),
            state: Some("theirs".into()),
            nonce: Some("once".into()),
            scopes: vec!["openid".into()],
            acrs: [Acr::LinkedWallet, Acr::GeneratedCode, Acr::StaticCode]
                .map(|acr| acr.name(mount.dialect()))
                .to_vec(),
            claims: Claims { userinfo: vec![claim("name", true), claim("email", false)], ..Claims::default() },
            ..Request::default()
        };
        let transaction = Transaction {
            id: minted.id,
            mount,
            client_id: "clinic".into(),
            browser: self.browser.hash.clone(),
            session: None,
            details_hash: String::new(),
            request,
            stage: Stage::Started,
            created_at: now,
            expires_at: now + 300_000,
            version: 0,
        };
        let (state, text) = (kit.state.clone(), minted.text.clone());
        kit.state
            .store
            .write(move |tx| Box::pin(async move { insert(&state, tx, &transaction, &minted).await }))
            .await
            .unwrap();
        text
    }

    pub(crate) async fn code(&self, kit: &Kit, mount: Mount, id: &str) -> String {
        let answer = self.post(kit, mount, "link-code", json!({ "transactionId": id })).await;
        answer.json()["response"]["linkCode"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
    }
}

/// The relying party of these tests, once per mount, with the mount's own policy; but it asks for no number, so that a
/// wallet needs nothing of the page but its code.
pub(crate) async fn add_client(kit: &Kit, mount: Mount) {
    let policy = LoginPolicy { number_matching: NumberMatching::Off, ..LoginPolicy::of_mount(mount) };
    add_client_with(kit, mount, Some(policy)).await;
}

/// The relying party of these tests with a policy of its own; to be called before any login begins.
pub(crate) async fn add_client_with(kit: &Kit, mount: Mount, login_policy: Option<LoginPolicy>) {
    let name = [("@none", "Clinic"), ("eng", "Clinic"), ("fra", "Clinique")];
    let registration = Registration {
        name: name.map(|(language, name)| (language.to_owned(), name.to_owned())).into(),
        logo_uri: Some("https://rp.test/logo.png".into()),
        redirect_uris: vec!["https://rp.test/cb".into()],
        user_claims: vec!["name".into(), "email".into()],
        acrs: Acr::ALL.to_vec(),
        grant_types: vec![GrantType::AuthorizationCode],
        auth_methods: vec![AuthMethod::PrivateKeyJwt],
        login_policy,
        ..Registration::default()
    };
    let (text, row) = (serde_json::to_string(&registration).unwrap(), kit.state.next_id());
    kit.state
        .store
        .write(move |tx| {
            Box::pin(async move {
                crate::execute!(
                    tx,
                    "INSERT INTO client (id, mount, client_id, relying_party_id, status, registration, changes, created_at,
                        updated_at)
                     VALUES ($1, $2, 'clinic', 'ministry', 'active', $3, 0, 0, 0) ON CONFLICT DO NOTHING",
                    row,
                    mount.name(),
                    text
                )
            })
        })
        .await
        .unwrap();
}

/// What the page of a linked transaction shows to be typed.
pub(crate) async fn number(kit: &Kit, linked: &str) -> Option<String> {
    let (state, id) = (kit.state.clone(), kit.state.ids.open(Kind::Linked, linked).unwrap());
    let read =
        kit.state.store.read(move |tx| Box::pin(async move { super::access::of_wallet(&state, tx, None, &id).await }));
    read.await.unwrap().transaction.stage.number().map(str::to_owned)
}

/// A wallet's call, which needs no cookie.
pub(crate) async fn wallet(kit: &Kit, mount: Mount, call: &str, request: Value) -> Answer {
    kit.post(&format!("{}/linked-authorization/{call}", mount.prefix()), request, &[]).await
}
pub(crate) const MOUNTS: [Mount; 3] = Mount::ISSUERS;
/// Those where a code stands for itself unless a client asks for frames.
pub(crate) const WHOLE: [Mount; 2] = [Mount::GovStack, Mount::ESignet];

/// What a code is called on a mount.
pub(crate) fn told(mount: Mount, code: &'static str) -> &'static str {
    match (mount, code) {
        (Mount::GovStack, "invalid_transaction") => "invalid_transaction_id",
        _ => code,
    }
}

pub(crate) const UIN: &str = "8267411571";
pub(crate) const OTHER_UIN: &str = "5914736028";
pub(crate) const PIN: &str = "402917";

/// Adds a person with a PIN.
pub(crate) async fn person(kit: &Kit, uin: &str) {
    let attributes = json!({ "name": "Anna", "email": "anna@example.test" });
    let identifiers = vec![Identifier { kind: IdentifierKind::Uin, value: uin.into() }];
    let attributes = attributes.as_object().unwrap().clone();
    let person =
        registry::add(&kit.state, NewPerson { identifiers, attributes, ..NewPerson::default() }).await.unwrap();
    factors::set_pin(&kit.state, person, PIN).await.unwrap();
}

/// A phone with a bound key.
pub(crate) struct Phone {
    key: PKey<Private>,
    pub(crate) thumbprint: String,
    x5t: String,
    uin: &'static str,
}

/// What a phone knows of a login after link-transaction.
pub(crate) struct Scanned {
    pub(crate) linked: String,
    nonce: String,
    issuer: String,
    /// The page's number, where one is asked for.
    pub(crate) number: Option<String>,
}

impl Phone {
    /// Makes a key and binds it natively.
    pub(crate) async fn bind(kit: &Kit, uin: &'static str) -> Self {
        let key = PKey::generate_ed25519().unwrap();
        let jwk = Jwk::ed25519(key.raw_public_key().unwrap().try_into().unwrap()).unwrap();
        let mut phone = Self { key, thumbprint: jwk.thumbprint(), x5t: String::new(), uin };
        let challenge = kit.post("/wallet/binding-challenge", json!({}), &[]).await.json();
        let now = phone.now(kit);
        let claims = ProofClaims {
            aud: challenge["response"]["issuer"].as_str().unwrap().into(),
            nonce: challenge["response"]["challenge"].as_str().unwrap().into(),
            iat: now,
            exp: now + 60,
        };
        let request = json!({
            "individualId": uin,
            "challengeList": [{ "authFactorType": "PIN", "challenge": PIN, "format": "number" }],
            "publicKey": serde_json::from_str::<Value>(&jwk.canonical()).unwrap(),
            "proof": phone.attach(&proof_signing_input(Algorithm::EdDsa, &jwk, &claims).unwrap()),
            "deviceName": "Phone",
        });
        let answer = kit.post("/wallet/binding", request, &[]).await;
        let pem =
            answer.json()["response"]["certificate"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
        let leaf = X509::from_pem(pem.as_bytes()).unwrap();
        phone.x5t = protocol::base64url::encode(leaf.digest(MessageDigest::sha256()).unwrap());
        phone
    }

    fn now(&self, kit: &Kit) -> i64 {
        kit.state.clock.now() / 1000
    }

    fn sign(&self, input: &SigningInput) -> Vec<u8> {
        Signer::new_without_digest(&self.key).unwrap().sign_oneshot_to_vec(input.bytes()).unwrap()
    }

    fn attach(&self, input: &SigningInput) -> String {
        input.attach(&self.sign(input))
    }

    /// A call of its own, with the `Tessera-Wallet` header.
    pub(crate) async fn call(&self, kit: &Kit, path: &str, request: Value) -> Answer {
        let now = kit.state.clock.now();
        let body = json!({ "requestTime": format_time(now), "request": request }).to_string();
        let url = format!("{}{path}", kit.state.config.origin());
        let jti = protocol::base64url::encode(kit.state.next_id().to_be_bytes());
        let claims = wallet_request::claims(&url, body.as_bytes(), &jti, now / 1000);
        let input = wallet_request::signing_input(Algorithm::EdDsa, &self.thumbprint, &claims).unwrap();
        let request = axum::http::Request::post(path)
            .header("content-type", "application/json")
            .header(wallet_request::HEADER_NAME, self.attach(&input));
        kit.send(request.body(body.into()).unwrap()).await
    }

    /// Claims a code; names its key where `named`.
    pub(crate) async fn scan(&self, kit: &Kit, mount: Mount, code: &str, named: bool) -> Scanned {
        self.try_scan(kit, mount, code, named).await.unwrap_or_else(|text| panic!("{text}"))
    }

    /// Claims a code, or gives the answer that refuses it.
    pub(crate) async fn try_scan(&self, kit: &Kit, mount: Mount, code: &str, named: bool) -> Result<Scanned, String> {
        let mut request = json!({ "linkCode": code });
        if named {
            request["wallet"] = json!({ "caps": ["tessera-wla", "tessera-match"], "key": self.thumbprint });
        }
        let answer = wallet(kit, mount, "v2/link-transaction", request).await;
        let response = &answer.json()["response"];
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(|| answer.text.clone());
        let linked = text(&response["linkTransactionId"])?;
        let number = number(kit, &linked).await;
        assert_eq!(response["configs"]["tessera"]["match_required"].as_bool(), number.is_some().then_some(true));
        Ok(Scanned {
            linked,
            number,
            nonce: text(&response["configs"]["tessera"]["nonce"])?,
            issuer: text(&response["configs"]["tessera"]["iss"])?,
        })
    }

    /// The native token of a login.
    pub(crate) fn token(&self, kit: &Kit, scanned: &Scanned) -> String {
        let now = self.now(kit);
        let claims = NativeClaims {
            iss: self.thumbprint.clone(),
            sub: self.uin.into(),
            aud: scanned.issuer.clone(),
            nonce: scanned.nonce.clone(),
            txn: scanned.linked.clone(),
            jti: protocol::base64url::encode(kit.state.next_id().to_be_bytes()),
            iat: now,
            exp: now + 60,
            match_number: scanned.number.clone(),
        };
        self.attach(&native_signing_input(Algorithm::EdDsa, Some(&self.x5t), &claims).unwrap())
    }

    /// The whole of a wallet's part: gives what it knows, and the answer of its last call.
    pub(crate) async fn approve(&self, kit: &Kit, mount: Mount, code: &str) -> (Scanned, Value) {
        let scanned = self.scan(kit, mount, code, true).await;
        let answer = self.authenticate(kit, mount, "v2/authenticate", &scanned).await;
        assert_eq!(answer.code(), "", "{}", answer.text);
        if answer.json()["response"]["consentAction"] == "NOCAPTURE" {
            return (scanned, answer.json()["response"].clone());
        }
        let answer = wallet(kit, mount, "v2/consent", self.consent(kit, &scanned, &["name"])).await;
        assert_eq!(answer.code(), "", "{}", answer.text);
        (scanned, answer.json()["response"].clone())
    }

    /// `authenticate`, in the version given.
    pub(crate) async fn authenticate(&self, kit: &Kit, mount: Mount, call: &str, scanned: &Scanned) -> Answer {
        let challenge = json!({ "authFactorType": "WLA", "format": "jwt", "challenge": self.token(kit, scanned) });
        let linked = &scanned.linked;
        let request = json!({ "linkedTransactionId": linked, "individualId": self.uin, "challengeList": [challenge] });
        wallet(kit, mount, call, request).await
    }

    /// A signed `v2/consent`; the caller may alter it before it is sent.
    pub(crate) fn consent(&self, kit: &Kit, scanned: &Scanned, claims: &[&str]) -> Value {
        let claims: Vec<String> = claims.iter().map(|claim| (*claim).to_owned()).collect();
        let input = detached_signing_input(Algorithm::EdDsa, &self.x5t, &claims, &[]).unwrap();
        json!({
            "linkedTransactionId": scanned.linked,
            "acceptedClaims": claims,
            "permittedAuthorizeScopes": [],
            "signature": input.attach_detached(&self.sign(&input)),
            "consentStatement": self.statement(kit, &scanned.issuer, &scanned.linked, &claims),
        })
    }

    /// The statement over what is agreed to with the relying party of these tests.
    pub(crate) fn statement(&self, kit: &Kit, issuer: &str, txn: &str, claims: &[String]) -> String {
        let statement = Statement {
            iss: self.thumbprint.clone(),
            aud: issuer.into(),
            txn: txn.into(),
            client_id: Some("clinic".into()),
            client_name: "Clinic".into(),
            claims: sorted(claims),
            scopes: Vec::new(),
            iat: self.now(kit),
            jti: "receipt".into(),
        };
        self.attach(&statement_signing_input(Algorithm::EdDsa, &statement).unwrap())
    }
}
