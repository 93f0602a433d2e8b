//! Attribute sets that come signed or encrypted: opened by the keys that this server publishes, and each of their integrity
//! blocks checked, with signatures by keys that the caller registered (GS-VAP-05, GS-VAP-06).

use serde_json::Value;

use super::model::AttributeSet;
use crate::clients::Client;
use crate::osia::{Refusal, Strict};
use crate::protection::{self, NoBuffers};
use crate::state::AppState;

/// The attributes of a body in the clear. They may refer to no buffer: none can be uploaded for them.
///
/// # Errors
/// [`Refusal::Bad`] where it is no attribute set, or what protects it does not hold; [`Refusal::Unavailable`].
pub(super) async fn open(state: &AppState, client: &Client, body: Value) -> Result<AttributeSet, Refusal> {
    if !body.is_object() {
        // serde would take a list for an object.
        return Err(Refusal::bad("the attribute set is not an object"));
    }
    let clear = protection::verify(state, client, &body, &NoBuffers, false).await?;
    Ok(Strict::value(clear.document, "the attribute set")?.0)
}
