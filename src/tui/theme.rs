//! What things look like, by what they mean. Only the 16 ANSI colours and the terminal's own fore- and background are
//! used, so that the user's palette stays in force; no meaning is in colour alone.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

/// Sets of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Palette {
    /// For dark backgrounds.
    #[default]
    Dark,
    /// For light backgrounds: no yellow, no bright colours.
    Light,
    /// For dark backgrounds, told apart without red against green (after Okabe and Ito, 2008).
    ColourBlind,
    /// No colour at all (no-color.org).
    Mono,
}

impl Palette {
    /// All of them, in the order in which a key goes through them.
    pub const ALL: [Palette; 4] = [Palette::Dark, Palette::Light, Palette::ColourBlind, Palette::Mono];

    /// As it is written in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Palette::Dark => "dark",
            Palette::Light => "light",
            Palette::ColourBlind => "colour-blind",
            Palette::Mono => "mono",
        }
    }

    /// The next one.
    pub fn next(self) -> Palette {
        let at = Palette::ALL.iter().position(|p| *p == self).unwrap_or(0);
        Palette::ALL[(at + 1) % Palette::ALL.len()]
    }
}

/// What something means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Plain text.
    Text,
    /// What matters less.
    Dim,
    /// Headings.
    Title,
    /// Names of things that can be acted upon: keys, objects.
    Accent,
    /// An actor in its first state: at rest.
    Rest,
    /// An actor that tries, and need not wait.
    Try,
    /// An actor that waits for an object.
    Wait,
    /// An actor in an activity that it had to try for.
    Act,
    /// An actor that can never go on, a broken rule.
    Bad,
    /// A dead actor.
    Dead,
    /// What is right.
    Good,
    /// A line that differs from its pair.
    Changed,
    /// What the cursor is on.
    Selected,
    /// A pane's border.
    Border,
    /// The border of the pane that keys go to.
    Focus,
    /// Words of the language.
    Keyword,
}

/// The style for a meaning.
pub fn style(palette: Palette, tone: Tone) -> Style {
    let plain = Style::new();
    let modifier = |m: Modifier| plain.add_modifier(m);
    // What stays when colours go.
    let base = match tone {
        Tone::Title | Tone::Act | Tone::Accent | Tone::Keyword => modifier(Modifier::BOLD),
        Tone::Focus => modifier(Modifier::BOLD),
        Tone::Dim | Tone::Border => modifier(Modifier::DIM),
        Tone::Bad => modifier(Modifier::BOLD | Modifier::REVERSED),
        Tone::Selected => modifier(Modifier::REVERSED),
        Tone::Dead => modifier(Modifier::CROSSED_OUT),
        Tone::Wait => modifier(Modifier::ITALIC),
        Tone::Changed => modifier(Modifier::UNDERLINED),
        Tone::Text | Tone::Rest | Tone::Try | Tone::Good => plain,
    };
    if palette == Palette::Mono {
        return base;
    }
    let colour = |dark: Color, light: Color, blind: Color| match palette {
        Palette::Light => plain.fg(light),
        Palette::ColourBlind => plain.fg(blind),
        _ => plain.fg(dark),
    };
    match tone {
        Tone::Text | Tone::Title | Tone::Dim | Tone::Selected => base,
        Tone::Accent => colour(Color::Cyan, Color::Blue, Color::Cyan),
        Tone::Rest => colour(Color::Blue, Color::Blue, Color::Gray),
        Tone::Try => colour(Color::Yellow, Color::Magenta, Color::Cyan),
        Tone::Wait => colour(Color::Yellow, Color::Magenta, Color::Yellow),
        Tone::Act => colour(Color::Green, Color::Green, Color::LightBlue).add_modifier(Modifier::BOLD),
        Tone::Good => colour(Color::Green, Color::Green, Color::LightBlue),
        Tone::Bad => colour(Color::LightRed, Color::Red, Color::LightYellow).add_modifier(Modifier::BOLD),
        Tone::Dead => colour(Color::Red, Color::Red, Color::Magenta).add_modifier(Modifier::CROSSED_OUT),
        Tone::Changed => colour(Color::Green, Color::Green, Color::LightBlue),
        Tone::Border => colour(Color::DarkGray, Color::Gray, Color::DarkGray),
        Tone::Focus => colour(Color::Cyan, Color::Blue, Color::Cyan).add_modifier(Modifier::BOLD),
        Tone::Keyword => colour(Color::Magenta, Color::Blue, Color::White).add_modifier(Modifier::BOLD),
    }
}

/// How the screens look, all in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// The colours.
    pub palette: Palette,
    /// Only characters of ASCII.
    pub ascii: bool,
    /// Whether things may move that nobody has touched.
    pub still: bool,
}

impl Theme {
    /// The style for a meaning.
    pub fn style(&self, tone: Tone) -> Style {
        style(self.palette, tone)
    }
}
