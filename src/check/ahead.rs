//! How near the nearest fault is.

use super::engine::{Options, check_from};
use super::model::Memory;
use super::search::{Progress, Reduction, Stop};
use super::walk::Walk;
use crate::program::{ActorId, Expected, Program};

/// What lies ahead of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// A fault, so many steps away; `next` takes the first of them.
    Fault {
        /// What.
        kind: Expected,
        /// How far.
        steps: usize,
        /// Who goes first; none if it is here already.
        next: Option<ActorId>,
    },
    /// No deadlock of all and no broken rule.
    Nothing,
    /// Nothing so near; what lies farther was not looked at.
    Far {
        /// So many steps were looked ahead.
        depth: u32,
    },
}

impl Options {
    /// For an answer while somebody waits: deadlocks of all and broken rules, among so many states as a moment allows.
    pub fn quick() -> Options {
        Options {
            memory: Memory::Sc,
            threads: 1,
            progress: false,
            states: 300_000,
            bytes: 1 << 30,
            time: None,
            after_fault: 0,
            kept: Options::KEPT,
            reduction: Reduction { partial_order: false, symmetry: true },
        }
    }
}

/// What lies ahead of the state that these moves lead to.
pub fn ahead(program: &Program, moves: &[(ActorId, u32)], options: &Options) -> Ahead {
    let walk = Walk::new(program, options.memory).along(moves);
    let start = walk.state().to_vec();
    let Ok(report) = check_from(walk.into_model(), start, options, &Progress::default()) else {
        return Ahead::Far { depth: 0 };
    };
    let nearest = report.faults.iter().filter(|fault| fault.shortest).min_by_key(|fault| fault.moves.0.len());
    match nearest {
        Some(fault) => Ahead::Fault {
            kind: fault.verdict(),
            steps: fault.moves.0.len(),
            next: fault.moves.0.first().map(|(actor, _)| *actor),
        },
        None if report.stop == Stop::Complete => Ahead::Nothing,
        None => Ahead::Far { depth: report.depth },
    }
}
