//! The authorization code flow with PKCE by pages and forms (OpenID Connect Core §3.1), with no wallet in it: authorize,
//! send a one-time password, log in with it, consent, token, userinfo. Six requests, as the peer's login has.

use outside::random;
use outside::relying_party::sha256;
use outside::server::Server;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::browser::{Browser, location, parameter};
use crate::login::{redeem, tokens};
use crate::people::{Party, identifier, mail};
use crate::tokens::Codes;
use crate::wire::{Reply, Wire};

/// A person at a browser, with a connection of browser and relying party each.
pub struct Desk {
    browser: Wire,
    party: Wire,
    /// The person.
    number: usize,
}

impl Desk {
    /// Opens the connections.
    pub async fn open(server: &Server, number: usize) -> Self {
        let at = crate::people::address(server);
        Self { browser: Wire::open(at, None).await, party: Wire::open(at, None).await, number }
    }

    /// One login to its end, by a browser without cookies; consent is asked each time.
    pub async fn login(&mut self, server: &Server, mount: &str, party: &Party) {
        let (verifier, mut browser) = (random(), Browser::new(&mut self.browser));
        let code = Asking { server, mount, party, number: self.number }.code(&mut browser, "openid", &verifier).await;
        redeem(&mut self.party, party, &code, &verifier).await;
    }

    /// One login with access while away; gives the token answer.
    pub async fn offline(&mut self, server: &Server, mount: &str, party: &Party) -> Value {
        let (verifier, mut browser) = (random(), Browser::new(&mut self.browser));
        let asking = Asking { server, mount, party, number: self.number };
        let code = asking.code(&mut browser, "openid offline_access", &verifier).await;
        tokens(&mut self.party, party, &code, &verifier).await
    }

    /// So many codes for one person who logs in once, in a browser that keeps its cookies.
    pub async fn codes(&mut self, server: &Server, mount: &str, party: &Party, count: usize) -> Codes {
        let (verifier, mut browser) = (random(), Browser::new(&mut self.browser));
        let asking = Asking { server, mount, party, number: self.number };
        let mut codes = vec![asking.code(&mut browser, "openid", &verifier).await];
        while codes.len() < count {
            let query = asking.query("openid", "none", &verifier);
            let back = browser.get(&format!("{mount}/authorize?{query}")).await;
            codes.push(parameter(&location(&back), "code"));
        }
        Codes { codes, verifier }
    }
}

/// A person at a browser who logs in to a relying party.
struct Asking<'a> {
    server: &'a Server,
    mount: &'a str,
    party: &'a Party,
    number: usize,
}

impl Asking<'_> {
    fn query(&self, scope: &str, prompt: &str, verifier: &str) -> String {
        Serializer::new(String::new())
            .append_pair("client_id", &self.party.client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &self.party.redirect_uri)
            .append_pair("scope", scope)
            .append_pair("state", &random())
            .append_pair("nonce", &random())
            .append_pair("prompt", prompt)
            .append_pair("acr_values", "mosip:idp:acr:generated-code")
            .append_pair("claims", r#"{"userinfo":{"name":{"essential":true},"email":null}}"#)
            .append_pair("code_challenge", &sha256(verifier))
            .append_pair("code_challenge_method", "S256")
            .finish()
    }

    /// The code of a login by one-time password, with everything agreed to.
    async fn code(&self, browser: &mut Browser<'_>, scope: &str, verifier: &str) -> String {
        let (mail, person, mount) = (mail(self.number), identifier(self.number), self.mount);
        let page = browser.get(&format!("{mount}/authorize?{}", self.query(scope, "consent", verifier))).await;
        let form = |more: &[(&str, &str)]| {
            let mut form = Serializer::new(String::new());
            form.append_pair("_csrf", &field(&page, "_csrf"));
            form.append_pair("transactionId", &field(&page, "transactionId")).extend_pairs(more).finish()
        };
        let seen = self.server.gateway.count(&mail);
        let asked = form(&[("individualId", &person), ("channel", "email")]);
        browser.post(&format!("{mount}/authorize/otp"), &asked).await;
        let otp = self.server.gateway.next(&mail, seen).await;
        let typed = form(&[("individualId", &person), ("sentTo", ""), ("otp", &otp)]);
        browser.post(&format!("{mount}/authorize/login"), &typed).await;
        let mut agreed = vec![("claim", "email")];
        agreed.extend(scope.ends_with("offline_access").then_some(("scope", "offline_access")));
        let back = browser.post(&format!("{mount}/authorize/consent"), &form(&agreed)).await;
        parameter(&location(&back), "code")
    }
}

/// The value of a hidden field.
fn field(page: &Reply, name: &str) -> String {
    let text = String::from_utf8_lossy(&page.body);
    let found = text.split_once(&format!("name=\"{name}\" value=\"")).and_then(|(_, rest)| rest.split_once('"'));
    found.unwrap_or_else(|| panic!("no field {name} in the page: {text}")).0.to_owned()
}
