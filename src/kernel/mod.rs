//! A run as the kernel sees it: all its objects and processes, under the names that the program gives them, each with the
//! commands of the system that show the same.
//!
//! ```text
//! inspect (what /proc says) ┐
//! board, run (what is whose) ┴─▶ Observer ─┬─▶ Picture: every process, every object
//!                                          └─▶ Portrait: one process, closely
//! ```
//!
//! Nothing is changed by looking: the board is mapped for reading, and processes are asked through `/proc`.

mod files;
mod member;
mod names;
mod object;
mod picture;
mod portrait;

pub use member::{Member, Part, Spot};
pub use object::{KernelObject, Kind, Seen};
pub use picture::Picture;
pub use portrait::{Mapped, Open, Portrait, Shared, View, WORD};

use crate::os;
use crate::program::Program;
use crate::run::{Follow, Watching};
use names::Names;

/// Looks at a run from outside.
pub struct Observer<'f> {
    program: &'f Program,
    watching: Watching<'f>,
    names: Names,
}

impl<'f> Observer<'f> {
    /// For a run that was opened, and the program that its texts give.
    pub fn new(follow: &'f Follow, program: &'f Program) -> os::Result<Observer<'f>> {
        let watching = follow.watch(program)?;
        let names = Names::of(follow.run(), program, &watching);
        Ok(Observer { program, watching, names })
    }
}
