//! `GET /account`: consents with their receipts, one block for each relying party, and the wallets.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::answer::{Refusal, language};
use super::session::{self, Session};
use crate::binding::devices;
use crate::clients;
use crate::clock::Millis;
use crate::consents::{self, Receipt};
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::pages::{
    AccountPage, DeviceView, Frame, GivenView, Language, LoginView, ReceiptView, SessionView, SignedOutPage, show,
};
use crate::registry::PersonId;
use crate::sessions;
use crate::state::AppState;

/// `GET /account`; for those who are not signed in, the way in.
pub async fn get(State(state): State<AppState>, headers: HeaderMap) -> Response {
    page(&state, &headers).await.unwrap_or_else(|refusal| refusal.page(&state, &headers))
}

async fn page(state: &AppState, headers: &HeaderMap) -> Result<Response, Refusal> {
    let language = language(state, headers);
    let frame = Frame { language };
    let Some(session) = session::of(state, headers).await? else {
        return Ok(show(&SignedOutPage { frame }, |html| html));
    };
    let sessions = session.of_same_person(state).await?.into_iter().map(|listed| SessionView {
        id: listed.name,
        since: crate::http::envelope::format_time(listed.began_at),
        current: listed.current,
    });
    let sessions = sessions.collect();
    let Session { person, csrf, .. } = session;
    let logins = logins(state, headers, language, person).await?;
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
    Ok(show(&AccountPage { frame, csrf, given, devices: devices.collect(), logins, sessions }, |html| html))
}

/// Where the person is logged in, at all issuers that keep sessions.
async fn logins(
    state: &AppState,
    headers: &HeaderMap,
    language: Language,
    person: PersonId,
) -> Result<Vec<LoginView>, Refusal> {
    let mut current = Vec::new();
    for mount in Mount::ISSUERS {
        current.extend(sessions::find(state, mount, headers).await?.map(|session| session.row));
    }
    let mut logins = Vec::new();
    for listed in sessions::of_person(state, person).await? {
        let mut services = Vec::new();
        for client_id in &listed.clients {
            services.push(name_of(state, language, listed.session.mount, client_id).await?);
        }
        logins.push(LoginView {
            id: listed.name,
            since: crate::http::envelope::format_time(listed.began_at),
            services,
            current: current.contains(&listed.session.row),
        });
    }
    Ok(logins)
}

/// A client's name for people, also where it is not active any more.
async fn name_of(state: &AppState, language: Language, mount: Mount, client_id: &str) -> Result<String, Refusal> {
    if let Some(client) = clients::find(state, mount, client_id).await? {
        return Ok(client.name_in(language.tag()).to_owned());
    }
    let gone = clients::find_any(state, mount, client_id).await?;
    Ok(gone.map_or_else(|| client_id.to_owned(), |client| client.name_in(language.tag()).to_owned()))
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
    let now = state.clock.now();
    let standing = receipts.iter().find(|receipt| receipt.stands(now));
    Ok(GivenView {
        name: name_of(state, language, mount, client_id).await?,
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
