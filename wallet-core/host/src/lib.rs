//! What a phone's platform gives to the wallet, in software, for desktops, demos and tests: keys
//! ([`SoftwareKeys`]), the wrap of the store's data key ([`FileDataKey`]), HTTP ([`HttpTransport`]), a log
//! ([`StderrLog`]), and QR codes out of picture files ([`read_qr_picture`]).
//!
//! Never shipped to phones: whoever reads the files here has the keys.

mod data_key;
mod keys;
mod log;
mod picture;
mod private_file;
mod transport;

pub use data_key::FileDataKey;
pub use keys::SoftwareKeys;
pub use log::StderrLog;
pub use picture::{PictureError, read_qr_picture};
pub use transport::{HttpTransport, Roots, TransportOptions, TransportSetupError};
