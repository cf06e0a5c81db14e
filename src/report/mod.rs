//! Verdicts and runs in words: for people, and for programs.

mod json;
mod live;
mod outcome;
mod sentence;
mod style;
mod text;

pub use json::{SCHEMA, TOOL, report as json};
pub use live::{Live, line as status_line};
pub use outcome::{LastEvent, Outcome, jain};
pub use sentence::{brief, objects, remedy, sentence, time};
pub use style::Style;
pub use text::report as text;
