//! Buffers that an enrollment refers to by URL. Only its own are ever read: nothing is fetched from elsewhere.

use url::Url;
use zeroize::Zeroizing;

use super::read::{chunk, find};
use crate::enrollment::fault::Fault;
use crate::enrollment::name::EnrollmentId;
use crate::enrollment::service::Service;
use crate::state::AppState;

/// A piece of a buffer of this enrollment.
pub enum Piece {
    /// In the clear.
    Bytes(Zeroizing<Vec<u8>>),
    /// There are no more.
    End,
    /// The enrollment has no buffer of this URL.
    Unknown,
}

/// Piece `number`, from 0 on, of the buffer that `url` refers to, where it is one of this enrollment's own:
/// `{public_url}/v1/enrollments/{enrollmentId}/buffer/{bufferId}`, whatever its query.
///
/// # Errors
/// [`Fault`].
pub async fn piece(
    state: &AppState,
    service: &Service,
    id: &EnrollmentId,
    url: &str,
    number: u32,
) -> Result<Piece, Fault> {
    let Some(buffer_id) = named(&state.config.public_url, url) else { return Ok(Piece::Unknown) };
    // Found only among those of this enrollment, whatever id the URL names.
    let Some(row) = find(state, service, id, &buffer_id).await? else { return Ok(Piece::Unknown) };
    Ok(match chunk(state, &row, number.into()).await? {
        Some(bytes) => Piece::Bytes(bytes),
        None => Piece::End,
    })
}

/// The id of the buffer that a URL of this server names.
fn named(public_url: &Url, url: &str) -> Option<String> {
    let url = Url::parse(url).ok().filter(|url| url.origin() == public_url.origin() && url.username().is_empty())?;
    let segments: Vec<&str> = url.path_segments()?.collect();
    match segments.as_slice() {
        ["v1", "enrollments", _, "buffer", buffer_id] => Some((*buffer_id).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn osia_int_07_only_urls_of_buffers_of_this_server_name_one() {
        let public = Url::parse("https://id.example:8443").unwrap();
        let of = |url: &str| named(&public, url);
        assert_eq!(of("https://id.example:8443/v1/enrollments/E%2F1/buffer/abc?transactionId=T").unwrap(), "abc");
        for foreign in [
            "http://id.example:8443/v1/enrollments/E1/buffer/abc",
            "https://id.example/v1/enrollments/E1/buffer/abc",
            "https://other.example:8443/v1/enrollments/E1/buffer/abc",
            "https://id.example:8443@other.example/v1/enrollments/E1/buffer/abc",
            "https://id.example:8443/v1/enrollments/E1/buffer/../../abc",
            "https://id.example:8443/v1/enrollments/E1/buffer",
            "file:///v1/enrollments/E1/buffer/abc",
            "urn:abc",
            "abc",
        ] {
            assert_eq!(of(foreign), None, "{foreign}");
        }
    }
}
