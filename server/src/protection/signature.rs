//! Signatures over a block's hash. What is signed is the text of `hash`, as it stands in the block: the payload of a JWS,
//! attached or detached, or the content of a CMS structure, inside it or not.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;

use super::blocks::{Integrity, SignatureType};
use super::buffers::{Buffers, whole};
use super::fault::Reason;
use crate::keys::{Keys, signed_cms};

/// Bytes of a signature at most.
const LARGEST: usize = 64 * 1024;

/// The signature of a block, wherever it is.
pub(super) async fn of(block: &Integrity, buffers: &dyn Buffers) -> Result<Vec<u8>, Reason> {
    match (&block.signature, &block.signature_ref) {
        (Some(signature), _) => Ok(signature.clone().into_bytes()),
        (None, Some(url)) => Ok(whole(buffers, url, LARGEST).await?.to_vec()),
        (None, None) => Err(Reason::Unsigned),
    }
}

/// The `kid` that a signature names, to find the client's keys by.
pub(super) fn kid(block: &Integrity, signature: &[u8]) -> Option<String> {
    if block.kind != SignatureType::Jws {
        return None;
    }
    let header = signature.split(|byte| *byte == b'.').next()?;
    let header: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    header.get("kid")?.as_str().map(str::to_owned)
}

/// Whether the signature is one over the block's hash by one of these keys.
pub(super) fn check(keys: &Keys, block: &Integrity, signature: &[u8], of_client: &[Jwk]) -> Result<(), Reason> {
    match block.kind {
        SignatureType::None => Ok(()),
        SignatureType::Jws => jws(keys, block, signature, of_client).ok_or(Reason::Signature),
        SignatureType::Pkcs7 => {
            let der = der_of(signature).ok_or(Reason::Signature)?;
            if signed_cms(&der, block.hash.as_bytes(), of_client) { Ok(()) } else { Err(Reason::Signature) }
        }
    }
}

fn jws(keys: &Keys, block: &Integrity, signature: &[u8], of_client: &[Jwk]) -> Option<()> {
    let token = std::str::from_utf8(signature).ok()?.trim();
    let mut parts = token.split('.');
    let (header, payload, over) = (parts.next()?, parts.next()?, parts.next()?);
    let attached = if payload.is_empty() {
        format!("{header}.{}.{over}", URL_SAFE_NO_PAD.encode(&block.hash))
    } else {
        token.to_owned()
    };
    let verified = keys.verify(of_client, &Algorithm::ALL, &attached).ok()?;
    (parts.next().is_none() && verified.payload() == block.hash.as_bytes()).then_some(())
}

/// The DER of CMS in DER, PEM or base64.
pub(super) fn der_of(bytes: &[u8]) -> Option<Vec<u8>> {
    // A SEQUENCE; no text begins so.
    if bytes.first() == Some(&0x30) && std::str::from_utf8(bytes).is_err() {
        return Some(bytes.to_vec());
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return None };
    let text = text.trim();
    let body = match text.strip_prefix("-----BEGIN ") {
        Some(rest) => rest.split_once("-----")?.1.split_once("-----END ")?.0,
        None => text,
    };
    let body: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(body).ok()
}
