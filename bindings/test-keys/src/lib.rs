//! wallet-ffi with software keys beside it, for tests in a language that has no keys of its own:
//! Swift on Linux. The library takes the place of wallet-ffi's; it is never shipped.

mod panicking;

use std::sync::Arc;
use wallet_core::ports::{DeviceKeys, KeyError};
use wallet_host::SoftwareKeys;

uniffi::setup_scaffolding!();
wallet_core::uniffi_reexport_scaffolding!();

/// Keys in memory. They are gone with the process.
#[uniffi::export]
pub fn software_keys() -> Result<Arc<dyn DeviceKeys>, KeyError> {
    Ok(Arc::new(SoftwareKeys::in_memory()))
}

/// Keys whose every call panics: what the app sees of a panic is tested with them.
#[uniffi::export]
pub fn panicking_keys() -> Result<Arc<dyn DeviceKeys>, KeyError> {
    Ok(Arc::new(panicking::PanickingKeys))
}
