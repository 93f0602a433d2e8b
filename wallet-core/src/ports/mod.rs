//! What the platform gives to the wallet.
//!
//! | trait | on a phone | on a desktop and in tests |
//! | --- | --- | --- |
//! | [`DeviceKeys`] | Android Keystore, Secure Enclave | software keys of `wallet-host` |
//! | [`Transport`] | OkHttp or HttpURLConnection, URLSession | reqwest |
//! | [`DataKeyWrap`] | a Keystore or Keychain key | a key file |
//! | [`Log`] | the app's log | memory, standard error |
//! | [`Clock`], [`Rng`] | [`SystemClock`], [`SystemRng`] | fixed time, seeded randomness |
//!
//! Every method may be called on any thread, never on the main thread: an implementation that
//! shows a prompt moves to the main thread itself.

mod clock;
mod data_key;
mod device_keys;
mod log;
mod rng;
mod signature_form;
mod transport;

pub use clock::{Clock, ClockError, SystemClock};
pub use data_key::DataKeyWrap;
pub use device_keys::{
    DeviceKeys, DevicePublicKey, KeyAlgorithm, KeyAttestation, KeyError, KeyInfo, KeyOptions, KeySecurityLevel,
    SecurityLevelRule, SigningPrompt, SigningPurpose, UserAuthentication,
};
pub use log::{Log, LogEntry, LogError, LogEvent, LogLevel};
pub use rng::{Rng, RngError, SystemRng};
pub use signature_form::ecdsa_signature_from_der;
pub use transport::{HttpHeader, HttpMethod, HttpRequest, HttpResponse, Transport, TransportError};
