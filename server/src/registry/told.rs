//! What others are told of persons (OSIA notification 1.2.0, event types): a UIN, and what kind of thing happened.

use super::model::{Fault, IdentifierKind, PersonId};
use super::{sealed, store};
use crate::claims::untagged;
use crate::events::{self, Event};
use crate::state::AppState;
use crate::store::Tx;

/// Claims that are a person's name.
const NAMES: [&str; 4] = ["name", "given_name", "family_name", "middle_name"];

/// The person's UIN, in the caller's transaction.
pub(super) async fn uin(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<Option<String>, Fault> {
    let rows = store::identifiers(tx, person).await?;
    let uin = rows.iter().find(|(kind, _)| *kind == IdentifierKind::Uin);
    Ok(uin.map(|(_, sealed)| sealed::open_identifier(state, person, sealed)).transpose()?)
}

/// A person is in the registry. Nobody is told of one who has no UIN: there is nothing to tell.
pub(super) async fn of_new(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), Fault> {
    if let Some(uin) = uin(state, tx, person).await? {
        events::publish(state, tx, &Event::NewPerson { uin }).await?;
    }
    Ok(())
}

/// These attributes of a person changed; `died`: the date of death was not known before.
pub(super) async fn of_change(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    changed: &[String],
    died: bool,
) -> Result<(), Fault> {
    let Some(uin) = uin(state, tx, person).await? else { return Ok(()) };
    let any = |names: &[&str]| changed.iter().any(|name| names.contains(&untagged(name)));
    let mut all = vec![Event::UpdatePerson { uin: uin.clone() }];
    if any(&NAMES) {
        all.push(Event::ChangeOfName { uin: uin.clone() });
    }
    if any(&["gender"]) {
        all.push(Event::ChangeOfGender { uin: uin.clone() });
    }
    if died {
        all.push(Event::Death { uin });
    }
    for event in &all {
        events::publish(state, tx, event).await?;
    }
    Ok(())
}
