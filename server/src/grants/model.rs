//! Approvals, and what comes of them.

use serde::{Deserialize, Serialize};

use super::claims_request::{ClaimsRequest, Place};
use crate::claims;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::{Fault, PersonId};
use crate::store::StoreError;

/// What a person agreed to in one login: what `authorization` hands over when it asks for a code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// The issuer.
    pub mount: Mount,
    /// The client that may redeem the code.
    pub client_id: String,
    /// Who.
    pub person: PersonId,
    /// The redirect URI of the request, as it was sent.
    pub redirect_uri: String,
    /// `nonce` of the request.
    pub nonce: Option<String>,
    /// `code_challenge` of the request (S256).
    pub code_challenge: Option<String>,
    /// OpenID scopes of the request (`openid`, `profile` …).
    pub scopes: Vec<String>,
    /// Authorize scopes that the person permitted.
    pub permitted_scopes: Vec<String>,
    /// Claims accepted for userinfo.
    pub userinfo_claims: Vec<String>,
    /// Claims accepted for the ID token.
    pub id_token_claims: Vec<String>,
    /// Claims accepted as verified ones, wherever they were asked for.
    #[serde(default)]
    pub verified_claims: Vec<String>,
    /// `claims_locales` of the request, best first.
    pub locales: Vec<String>,
    /// The class of authentication reached, named as it was asked for.
    pub acr: String,
    /// The factors shown.
    pub amr: Vec<String>,
    /// When the person authenticated.
    pub auth_time: Millis,
    /// When the consent ends, and with it whatever it yields.
    pub consent_expires: Option<Millis>,
    /// The wallet key that approved.
    pub key: Option<i64>,
    /// The receipt it is written down in: codes and tokens are good while that stands. `None` where nothing had to be
    /// agreed to.
    #[serde(default)]
    pub receipt: Option<i64>,
    /// The login it came from: the primary key of its transaction.
    #[serde(default)]
    pub login: Option<i64>,
    /// The wallet's part in it, where a wallet approved: the primary key of the linked transaction.
    #[serde(default)]
    pub linked: Option<i64>,
    /// The `claims` parameter of the request.
    #[serde(default)]
    pub claims: ClaimsRequest,
    /// Whether the relying party asked when the person authenticated: by `max_age`, by `claims`, or by its registration
    /// (OpenID Connect Core §2).
    #[serde(default)]
    pub auth_time_asked: bool,
    /// The browser's session that it came from or began: its primary key. `None` where the issuer keeps none.
    #[serde(default)]
    pub session: Option<i64>,
    /// What that session is called towards this client (OpenID Connect Back-Channel Logout §2.1).
    #[serde(default)]
    pub sid: Option<String>,
    /// RFC 7638 thumbprint of the key that the code is bound to (RFC 9449 §10).
    #[serde(default)]
    pub dpop_jkt: Option<String>,
    /// Whether the person agreed to access while away (`offline_access`, OpenID Connect Core §11).
    #[serde(default)]
    pub offline: bool,
}

/// What came of a report.
#[derive(Debug)]
pub enum Reported {
    /// The code of this approval and what it got are revoked now.
    Now(Box<Approval>),
    /// They were before.
    Before,
    /// Another key approved.
    OtherKey,
    /// There is no such code any more, and nothing of it can be alive.
    Forgotten,
}

/// What a client shows at the token endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The issuer asked.
    pub mount: Mount,
    /// The client, authenticated.
    pub client_id: &'a str,
    /// The code.
    pub code: &'a str,
    /// `redirect_uri`.
    pub redirect_uri: Option<&'a str>,
    /// `code_verifier`.
    pub code_verifier: Option<&'a str>,
    /// Seconds that a code of this client is good at most, where that is less than `lifetimes.code` (FAPI 2.0 §5.3.2.1).
    pub code_seconds: Option<u32>,
    /// Whether the client may have a refresh token.
    pub refreshable: bool,
    /// Whether the client proves by nothing who it is: then its refresh token is bound to the key shown (RFC 9449 §5).
    pub public: bool,
}

