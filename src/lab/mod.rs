//! A run in the background: commands go in, moments come out, and what came is kept to look back at.
//!
//! ```text
//! Subject ──▶ Session (a thread that supervises or follows a run) ──▶ Moment ──▶ History
//! ```
//!
//! A program can also be examined (every schedule), and a way through it walked: in the model, and on real processes that
//! are led through it.
//!
//! Whoever shows a run needs nothing else; a recording is a history that was saved.

mod examination;
mod eyes;
mod fits;
mod history;
mod lanes;
mod measuring;
mod moment;
mod observation;
mod pair;
mod puppeteer;
mod recorder;
mod session;
mod subject;
mod traffic;
mod walking;

pub use examination::{Examination, Examined};
pub use history::{Beside, History, Picture};
pub use lanes::{Lane, Lanes, MAX_LANES, Mode, Show, Stretch};
pub use measuring::{Measuring, SIZES};
pub use moment::{Happened, Moment};
pub use observation::{Observation, Observed, Wish};
pub use pair::{Mark, changed_lines, counterpart, is_heading};
pub use recorder::{Recorder, walked};
pub use session::{Command, News, Session, Start};
pub use subject::{Remark, Subject, Trouble};
pub use walking::Walking;
