//! What lies over a screen: help, palette, lists, and what was typed into them.

use super::kernel::Watched;
use crate::lab::Examination;
use crate::program::ActorId;

/// A constant that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Editable {
    pub name: String,
    pub value: i32,
    pub range: (i32, i32),
}

/// What lies over a screen.
#[derive(Debug)]
pub enum Overlay {
    /// All keys.
    Help {
        /// Only lines with this in them.
        filter: String,
        /// Lines scrolled by.
        scroll: usize,
    },
    /// Commands by name.
    Palette {
        /// What was typed.
        input: String,
        /// Which of those that fit.
        at: usize,
    },
    /// The solutions of the problem.
    Solutions {
        /// Which of them.
        at: usize,
    },
    /// Constants.
    Parameters {
        /// Which of them.
        at: usize,
        /// All.
        values: Vec<Editable>,
        /// Digits being typed.
        typing: String,
    },
    /// The verdict at length.
    Explain {
        /// Lines scrolled by.
        scroll: usize,
    },
    /// A check, on its way or done.
    Check {
        /// The check.
        examination: Box<Examination>,
        /// Which of the faults that it found.
        at: usize,
    },
    /// What the kernel says of a process.
    Inspect {
        /// Whose.
        actor: ActorId,
        /// What it says.
        watched: Box<Watched>,
        /// The object whose bytes are compared; none for the one that the process sleeps on.
        chosen: Option<String>,
        /// Lines scrolled by.
        scroll: usize,
    },
    /// The run as the kernel sees it.
    Kernel {
        /// What it says.
        watched: Box<Watched>,
        /// Which of its rows: first the processes, then the objects.
        at: usize,
    },
    /// What passing messages costs.
    Costs {
        /// Which mechanism, in the order of the table.
        at: usize,
        /// Which of [`crate::lab::SIZES`].
        size: usize,
    },
    /// Operations.
    Log {
        /// Only lines with this in them.
        filter: String,
        /// Lines scrolled up from the end.
        scroll: usize,
    },
}
