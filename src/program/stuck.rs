//! The stuck rule: which blocked actors can never move again.
//!
//! Let D be the largest set of blocked actors such that everyone who may still release what one of them waits for
//! is itself in D, or gone. Nobody in D ever moves again: the first to move would need a release by somebody
//! outside D (who cannot give it) or by a member of D (who would have to move first). One rule finds circular waits,
//! lost wakeups, orphans and partial deadlocks. It never errs; it may miss a partial deadlock behind a branch that
//! is never taken or an index known only at run time. It generalizes the reduction of resource-allocation graphs with
//! reusable and consumable resources (R. C. Holt, Some Deadlock Properties of Computer Systems, 1972).

use std::collections::BTreeMap;

use super::Program;
use super::ids::{ActorId, Object};

/// What one actor is doing, for the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Ended or dead: it releases nothing any more.
    Gone,
    /// It can take a step from this position of its program.
    Moving(u32),
    /// It cannot go on before one of these objects is released; its position is the second.
    Blocked(Vec<Object>, u32),
}

/// The actors that can never move again, given what each actor is doing; `standings` is indexed by actor.
pub fn stuck(program: &Program, standings: &[Standing]) -> Vec<ActorId> {
    let mut waiting: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut may_move: Vec<usize> = Vec::new();
    for (actor, standing) in standings.iter().enumerate() {
        match standing {
            Standing::Gone => {}
            Standing::Moving(_) => may_move.push(actor),
            Standing::Blocked(objects, _) => {
                for object in objects {
                    waiting.entry(object.pack()).or_default().push(actor);
                }
            }
        }
    }
    let mut candidate: Vec<bool> =
        standings.iter().map(|s| matches!(s, Standing::Blocked(objects, _) if !objects.is_empty())).collect();
    while let Some(actor) = may_move.pop() {
        let (Standing::Moving(position) | Standing::Blocked(_, position)) = &standings[actor] else { continue };
        for &(first, len) in program.actors[actor].release.from(*position) {
            let first = first.pack();
            let freed: Vec<u32> = waiting.range(first..first + len).map(|(object, _)| *object).collect();
            for object in freed {
                for waiter in waiting.remove(&object).unwrap_or_default() {
                    if std::mem::take(&mut candidate[waiter]) {
                        may_move.push(waiter);
                    }
                }
            }
        }
    }
    let actors = candidate.iter().enumerate().filter(|(_, stuck)| **stuck);
    actors.map(|(actor, _)| ActorId(actor as u32)).collect()
}
