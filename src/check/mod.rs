//! The exhaustive checker: the same instructions and the same [`crate::vm::step`] as the real processes, every schedule.
//!
//! ```text
//! local   what one actor is, and what an operation makes of it       content  what an object holds, what operations do to it
//!      └──────────────────────────────┬──────────────────────────────┘
//!                                   model ─ places   states as rows of numbers, moves      walk ─ names, picture, world: one way, with pictures
//!                                     │
//!                     layout ─ tables ┴ watch   packed states, moves as xors, which rules a move can break
//!                                │        independent, symmetry   what need not be tried in every order, by every name
//!                                     │
//!                 compact ─ store ─ search ─ round ─ expand  all states, level by level, on several threads
//!                                     │
//!                  graph ─ components ─ fair ─ questions   what no single state answers
//!                                     │
//!                      path ─ answers ─ engine ─ report
//! ```

mod ahead;
mod answers;
mod compact;
mod components;
mod content;
mod ends;
mod engine;
mod expand;
mod fair;
mod far;
mod graph;
mod independent;
mod intern;
mod layout;
mod local;
mod model;
mod names;
mod path;
mod picture;
mod places;
mod questions;
mod report;
mod round;
mod search;
mod store;
mod symmetry;
mod tables;
mod vacuous;
mod walk;
mod watch;
mod world;

/// How items are told apart: nobody follows the first, everybody the second; the third was used up.
pub mod item {
    pub use super::local::{ITEM, STALE, TAGGED};
}

pub use ahead::{Ahead, ahead};
pub use engine::{Options, Refusal, check};
pub use fair::Fairness;
pub use local::{Local, Machine, Phase, Settled};
pub use model::{Act, Memory, Move};
pub use report::{Fault, FaultKind, Moves, Report};
pub use search::{Progress, Reduction, Stop};
pub use walk::{STEP_TIME, Walk, WalkStep};
