//! A whole document: opened, each of its blocks checked, and held against the client's policy.

use std::collections::BTreeSet;

use serde_json::Value;

use super::blocks::{Integrity, SignatureType, integrity_of};
use super::buffers::Buffers;
use super::encrypted::{Clear, has_cms, is_hidden, is_ours, open};
use super::fault::{Fault, Reason};
use super::integrity::Budget;
use super::references::Marked;
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
    /// Whether its hash is over the data as it was before it was encrypted.
    pub(super) over_clear: bool,
    /// Whether its hash is over the content of buffers that it refers to.
    pub(super) follows: bool,
    /// What it covers; a reference that was followed is told as the place of its buffer.
    pub(super) covers: BTreeSet<Location>,
}

/// Blocks of a document at most: each costs hashing, and a signature.
const MOST_BLOCKS: usize = 256;
/// Steps to all that the blocks of a document cover, together, at most: it is remembered until the policy was held.
const MOST_COVERED: usize = 1_000_000;

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
    if by_policy {
        return verify_enrollment(state, client, document, None, buffers).await;
    }
    Ok(blocks(state, client, document, &[], buffers).await?.0)
}

/// The same for an enrollment, by its client's policy. Signatures of blocks that stand in `before` as they are were checked
/// when they came, by the keys of whoever sent them: only their hashes are checked again.
///
/// # Errors
/// [`Fault`] with the place of what is wrong.
pub async fn verify_enrollment(
    state: &AppState,
    client: &Client,
    document: &Value,
    before: Option<&Value>,
    buffers: &dyn Buffers,
) -> Result<Clear, Fault> {
    let mut known = Vec::new();
    for holder in before.map(holders::of_integrity).unwrap_or_default() {
        let node = before.and_then(|before| at(before, &holder)).unwrap_or(&Value::Null);
        known.extend(integrity_of(node).unwrap_or_default());
    }
    let (clear, held) = blocks(state, client, document, &known, buffers).await?;
    if let Some(policy) = &client.enrollment_policy {
        policy::check(policy, &clear, &held)?;
    }
    Ok(clear)
}

/// Opens a document and checks its blocks. What is encrypted so that nobody would notice a change must be in the scope of one.
async fn blocks(
    state: &AppState,
    client: &Client,
    document: &Value,
    known: &[Integrity],
    buffers: &dyn Buffers,
) -> Result<(Clear, Vec<Held>), Fault> {
    let envelope = || Reason::Envelope.at("encryption");
    match each_block(state, client, document, known, buffers).await {
        Ok((clear, held)) if !clear.closed && is_proven(&clear, &held) => Ok((clear, held)),
        Ok(_) => Err(envelope()),
        // These tell something of what was encrypted.
        Err(Fault { reason: Reason::Encrypted | Reason::NotJson | Reason::Hash | Reason::Empty, .. })
            if has_cms(document) =>
        {
            Err(envelope())
        }
        Err(fault) => Err(fault),
    }
}

fn is_proven(clear: &Clear, held: &[Held]) -> bool {
    if clear.unproven.is_empty() {
        return true;
    }
    let both = Marked::of(&clear.document).both;
    let covered = |followed: bool| -> BTreeSet<Location> {
        let over = held.iter().filter(|block| block.over_clear && (block.follows || !followed));
        over.flat_map(|block| block.covers.iter().cloned()).collect()
    };
    let (any, followed) = (covered(false), covered(true));
    let proven = |(place, is_uploaded): &(Location, bool)| {
        policy::covers(if *is_uploaded { &followed } else { &any }, place, &both)
    };
    clear.unproven.iter().all(proven)
}

async fn each_block(
    state: &AppState,
    client: &Client,
    document: &Value,
    known: &[Integrity],
    buffers: &dyn Buffers,
) -> Result<(Clear, Vec<Held>), Fault> {
    let clear = open(&state.keys, document).await?;
    let (mut held, mut budget) = (Vec::new(), Budget::whole());
    let mut room = MOST_COVERED;
    for holder in holders::of_integrity(&clear.document) {
        let hidden = is_hidden(&clear, document, &holder);
        let told = |reason: Reason, place: String| match reason.at(place) {
            // It tells of what was in there.
            fault if hidden && !is_ours(&fault) => Reason::Envelope.at("encryption"),
            fault => fault,
        };
        let place =
            |number: usize| [holder.as_slice(), &[Step::Member("integrity".into()), Step::Element(number)]].concat();
        let node = at(&clear.document, &holder).unwrap_or(&Value::Null);
        let blocks = integrity_of(node).map_err(|reason| told(reason, format!("{}.integrity", shown(&holder))))?;
        for (number, block) in blocks.iter().enumerate() {
            let place = place(number);
            let fault = |reason: Reason| told(reason, shown(&place));
            if held.len() == MOST_BLOCKS {
                return Err(fault(Reason::Block));
            }
            // Over encrypted data: as it came.
            let node = if block.encrypted { at(document, &holder).unwrap_or(&Value::Null) } else { node };
            let covers =
                integrity::check(&state.keys, block, node, &clear, buffers, &mut budget).await.map_err(fault)?;
            if block.kind != SignatureType::None && !known.contains(block) {
                signed(state, client, block, buffers).await.map_err(fault)?;
            }
            let steps = covers.iter().map(|within| holder.len() + within.len() + 1).sum();
            room = room.checked_sub(steps).ok_or_else(|| fault(Reason::Crowded))?;
            let covers = covers.into_iter().map(|within| [holder.clone(), within].concat()).collect();
            let (over_clear, follows) = (!block.encrypted, block.follow_ref);
            held.push(Held { place, kind: block.kind, over_clear, follows, covers });
        }
    }
    Ok((clear, held))
}

async fn signed(state: &AppState, client: &Client, block: &Integrity, buffers: &dyn Buffers) -> Result<(), Reason> {
    let signature = signature::of(block, buffers).await?;
    let kid = signature::kid(block, &signature);
    let of_client = clients::signature_keys(state, client, kid.as_deref()).await.map_err(|_| Reason::NoKeys)?;
    signature::check(&state.keys, block, &signature, &of_client)
}

/// A document in the clear, to be processed. Nothing is checked: that was done when it came.
///
/// # Errors
/// [`Fault`] where it does not open: the key was dropped meanwhile.
pub async fn clear(state: &AppState, document: &Value) -> Result<Clear, Fault> {
    let clear = open(&state.keys, document).await?;
    if clear.closed { Err(Reason::Envelope.at("encryption")) } else { Ok(clear) }
}
