//! Colour where a terminal shows it; words everywhere.

use crossterm::style::Stylize;

/// How to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    colour: bool,
}

impl Style {
    /// Without any colour.
    pub const PLAIN: Style = Style { colour: false };

    /// For a stream that is a terminal or not; NO_COLOR (no-color.org) turns colour off.
    pub fn for_terminal(terminal: bool) -> Style {
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        Style { colour: terminal && !forbidden }
    }

    /// Whether colours are written.
    pub fn colour(self) -> bool {
        self.colour
    }

    /// Emphasis.
    pub fn bold(self, text: &str) -> String {
        if self.colour { text.bold().to_string() } else { text.to_string() }
    }

    /// What is wrong.
    pub fn bad(self, text: &str) -> String {
        if self.colour { text.red().bold().to_string() } else { text.to_string() }
    }

    /// What is right.
    pub fn good(self, text: &str) -> String {
        if self.colour { text.green().to_string() } else { text.to_string() }
    }

    /// Headings of tables.
    pub fn dim(self, text: &str) -> String {
        if self.colour { text.dim().to_string() } else { text.to_string() }
    }
}
