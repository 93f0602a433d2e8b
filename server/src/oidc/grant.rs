//! What each grant gives.

use super::id_token;
use super::token::TokenResponse;
use crate::access::{self, Form};
use crate::clients::{Client, GrantType, Refresh};
use crate::dialect::Mount;
use crate::error::{OAuthError, TokenFault};
use crate::grants::{
    self, Approval, NotIssued, NotRedeemed, NotRefreshed, Presented, RedeemError, RefreshError, Refreshing, Scopes,
    Shown,
};
use crate::registry;
use crate::state::AppState;

/// A request of a client that proved who it is and may use the grant.
pub(super) struct Asking<'a> {
    pub(super) state: &'a AppState,
    pub(super) mount: Mount,
    pub(super) client: &'a Client,
    pub(super) form: &'a Form,
    /// Whether the client proved it by nothing.
    pub(super) public: bool,
}

impl Asking<'_> {
    /// A refusal for which nothing but the assertion is written. That it was used before goes before what else is wrong.
    pub(super) async fn refused(&self, shown: Shown, refusal: OAuthError) -> OAuthError {
        let Some(assertion) = shown.assertion else { return refusal };
        match assertion.spend(self.state).await {
            Ok(true) => refusal,
            Ok(false) => access::used_before(self.mount),
            Err(error) => error.into(),
        }
    }

    fn fault(&self, fault: TokenFault, description: &'static str) -> OAuthError {
        self.mount.dialect().oauth(fault, description)
    }

    async fn id_token(&self, approval: &Approval, access_token: &str) -> Result<Option<String>, OAuthError> {
        if !approval.grants("openid") {
            return Ok(None);
        }
        id_token::sign(self.state, self.client, approval, access_token).await.map(Some)
    }
}

fn token_type(bound: bool) -> &'static str {
    if bound { "DPoP" } else { "Bearer" }
}

