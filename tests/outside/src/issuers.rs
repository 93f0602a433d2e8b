//! All issuers of one server, and a login that works at each of them: the page shows a code, a phone approves it, the page's
//! own form leads back.

use std::collections::HashMap;

use reqwest::header::LOCATION;
use serde_json::json;

use crate::relying_party::{Begun, RelyingParty, sha256};
use crate::server::{AMARA, Database, Server};
use crate::wallet::Wallet;
use crate::{http, random};

/// Where each issuer is: GovStack's, eSignet's, the standard one, Bank iD's.
pub const ISSUERS: [&str; 4] = ["", "/v1/esignet", "/op", "/bankid"];

/// A server with all issuers, and a phone that is bound to one of its people.
pub struct Issuers {
    /// Its processes, on one database; the first is the one that is configured.
    pub nodes: Vec<Server>,
    /// The phone.
    pub wallet: Wallet,
}

/// Where the authorization endpoint of an issuer is, under its mount.
pub fn authorization_path(mount: &str) -> &'static str {
    if mount == "/bankid" { "/auth" } else { "/authorize" }
}

/// A good authorization request for a name: its parameters, and what is to be kept until its end.
pub fn request(party: &RelyingParty) -> (Vec<(&'static str, String)>, Begun) {
    let begun = Begun { verifier: random(), nonce: random(), state: random() };
    let mut query = vec![
        ("client_id", party.client_id.clone()),
        ("response_type", "code".into()),
        ("redirect_uri", party.redirect_uri.clone()),
        ("state", begun.state.clone()),
        ("nonce", begun.nonce.clone()),
        ("code_challenge", sha256(&begun.verifier)),
        ("code_challenge_method", "S256".into()),
    ];
    // Bank iD's asks by scope alone.
    if party.mount == "/bankid" {
        query.push(("scope", "openid profile.name".into()));
    } else {
        query.push(("scope", "openid".into()));
        query.push(("claims", json!({ "userinfo": { "name": { "essential": true } } }).to_string()));
    }
    (query, begun)
}

/// The same parameters with another value for one of them, which may have been absent; `None` leaves it out.
pub fn replaced(
    query: &[(&'static str, String)],
    name: &'static str,
    value: Option<&str>,
) -> Vec<(&'static str, String)> {
    let kept = query.iter().filter(|(known, _)| *known != name).cloned();
    kept.chain(value.map(|value| (name, value.to_owned()))).collect()
}

/// What an attribute of a page says.
pub fn says(page: &str, before: &str) -> String {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("{before} in {page}")).1;
    rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

/// The fields of a page's forms that nobody sees.
pub fn hidden(page: &str) -> Vec<(&'static str, String)> {
    let field = |name| (name, says(page, &format!("name=\"{name}\" value=\"")));
    vec![field("_csrf"), field("transactionId")]
}

/// What a redirect tells the relying party.
pub fn told(location: &str) -> HashMap<String, String> {
    url::Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

impl Issuers {
    /// Starts it; `settings` is TOML added to the configuration. On PostgreSQL there is a second process on the same database.
    pub async fn start(database: Database, settings: &str) -> Self {
        let first = Server::start(database, &format!("mounts.bankid = true\n{settings}")).await;
        let mut wallet = Wallet::new(&first, AMARA.id);
        wallet.bind(&first, AMARA.email).await.good();
        let second = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(first.second_node().await),
        };
        Self { nodes: [first].into_iter().chain(second).collect(), wallet }
    }

    /// The first of its processes.
    pub fn server(&self) -> &Server {
        &self.nodes[0]
    }

    /// A relying party whose people log in by phone.
    pub async fn party(&self, mount: &'static str) -> RelyingParty {
        self.party_with(mount, &[]).await
    }

    /// The same with more arguments to `tessera client add`.
    pub async fn party_with(&self, mount: &'static str, more: &[&str]) -> RelyingParty {
        let policy = json!({ "number_matching": "off", "rotation": "off" }).to_string();
        let own = ["--acr", "linked-wallet", "--login-policy", policy.as_str()];
        let line = [&own[..], more].concat();
        self.server().relying_party_with(mount, &line).await
    }

    /// One that may have refresh tokens.
    pub async fn refreshing_party(&self, mount: &'static str) -> RelyingParty {
        let line = ["--grant", "authorization_code", "--grant", "refresh_token"];
        self.party_with(mount, &line).await
    }

    /// A relying party as it sees another process of the same server.
    pub fn at(&self, node: usize, party: &RelyingParty) -> RelyingParty {
        let there = |url: &str| url.replace(&self.nodes[0].origin, &self.nodes[node].origin);
        RelyingParty { token_url: there(&party.token_url), userinfo_url: there(&party.userinfo_url), ..party.clone() }
    }

    /// A code for the name of the person, by a login in a browser of its own.
    pub async fn code(&self, party: &RelyingParty) -> (String, Begun) {
        let (query, begun) = request(party);
        let browser = http().cookie_store(true).build().unwrap();
        (self.logged_in(&browser, party, &query, &[]).await["code"].clone(), begun)
    }

    /// The same with access while the person is away.
    pub async fn offline_code(&self, party: &RelyingParty) -> (String, Begun) {
        let (query, begun) = request(party);
        let scope = query.iter().find(|(name, _)| *name == "scope").unwrap().1.clone();
        let query = replaced(&query, "scope", Some(&format!("{scope} offline_access")));
        let query = replaced(&query, "prompt", Some("consent"));
        let browser = http().cookie_store(true).build().unwrap();
        (self.logged_in(&browser, party, &query, &["offline_access"]).await["code"].clone(), begun)
    }

    /// Logs the person in with this request, in this browser; what the relying party is told.
    pub async fn logged_in(
        &self,
        browser: &reqwest::Client,
        party: &RelyingParty,
        query: &[(&'static str, String)],
        scopes: &[&str],
    ) -> HashMap<String, String> {
        self.logged_in_by(&self.wallet, browser, party, query, scopes).await
    }

    /// The same by another phone.
    pub async fn logged_in_by(
        &self,
        wallet: &Wallet,
        browser: &reqwest::Client,
        party: &RelyingParty,
        query: &[(&'static str, String)],
        scopes: &[&str],
    ) -> HashMap<String, String> {
        let (origin, mount) = (&self.server().origin, party.mount);
        let url = format!("{origin}{mount}{}", authorization_path(mount));
        let page = browser.get(url).query(query).send().await.unwrap().text().await.unwrap();
        wallet.approve_with(mount, &says(&page, "data-code=\""), &["name"], scopes).await;
        let form = hidden(&page);
        let back = browser.post(format!("{origin}{mount}/authorize/continue")).form(&form).send().await.unwrap();
        let location = back.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let Some(location) = location else { panic!("no way back: {}", back.text().await.unwrap()) };
        told(&location)
    }
}
