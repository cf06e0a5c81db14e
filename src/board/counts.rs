//! Counting actors by state, with counts of one moment.
//!
//! All counts that one demand mentions are packed into one word. Entering and leaving a state is one atomic addition,
//! and what it returns is a view of one moment; counts read one after another could see an actor that leaves and one
//! that enters both.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::program::{Condition, DemandId, Program, RoleId};

/// Where one count lies in its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CountField {
    pub role: RoleId,
    pub state: u8,
    pub shift: u32,
    pub width: u32,
}

/// The counts of one demand.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct CountWord {
    pub demand: DemandId,
    pub fields: Vec<CountField>,
}

/// The words of all demands that count. A demand whose counts need more than 64 bits has none.
#[derive(Clone, Debug, Default)]
pub struct CountPlan {
    /// In the order of the words.
    pub words: Vec<CountWord>,
}

impl CountPlan {
    /// Plans the words of a program.
    pub fn of(program: &Program) -> CountPlan {
        let mut words = Vec::new();
        for (at, demand) in program.demands.iter().enumerate() {
            let mut counted: Vec<(RoleId, u8)> = Vec::new();
            demand.condition.atoms(&mut |atom| {
                if let Condition::Count(role, state) = *atom
                    && !counted.contains(&(role, state))
                {
                    counted.push((role, state));
                }
            });
            let mut shift = 0;
            let fields: Vec<CountField> = counted
                .into_iter()
                .map(|(role, state)| {
                    let width = u32::BITS - program.roles[role.index()].count.leading_zeros();
                    shift += width;
                    CountField { role, state, shift: shift - width, width }
                })
                .collect();
            if !fields.is_empty() && shift <= u64::BITS {
                words.push(CountWord { demand: DemandId(at as u32), fields });
            }
        }
        CountPlan { words }
    }

    /// Everyone starts in the first state.
    pub fn init(&self, program: &Program, words: &[AtomicU64]) {
        for (plan, word) in self.words.iter().zip(words) {
            let first = plan.fields.iter().filter(|f| f.state == 0);
            let value = first.map(|f| u64::from(program.roles[f.role.index()].count) << f.shift).sum();
            word.store(value, Ordering::Relaxed);
        }
    }
}

impl CountWord {
    /// What to add to the word when an actor of a role goes from one state to another; 0 if it does not matter.
    pub fn change(&self, role: RoleId, from: u8, to: u8) -> u64 {
        let one = |state: u8| {
            let field = self.fields.iter().find(|f| f.role == role && f.state == state);
            field.map_or(0, |f| 1u64 << f.shift)
        };
        one(to).wrapping_sub(one(from))
    }

    /// A count in a value of the word.
    pub fn count(&self, word: u64, role: RoleId, state: u8) -> i32 {
        let field = self.fields.iter().find(|f| f.role == role && f.state == state);
        field.map_or(0, |f| (word >> f.shift & (u64::MAX >> (u64::BITS - f.width.max(1)))) as i32)
    }
}