fn scope_of(approval: &Approval) -> String {
    approval.scopes.iter().chain(&approval.permitted_scopes).map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn split(scope: &str) -> Vec<String> {
    scope.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// RFC 6749 §4.1.3.
pub(super) async fn code(asking: &Asking<'_>, shown: Shown) -> Result<TokenResponse, OAuthError> {
    let Asking { state, mount, client, form, public } = *asking;
    let code = match form.require(mount.dialect(), "code", "code is missing") {
        Ok(code) => code,
        Err(refusal) => return Err(asking.refused(shown, refusal).await),
    };
    let presented = Presented {
        mount,
        client_id: &client.id,
        code,
        redirect_uri: form.get("redirect_uri"),
        code_verifier: form.get("code_verifier"),
        code_seconds: client.policy().code_seconds,
        refreshable: client.allows(GrantType::RefreshToken)
            && client.policy().grants.contains(&GrantType::RefreshToken),
        public,
    };
    let bound = shown.key.is_some();
    let issued = grants::redeem(state, presented, shown).await.map_err(|error| match error {
        RedeemError::Refused(why) => not_redeemed(asking, why),
        RedeemError::Fault(fault) => fault.into(),
    })?;
    let approval = &issued.approval;
    if !registry::is_active(state, approval.person).await? {
        return Err(not_redeemed(asking, NotRedeemed::Unknown));
    }
    Ok(TokenResponse {
        id_token: asking.id_token(approval, &issued.access_token).await?,
        scope: scope_of(approval),
        access_token: issued.access_token,
        refresh_token: issued.refresh_token,
        token_type: token_type(bound),
        expires_in: issued.expires_in,
    })
}

fn not_redeemed(asking: &Asking<'_>, why: NotRedeemed) -> OAuthError {
    let (fault, told) = match why {
        NotRedeemed::AssertionUsed => return access::used_before(asking.mount),
        NotRedeemed::ProofUsed => (TokenFault::Proof, "the DPoP proof was used before"),
        NotRedeemed::Unknown => (TokenFault::Code, "the code is not known"),
        NotRedeemed::Expired => (TokenFault::Code, "the code has expired"),
        NotRedeemed::Used => (TokenFault::Code, "the code was used before; what it got is revoked"),
        NotRedeemed::Withdrawn => (TokenFault::Code, "the person has withdrawn the consent"),
        NotRedeemed::OtherClient => (TokenFault::Code, "the code was issued to another client"),
        NotRedeemed::OtherKey => (TokenFault::Code, "the code is bound to another key than that of the DPoP proof"),
        NotRedeemed::RedirectUri => (TokenFault::RedirectUri, "redirect_uri is not the request's"),
        NotRedeemed::CodeVerifier => {
            (TokenFault::CodeVerifier, "code_verifier does not fit the request's code_challenge")
        }
    };
    asking.fault(fault, told)
}

/// RFC 6749 §6.
pub(super) async fn refresh(asking: &Asking<'_>, shown: Shown) -> Result<TokenResponse, OAuthError> {
    let Asking { state, mount, client, form, public } = *asking;
    let token = match form.require(mount.dialect(), "refresh_token", "refresh_token is missing") {
        Ok(token) => token,
        Err(refusal) => return Err(asking.refused(shown, refusal).await),
    };
    let refreshing = Refreshing {
        mount,
        client_id: &client.id,
        token,
        scopes: form.get("scope").map_or(Scopes::All, |scope| Scopes::Only(split(scope))),
        // A public client's is bound to its key or to nothing.
        rotates: public || client.policy().refresh == Refresh::Rotating,
        public,
    };
    let bound = shown.key.is_some();
    let refreshed = grants::refresh(state, refreshing, shown).await.map_err(|error| match error {
        RefreshError::Refused(why) => not_refreshed(asking, why),
        RefreshError::Fault(fault) => fault.into(),
    })?;
    let approval = &refreshed.approval;
    if !registry::is_active(state, approval.person).await? {
        return Err(not_refreshed(asking, NotRefreshed::Unknown));
    }
    // OpenID Connect Core §12.2: it speaks of the same authentication, and of the nonce only where the mount wants that.
    let nonce = approval.nonce.clone().filter(|_| mount.dialect().nonce_again);
    let again = Approval { nonce, ..approval.clone() };
    Ok(TokenResponse {
        id_token: asking.id_token(&again, &refreshed.access_token).await?,
        scope: scope_of(approval),
        access_token: refreshed.access_token,
        refresh_token: refreshed.refresh_token,
        token_type: token_type(bound),
        expires_in: refreshed.expires_in,
    })
}

fn not_refreshed(asking: &Asking<'_>, why: NotRefreshed) -> OAuthError {
    let (fault, told) = match why {
        NotRefreshed::AssertionUsed => return access::used_before(asking.mount),
        NotRefreshed::ProofUsed => (TokenFault::Proof, "the DPoP proof was used before"),
        NotRefreshed::Unknown => (TokenFault::Code, "the refresh token is not known"),
        NotRefreshed::Expired => (TokenFault::Code, "the refresh token has expired"),
        NotRefreshed::Revoked => (TokenFault::Code, "the refresh token is revoked"),
        NotRefreshed::Replaced => {
            (TokenFault::Code, "the refresh token had been replaced; all that came of its login is revoked")
        }
        NotRefreshed::OtherClient => (TokenFault::Code, "the refresh token was issued to another client"),
        NotRefreshed::Withdrawn => (TokenFault::Code, "the person has withdrawn the consent"),
        NotRefreshed::OtherKey => (TokenFault::Code, "the refresh token is bound to another key"),
        NotRefreshed::Scope => (TokenFault::Scope, "a scope that was not granted"),
    };
    asking.fault(fault, told)
}

/// RFC 6749 §4.4.
pub(super) async fn client_credentials(asking: &Asking<'_>, shown: Shown) -> Result<TokenResponse, OAuthError> {
    let Asking { state, mount, client, form, public } = *asking;
    let scopes = form.get("scope").map_or_else(|| client.scopes.clone(), split);
    if scopes.is_empty() || scopes.iter().any(|scope| !client.scopes.contains(scope)) {
        let refusal = asking.fault(TokenFault::Scope, "the client may not have this scope");
        return Err(asking.refused(shown, refusal).await);
    }
    // RFC 6749 §4.4: for confidential clients only.
    if public {
        return Err(asking.fault(TokenFault::GrantNotAllowed, "the client does not prove who it is"));
    }
    let bound = shown.key.is_some();
    let issued = grants::issue_to_client(state, mount, &client.id, &scopes, shown).await?;
    let access_token = issued.map_err(|why| match why {
        NotIssued::AssertionUsed => access::used_before(mount),
        NotIssued::ProofUsed => asking.fault(TokenFault::Proof, "the DPoP proof was used before"),
    })?;
    Ok(TokenResponse {
        id_token: None,
        access_token,
        refresh_token: None,
        token_type: token_type(bound),
        expires_in: i64::from(state.config.lifetimes.access_token),
        scope: scopes.join(" "),
    })
}
