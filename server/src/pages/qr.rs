//! A QR code as SVG, drawn by the server, so that it is there without script.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code (ISO/IEC 18004: four).
const QUIET: usize = 4;

/// Draws `text`, dark on light whatever the page's colours are; `None` where it is too long for any QR code.
/// `title` is read to people who cannot see it; it must need no escaping.
#[must_use]
pub fn svg(text: &str, title: &'static str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let modules = code.to_colors();
    // One line as thick as a module for each run of dark ones, half as long a text as a square for each: it is sent anew
    // with every frame. Writing to a string does not fail.
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let (mut x, mut pen) = (0, None);
        while x < width {
            let run = row.iter().skip(x).take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                let _ = match pen {
                    None => write!(path, "M{} {}.5h{run}", x + QUIET, y + QUIET),
                    Some(pen) => write!(path, "m{} 0h{run}", x - pen),
                };
                pen = Some(x + run);
            }
            x += run.max(1);
        }
    }
    let size = width + 2 * QUIET;
    Some(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" aria-label="{title}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" d="{path}"/></svg>"##
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_every_dark_module_where_it_belongs() {
        let drawn = svg("tessera://wla-auth?linkCode=a", "code").unwrap();
        let code = QrCode::with_error_correction_level("tessera://wla-auth?linkCode=a", EcLevel::M).unwrap();
        let path = drawn.split("stroke=\"#000\" d=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut dark = vec![Color::Light; code.width() * code.width()];
        for row in path.split('M').skip(1) {
            let (start, rest) = row.split_once(".5h").unwrap();
            let (x, y) = start.split_once(' ').unwrap();
            let (mut x, y) = (x.parse::<usize>().unwrap() - QUIET, y.parse::<usize>().unwrap() - QUIET);
            for (nth, step) in rest.split('m').enumerate() {
                let run = if nth == 0 { step } else { step.split_once(" 0h").unwrap().1 };
                x += if nth == 0 { 0 } else { step.split_once(' ').unwrap().0.parse::<usize>().unwrap() };
                for _ in 0..run.parse::<usize>().unwrap() {
                    dark[y * code.width() + x] = Color::Dark;
                    x += 1;
                }
            }
        }
        assert!(dark == code.to_colors());
        assert!(!drawn.contains("style") && !drawn.contains("script"));
    }

    #[test]
    fn a_text_too_long_for_a_qr_code_is_none() {
        assert_eq!(svg(&"a".repeat(4000), "code"), None);
    }
}
