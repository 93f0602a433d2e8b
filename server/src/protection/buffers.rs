//! Buffers that a document refers to, and reading them.

use futures::future::BoxFuture;
use zeroize::Zeroizing;

use super::fault::Reason;

/// The buffers that belong to one document. Nothing else is ever fetched for it.
pub trait Buffers: Send + Sync {
    /// A piece of the buffer that `url` refers to, from 0 on; `None` after the last.
    ///
    /// # Errors
    /// [`Reason::Reference`] where the document has no such buffer, [`Reason::Unavailable`] where the store fails.
    fn piece<'a>(&'a self, url: &'a str, number: u32) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, Reason>>;
}

/// A document without buffers.
pub struct NoBuffers;

impl Buffers for NoBuffers {
    fn piece<'a>(&'a self, _: &'a str, _: u32) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, Reason>> {
        Box::pin(async { Err(Reason::Reference) })
    }
}

/// A whole buffer.
///
/// # Errors
/// Those of [`Buffers::piece`], and [`Reason::TooLarge`] for more than `most` bytes.
pub(super) async fn whole(buffers: &dyn Buffers, url: &str, most: usize) -> Result<Zeroizing<Vec<u8>>, Reason> {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut number = 0;
    while let Some(piece) = buffers.piece(url, number).await? {
        if bytes.len() + piece.len() > most {
            return Err(Reason::TooLarge);
        }
        bytes.extend_from_slice(&piece);
        number += 1;
    }
    Ok(bytes)
}
