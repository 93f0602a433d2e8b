//! Writing one line of a file, each by the room whose it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::line::{Chunk, Line, Subject};
use super::names;
use crate::authorization::{TransactionError, remembered};
use crate::enrollment::{self, buffer};
use crate::error::ApiError;
use crate::events::Unreadable;
use crate::keys::KeyError;
use crate::osia::Refusal;
use crate::registry::subjects::{self, Imported};
use crate::registry::{self, PersonId};
use crate::state::AppState;
use crate::store::Tx;
use crate::verification::identify;
use crate::{
    audit, binding, clients, consents, events, factors, identity, inbox, notifications, population, statistics,
};

/// Writes what a line says.
///
/// # Errors
/// [`Refusal::Bad`] where it cannot be so, [`Refusal::Unavailable`] where the database fails.
pub async fn settle(state: &AppState, tx: &mut Tx, line: Line) -> Result<(), Refusal> {
    match line {
        Line::Head(_) | Line::End { .. } => Ok(()),
        Line::Names(carried) => names::settle(state, tx, &carried).await,
        Line::EncryptionKey(carried) => state.keys.settle(tx, &carried).await.map_err(|error| match error {
            KeyError::Store(error) => error.into(),
            _ => Refusal::bad("the key cannot be used"),
        }),
        Line::Client(carried) => clients::settle(state, tx, &carried).await,
        Line::Number(carried) => Ok(registry::settle_number(state, tx, &carried).await?),
        Line::Person(carried) => Ok(registry::settle(state, tx, &carried).await?),
        Line::Population { person, kept } => population::keep(state, tx, PersonId(person), &kept).await,
        Line::Pin(carried) => factors::settle(state, tx, &carried).await,
        Line::Wallet(carried) => binding::settle(state, tx, &carried).await,
        Line::Subject(carried) => subject(state, tx, &carried).await,
        Line::Receipt(carried) => Ok(consents::settle(state, tx, &carried).await?),
        Line::Remembered(carried) => {
            let settled = remembered::settle(state, tx, &carried).await;
            settled.map_err(|error: TransactionError| ApiError::from(error).into())
        }
        Line::Question(carried) => inbox::settle(state, tx, &carried).await,
        Line::Enrollment(carried) => enrollment::settle(state, tx, &carried).await,
        Line::Task(carried) => identity::settle(state, tx, &carried).await,
        Line::Buffer(carried) => buffer::settle(state, tx, &carried).await,
        Line::Chunk(Chunk { buffer, place, data }) => {
            let clear = STANDARD.decode(Zeroizing::new(data)).map(Zeroizing::new);
            let clear = clear.map_err(|_| Refusal::bad("the chunk is not base64"))?;
            buffer::settle_chunk(state, tx, buffer, place, &clear).await
        }
        Line::Watched(carried) => identify::settle(state, tx, &carried).await,
        Line::Topic(carried) => notifications::settle_topic(tx, &carried).await,
        Line::Subscription(carried) => notifications::settle_subscription(state, tx, &carried).await,
        Line::Happened(carried) => events::settle(state, tx, &carried).await.map_err(|error| match error {
            Unreadable::Store(error) => error.into(),
            Unreadable::Sealed(error) => error.into(),
        }),
        Line::Delivery(carried) => Ok(notifications::settle_delivery(tx, &carried).await?),
        Line::Day(carried) => Ok(statistics::settle_day(state, tx, &carried).await?),
        Line::Home(carried) => Ok(statistics::settle_home(state, tx, &carried).await?),
        Line::Event(carried) => Ok(audit::settle(&state.audit, tx, &carried).await?),
        Line::Case(carried) => {
            let subject = carried.person.map(|person| state.audit.subject(person));
            Ok(audit::settle_case(tx, &carried, subject).await?)
        }
    }
}

async fn subject(state: &AppState, tx: &mut Tx, carried: &Subject) -> Result<(), Refusal> {
    let Subject { person, relying_party_id, subject } = carried;
    let person = PersonId(*person);
    if registry::subject(state, person, relying_party_id) == *subject {
        // The same secret: it is derived here as it was there, and found again by what is kept of it.
        return Ok(subjects::told(state, tx, person, relying_party_id).await?);
    }
    match subjects::import(tx, relying_party_id, person, subject).await? {
        Imported::Added | Imported::Present => Ok(()),
        Imported::Taken => Err(Refusal::bad("another person has this subject")),
        Imported::Malformed => Err(Refusal::bad("the subject is malformed")),
    }
}
