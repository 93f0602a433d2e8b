//! `link-transaction`: a wallet claims the code and learns who asks for what (GS-WAL-04). Of any number of wallets that
//! race for one code, exactly one gets an answer.

use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::linked::{ClientName, LinkTransaction, LinkTransactionRequest, TesseraConfig};
use protocol::timestamp::Timestamp;
use url::Url;

use super::admission::{Admitted, Wallet, admit};
use super::frame::Presented;
use super::{returned, store};
use crate::audit::{Event, EventKind};
use crate::authorization::store::load_id;
use crate::authorization::{Channel, Link, Transaction, TransactionError, auth_factors, configs};
use crate::clients::{self, Client, NO_LANGUAGE};
use crate::clock::{Millis, random};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::flow::{Step, Wait};
use crate::http::envelope::{Body, Reply};
use crate::ids::Kind;
use crate::risk::{Number, Origin};
use crate::state::AppState;
use crate::wait;

/// Characters of an RFC 7638 thumbprint.
const THUMBPRINT: usize = 43;

/// `POST linked-authorization/link-transaction`: the relying party's name as one text.
///
/// # Errors
/// `invalid_link_code` (blank, unknown, expired, claimed, another mount's), `invalid_transaction` (over, or answered
/// otherwise), `invalid_client_id` (no longer active), `invalid_request` (a key that is no thumbprint);
/// `cross_device_refused`, `number_matching_required` where the client's policy does not admit this wallet.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    from: Origin,
    Body(request): Body<LinkTransactionRequest>,
) -> Result<Reply, ApiError> {
    let mut claimed = claim(&state, mount, request, from).await?;
    let name = claimed.client.registration.name.get(NO_LANGUAGE).cloned().unwrap_or_default();
    claimed.answer.client_name = ClientName::Plain(name);
    claimed.answer.credential_scopes = None;
    Reply::of(&claimed.answer)
}

/// `POST linked-authorization/v2/link-transaction`: the relying party's name by language.
///
/// # Errors
/// See [`post`].
pub async fn post_v2(
    State(state): State<AppState>,
    mount: Mount,
    from: Origin,
    Body(request): Body<LinkTransactionRequest>,
) -> Result<Reply, ApiError> {
    Reply::of(&claim(&state, mount, request, from).await?.answer)
}

struct Claimed {
    answer: LinkTransaction,
    client: std::sync::Arc<Client>,
}

async fn claim(
    state: &AppState,
    mount: Mount,
    request: LinkTransactionRequest,
    from: Origin,
) -> Result<Claimed, ApiError> {
    let code = Presented::open(state, &request.link_code)?;
    let wallet = Wallet::of(request.wallet, from);
    must_be_a_thumbprint(wallet.key.as_deref())?;
    // The relying party first: a code is not used up for one that may no longer ask.
    let (transaction, ends_at, channel) = find(state, mount, code.clone()).await?;
    let client = clients::find(state, mount, &transaction.client_id).await?.ok_or(Code::InvalidClientId)?;
    let admitted = admit(state, &client, &transaction, &wallet, channel).await?;
    let (key, terms) = (wallet.key, admitted.terms.clone());
    let nonce = URL_SAFE_NO_PAD.encode(random::<32>(&*state.rng));
    let in_write = state.clone();
    let (link_nonce, made_at) = (nonce.clone(), state.ids.made_at(code.code.id));
    let (linked, transaction, browser) = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (state, now) = (in_write.clone(), in_write.clock.now());
                if ends_at <= now {
                    return Err(Code::InvalidLinkCode.into());
                }
                let claimed = store::claim(tx, mount, &code.code, now).await?.ok_or(Code::InvalidLinkCode)?;
                let (id, channel) = (claimed.transaction_id, claimed.channel());
                let transaction = load_id(&state, tx, id).await?;
                let minted = state.mint(Kind::Linked);
                let (linked, nonce) = (minted.id, link_nonce);
                let link = Link { linked, key, nonce, linked_at: now, channel, response: None, terms, first: None };
                let moved = transaction.link(link, now, &state.config.lifetimes).map_err(TransactionError::from)?;
                crate::authorization::store::save(&state, tx, &moved).await?;
                store::insert_linked(tx, &minted, mount, id, now).await?;
                let event = Event::new(EventKind::LoginLinked, mount).client(&moved.client_id).login(id);
                state.audit.record(tx, event.object(minted.id).reason(channel.name())).await?;
                tx.wake(wait::transaction(id));
                Ok::<_, ApiError>((minted.text, moved, claimed.browser))
            })
        })
        .await?;
    state.flow.count(mount, Step::Scanned);
    state.flow.waited(mount, Wait::Scan, made_at, state.clock.now());
    let answer = answer(state, &client, &transaction, linked, (nonce, browser, admitted));
    Ok(Claimed { answer, client })
}

