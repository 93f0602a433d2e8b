//! Opening what is encrypted for this server, node by node.
//!
//! OSIA leaves open what exactly is encrypted. Here: of a buffer (`image`, `template`, `data`) its bytes; of any other node
//! its JSON text, canonical or not. A JWE stands in the document as it is, CMS in base64 or PEM; in an uploaded buffer a
//! JWE as it is, CMS in DER or PEM.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zeroize::Zeroizing;

use super::blocks::{EncryptionType, encryption_of};
use super::buffers::{Buffers, whole};
use super::fault::{Fault, Reason};
use super::holders::{of_encryption, reference_to};
use super::references::{Marked, place_of_buffer};
use super::scope::{Location, Scope, Step, at, at_mut, shown};
use super::signature::der_of;
use crate::keys::{Keys, notices_change};
use crate::osia::twice;

/// Bytes of an encrypted buffer at most: it is opened as a whole, in memory.
pub(super) const LARGEST: usize = 32 * 1024 * 1024;

/// A document in the clear.
#[derive(Debug)]
pub struct Clear {
    /// As it was before it was encrypted; its `encryption` blocks are still there.
    pub document: Value,
    /// Where it was encrypted; a reference is told as the place of its buffer.
    pub(super) opened: Vec<Location>,
    /// What was encrypted in a way that notices no change (CMS EnvelopedData), and whether it is a buffer that was uploaded:
    /// it is good only where an integrity block over the clear text holds.
    pub(super) unproven: Vec<(Location, bool)>,
    /// Whether some of that did not open. All else is done as if it had: who saw the difference, if only by how long it takes,
    /// would learn what is encrypted, bit by bit.
    pub(super) closed: bool,
    /// The buffers that are encrypted, by the URL that the document has.
    pub(super) urls: BTreeMap<String, EncryptionType>,
}

impl Clear {
    /// The URLs of buffers that are encrypted.
    pub fn encrypted_buffers(&self) -> impl Iterator<Item = &str> {
        self.urls.keys().map(String::as_str)
    }

    /// Whether the buffer with this URL is encrypted.
    #[must_use]
    pub fn is_encrypted(&self, url: &str) -> bool {
        self.urls.contains_key(url)
    }
}

/// Whether anything in a document is said to be encrypted as CMS.
pub(super) fn has_cms(document: &Value) -> bool {
    let holders = of_encryption(document);
    let blocks = holders.iter().filter_map(|holder| encryption_of(at(document, holder)?).ok()?);
    blocks.into_iter().any(|block| block.kind == EncryptionType::Pkcs7)
}

/// Opens what the document itself holds. Buffers that it refers to are opened where they are needed.
pub(super) async fn open(keys: &Keys, document: &Value) -> Result<Clear, Fault> {
    let mut clear = Clear {
        document: document.clone(),
        opened: Vec::new(),
        unproven: Vec::new(),
        closed: false,
        urls: BTreeMap::new(),
    };
    open_holder(keys, &mut clear, &Vec::new()).await?;
    // What the root's block opened may hold blocks of its own.
    for holder in of_encryption(&clear.document) {
        if holder.is_empty() {
            continue;
        }
        match open_holder(keys, &mut clear, &holder).await {
            // It tells of what was in there.
            Err(fault) if is_hidden(&clear, document, &holder) && !is_ours(&fault) => clear.closed = true,
            opened => opened?,
        }
    }
    Ok(clear)
}

/// Whether an object was encrypted in a way that notices no change.
pub(super) fn is_hidden(clear: &Clear, document: &Value, holder: &[Step]) -> bool {
    !clear.unproven.is_empty() && at(document, holder).is_none()
}

/// Whether a fault is this server's, or that of a client's own.
pub(super) fn is_ours(fault: &Fault) -> bool {
    matches!(fault.reason, Reason::Unavailable | Reason::NoKeys)
}

