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
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row.iter().skip(x).take_while(|color| **color == Color::Dark).count();
            if run > 0 {
                // Writing to a string does not fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    let size = width + 2 * QUIET;
    Some(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" aria-label="{title}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>"##
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_every_dark_module_once() {
        let drawn = svg("tessera://wla-auth?linkCode=a", "code").unwrap();
        let code = QrCode::with_error_correction_level("tessera://wla-auth?linkCode=a", EcLevel::M).unwrap();
        let dark = code.to_colors().iter().filter(|color| **color == Color::Dark).count();
        let path = drawn.split("d=\"").nth(2).unwrap();
        let runs: usize =
            path.split('h').skip(1).filter_map(|rest| rest.split('v').next()?.parse::<usize>().ok()).sum();
        assert_eq!(runs, dark);
        assert!(!drawn.contains("style") && !drawn.contains("script"));
    }

    #[test]
    fn a_text_too_long_for_a_qr_code_is_none() {
        assert_eq!(svg(&"a".repeat(4000), "code"), None);
    }
}
