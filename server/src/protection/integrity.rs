//! The hash of an integrity block, computed again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::blocks::{Hash, HashAlgorithm, Integrity};
use super::buffers::Buffers;
use super::canonical::{canonical, intermediate};
use super::encrypted::{Clear, buffer_in_clear};
use super::fault::Reason;
use super::references::{Marked, place_of_buffer};
use super::scope::{Location, Scope};
use crate::keys::Keys;

/// Whether the hash is that of what is in the block's scope in `holder`; and where that is, from the holder.
pub(super) async fn check(
    keys: &Keys,
    block: &Integrity,
    holder: &Value,
    clear: &Clear,
    buffers: &dyn Buffers,
) -> Result<Vec<Location>, Reason> {
    let algorithm = HashAlgorithm::named(&block.alg).ok_or(Reason::Algorithm)?;
    let scope = Scope::parse(&block.scope)?;
    let mut hash = algorithm.start();
    let found = if block.follow_ref {
        let marked = Marked::of(holder);
        let mut found: Vec<Location> = scope.locate(&marked.both)?.iter().map(place_of_buffer).collect();
        found.sort();
        found.dedup();
        let (node, prefix, urls) = marked.followed();
        let text = canonical(&intermediate(&node, &found))?;
        let mut pieces = text.split(prefix.as_str());
        hash.update(pieces.next().unwrap_or_default().as_bytes());
        for piece in pieces {
            let (number, rest) = piece.split_once(';').ok_or(Reason::NotJson)?;
            let url = number.parse::<usize>().ok().and_then(|number| urls.get(number)).ok_or(Reason::NotJson)?;
            if !block.encrypted && clear.is_encrypted(url) {
                let bytes = buffer_in_clear(keys, clear, buffers, url).await?;
                hash.update(STANDARD.encode(&*bytes).as_bytes());
            } else {
                stream(&mut hash, buffers, url).await?;
            }
            hash.update(rest.as_bytes());
        }
        found
    } else {
        let found = scope.locate(holder)?;
        hash.update(canonical(&intermediate(holder, &found))?.as_bytes());
        found
    };
    if found.is_empty() {
        return Err(Reason::Empty);
    }
    if hash.finish().eq_ignore_ascii_case(&block.hash) { Ok(found) } else { Err(Reason::Hash) }
}

/// Feeds a buffer in base64, piece by piece: it is never whole in memory.
async fn stream(hash: &mut Hash, buffers: &dyn Buffers, url: &str) -> Result<(), Reason> {
    let mut left: Vec<u8> = Vec::new();
    let mut number = 0;
    while let Some(piece) = buffers.piece(url, number).await? {
        left.extend_from_slice(&piece);
        // Three bytes make four letters.
        let even = left.len() - left.len() % 3;
        hash.update(STANDARD.encode(&left[..even]).as_bytes());
        left.drain(..even);
        number += 1;
    }
    hash.update(STANDARD.encode(&left).as_bytes());
    Ok(())
}
