//! Monitors (C. A. R. Hoare, Monitors: An Operating System Structuring Concept, CACM 1974; B. W. Lampson, D. D. Redell,
//! Experience with Processes and Monitors in Mesa, CACM 1980).
//!
//! In Hoare's, who is signalled goes on at once, and the signaller after it. In Mesa's, a signal only makes the one who has
//! waited longest come again: until then anybody may enter and make the condition false, so `while`, not `if`.

use super::{Effect, Held};
use crate::program::{ActorId, SyncOp};

pub fn apply(hoare: bool, held: &Held, op: SyncOp, condition: u32, me: ActorId, queued: bool) -> Effect {
    if queued {
        return go_on(hoare, held, me);
    }
    let mut to = held.clone();
    match op {
        SyncOp::Enter if held.inside.is_empty() => {
            to.enter(me);
            Effect::Gives(1, to)
        }
        SyncOp::Enter => Effect::Blocked,
        _ if !held.has(me) => Effect::NotHeld,
        SyncOp::Await => {
            let behind = to.line.partition_point(|(_, what)| *what <= condition);
            to.line.insert(behind, (me, condition));
            leave(hoare, &mut to);
            Effect::Queues(to)
        }
        SyncOp::Signal => signal(hoare, to, condition, me),
        SyncOp::Broadcast => {
            to.line.retain(|(_, what)| *what != condition);
            Effect::Gives(1, to)
        }
        _ => {
            leave(hoare, &mut to);
            Effect::Gives(1, to)
        }
    }
}

/// One who waited on a condition, or who signalled and stepped aside.
fn go_on(hoare: bool, held: &Held, me: ActorId) -> Effect {
    if hoare {
        // It was handed the monitor, or not yet.
        return if held.has(me) { Effect::Gives(1, held.clone()) } else { Effect::Blocked };
    }
    if held.waits(me) || !held.inside.is_empty() {
        return Effect::Blocked;
    }
    let mut to = held.clone();
    to.enter(me);
    Effect::Gives(1, to)
}

fn signal(hoare: bool, mut to: Held, condition: u32, me: ActorId) -> Effect {
    let Some(at) = to.line.iter().position(|(_, what)| *what == condition) else {
        return Effect::Gives(1, to);
    };
    let (first, _) = to.line.remove(at);
    if !hoare {
        return Effect::Gives(1, to);
    }
    to.inside = vec![(first, 1)];
    to.urgent.push(me);
    Effect::Queues(to)
}

fn leave(hoare: bool, held: &mut Held) {
    held.inside.clear();
    if hoare {
        hand_back(held);
    }
}

/// The monitor goes back to the latest signaller.
pub fn hand_back(held: &mut Held) {
    if let Some(latest) = held.urgent.pop() {
        held.inside = vec![(latest, 1)];
    }
}