fn must_be_a_thumbprint(key: Option<&str>) -> Result<(), ApiError> {
    match key {
        Some(key) if key.len() != THUMBPRINT || URL_SAFE_NO_PAD.decode(key).is_err() => {
            Err(Code::InvalidRequest.into())
        }
        _ => Ok(()),
    }
}

/// The transaction of a code, until when what was shown may be claimed, and what kind of code it is.
///
/// A second wallet is refused, and what it tried is remembered: one of the two was shown the code by somebody else.
async fn find(state: &AppState, mount: Mount, code: Presented) -> Result<(Transaction, Millis, Channel), ApiError> {
    let in_read = state.clone();
    let found = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let row = store::code(tx, mount, &code.code).await?.ok_or(Code::InvalidLinkCode)?;
                if row.claimed_at.is_some() {
                    code.known(&in_read, &row, in_read.clock.now())?;
                    return Ok(Err(row.transaction_id));
                }
                let ends_at = code.claimable(&in_read, &row, in_read.clock.now())?;
                Ok::<_, ApiError>(Ok((load_id(&in_read, tx, row.transaction_id).await?, ends_at, row.channel())))
            })
        })
        .await?;
    match found {
        Ok(found) => Ok(found),
        Err(id) => {
            let now = state.clock.now();
            state.store.write(move |tx| Box::pin(store::rescanned(tx, id, now))).await?;
            Err(Code::InvalidLinkCode.into())
        }
    }
}

fn answer(
    state: &AppState,
    client: &Client,
    transaction: &Transaction,
    linked: String,
    (nonce, browser, admitted): (String, Option<String>, Admitted),
) -> LinkTransaction {
    let request = &transaction.request;
    let mut configs = configs(state, client);
    let channel = transaction.stage.link().map(|link| link.channel).unwrap_or_default();
    configs.tessera = Some(TesseraConfig {
        iss: state.issuer(transaction.mount),
        nonce,
        page_origin: Some(state.config.origin().to_owned()),
        rp_domain: domain(&request.redirect_uri),
        client_id: Some(client.id.clone()),
        started_at: Timestamp::from_epoch_ms(transaction.created_at).ok(),
        browser,
        place: admitted.place,
        near: admitted.terms.findings.near,
        match_required: (admitted.terms.number != Number::NotAsked).then_some(true),
        channel: Some(channel.name().into()),
        return_uri: (channel == Channel::SameDevice).then(|| returned::return_uri(state, transaction.mount)),
    });
    LinkTransaction {
        link_transaction_id: linked,
        client_name: ClientName::ByLanguage(client.registration.name.clone()),
        logo_url: client.registration.logo_uri.clone(),
        auth_factors: auth_factors::offered(request, transaction.mount.dialect()),
        authorize_scopes: request.authorize_scopes.clone(),
        essential_claims: request.essential_claims(),
        voluntary_claims: request.voluntary_claims(),
        credential_scopes: Some(Vec::new()),
        configs,
    }
}

/// The domain a web application answers at. An app's own scheme proves none.
fn domain(redirect_uri: &str) -> Option<String> {
    let url = Url::parse(redirect_uri).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    url.host_str().map(str::to_owned)
}
