//! The screens: event → action → update → draw.

mod ascii;
mod brush;
mod cast;
pub mod config;
mod draw;
mod face;
pub mod key;
pub mod keys;
mod panes;
mod scenes;
mod screens;
pub mod stage;
pub mod state;
mod svg;
pub mod terminal;
pub mod theme;
mod update;

pub use cast::Cast;
pub use draw::{Areas, draw};
pub use screens::show;
pub use svg::svg;
pub use update::{Pointed, matching};
