//! The key around the wallet's own data key.

use super::KeyError;
use async_trait::async_trait;

/// Wraps the store's data key (32 bytes) with a key of the platform.
///
/// The wrapped form lies beside the store. Where the platform's key is lost the store cannot be
/// read again ([`KeyError::Invalidated`]); the wallet then has to be reset and bound again.
#[cfg_attr(feature = "uniffi", uniffi::export(rust, foreign))]
#[async_trait]
pub trait DataKeyWrap: Send + Sync {
    /// Encrypts with integrity. Errors: `Locked`, `Unsupported`, `Failed`.
    async fn wrap_key(&self, plain: Vec<u8>) -> Result<Vec<u8>, KeyError>;

    /// Decrypts what [`DataKeyWrap::wrap_key`] made. Errors: `Locked`, `Cancelled`, `Invalidated`, `Failed`.
    async fn unwrap_key(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, KeyError>;
}
