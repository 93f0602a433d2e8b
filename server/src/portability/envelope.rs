//! Lines in the clear, or each encrypted to one key.

use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm::EcdhEs;
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::RsaOaep256;
use josekit::jwe::{JweDecrypter, JweHeader, deserialize_compact_with_selector};
use protocol::jwk::Jwk;

use crate::keys;

/// What is wrong with a key or an encrypted line.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EnvelopeError {
    /// The key's file.
    #[error("the key must be a JWK of kind EC (P-256, P-384, P-521) or RSA: public to export, private to restore")]
    Key,
    /// A line cannot be encrypted.
    #[error("a line cannot be encrypted to this key")]
    Encrypting,
    /// A line cannot be read.
    #[error("line {0} is encrypted to another key, or damaged")]
    Line(u64),
    /// A line is encrypted, and no key was named.
    #[error("the file is encrypted: name the private key with --key")]
    NeedsKey,
    /// The file is in the clear although a key was named.
    #[error("the file is not encrypted, although a key is named: leave --key out if that is right")]
    Clear,
}

/// How lines are written.
pub enum Envelope {
    /// As they are.
    Clear,
    /// Each a compact JWE to the holder of this key.
    To(Box<Jwk>),
}

impl Envelope {
    /// To the holder of a public key.
    ///
    /// # Errors
    /// [`EnvelopeError::Key`].
    pub fn to(jwk: &str) -> Result<Self, EnvelopeError> {
        let key = Jwk::from_json(jwk).map_err(|_| EnvelopeError::Key)?;
        let envelope = Self::To(Box::new(key));
        // A key that cannot receive is told before anything is written.
        envelope.line("").map_err(|_| EnvelopeError::Key)?;
        Ok(envelope)
    }

    /// A line as it is written.
    ///
    /// # Errors
    /// [`EnvelopeError::Encrypting`].
    pub fn line(&self, json: &str) -> Result<String, EnvelopeError> {
        match self {
            Self::Clear => Ok(json.to_owned()),
            Self::To(key) => keys::encrypt(key, Some("json"), json.as_bytes()).map_err(|_| EnvelopeError::Encrypting),
        }
    }
}

/// How lines are read.
pub enum Opener {
    /// As they are.
    Clear,
    /// With a private key.
    With(Box<dyn JweDecrypter>),
}

impl Opener {
    /// With a private key, a JWK.
    ///
    /// # Errors
    /// [`EnvelopeError::Key`].
    pub fn with(jwk: &str) -> Result<Self, EnvelopeError> {
        let mut key = josekit::jwk::Jwk::from_bytes(jwk.as_bytes()).map_err(|_| EnvelopeError::Key)?;
        let is_rsa = key.key_type() == "RSA";
        // What it is to be used for is the operator's to say, by naming it here.
        for member in ["alg", "use", "key_ops"] {
            key.set_parameter(member, None).map_err(|_| EnvelopeError::Key)?;
        }
        let decrypter: Result<Box<dyn JweDecrypter>, _> = if is_rsa {
            RsaOaep256.decrypter_from_jwk(&key).map(|decrypter| Box::new(decrypter) as _)
        } else {
            EcdhEs.decrypter_from_jwk(&key).map(|decrypter| Box::new(decrypter) as _)
        };
        decrypter.map(Self::With).map_err(|_| EnvelopeError::Key)
    }

    /// The JSON of a line; `number` counts from 1.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn line(&self, number: u64, line: &str) -> Result<Vec<u8>, EnvelopeError> {
        let clear = line.starts_with('{');
        match self {
            Self::Clear if clear => Ok(line.as_bytes().to_vec()),
            Self::Clear => Err(EnvelopeError::NeedsKey),
            Self::With(_) if clear => Err(EnvelopeError::Clear),
            Self::With(decrypter) => {
                let select = |header: &JweHeader| {
                    // Compressed content could be inflated without bound.
                    let plain = header.compression().is_none();
                    Ok(plain.then_some(&**decrypter as &dyn JweDecrypter))
                };
                let opened = deserialize_compact_with_selector(line, select);
                opened.map(|(content, _)| content).map_err(|_| EnvelopeError::Line(number))
            }
        }
    }
}
