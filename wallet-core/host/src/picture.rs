//! QR codes out of picture files (PNG, JPEG), for a wallet without a camera.

use std::io::Cursor;

use image::{ImageReader, Limits};

/// Longest side of a picture taken, in pixels.
const MAX_SIDE: u32 = 4000;
/// Most memory for decoding, in bytes.
const MAX_MEMORY: u64 = 128 * 1024 * 1024;

/// Why a picture gives no QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Not a PNG or JPEG, damaged, or too large.
    #[error("not a picture that can be read")]
    Unreadable,
    /// A picture without a QR code that can be read.
    #[error("no QR code in the picture")]
    NoCode,
}

/// Reads the QR codes of a picture: the bytes of a PNG or JPEG file of at most 4000 × 4000 pixels. At least one text.
///
/// # Errors
/// A [`PictureError`].
pub fn read_qr_picture(file: &[u8]) -> Result<Vec<String>, PictureError> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| PictureError::Unreadable)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let grey = reader.decode().map_err(|_| PictureError::Unreadable)?.into_luma8();
    let (width, height) = grey.dimensions();
    let texts = wallet_core::decode_qr(grey.into_raw(), width, height).map_err(|_| PictureError::Unreadable)?;
    if texts.is_empty() { Err(PictureError::NoCode) } else { Ok(texts) }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, ImageFormat, Luma};

    use super::*;

    fn picture(text: &str, format: ImageFormat) -> Vec<u8> {
        let code = qrcode::QrCode::new(text).unwrap();
        let (modules, scale) = (code.width() as u32, 6);
        let dark = code.to_colors();
        let side = (modules + 8) * scale;
        let image = GrayImage::from_fn(side, side, |x, y| {
            let (x, y) = (x / scale, y / scale);
            let inside = |v: u32| (4..modules + 4).contains(&v);
            let black = inside(x) && inside(y) && dark[((y - 4) * modules + x - 4) as usize] == qrcode::Color::Dark;
            Luma([if black { 0 } else { 255 }])
        });
        let mut file = Cursor::new(Vec::new());
        image.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    #[test]
    fn reads_the_link_of_a_picture() {
        let link = "tessera://wla-auth?linkCode=a1B2c3D4e5F6g7H&iss=https%3A%2F%2Fid.example";
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            assert_eq!(read_qr_picture(&picture(link, format)), Ok(vec![link.to_owned()]));
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let mut blank = Cursor::new(Vec::new());
        GrayImage::from_pixel(50, 50, Luma([255])).write_to(&mut blank, ImageFormat::Png).unwrap();
        assert_eq!(read_qr_picture(blank.get_ref()), Err(PictureError::NoCode));
        assert_eq!(read_qr_picture(b"GIF89a"), Err(PictureError::Unreadable));
        assert_eq!(read_qr_picture(&[]), Err(PictureError::Unreadable));
        let whole = picture("x", ImageFormat::Png);
        assert_eq!(read_qr_picture(&whole[..whole.len() / 2]), Err(PictureError::Unreadable));
    }
}
