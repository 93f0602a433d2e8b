//! What a QR code holds: the link that opens the wallet.

use url::form_urlencoded::byte_serialize;

use super::code::Issued;
use crate::dialect::Mount;
use crate::http::envelope::format_time;
use crate::state::AppState;

/// The configured link with the code, its end and the issuer that shows it.
#[must_use]
pub(crate) fn deep_link(state: &AppState, mount: Mount, issued: &Issued) -> String {
    let encoded = |text: &str| -> String { byte_serialize(text.as_bytes()).collect() };
    let template = &state.config.wallet.deep_link;
    template
        .replace("ISSUER", &encoded(&state.issuer(mount)))
        .replace("LINK_EXPIRE_DT", &encoded(&format_time(issued.expires_at)))
        .replace("LINK_CODE", &encoded(&issued.code))
}
