//! Frames in ASCII: every other character is replaced after drawing, so no pane can forget to.

use ratatui::buffer::Buffer;

/// Characters that the screens use, and what stands for them.
const SIGNS: [(&str, &str); 19] = [
    ("─━╌┄═⋯", "-"),
    ("│┃╎┆║▏▎", "|"),
    ("╭╮╰╯┌┐└┘├┤┬┴┼╞╡╔╗╚╝╟╢", "+"),
    ("●█▓⬤◉", "#"),
    ("○◯□", "o"),
    ("◌◍░▒", "~"),
    ("◐", "c"),
    ("◆♦▪■▬", "="),
    ("·•…", "."),
    ("▶▸▷→⇢❯", ">"),
    ("◀◂◁←⇠❮", "<"),
    ("▲▴↑", "^"),
    ("▼▾↓", "v"),
    ("ψ", "Y"),
    ("✓", "y"),
    ("✗✝×", "x"),
    ("⚠", "!"),
    ("–—", "-"),
    ("«»“”", "\""),
];

/// What stands for a character in ASCII.
pub fn sign(symbol: &str) -> &'static str {
    SIGNS.iter().find(|(signs, _)| signs.contains(symbol)).map_or_else(|| rare(symbol), |(_, ascii)| ascii)
}

fn rare(symbol: &str) -> &'static str {
    match symbol {
        "⏸" => "=",
        "⏪" => "<",
        "▕" => "[",
        "▏" => "]",
        "╱" => "/",
        "╲" => "\\",
        "‖" => "|",
        "µ" => "u",
        "≡" => "=",
        "▁" | "▂" => "_",
        "▃" | "▄" => "-",
        "▅" | "▆" | "▇" | "▀" => "=",
        _ => "?",
    }
}

/// Replaces what is not ASCII.
pub fn translate(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            cell.set_symbol(sign(cell.symbol()));
        }
    }
}
