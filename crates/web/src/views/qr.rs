//! A text as a QR code: a picture of our own over the squares of the crate qrcode.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// Light squares around the code, as the standard asks for.
const QUIET: usize = 4;

/// The text as a code, with as much repair in it as fits. `None` if it is longer than any code holds: 2,953 bytes.
///
/// Always dark on light: many readers find it in no other way.
pub(crate) fn qr(text: &str, label: &str) -> Option<Markup> {
    let code = [EcLevel::M, EcLevel::L]
        .into_iter()
        .find_map(|level| QrCode::with_error_correction_level(text, level).ok())?;
    let side = code.width() + 2 * QUIET;
    let path = path(&code);
    Some(html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

/// The dark squares, those beside each other as one stroke.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    let colors = code.to_colors();
    for (y, row) in colors.chunks(code.width()).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let length = run.len();
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
            x += run.len();
        }
    }
    path
}
