//! Which demands a move can break, so that only those are looked at.

use std::collections::{HashMap, HashSet};

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
    /// What can make a demand true again, or a `possible` false.
    repairs: HashSet<Cause>,
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
            causes_of(program, &demand.condition, true, &mut may);
        }
        let mut repairs = HashSet::new();
        let mut may = |cause| {
            repairs.insert(cause);
        };
        program.demands.iter().for_each(|demand| causes_of(program, &demand.condition, false, &mut may));
        program.possible.iter().for_each(|possible| causes_of(program, &possible.condition, true, &mut may));
        Watch { causes, repairs, lists: vec![Vec::new()] }
    }

    /// Whether a move can mend a broken demand, or undo what is asked to be possible.
    pub fn repairs(&self, model: &Model<'_>, actor: usize, states: (u8, u8), act: Act) -> bool {
        effects(model, actor, states, act).any(|cause| self.repairs.contains(&cause))
    }

    /// The number of the list of demands that a move can break.
    pub fn number(&mut self, model: &Model<'_>, actor: usize, states: (u8, u8), act: Act) -> u32 {
        let effects = effects(model, actor, states, act);
        let mut list: Vec<u32> =
            effects.filter_map(|cause| self.causes.get(&cause)).flatten().copied().collect();
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

/// What a move does that conditions may be about.
fn effects(
    model: &Model<'_>,
    actor: usize,
    (left, entered): (u8, u8),
    act: Act,
) -> impl Iterator<Item = Cause> {
    let me = ActorId(actor as u32);
    let shows = (left != entered).then_some([Cause::Leaves(me, left), Cause::Enters(me, entered)]);
    let writes = match act {
        Act::Flush(cell, _) | Act::Operation(Request::Atomic { cell, .. }) => Some(Cause::Writes(cell)),
        Act::Operation(Request::Write { cell, .. }) if model.memory == Memory::Sc => {
            Some(Cause::Writes(cell))
        }
        _ => None,
    };
    shows.into_iter().flatten().chain(writes)
}

/// What can make a condition false, or with `falsify` false, true.
fn causes_of(program: &Program, condition: &Condition, falsify: bool, may: &mut impl FnMut(Cause)) {
    condition.signed_atoms(Some(falsify), &mut |atom, sign| match *atom {
        Condition::InState(actor, state) => changes(may, actor, state, sign),
        Condition::Count(role, state) => {
            program.roles[role.index()].actors().for_each(|actor| changes(may, actor, state, sign));
        }
        Condition::Cell(cell) => may(Cause::Writes(cell)),
        _ => {}
    });
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
