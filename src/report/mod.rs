//! Verdicts and runs in words: for people, and for programs.

mod checked;
mod checked_json;
mod cost;
mod effort;
mod expectation;
mod ipc;
mod ipc_json;
mod json;
mod kernel;
mod kernel_json;
mod live;
mod outcome;
mod remedy;
mod sentence;
mod style;
mod text;

pub use checked::{Checked, Told, checked, counted, doing, effect, properties, tell, unproved};
pub use checked_json::{checked_json, fairness_name};
pub use cost::{
    Bars, ROUTES, Shown, by_route, is_disturbed, longest, processors, reach, route, size as bytes, why,
};
pub use effort::thousands;
pub use expectation::{Compared, Comparison, Surprise, expectation};
pub use ipc::{measuring, report as costs, to_ascii};
pub use ipc_json::report as costs_json;
pub use json::{SCHEMA, TOOL, report as json};
pub use kernel::kernel;
pub use kernel_json::{SeenRun, kernel_json};
pub use live::{Status, line as status_line, progress_line};
pub use outcome::{LastEvent, Outcome, jain};
pub use remedy::remedy;
pub use sentence::{brief, objects, sentence, time};
pub use style::Style;
pub use text::{report as text, verdict_text};
