//! Partial-order reduction: which operations need not be tried in every order.
//!
//! An operation that commutes with all that others may do before it, now or later, is a persistent set by itself
//! (P. Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, LNCS 1032, 1996): in a state where
//! an actor is at such an operation, only this actor needs to move. `signal` is the most frequent one: it moves to the
//! left of everything (R. J. Lipton, Reduction: A Method of Proving Properties of Parallel Programs, CACM 1975).
//!
//! What is kept, and why. Take a way w from a state s to one of interest, and the operation t that is tried alone in s.
//! * Deadlock of all: t is on w, as it stays possible until it is taken. Moved to the front it makes a way of the same
//!   length, so the shortest stays the shortest.
//! * A broken rule: if t is on w, as before. If not, t before w leads to a state that differs by t alone; the rule is
//!   still broken there, as long as t is no step that can repair one ([`super::watch::Watch::repairs`]). That way is longer
//!   by one step. So the rule is found, but perhaps not by the shortest way.
//! * Who can move again: if an actor's move is on w, the same holds. As no cycle consists of steps that were tried alone
//!   (below), it is not put off for ever. So the actors that can never move again are the same, in every state.
//! * Progress and livelock: not kept under fairness. They are asked of all states without this.
//!
//! Every cycle of an actor's program contains an operation that is not tried alone. A cycle of states in which each is
//! left by one actor's lone operation would be made of such cycles, so there is none.

use std::collections::HashSet;

use super::model::Model;
use crate::program::{Code, Instruction, MutexId, Object, Program, SemaphoreId};

/// What an instruction does with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// It takes: blocked without.
    Take,
    /// It gives.
    Give,
    /// What it finds decides how it goes on.
    Look,
    /// It reads a variable.
    Read,
    /// It writes one, or reads and writes it at once.
    Write,
}

/// A range of objects, and what is done to one of them.
type Touch = ((Object, u32), Use);

/// For each actor and position, whether the operation there may be tried alone.
#[derive(Debug, Default)]
pub struct Independent {
    alone: Vec<Vec<bool>>,
}

impl Independent {
    /// Of a model, under sequential consistency.
    pub fn of(model: &Model<'_>) -> Independent {
        let program = model.program;
        let touched: Vec<Vec<Touch>> = program
            .actors
            .iter()
            .map(|actor| {
                let mut touched: Vec<Touch> =
                    actor.code.instructions.iter().filter_map(|i| touch(*i)).collect();
                touched.sort_unstable_by_key(|((first, len), how)| (first.pack(), *len, *how as u8));
                touched.dedup();
                touched
            })
            .collect();
        let of_actor = |me: usize| {
            let others = || touched.iter().enumerate().filter(|(actor, _)| *actor != me).flat_map(|(_, t)| t);
            let code = &program.actors[me].code;
            let mut alone: Vec<bool> =
                code.instructions.iter().map(|i| commutes(program, *i, &mut others())).collect();
            break_cycles(code, &mut alone);
            alone
        };
        let mut alone: Vec<Vec<bool>> = Vec::new();
        for me in 0..program.actors.len() {
            // Whoever runs the same sees the same in the others.
            let same = (0..me).find(|other| model.family(*other) == model.family(me));
            alone.push(same.map_or_else(|| of_actor(me), |other| alone[other].clone()));
        }
        Independent { alone }
    }

    /// Whether the operation may be tried alone, as far as the program's text tells.
    pub fn is_alone(&self, actor: usize, position: u32) -> bool {
        self.alone.get(actor).and_then(|alone| alone.get(position as usize)).copied().unwrap_or(false)
    }
}

