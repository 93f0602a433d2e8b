//! From a scanned text to a login under review.

use super::review::LoginReview;
use super::state::{Asked, State};
use super::{LoginSession, Stored};
use crate::bound::{self, BindingProfile, BindingRecord};
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::sessions::StoredSession;
use crate::sessions::turn::Turn;
use crate::store::{Change, table};
use protocol::error_code;
use protocol::link::Link;
use protocol::linked::{LinkTransaction, LinkTransactionRequest, WalletHint};
use protocol::wla;
use std::sync::{Arc, Mutex};

/// The bindings that can serve a link. Nothing is sent.
///
/// A link that names its issuer is for bindings whose server has exactly that issuer; one that does
/// not is eSignet 1.x's, whose server only the app can know.
pub(crate) fn bindings_for(parts: &Parts, scanned: &str) -> Result<Vec<BindingRecord>, WalletError> {
    Ok(candidates(bound::list(parts)?, &parse(scanned)?))
}

fn parse(scanned: &str) -> Result<Link, WalletError> {
    Link::parse(scanned).map_err(|_| ErrorCode::InvalidLink.into())
}

fn candidates(bindings: Vec<BindingRecord>, link: &Link) -> Vec<BindingRecord> {
    let serves = |bound: &BindingRecord| match &link.issuer {
        Some(issuer) => bound.issuers.contains(issuer),
        None => bound.profile == BindingProfile::Esignet,
    };
    bindings.into_iter().filter(serves).collect()
}

/// The binding named, or the only one that serves; a native one before others.
fn choose(parts: &Parts, link: &Link, binding_id: Option<&str>) -> Result<BindingRecord, WalletError> {
    let mut serving = candidates(bound::list(parts)?, link);
    if let Some(id) = binding_id {
        let named = bound::find(parts, id)?;
        return serving.into_iter().find(|bound| bound.id == named.id).ok_or_else(|| ErrorCode::UnknownServer.into());
    }
    if serving.iter().any(|bound| bound.profile == BindingProfile::Native) {
        serving.retain(|bound| bound.profile == BindingProfile::Native);
    }
    match (serving.pop(), serving.is_empty()) {
        (None, _) => Err(ErrorCode::UnknownServer.into()),
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(ErrorCode::BindingChoiceNeeded.into()),
    }
}

impl LoginSession {
    pub(crate) async fn begin(
        parts: Arc<Parts>,
        scanned: &str,
        binding_id: Option<&str>,
    ) -> Result<Arc<Self>, WalletError> {
        let link = parse(scanned)?;
        let bound = choose(&parts, &link, binding_id)?;
        let issuer = link.issuer.clone().unwrap_or_else(|| bound.server.clone());
        let answer = take_code(&parts, &issuer, &bound, &link).await?;
        let asked = asked(&parts, &answer, &issuer, &bound)?;
        let id = parts.random_id()?;
        let origin = crate::exchange::address::origin(&bound.server, parts.exchange.loopback)?;
        let stored = Stored {
            began_at_ms: parts.exchange.clock.device_ms(),
            clock_ahead_ms: parts.exchange.clock.ahead_ms(&origin),
            state: State::Review(asked),
        };
        parts.store.write(&[Change::put(table::SESSIONS, &id, &StoredSession::Login(Box::new(stored.clone())))?])?;
        Ok(Arc::new(Self { parts, id, bound, stored: Mutex::new(stored), turn: Turn::new() }))
    }
}

async fn take_code(
    parts: &Parts,
    issuer: &str,
    bound: &BindingRecord,
    link: &Link,
) -> Result<LinkTransaction, WalletError> {
    // An eSignet 1.x server would ignore the hint; the legacy form claims nothing by it.
    let wallet = (bound.profile == BindingProfile::Native).then(|| WalletHint {
        caps: vec![wla::CAPABILITY.to_owned(), wla::MATCH_CAPABILITY.to_owned()],
        key: Some(bound.key_thumbprint.clone()),
    });
    let request = LinkTransactionRequest { link_code: link.code.clone(), wallet };
    let path = "/linked-authorization/v2/link-transaction";
    parts.exchange.call(issuer, path, &[], &request).await.map_err(|error| {
        // The server says the same of used, unknown and expired codes; the link tells the last apart.
        let late = parts.exchange.now(issuer).is_ok_and(|now| link.expired(now.epoch_ms()));
        if late && error.is_refusal(&[error_code::INVALID_LINK_CODE]) {
            ErrorCode::LinkExpired.into()
        } else {
            error.into()
        }
    })
}

fn asked(parts: &Parts, answer: &LinkTransaction, issuer: &str, bound: &BindingRecord) -> Result<Asked, WalletError> {
    let alone = |factors: &Vec<protocol::linked::AuthFactor>| matches!(factors.as_slice(), [one] if one.is_wla());
    if !answer.auth_factors.is_empty() && !answer.auth_factors.iter().any(alone) {
        return Err(ErrorCode::FactorUnsupported.into());
    }
    let told = answer.configs.tessera.clone();
    let nonce = told.as_ref().map(|told| told.nonce.clone()).filter(|nonce| !nonce.is_empty());
    if bound.profile == BindingProfile::Native {
        // Without a nonce of its own, or under another issuer's name, a token could serve elsewhere.
        let same_issuer = told.as_ref().is_some_and(|told| told.iss == issuer);
        if !same_issuer || nonce.is_none() {
            return Err(ErrorCode::UnexpectedAnswer.into());
        }
    }
    let now = parts.exchange.clock.device_ms();
    Ok(Asked {
        link_transaction_id: answer.link_transaction_id.clone(),
        nonce,
        client_id: told.as_ref().and_then(|told| told.client_id.clone()),
        return_uri: told.and_then(|told| told.return_uri),
        review: LoginReview::of(answer, issuer, &bound.id, &parts.config.languages, now)?,
    })
}
