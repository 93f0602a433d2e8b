//! `/wallet/consents/*`: a person's consents, seen and withdrawn from any of the person's wallets.

use std::collections::BTreeMap;

use axum::extract::State;
use protocol::consents::{Consent, List, ListRequest, WithdrawRequest, Withdrawn};

use crate::authorization::withdrawal;
use crate::binding::Signed;
use crate::clients;
use crate::consents;
use crate::error::{ApiError, Code};
use crate::http::envelope::{Reply, timestamp};
use crate::ids::Kind;
use crate::state::AppState;

/// `POST /wallet/consents/list`: newest first.
///
/// # Errors
/// `invalid_wallet_token`.
pub async fn list(State(state): State<AppState>, caller: Signed<ListRequest>) -> Result<Reply, ApiError> {
    let ListRequest {} = caller.request;
    let mut names = BTreeMap::new();
    let mut given = Vec::new();
    for receipt in consents::of_person(&state, caller.key.person).await? {
        let client = (receipt.mount, receipt.client_id.clone());
        if !names.contains_key(&client) {
            let found = clients::find_any(&state, receipt.mount, &receipt.client_id).await?;
            // Without a language: the name that is in none.
            let name = found.map_or_else(|| receipt.client_id.clone(), |found| found.name_in("").to_owned());
            names.insert(client.clone(), name);
        }
        given.push(Consent {
            consent_id: state.ids.name(Kind::Consent, receipt.id),
            client_name: names.get(&client).cloned().unwrap_or_default(),
            issuer: state.issuer(receipt.mount),
            signed: receipt.is_signed(),
            rests_on: receipt.rests_on.map(|earlier| state.ids.name(Kind::Consent, earlier)),
            given_date_time: timestamp(receipt.given_at)?,
            expire_date_time: receipt.expires_at.map(timestamp).transpose()?,
            withdrawn_date_time: receipt.withdrawn_at.map(timestamp).transpose()?,
            client_id: receipt.client_id,
            claims: receipt.claims,
            scopes: receipt.scopes,
        });
    }
    Reply::of(&List { consents: given })
}

/// `POST /wallet/consents/withdraw`: see [`withdrawal::withdraw`].
///
/// # Errors
/// `invalid_wallet_token`, `invalid_consent_id` for anything but a consent of this person.
pub async fn withdraw(State(state): State<AppState>, caller: Signed<WithdrawRequest>) -> Result<Reply, ApiError> {
    let consent_id = caller.request.consent_id;
    let id = state.ids.named(Kind::Consent, &consent_id).ok_or(Code::InvalidConsentId)?;
    let withdrawn = withdrawal::withdraw(&state, caller.key.person, id).await?.ok_or(Code::InvalidConsentId)?;
    Reply::of(&Withdrawn { consent_id, withdrawn_date_time: timestamp(withdrawn.at)? })
}
