//! A frame as a picture that any browser shows.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

/// The size of a cell, and of the letters in it, in pixels.
const CELL: (f64, f64) = (8.4, 18.0);
const LETTER: f64 = 14.0;
const MARGIN: f64 = 10.0;

/// Colours of the background, the text, and the 16 of ANSI.
struct Paint {
    ground: &'static str,
    text: &'static str,
    ansi: [&'static str; 16],
}

const DARK: Paint = Paint {
    ground: "#16181d",
    text: "#d5d8de",
    ansi: [
        "#2b2f38", "#e0565b", "#8bc063", "#dfb457", "#5fa3e6", "#bf7fd9", "#4fb5bf", "#c4c8cf", "#666c78",
        "#ff6b70", "#a6d97f", "#f2cf7a", "#85bdf5", "#d59bec", "#74cfd8", "#ffffff",
    ],
};

const LIGHT: Paint = Paint {
    ground: "#fbfaf7",
    text: "#22252b",
    ansi: [
        "#22252b", "#b5262c", "#2f7d1f", "#946200", "#1f5fb0", "#8a2f9e", "#146f78", "#8d9199", "#666c78",
        "#d03a40", "#3f9a2c", "#b27a07", "#3577cc", "#a148b5", "#1f8994", "#fbfaf7",
    ],
};

fn colour(paint: &Paint, color: Color, default: &'static str) -> String {
    let ansi = |n: usize| paint.ansi[n].to_string();
    match color {
        Color::Reset => default.to_string(),
        Color::Black => ansi(0),
        Color::Red => ansi(1),
        Color::Green => ansi(2),
        Color::Yellow => ansi(3),
        Color::Blue => ansi(4),
        Color::Magenta => ansi(5),
        Color::Cyan => ansi(6),
        Color::Gray => ansi(7),
        Color::DarkGray => ansi(8),
        Color::LightRed => ansi(9),
        Color::LightGreen => ansi(10),
        Color::LightYellow => ansi(11),
        Color::LightBlue => ansi(12),
        Color::LightMagenta => ansi(13),
        Color::LightCyan => ansi(14),
        Color::White => ansi(15),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(n) => ansi(usize::from(n % 16)),
    }
}

/// Draws a frame as SVG, on a dark ground or a light one.
pub fn svg(buffer: &Buffer, light: bool) -> String {
    let paint = if light { &LIGHT } else { &DARK };
    let (columns, rows) = (f64::from(buffer.area.width), f64::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2.0 * MARGIN, rows * CELL.1 + 2.0 * MARGIN);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"'DejaVu Sans Mono','Menlo','Consolas',monospace\" font-size=\"{LETTER}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>",
        paint.ground
    );
    for y in 0..buffer.area.height {
        row(&mut out, buffer, y, paint);
    }
    out.push_str("</svg>\n");
    out
}

fn row(out: &mut String, buffer: &Buffer, y: u16, paint: &Paint) {
    let cells: Vec<(String, Style)> = (0..buffer.area.width)
        .map(|x| &buffer[(x, y)])
        .map(|c| (c.symbol().to_string(), c.style()))
        .collect();
    let top = MARGIN + f64::from(y) * CELL.1;
    let mut x = 0;
    while x < cells.len() {
        let style = cells[x].1;
        let end = (x..cells.len()).find(|k| cells[*k].1 != style).unwrap_or(cells.len());
        let text: String = cells[x..end].iter().map(|(symbol, _)| symbol.as_str()).collect();
        run(out, &text, style, MARGIN + x as f64 * CELL.0, top, end - x, paint);
        x = end;
    }
}

/// A run of cells of one style. Its length is given, so that no font can shift what comes behind it.
fn run(out: &mut String, text: &str, style: Style, left: f64, top: f64, cells: usize, paint: &Paint) {
    let has = |m: Modifier| style.add_modifier.contains(m);
    let mut fore = colour(paint, style.fg.unwrap_or(Color::Reset), paint.text);
    let mut back = match style.bg {
        None | Some(Color::Reset) => None,
        Some(color) => Some(colour(paint, color, paint.ground)),
    };
    if has(Modifier::REVERSED) {
        let ground = back.unwrap_or_else(|| paint.ground.to_string());
        back = Some(std::mem::replace(&mut fore, ground));
    }
    let width = cells as f64 * CELL.0;
    if let Some(back) = back {
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{back}\"/>",
            CELL.1
        );
    }
    let shown = text.trim_end();
    if shown.is_empty() {
        return;
    }
    let length = shown.chars().count() as f64 * CELL.0;
    let mut attributes = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::CROSSED_OUT, " text-decoration=\"line-through\""),
        (Modifier::DIM, " opacity=\"0.6\""),
    ] {
        if has(modifier) {
            attributes.push_str(attribute);
        }
    }
    let escaped = shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"{:.1}\" fill=\"{fore}\" xml:space=\"preserve\" textLength=\"{length:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\"{attributes}>{escaped}</text>",
        top + CELL.1 * 0.75
    );
}
