//! A question is asked: at most one of a client to a person at a time, none for a while after a no.

use super::model::{Asked, Content};
use super::{HOUR, context, holder, store};
use crate::audit::{Event, EventKind};
use crate::clients::Client;
use crate::clock::Millis;
use crate::osia::Refusal;
use crate::registry::PersonId;
use crate::secrets::Purpose;
use crate::state::AppState;

const DECLINED: &str = "the person said no to a question of this client: it may ask again once the seconds of the header \
                        retry-after are over";
const FULL: &str = "the person has as many open questions as anybody may have: ask once the seconds of the header \
                    retry-after are over, when some are answered";

/// A question that was written down.
pub(super) struct Written {
    pub(super) id: i64,
    pub(super) expires_at: Millis,
}

/// Writes a question down for the person's wallets to find.
///
/// # Errors
/// [`Refusal::Conflict`] where one is open, [`Refusal::TooMany`] after a no and where the person has many open,
/// [`Refusal::Unavailable`].
pub(super) async fn ask(
    state: &AppState,
    client: &Client,
    person: PersonId,
    asked: Vec<Asked>,
    purpose: String,
    lasts: Millis,
) -> Result<Written, Refusal> {
    let now = state.clock.now();
    let (id, expires_at) = (state.next_id(), now + lasts);
    let content = serde_json::to_vec(&Content { person, asked, purpose })
        .map_err(|_| Refusal::bad("the request cannot be kept"))?;
    let content = state.secrets.seal(Purpose::Consents, &context(id), &content, &*state.rng)?;
    let between =
        store::Between { holder: holder(state, person), mount: client.mount.name(), client_id: client.id.clone() };
    let (mount, inner) = (client.mount, state.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let limits = &inner.config.inbox;
                store::end_expired(tx, &between, now).await?;
                if store::count_open(tx, &between.holder, now).await? >= i64::from(limits.open_per_person) {
                    return Err(Refusal::TooMany(seconds(HOUR), FULL));
                }
                if !store::insert(tx, id, &between, &content, expires_at).await? {
                    return Err(Refusal::Conflict(
                        "a question to this person is open; wait for its answer or take it back",
                    ));
                }
                // Looked for last: a no that came at the same moment let go of the question that this one waited for.
                let pause = Millis::from(limits.pause_hours) * HOUR;
                if let Some(at) = store::declined_since(tx, &between, now - pause).await? {
                    return Err(Refusal::TooMany(seconds(at + pause - now), DECLINED));
                }
                let event = Event::new(EventKind::QuestionAsked, mount).client(&between.client_id);
                inner.audit.record(tx, event.person(person.0).object(id)).await?;
                Ok(Written { id, expires_at })
            })
        })
        .await
}

fn seconds(millis: Millis) -> u32 {
    u32::try_from(millis.max(0) / 1000 + 1).unwrap_or(u32::MAX)
}
