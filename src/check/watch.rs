//! Which demands a move can break, so that only those are looked at.

use std::collections::HashMap;

use super::model::{Act, Memory, Model};
use crate::program::{ActorId, CellId, Condition, Program};
use crate::vm::Request;

/// What can make a demand false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Cause {
    /// An actor enters a state.
    Enters(ActorId, u8),
    /// An actor leaves a state.
    Leaves(ActorId, u8),
    /// A shared variable is written.
    Writes(CellId),
}

/// Lists of demands by number; number 0 is the empty list.
#[derive(Debug)]
pub struct Watch {
    causes: HashMap<Cause, Vec<u32>>,
    lists: Vec<Vec<u32>>,
}

impl Watch {
    /// Of a program.
    pub fn new(program: &Program) -> Watch {
        let mut causes: HashMap<Cause, Vec<u32>> = HashMap::new();
        for (at, demand) in program.demands.iter().enumerate() {
            let mut may = |cause| {
                let list = causes.entry(cause).or_default();
                if list.last() != Some(&(at as u32)) {
                    list.push(at as u32);
                }
            };
            demand.condition.signed_atoms(Some(true), &mut |atom, sign| match *atom {
                Condition::InState(actor, state) => changes(&mut may, actor, state, sign),
                Condition::Count(role, state) => {
                    program.roles[role.index()]
                        .actors()
                        .for_each(|actor| changes(&mut may, actor, state, sign));
                }
                Condition::Cell(cell) => may(Cause::Writes(cell)),
                _ => {}
            });
        }
        Watch { causes, lists: vec![Vec::new()] }
    }

    /// The number of the list of demands that a move can break.
    pub fn number(&mut self, model: &Model<'_>, actor: usize, (left, entered): (u8, u8), act: Act) -> u32 {
        let me = ActorId(actor as u32);
        let mut list: Vec<u32> = Vec::new();
        let mut add = |cause| list.extend(self.causes.get(&cause).into_iter().flatten());
        if left != entered {
            add(Cause::Leaves(me, left));
            add(Cause::Enters(me, entered));
        }
        match act {
            Act::Flush(cell, _) | Act::Operation(Request::Atomic { cell, .. }) => add(Cause::Writes(cell)),
            Act::Operation(Request::Write { cell, .. }) if model.memory == Memory::Sc => {
                add(Cause::Writes(cell));
            }
            _ => {}
        }
        list.sort_unstable();
        list.dedup();
        let known = self.lists.iter().position(|known| *known == list);
        known.unwrap_or_else(|| {
            self.lists.push(list);
            self.lists.len() - 1
        }) as u32
    }

    /// The demands of a list.
    pub fn list(&self, number: u32) -> &[u32] {
        &self.lists[number as usize]
    }
}

/// A demand changes when the actor enters or leaves the state, in the direction that matters.
fn changes(may: &mut impl FnMut(Cause), actor: ActorId, state: u8, sign: Option<bool>) {
    if sign != Some(true) {
        may(Cause::Enters(actor, state));
    }
    if sign != Some(false) {
        may(Cause::Leaves(actor, state));
    }
}
