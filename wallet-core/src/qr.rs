//! QR codes in a grey picture. Cameras and galleries stay with the app.

use crate::errors::{ErrorCode, WalletError};

/// Largest picture taken, in pixels.
const MAX_PIXELS: usize = 16_000_000;

/// Reads the QR codes of a grey picture: one byte per pixel, row by row, 0 is black.
///
/// Gives the texts found, in no order; codes that cannot be read are left out, and so is what is
/// not UTF-8. Long work for a large picture: call it off the main thread.
///
/// A picture can be made so that `rqrr` panics; none of its codes are read then. So the library must be built with
/// unwinding, cargo's default.
///
/// Errors: `InvalidInput` where the picture is empty, has more than 16 million pixels, or
/// `luma` is not `width` × `height` bytes.
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn decode_qr(luma: Vec<u8>, width: u32, height: u32) -> Result<Vec<String>, WalletError> {
    let (width, height) = (width as usize, height as usize);
    let pixels = width.checked_mul(height).filter(|pixels| (1..=MAX_PIXELS).contains(pixels));
    if pixels != Some(luma.len()) {
        return Err(ErrorCode::InvalidInput.into());
    }
    // rqrr asserts that every corner it works out fits an `i32`; near-parallel edges in a hostile picture run past that.
    Ok(std::panic::catch_unwind(|| read(&luma, width, height)).unwrap_or_default())
}

fn read(luma: &[u8], width: usize, height: usize) -> Vec<String> {
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        luma.get(y * width + x).copied().unwrap_or(255)
    });
    picture.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}
