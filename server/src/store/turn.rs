//! Turns of those who write what may be there once only, where no index of the database keeps it so.

use super::{StoreError, Tx};

/// Waits until nobody else is between looking and writing, and keeps others from it until this transaction ends: whoever adds
/// persons, who may be the same; and while the secret that hashes is replaced, whoever writes under one of two hashes what
/// must not be there under the other. One turn for all of them, so that no two wait for each other.
///
/// # Errors
/// [`StoreError`].
pub async fn take_turn(tx: &mut Tx) -> Result<(), StoreError> {
    crate::execute!(tx, "UPDATE uniqueness_turn SET turns = turns + 1 WHERE id = 1")?;
    Ok(())
}