/// What a code was good for.
#[derive(Debug)]
pub struct Issued {
    /// What the person agreed to.
    pub approval: Approval,
    /// The access token, to be given out once.
    pub access_token: String,
    /// The refresh token, likewise; where the client may have one and the person agreed to access while away.
    pub refresh_token: Option<String>,
    /// When the access token ends.
    pub expires_at: Millis,
    /// Seconds until then.
    pub expires_in: i64,
}

/// Why a code gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRedeemed {
    /// Not one of ours, altered, or forgotten.
    Unknown,
    /// Too late.
    Expired,
    /// Used before. What the first use got is revoked now.
    Used,
    /// Issued to another client or at another mount.
    OtherClient,
    /// Another redirect URI than the request's, or none.
    RedirectUri,
    /// The person withdrew the consent that it stood on.
    Withdrawn,
    /// The verifier does not fit the challenge, or one of the two is missing.
    CodeVerifier,
    /// Bound to a key that was not shown.
    OtherKey,
    /// The client's assertion was used before; the code was not looked at.
    AssertionUsed,
    /// The proof of the key was used before; the code was not looked at.
    ProofUsed,
}

/// Why a code could not be redeemed.
#[derive(Debug, thiserror::Error)]
pub enum RedeemError {
    /// The code is at fault.
    #[error("not redeemed: {0:?}")]
    Refused(NotRedeemed),
    /// The store is.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for RedeemError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// A living access token.
#[derive(Debug)]
pub struct AccessToken {
    /// The row's primary key.
    pub id: i64,
    /// The issuer.
    pub mount: Mount,
    /// The client it was given to.
    pub client_id: String,
    /// When it was given.
    pub issued_at: Millis,
    /// When it ends.
    pub expires_at: Millis,
    /// RFC 7638 thumbprint of the key that whoever uses it must prove to hold; `None` for a bearer token.
    pub dpop_jkt: Option<String>,
    /// What it stands for.
    pub grant: Grant,
}

/// A refresh token that is good.
#[derive(Debug)]
pub struct RefreshToken {
    /// The issuer.
    pub mount: Mount,
    /// The client it was given to.
    pub client_id: String,
    /// When it was given.
    pub issued_at: Millis,
    /// When it ends.
    pub expires_at: Millis,
    /// RFC 7638 thumbprint of the key it is bound to.
    pub dpop_jkt: Option<String>,
    /// What the person agreed to.
    pub approval: Box<Approval>,
}

impl Approval {
    /// Whether a scope is among those granted.
    #[must_use]
    pub fn grants(&self, scope: &str) -> bool {
        self.scopes.iter().chain(&self.permitted_scopes).any(|have| have == scope)
    }

    /// With these scopes only, and without the claims that were asked for by others and not by the `claims` parameter
    /// (RFC 6749 §6).
    #[must_use]
    pub fn narrowed(mut self, scopes: &[String]) -> Self {
        let dialect = self.mount.dialect();
        let dropped: Vec<&str> = self.scopes.iter().filter(|have| !scopes.contains(have)).map(String::as_str).collect();
        let of = |scope: &str, claim: &str| {
            let name = claims::untagged(claim);
            dialect.claim_scope(scope).is_some_and(|of| of.userinfo.contains(&name) || of.profile.contains(&name))
        };
        let keep = |claim: &String, asked: &Place| {
            asked.claims.contains_key(claim)
                || scopes.iter().any(|scope| of(scope, claim))
                || !dropped.iter().any(|scope| of(scope, claim))
        };
        self.userinfo_claims.retain(|claim| keep(claim, &self.claims.userinfo));
        self.id_token_claims.retain(|claim| keep(claim, &self.claims.id_token));
        self.scopes.retain(|have| scopes.contains(have));
        self.permitted_scopes.retain(|have| scopes.contains(have));
        self
    }
}

/// What an access token stands for.
#[derive(Debug)]
pub enum Grant {
    /// A person's login.
    Login(Box<Approval>),
    /// A client acting for itself.
    Client {
        /// What it may do.
        scopes: Vec<String>,
    },
}
