//! From the page's QR code as SVG to the picture that a camera would take of it.

use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[error("the QR code cannot be drawn: {0}")]
pub struct DrawError(String);

/// Draws an SVG, at least 480 pixels wide, as PNG in shades of grey.
///
/// # Errors
/// [`DrawError`] where it is no SVG.
pub fn photograph(svg: &str) -> Result<Vec<u8>, DrawError> {
    let fail = |what: &dyn std::fmt::Display| DrawError(what.to_string());
    let tree = Tree::from_str(svg, &Options::default()).map_err(|error| fail(&error))?;
    let scale = (480.0 / tree.size().width()).max(1.0);
    let side = |length: f32| (length * scale).ceil() as u32;
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| fail(&"no size"))?;
    pixels.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    let picture = GrayImage::from_fn(width, height, |x, y| {
        let shade = pixels.pixel(x, y).map_or(255, |pixel| {
            let sum = u16::from(pixel.red()) + u16::from(pixel.green()) + u16::from(pixel.blue());
            u8::try_from(sum / 3).unwrap_or(u8::MAX)
        });
        Luma([shade])
    });
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).map_err(|error| fail(&error))?;
    Ok(png.into_inner())
}
