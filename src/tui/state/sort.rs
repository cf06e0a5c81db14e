//! Sorts of solutions, by what goes wrong.

use crate::catalogue;
use crate::program::{Expected, Program, Under};

/// What a solution of the menu is an example of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Sort {
    Correct,
    Deadlock,
    /// A deadlock in which nobody is left who would signal.
    LostWakeup,
    /// A broken rule: two were where one may be, something was lost or doubled.
    Race,
    Starvation,
    Livelock,
    /// Nothing goes wrong, but less goes on at once than could.
    Serial,
}

impl Sort {
    /// All, in the order in which a key shows them.
    pub const ALL: [Sort; 7] = [
        Sort::Correct,
        Sort::Deadlock,
        Sort::LostWakeup,
        Sort::Race,
        Sort::Starvation,
        Sort::Livelock,
        Sort::Serial,
    ];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Sort::Correct => "correct",
            Sort::Deadlock => "deadlock",
            Sort::LostWakeup => "lost wakeup",
            Sort::Race => "race",
            Sort::Starvation => "starvation",
            Sort::Livelock => "livelock",
            Sort::Serial => "serial",
        }
    }

    /// The sorts that a solution of the catalogue belongs to. Starvation that only plain semaphores bring about is no
    /// example of it.
    pub fn of(problem: &str, solution: &str, program: &Program) -> Vec<Sort> {
        if program.is_correct() {
            return vec![Sort::Correct];
        }
        let lost = catalogue::LOST_WAKEUPS.contains(&(problem, solution));
        let expected = program.expects.iter().filter(|e| e.under != Some(Under::Weak));
        let mut sorts: Vec<Sort> = expected
            .filter_map(|expect| match expect.verdict {
                Expected::Deadlock if lost => Some(Sort::LostWakeup),
                Expected::Deadlock => Some(Sort::Deadlock),
                Expected::Violation => Some(Sort::Race),
                Expected::Starvation => Some(Sort::Starvation),
                Expected::Livelock => Some(Sort::Livelock),
                Expected::Serial => Some(Sort::Serial),
                Expected::Holds => None,
            })
            .collect();
        // Of a program that is wrong under weak fairness alone, that is what goes wrong.
        if sorts.is_empty() {
            sorts = program
                .expects
                .iter()
                .filter_map(|e| match e.verdict {
                    Expected::Starvation => Some(Sort::Starvation),
                    Expected::Livelock => Some(Sort::Livelock),
                    _ => None,
                })
                .collect();
        }
        sorts
    }
}
