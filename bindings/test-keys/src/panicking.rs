//! A key store with a fault.

use async_trait::async_trait;
use wallet_core::ports::{DeviceKeys, KeyAttestation, KeyError, KeyInfo, KeyOptions, SigningPrompt};

/// Panics, with a text that must not reach the app.
pub(crate) struct PanickingKeys;

#[expect(clippy::panic, reason = "a panic is what this key store is for")]
fn fault<T>() -> Result<T, KeyError> {
    panic!("MARKER in a panic")
}

#[async_trait]
impl DeviceKeys for PanickingKeys {
    async fn create(&self, _: String, _: KeyOptions) -> Result<KeyInfo, KeyError> {
        fault()
    }

    async fn info(&self, _: String) -> Result<KeyInfo, KeyError> {
        fault()
    }

    async fn attest(&self, _: String, _: Vec<u8>) -> Result<KeyAttestation, KeyError> {
        fault()
    }

    async fn sign(&self, _: String, _: Vec<u8>, _: SigningPrompt) -> Result<Vec<u8>, KeyError> {
        fault()
    }

    async fn sign_batch(&self, _: String, _: Vec<Vec<u8>>, _: SigningPrompt) -> Result<Vec<Vec<u8>>, KeyError> {
        fault()
    }

    async fn delete(&self, _: String) -> Result<(), KeyError> {
        Ok(())
    }
}