/// The objects of which an instruction touches one, and how.
fn touch(instruction: Instruction) -> Option<Touch> {
    use Instruction::*;
    let semaphore = |id| Object::Semaphore(SemaphoreId(id));
    let mutex = |id| Object::Mutex(MutexId(id));
    let cell = |id| Object::Cell(crate::program::CellId(id));
    Some(match instruction {
        Wait { semaphore: place } | WaitFor { semaphore: place, .. } => (place.objects(semaphore), Use::Take),
        Signal { semaphore: place } => (place.objects(semaphore), Use::Give),
        TryWait { semaphore: place, .. } | Value { semaphore: place, .. } => {
            (place.objects(semaphore), Use::Look)
        }
        Lock { mutex: place } | LockFor { mutex: place, .. } => (place.objects(mutex), Use::Take),
        Unlock { mutex: place } => (place.objects(mutex), Use::Give),
        TryLock { mutex: place, .. } => (place.objects(mutex), Use::Look),
        Read { cell: place, .. } => (place.objects(cell), Use::Read),
        Write { cell: place, .. } | Atomic { cell: place, .. } => (place.objects(cell), Use::Write),
        _ => return None,
    })
}

/// Whether an operation commutes with all that others do.
fn commutes(program: &Program, instruction: Instruction, others: &mut dyn Iterator<Item = &Touch>) -> bool {
    let Some((mine, how)) = touch(instruction) else {
        return match instruction {
            Instruction::Begin { activity, .. } | Instruction::End { activity, .. } => {
                // What follows an item touches a place of the model that all share.
                let activity = &program.activities[activity.index()];
                program.items.is_none() || !(activity.produces || activity.consumes)
            }
            Instruction::Moment { .. }
            | Instruction::Choose { .. }
            | Instruction::Sleep { .. }
            | Instruction::Fence => true,
            _ => false,
        };
    };
    // All that one place can mean is one declaration's.
    let queues = matches!(mine.0, Object::Semaphore(id) if program.semaphore(id).fair);
    others.filter(|(theirs, _)| overlap(mine, *theirs)).all(|(_, theirs)| match (how, theirs) {
        // Whoever takes before it is given would have found one anyway; but the place in a queue depends on the order.
        (Use::Give, Use::Take | Use::Give) => !queues,
        (Use::Read, Use::Read) => true,
        _ => false,
    })
}

fn overlap((a, a_len): (Object, u32), (b, b_len): (Object, u32)) -> bool {
    let (a, b) = (a.pack(), b.pack());
    a < b + b_len && b < a + a_len
}

/// Takes the mark from operations until every cycle of the program has one without it: from those that a depth-first search
/// comes back to while it is still on a way that began there.
fn break_cycles(code: &Code, alone: &mut [bool]) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Never,
        OnTheWay,
        Done,
    }
    let mut seen = vec![Seen::Never; alone.len()];
    for root in 0..alone.len() {
        if !alone[root] || seen[root] != Seen::Never {
            continue;
        }
        seen[root] = Seen::OnTheWay;
        let mut way: Vec<(usize, Vec<u32>)> = vec![(root, next_operations(code, root as u32))];
        while let Some((at, next)) = way.last_mut() {
            let Some(to) = next.pop().map(|to| to as usize) else {
                seen[*at] = Seen::Done;
                way.pop();
                continue;
            };
            match seen[to] {
                Seen::OnTheWay => alone[to] = false,
                Seen::Never if alone[to] => {
                    seen[to] = Seen::OnTheWay;
                    way.push((to, next_operations(code, to as u32)));
                }
                _ => {}
            }
        }
    }
}

/// The operations that may come next behind one.
fn next_operations(code: &Code, from: u32) -> Vec<u32> {
    let after = |at: u32| {
        let (next, other) = code.instructions[at as usize].successors(at);
        [next, other].into_iter().flatten()
    };
    let (mut found, mut seen, mut open) = (Vec::new(), HashSet::new(), Vec::new());
    open.extend(after(from));
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        let instruction = code.instructions[at as usize];
        // An await goes round without a step of its own.
        if instruction.is_visible() && !matches!(instruction, Instruction::Spin { .. }) {
            found.push(at);
        } else {
            open.extend(after(at));
        }
    }
    found
}
