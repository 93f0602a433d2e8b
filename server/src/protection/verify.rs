//! A whole document: opened, each of its blocks checked, and held against the client's policy.

use serde_json::Value;

use super::blocks::{Integrity, SignatureType, integrity_of};
use super::buffers::Buffers;
use super::encrypted::{Clear, open};
use super::fault::{Fault, Reason};
use super::scope::{Location, Step, at, shown};
use super::{holders, integrity, policy, signature};
use crate::clients::{self, Client};
use crate::state::AppState;

/// An integrity block that holds.
pub(super) struct Held {
    /// Where it is.
    pub(super) place: Location,
    /// How it is signed.
    pub(super) kind: SignatureType,
    /// What it covers; a reference that was followed is told as the place of its buffer.
    pub(super) covers: Vec<Location>,
}

/// Blocks of a document at most: each costs hashing, and a signature.
const MOST_BLOCKS: usize = 256;

/// Opens a document, and checks every integrity block in it, with their signatures by keys that this client has registered
/// now. A document without blocks is good. Where `by_policy`, the client's policy for enrollments is held too.
///
/// What it returns is in the clear: to be looked at, and not to be kept where the document came encrypted.
///
/// # Errors
/// [`Fault`] with the place of what is wrong.
pub async fn verify(
    state: &AppState,
    client: &Client,
    document: &Value,
    buffers: &dyn Buffers,
    by_policy: bool,
) -> Result<Clear, Fault> {
    let clear = open(&state.keys, document).await?;
    let mut held = Vec::new();
    for holder in holders::of_integrity(&clear.document) {
        let place =
            |number: usize| [holder.as_slice(), &[Step::Member("integrity".into()), Step::Element(number)]].concat();
        let node = at(&clear.document, &holder).unwrap_or(&Value::Null);
        let blocks = integrity_of(node).map_err(|reason| reason.at(format!("{}.integrity", shown(&holder))))?;
        for (number, block) in blocks.iter().enumerate() {
            let place = place(number);
            if held.len() == MOST_BLOCKS {
                return Err(Reason::Block.at(shown(&place)));
            }
            // Over encrypted data: as it came.
            let node = if block.encrypted { at(document, &holder).unwrap_or(&Value::Null) } else { node };
            let checked = one(state, client, block, node, &clear, buffers).await;
            let covers = checked.map_err(|reason| reason.at(shown(&place)))?;
            let covers = covers.into_iter().map(|within| [holder.clone(), within].concat()).collect();
            held.push(Held { place, kind: block.kind, covers });
        }
    }
    if by_policy && let Some(policy) = &client.enrollment_policy {
        policy::check(policy, &clear, &held)?;
    }
    Ok(clear)
}

async fn one(
    state: &AppState,
    client: &Client,
    block: &Integrity,
    holder: &Value,
    clear: &Clear,
    buffers: &dyn Buffers,
) -> Result<Vec<Location>, Reason> {
    let covers = integrity::check(&state.keys, block, holder, clear, buffers).await?;
    if block.kind != SignatureType::None {
        let signed = signature::of(block, buffers).await?;
        let kid = signature::kid(block, &signed);
        let of_client = clients::signature_keys(state, client, kid.as_deref()).await.map_err(|_| Reason::NoKeys)?;
        signature::check(&state.keys, block, &signed, &of_client)?;
    }
    Ok(covers)
}

/// A document in the clear, to be processed. Nothing is checked: that was done when it came.
///
/// # Errors
/// [`Fault`] where it does not open: the key was dropped meanwhile.
pub async fn clear(state: &AppState, document: &Value) -> Result<Clear, Fault> {
    open(&state.keys, document).await
}
