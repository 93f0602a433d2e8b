//! `GET /account`: consents with their receipts, one block for each relying party, and the wallets.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::answer::{Refusal, language, show};
use super::session::{self, Session};
use crate::binding::devices;
use crate::clients;
use crate::clock::Millis;
use crate::consents::{self, Receipt};
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::pages::{AccountPage, DeviceView, Frame, GivenView, Language, ReceiptView, SessionView, SignedOutPage};
use crate::state::AppState;

/// `GET /account`; for those who are not signed in, the way in.
pub async fn get(State(state): State<AppState>, headers: HeaderMap) -> Response {
    page(&state, &headers).await.unwrap_or_else(|refusal| refusal.page(&state, &headers))
}

async fn page(state: &AppState, headers: &HeaderMap) -> Result<Response, Refusal> {
    let language = language(state, headers);
    let frame = Frame { language };
    let Some(session) = session::of(state, headers).await? else {
        return Ok(show(&SignedOutPage { frame }, StatusCode::OK));
    };
    let sessions = session.of_same_person(state).await?.into_iter().map(|listed| SessionView {
        id: listed.name,
        since: crate::http::envelope::format_time(listed.began_at),
        current: listed.current,
    });
    let sessions = sessions.collect();
    let Session { person, csrf, .. } = session;
    let mut given = Vec::new();
    for ((mount, client_id), receipts) in by_client(consents::of_person(state, person).await?) {
        given.push(view(state, language, mount, &client_id, &receipts).await?);
    }
    // Those that hold first; among them the newest first, as they came.
    given.sort_by_key(|given| !given.stands);
    let devices = devices::of_person(state, person).await?.into_iter().map(|device| DeviceView {
        id: device.device_id,
        name: device.name,
        since: device.created_date_time.to_string(),
        revoked: device.revoked,
        security: device.key_security,
    });
    Ok(show(&AccountPage { frame, csrf, given, devices: devices.collect(), sessions }, StatusCode::OK))
}

/// The receipts of each relying party's client; newest first, as they come.
fn by_client(receipts: Vec<Receipt>) -> Vec<((Mount, String), Vec<Receipt>)> {
    let mut groups: Vec<((Mount, String), Vec<Receipt>)> = Vec::new();
    for receipt in receipts {
        let place = groups.iter().position(|((mount, id), _)| *mount == receipt.mount && *id == receipt.client_id);
        match place.and_then(|place| groups.get_mut(place)) {
            Some((_, group)) => group.push(receipt),
            None => groups.push(((receipt.mount, receipt.client_id.clone()), vec![receipt])),
        }
    }
    groups
}

async fn view(
    state: &AppState,
    language: Language,
    mount: Mount,
    client_id: &str,
    receipts: &[Receipt],
) -> Result<GivenView, Refusal> {
    let client = clients::find_any(state, mount, client_id).await?;
    let now = state.clock.now();
    let standing = receipts.iter().find(|receipt| receipt.stands(now));
    Ok(GivenView {
        name: client.map_or_else(|| client_id.to_owned(), |client| client.name_in(language.tag()).to_owned()),
        stands: standing.is_some(),
        id: standing.or(receipts.first()).map(|receipt| state.ids.name(Kind::Consent, receipt.id)).unwrap_or_default(),
        receipts: receipts.iter().map(|receipt| receipt_view(state, language, receipt, now)).collect(),
    })
}

fn receipt_view(state: &AppState, language: Language, receipt: &Receipt, now: Millis) -> ReceiptView {
    let time = crate::http::envelope::format_time;
    ReceiptView {
        id: state.ids.name(Kind::Consent, receipt.id),
        claims: ReceiptView::claims(&receipt.claims, language),
        scopes: receipt.scopes.clone(),
        signed: receipt.is_signed(),
        stands: receipt.stands(now),
        given: time(receipt.given_at),
        expires: receipt.expires_at.map(time),
        withdrawn: receipt.withdrawn_at.map(time),
    }
}
