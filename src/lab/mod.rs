//! A run in the background: commands go in, moments come out, and what came is kept to look back at.
//!
//! ```text
//! Subject ──▶ Session (a thread that supervises or follows a run) ──▶ Moment ──▶ History
//! ```
//!
//! Whoever shows a run needs nothing else; a recording is a history that was saved.

mod eyes;
mod fits;
mod history;
mod lanes;
mod moment;
mod pair;
mod session;
mod subject;

pub use history::{Beside, History, Picture};
pub use lanes::{Lane, Lanes, MAX_LANES, Mode, Show, Stretch};
pub use moment::{Happened, Moment};
pub use pair::{Mark, changed_lines, counterpart, is_heading};
pub use session::{Command, News, Session, Start};
pub use subject::{Remark, Subject, Trouble};