async fn open_holder(keys: &Keys, clear: &mut Clear, holder: &Location) -> Result<(), Fault> {
    let place = || format!("{}.encryption", shown(holder));
    let fault = |reason: Reason| reason.at(place());
    let Some(node) = at(&clear.document, holder) else { return Ok(()) };
    let Some(block) = encryption_of(node).map_err(fault)? else { return Ok(()) };
    let marked = Marked::of(node);
    let scope = Scope::parse(&block.scope).map_err(fault)?;
    let mut found = scope.locate_each(&marked.both).map_err(fault)?;
    if found.iter().any(Vec::is_empty) {
        return Err(Reason::Empty.at(place()));
    }
    let mut found = found.iter_mut().flat_map(std::mem::take).collect::<Vec<_>>();
    found.sort();
    found.dedup();
    for within in found {
        let whole_place: Location = [holder.as_slice(), within.as_slice()].concat();
        let fault = |reason: Reason| reason.at(shown(&whole_place));
        let value = at(&marked.both, &within).ok_or_else(|| fault(Reason::Empty))?;
        let referred = marked.url(value).or_else(|| is_reference(&within).then(|| value.as_str()).flatten());
        if let Some(url) = referred {
            clear.urls.insert(url.to_owned(), block.kind);
            clear.opened.push(place_of_buffer(&whole_place));
            if block.kind == EncryptionType::Pkcs7 {
                clear.unproven.push((place_of_buffer(&whole_place), true));
            }
            continue;
        }
        let text = value.as_str().ok_or_else(|| fault(Reason::Encrypted))?;
        let opened = match bytes_of(keys, block.kind, text.as_bytes()).await {
            Ok(opened) if is_buffer(&within) => Ok(Value::from(STANDARD.encode(&*opened))),
            Ok(opened) => json(&opened),
            Err(reason) => Err(reason),
        };
        let notices =
            block.kind == EncryptionType::Jwe || der_of(text.as_bytes()).is_some_and(|der| notices_change(&der));
        if !notices {
            clear.unproven.push((whole_place.clone(), false));
        }
        let now = match opened {
            Err(Reason::Encrypted | Reason::NotJson) if !notices => {
                clear.closed = true;
                Value::Null
            }
            opened => opened.map_err(fault)?,
        };
        if let Some(node) = at_mut(&mut clear.document, &whole_place) {
            *node = now;
        }
        clear.opened.push(whole_place);
    }
    Ok(())
}

/// What was encrypted, where it is JSON that all readers understand alike.
fn json(opened: &[u8]) -> Result<Value, Reason> {
    twice::refuse(opened).map_err(|_| Reason::NotJson)?;
    serde_json::from_slice(opened).map_err(|_| Reason::NotJson)
}

fn last_name(location: &[Step]) -> Option<&str> {
    match location.last() {
        Some(Step::Member(name)) => Some(name),
        _ => None,
    }
}

fn is_buffer(location: &[Step]) -> bool {
    last_name(location).is_some_and(|name| reference_to(name).is_some())
}

fn is_reference(location: &[Step]) -> bool {
    last_name(location).is_some_and(|name| super::holders::buffer_of(name).is_some())
}

/// What somebody encrypted for this server.
async fn bytes_of(keys: &Keys, kind: EncryptionType, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Reason> {
    match kind {
        EncryptionType::Jwe => {
            let token = std::str::from_utf8(sealed).map_err(|_| Reason::Encrypted)?;
            Ok(keys.open_jwe(token.trim()).await?)
        }
        EncryptionType::Pkcs7 => {
            let der = der_of(sealed).ok_or(Reason::Encrypted)?;
            Ok(keys.open_cms(&der).await?)
        }
    }
}

/// A buffer of a document as it was before it was encrypted; as it is, where it is not.
///
/// # Errors
/// [`Reason`], also [`Reason::TooLarge`] for more than 32 MiB.
pub async fn buffer_in_clear(
    keys: &Keys,
    clear: &Clear,
    buffers: &dyn Buffers,
    url: &str,
) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let bytes = whole(buffers, url, LARGEST).await?;
    match clear.urls.get(url) {
        Some(kind) => bytes_of(keys, *kind, &bytes).await,
        None => Ok(bytes),
    }
}
