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

/// Bytes that the blocks of one document may hash together at most. Several blocks may cover one buffer; so many that they make
/// the work of a thousand documents may not.
const MOST_HASHED: usize = 1 << 30;

/// What the blocks of a document may still cost.
pub(super) struct Budget(usize);

impl Budget {
    /// Of a document whose blocks have not been looked at.
    pub(super) fn whole() -> Self {
        Self(MOST_HASHED)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Reason> {
        self.0 = self.0.checked_sub(bytes).ok_or(Reason::TooLarge)?;
        Ok(())
    }
}

/// Whether the hash is that of what is in the block's scope in `holder`; and where that is, from the holder.
pub(super) async fn check(
    keys: &Keys,
    block: &Integrity,
    holder: &Value,
    clear: &Clear,
    buffers: &dyn Buffers,
    budget: &mut Budget,
) -> Result<Vec<Location>, Reason> {
    let algorithm = HashAlgorithm::named(&block.alg).ok_or(Reason::Algorithm)?;
    let scope = Scope::parse(&block.scope)?;
    let mut hash = algorithm.start();
    let found = if block.follow_ref {
        let marked = Marked::of(holder);
        budget.spend(marked.size)?;
        let mut found: Vec<Location> = scope.locate(&marked.both)?.iter().map(place_of_buffer).collect();
        found.sort();
        found.dedup();
        let (node, prefix, urls) = marked.followed();
        let text = canonical(&intermediate(&node, &found))?;
        budget.spend(text.len())?;
        let mut pieces = text.split(prefix.as_str());
        hash.update(pieces.next().unwrap_or_default().as_bytes());
        for piece in pieces {
            let (number, rest) = piece.split_once(';').ok_or(Reason::NotJson)?;
            let url = number.parse::<usize>().ok().and_then(|number| urls.get(number)).ok_or(Reason::NotJson)?;
            if !block.encrypted && clear.is_encrypted(url) {
                let bytes = buffer_in_clear(keys, clear, buffers, url).await?;
                budget.spend(bytes.len())?;
                hash.update(STANDARD.encode(&*bytes).as_bytes());
            } else {
                stream(&mut hash, buffers, url, budget).await?;
            }
            hash.update(rest.as_bytes());
        }
        found
    } else {
        let found = scope.locate(holder)?;
        let text = canonical(&intermediate(holder, &found))?;
        budget.spend(text.len())?;
        hash.update(text.as_bytes());
        found
    };
    if found.is_empty() {
        return Err(Reason::Empty);
    }
    if hash.finish().eq_ignore_ascii_case(&block.hash) { Ok(found) } else { Err(Reason::Hash) }
}

/// Feeds a buffer in base64, piece by piece: it is never whole in memory.
async fn stream(hash: &mut Hash, buffers: &dyn Buffers, url: &str, budget: &mut Budget) -> Result<(), Reason> {
    let mut left: Vec<u8> = Vec::new();
    let mut number = 0;
    while let Some(piece) = buffers.piece(url, number).await? {
        budget.spend(piece.len())?;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protection::NoBuffers;
    use crate::testkit::Kit;

    /// OSIA-INT-08: several blocks over one node, as long as they stay within what a document may cost.
    #[tokio::test]
    async fn osia_int_08_what_blocks_hash_together_is_bounded() {
        let kit = Kit::new().await;
        let node = json!({ "image": "aW1hZ2U=" });
        let of = json!({ "scope": "image", "alg": "SHA256", "hash": "00" });
        let block: Integrity = serde_json::from_value(of).unwrap();
        let clear = super::super::encrypted::open(&kit.state.keys, &node).await.unwrap();
        let mut budget = Budget(50);
        let mut told = Vec::new();
        for _ in 0..3 {
            let checked = check(&kit.state.keys, &block, &node, &clear, &NoBuffers, &mut budget).await;
            told.push(checked.unwrap_err().to_string());
        }
        assert_eq!(told[..2], [Reason::Hash.to_string(), Reason::Hash.to_string()]);
        assert_eq!(told[2], Reason::TooLarge.to_string());
    }
}
