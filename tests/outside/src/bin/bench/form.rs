//! The authorization code flow with PKCE by pages and forms (OpenID Connect Core §3.1), with no wallet in it: authorize,
//! send a one-time password, log in with it, consent, token, userinfo. Six requests, as the peer's login has.

use outside::random;
use outside::relying_party::sha256;
use outside::server::Server;
use url::form_urlencoded::Serializer;

use crate::browser::{Browser, location, parameter};
use crate::login::redeem;
use crate::people::{Party, identifier, mail};
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
        let (mail, person) = (mail(self.number), identifier(self.number));
        let mut browser = Browser::new(&mut self.browser);
        let verifier = random();
        let query = Serializer::new(String::new())
            .append_pair("client_id", &party.client_id)
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", &party.redirect_uri)
            .append_pair("scope", "openid")
            .append_pair("state", &random())
            .append_pair("nonce", &random())
            .append_pair("prompt", "consent")
            .append_pair("acr_values", "mosip:idp:acr:generated-code")
            .append_pair("claims", r#"{"userinfo":{"name":{"essential":true},"email":null}}"#)
            .append_pair("code_challenge", &sha256(&verifier))
            .append_pair("code_challenge_method", "S256")
            .finish();
        let page = browser.get(&format!("{mount}/authorize?{query}")).await;
        let form = |more: &[(&str, &str)]| {
            let mut form = Serializer::new(String::new());
            form.append_pair("_csrf", &field(&page, "_csrf"));
            form.append_pair("transactionId", &field(&page, "transactionId")).extend_pairs(more).finish()
        };
        let seen = server.gateway.count(&mail);
        let asked = form(&[("individualId", &person), ("channel", "email")]);
        browser.post(&format!("{mount}/authorize/otp"), &asked).await;
        let otp = server.gateway.next(&mail, seen).await;
        let typed = form(&[("individualId", &person), ("sentTo", ""), ("otp", &otp)]);
        browser.post(&format!("{mount}/authorize/login"), &typed).await;
        let back = browser.post(&format!("{mount}/authorize/consent"), &form(&[("claim", "email")])).await;
        let code = parameter(&location(&back), "code");
        redeem(&mut self.party, party, &code, &verifier).await;
    }
}

/// The value of a hidden field.
fn field(page: &Reply, name: &str) -> String {
    let text = String::from_utf8_lossy(&page.body);
    let found = text.split_once(&format!("name=\"{name}\" value=\"")).and_then(|(_, rest)| rest.split_once('"'));
    found.unwrap_or_else(|| panic!("no field {name} in the page: {text}")).0.to_owned()
}
