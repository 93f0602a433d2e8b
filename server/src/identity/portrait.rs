//! A portrait becomes the claim `picture`: a file that is small enough for userinfo, as JPEG or PNG.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{ImageFormat, ImageReader, Limits};
use zeroize::Zeroizing;

use crate::registry::{LARGEST_PHOTO, Photo};

/// What a portrait that is too large is made to, until it is small enough: pixels of the longer side, and quality (1 to 100).
const SIZES: [(u32, u8); 4] = [(512, 85), (512, 60), (384, 60), (256, 50)];
/// Pixels of a side that are decoded at most.
const LARGEST_SIDE: u32 = 16_384;
/// Bytes that decoding may take.
const MEMORY: u64 = 256 * 1024 * 1024;

/// The photo that an image gives; `None` where it is neither JPEG nor PNG, or damaged. Costs time: not on a thread that
/// serves requests.
#[must_use]
pub fn photo(image: &[u8]) -> Option<Photo> {
    let media_type = match image::guess_format(image).ok()? {
        ImageFormat::Jpeg => "image/jpeg",
        ImageFormat::Png => "image/png",
        _ => return None,
    };
    if image.len() <= LARGEST_PHOTO {
        return Some(Photo { media_type: media_type.into(), bytes: Zeroizing::new(image.to_vec()) });
    }
    let mut reader = ImageReader::new(Cursor::new(image)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let decoded = reader.decode().ok()?;
    for (side, quality) in SIZES {
        let small = decoded.resize(side, side, FilterType::CatmullRom).to_rgb8();
        let mut bytes = Zeroizing::new(Vec::new());
        small.write_with_encoder(JpegEncoder::new_with_quality(&mut *bytes, quality)).ok()?;
        if bytes.len() <= LARGEST_PHOTO {
            return Some(Photo { media_type: "image/jpeg".into(), bytes });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbImage};

    use super::*;

    /// Noise, which no format makes small.
    fn noise(side: u32, format: ImageFormat) -> Vec<u8> {
        let mut seed = 1u32;
        let image = RgbImage::from_fn(side, side, |_, _| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = seed.to_be_bytes();
            image::Rgb([a, b, c])
        });
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(image).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_small_portrait_stays_as_it_is_and_a_large_one_gets_small() {
        let small = noise(64, ImageFormat::Png);
        let kept = photo(&small).unwrap();
        assert_eq!((kept.media_type.as_str(), kept.bytes.as_slice()), ("image/png", small.as_slice()));
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let large = noise(900, format);
            assert!(large.len() > LARGEST_PHOTO);
            let made = photo(&large).unwrap();
            assert_eq!(made.media_type, "image/jpeg");
            assert!(made.bytes.len() <= LARGEST_PHOTO && made.bytes.starts_with(b"\xff\xd8\xff"));
            let small = image::load_from_memory(&made.bytes).unwrap();
            assert!(small.width() == small.height() && (256..=512).contains(&small.width()));
        }
    }

    #[test]
    fn what_is_no_image_is_no_photo() {
        assert!(photo(b"").is_none() && photo(b"not an image").is_none());
        let mut damaged = noise(900, ImageFormat::Png);
        damaged.truncate(300 * 1024);
        assert!(photo(&damaged).is_none());
    }
}
